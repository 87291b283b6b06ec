"""Special surveys: list, cells by progress, collectors, result."""
