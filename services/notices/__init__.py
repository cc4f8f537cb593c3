"""The bell: who is told of what, by which way, and how far that came."""
