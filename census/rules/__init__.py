"""The rules of a census: the table of them, a city's own, and what looks at attributes, places and doubles."""
