"""Components: deliveries in, sessions and their life, lists they are checked against, files out."""
