"""Finished things people take away: figures, the offline page, files for other programs. Verified after writing."""
