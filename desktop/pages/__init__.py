"""One page = one task: controls left, map or table in the middle, details right."""
