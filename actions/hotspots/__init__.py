"""Where problems gather: find it, explain it, take the map away."""
