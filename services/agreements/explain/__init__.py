"""Tells an agreement, and what it does with a signal, to people: a value first, then text or HTML from it."""
