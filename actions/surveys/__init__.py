"""Special surveys: planned, collected, followed, compared with the census, fed back, closed."""
