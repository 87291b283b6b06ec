"""The census: sources → rules → findings → draft. Frames in, frames out; no Qt, no SQL."""
