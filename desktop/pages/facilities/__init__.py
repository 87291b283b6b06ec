"""The register of sanitation facilities: list, map, sheet with the log."""
