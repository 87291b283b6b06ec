"""Patrol tracks as people's devices write them: GPX, CSV, .plt and layers of points."""
