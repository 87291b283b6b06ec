"""Numbered steps from one schema to the next. Frozen once released; they import nothing of the program."""
