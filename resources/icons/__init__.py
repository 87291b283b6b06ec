"""Icons of the rail and the tools."""
