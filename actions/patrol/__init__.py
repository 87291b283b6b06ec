"""Patrol staff: tracks in, and walks made up for a trial."""
