"""Unit grid cells in the store: the whole grid, edits by hand, lineage, and who edits where."""
