"""Places and lines as a person writes them: "x y, x y" in metres on the store's plane, or a file with one line."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import shapely

from actions.read_layers import read_layer
from gis.crs import to_plane
from kernel.errors import Refused, WrongUsage

FARTHEST_M: Final = 100.0  # how far from a place something is still meant by it
_OF_NUMBERS: Final = frozenset("0123456789.,+- eE\t")
_REMEDY: Final = 'Write its corners as "x y, x y", or name a file.'

Place = tuple[float, float]
Corners = tuple[Place, ...]


def line_from(words: str, epsg: int) -> Corners:
    """The places of a line: of the file `words` with one line in any reference system, or of "x y, x y" in metres.

    Raises `Refused` for words that are neither.
    """
    if not words.strip():
        raise Refused("No line was given.", remedy=_REMEDY)
    if _OF_NUMBERS.issuperset(words):
        places = [_place(each) for each in words.split(",")]
        if len(places) < 2 or None in places:
            raise Refused("{line} is not a line.", remedy=_REMEDY, line=words)
        return tuple(place for place in places if place is not None)
    return _in_file(words, epsg)


def place_from(words: str, option: str) -> Place:
    """The place "x y" in metres. Raises `WrongUsage` that names `option`."""
    place = _place(words)
    if place is None:
        raise WrongUsage("{option}: {value} is not a place.", remedy='Write it as "x y" in metres on the store\'s plane.',
                         option=option, value=words or "–")  # fmt: skip
    return place


def require_reach(value_m: float, option: str) -> float:
    """`value_m` where it is a distance that a hand may miss by. Raises `WrongUsage` that names `option`."""
    if not 0.0 <= value_m <= FARTHEST_M:
        raise WrongUsage("{option}: {value} m is no sensible distance.", remedy="Choose between 0 and {most} m.",
                         option=option, value=value_m, most=int(FARTHEST_M))  # fmt: skip
    return value_m


def _place(words: str) -> Place | None:
    """Two finite numbers, else None."""
    try:
        x, y = map(float, words.split())
    except ValueError:
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def _in_file(file: str, epsg: int) -> Corners:
    frame = read_layer(file, "line")
    if frame.crs is None:
        raise Refused("{file} does not say its reference system.",
                      remedy="Ask for its .prj file, or assign the system in a GIS first.", file=file)  # fmt: skip
    shapes = to_plane(frame, frame.crs, epsg).geometry.to_numpy()
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise Refused("The line in {file} lies outside what its reference system can describe.",
                      remedy="Check the file's reference system and the order of its coordinates.", file=file)  # fmt: skip
    line = shapely.line_merge(shapely.union_all(shapes))
    if line.geom_type != "LineString" or line.is_empty:
        raise Refused("{file} does not hold exactly one line.", remedy="Give a file with one line.", file=file)  # fmt: skip
    return tuple((x, y) for x, y in shapely.get_coordinates(line).tolist())
