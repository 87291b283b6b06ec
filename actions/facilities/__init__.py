"""The register of sanitation facilities: lists in and out, the log, what is overdue, counts."""
