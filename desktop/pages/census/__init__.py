"""The Census page: deliveries in, findings, review, sessions."""
