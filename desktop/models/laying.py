"""What a hand draws is laid onto what is there: roads, railways, water, buildings. This file knows no widget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely

from data.store import Store
from desktop.map.edit_tools import CATCH_PX, Corners
from gis.grid.snapping import snapped

FEATURES: Final = ("roads", "railways", "water", "buildings")
MOST_SNAP_M: Final = 10.0


@dataclass(frozen=True, eq=False)
class Features:
    """What borders are laid onto: lines, and areas by their borders."""

    shapes: np.ndarray

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    def near(self, line: shapely.LineString, within_m: float) -> np.ndarray:
        """Those that come within so many metres of a line."""
        return self.shapes[self._tree.query(line, "dwithin", distance=within_m)]


def read_features(store: Store) -> Features:
    """The base layers that lines are laid onto."""
    found = [np.asarray(store.load_base(kind).geometry.values, dtype=object) for kind in FEATURES]
    return Features(np.concatenate(found))


def snap_m(m_per_px: float) -> float:
    """How far a corner jumps at this scale, in metres."""
    return min(CATCH_PX * m_per_px, MOST_SNAP_M)


def laid(corners: Corners, features: Features, within_m: float) -> Corners:
    """A line laid onto the features within so many metres; 0 leaves it as it is."""
    if within_m <= 0.0 or len(corners) < 2:
        return corners
    line = shapely.LineString(corners)
    on = snapped(line, features.near(line, within_m), within_m)
    return tuple(map(tuple, shapely.get_coordinates(on).tolist()))


def laid_outline(corners: Corners, features: Features, within_m: float) -> Corners:
    """The outline through three corners or more, its last side too, laid onto features; the first corner is not
    repeated."""
    if len(corners) < 3:
        return laid(corners, features, within_m)
    closed = laid((*corners, corners[0]), features, within_m)
    return closed[:-1] if closed[0] == closed[-1] else closed
