"""Qt models over columns: fast tables and trees without an object per row."""
