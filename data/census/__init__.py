"""Components in the store: deliveries and their sessions, corrections, codes, differences, field records."""
