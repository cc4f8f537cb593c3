"""The agreement of a partnership: read from its file, checked, and asked who, how fast and by which ladder. Pure."""
