"""The Hotspots page: choose, compute, read, export."""
