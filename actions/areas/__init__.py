"""Responsibility areas on top of cells: files in and out, and edits on the map."""
