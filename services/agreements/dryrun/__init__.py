"""A dry run: cases of which the partners say what must come of them, decided by the functions that decide for real."""
