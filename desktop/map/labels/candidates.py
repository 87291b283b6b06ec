"""A name that would like to stand on the map."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A name at a place of the plane; `rank` 0 is placed first."""

    text: str
    x: float
    y: float
    rank: int
    size_px: int
    colour: str
    halo: str
