"""Map symbols of every class, by rule."""
