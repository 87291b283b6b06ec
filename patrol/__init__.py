"""Patrol: who walks where. Frames in, frames out; nothing here knows a store."""
