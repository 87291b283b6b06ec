"""One edit of the grid by hand, as a value: the cells it changes, as they stood and as they are to stand.

An edit can be applied, taken back and done again without knowing what made it; whoever stores it stores both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.frames import CELL_COLUMNS
from gis.grid.grid_codes import COMMUNITY
from gis.grid.lineage import DUST_M2

SPLIT: Final = "split"
MERGE: Final = "merge"
MOVE: Final = "move"
RENUMBER: Final = "renumber"
SNAP: Final = "snap"
EDITS: Final = (SPLIT, MERGE, MOVE, RENUMBER, SNAP)


@dataclass(frozen=True, eq=False)
class GridEdit:
    """`before` and `after` have `CELL_COLUMNS` and are ordered by code; what stands in neither is not touched.

    A cell may stand on both sides with the same ground: a neighbour that only gets a vertex where a border meets its
    own.
    """

    kind: str
    before: gpd.GeoDataFrame
    after: gpd.GeoDataFrame

    @classmethod
    def of(cls, kind: str, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> GridEdit:
        """The edit that puts the cells `after` in the place of `before`: frames in any order, areas measured here."""
        return cls(kind, _as_side(before), _as_side(after))

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of all cells that it takes away, changes or makes, in order."""
        return tuple(sorted({*self.before["code"], *self.after["code"]}))

    @cached_property
    def communities(self) -> tuple[str, ...]:
        """Codes of the communities in which ground or codes change, in order."""
        was, now = (
            dict(zip(side["code"], side.geometry.to_numpy(), strict=True))
            for side in (self.before, self.after)
        )
        same = sorted(was.keys() & now.keys())
        shapes = (np.array([side[code] for code in same], dtype=object) for side in (was, now))
        moved_m2 = shapely.area(shapely.symmetric_difference(*shapes))
        moved = {code for code, dust in zip(same, moved_m2 <= DUST_M2, strict=True) if not dust}
        return tuple(sorted({code[:COMMUNITY] for code in moved | (was.keys() ^ now.keys())}))

    def inverse(self) -> GridEdit:
        """The edit that takes this one back."""
        return GridEdit(self.kind, self.after, self.before)

    def applied_to(self, cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """The grid `cells`, ordered by code, after the edit."""
        rest = cells[~cells["code"].isin(self.before["code"])]
        joined = pd.concat([rest, self.after], ignore_index=True)[list(CELL_COLUMNS)]
        return gpd.GeoDataFrame(joined, crs=cells.crs).sort_values("code", ignore_index=True)


def _as_side(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    measured = cells.assign(area_m2=shapely.area(np.asarray(cells.geometry.values, dtype=object)))
    return measured[list(CELL_COLUMNS)].sort_values("code", ignore_index=True)
