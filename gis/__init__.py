"""Geometry and statistics of the city: frames in, frames out. No Qt, no SQL, no files but those named."""
