"""Put a grid back that was replaced: the undo of an import or a division."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd

from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.store import Store

AREAS = {"county": "counties", "street": "streets", "community": "communities"}


@dataclass(frozen=True)
class RestoreGrid:
    """Cells and areas by level (county, street, community) as they were before."""

    cells: gpd.GeoDataFrame
    areas: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class GridRestored:
    """How many cells the store has again."""

    cells: int


def restore_grid(store: Store, request: RestoreGrid, progress: Progress | None = None) -> GridRestored:
    """Replace the grid by the one that was there; components are re-keyed to it."""
    areas = {AREAS[level]: frame for level, frame in request.areas.items()}
    store.replace_grid(request.cells, **areas, progress=progress or Silent())
    return GridRestored(len(request.cells))
