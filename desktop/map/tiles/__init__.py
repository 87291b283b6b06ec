"""Raster base maps: where their pixels come from, and how they come onto the city's plane."""
