"""Unit grid cells as drawings: rules, fixes, edits that keep the tiling, lineage, areas made of cells."""
