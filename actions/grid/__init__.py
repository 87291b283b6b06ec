"""Unit grid cells: divide, check, mend, edit by hand, print, and what became of them."""
