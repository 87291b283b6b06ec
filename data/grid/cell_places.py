"""Where every cell lies, kept in memory while the grid stays the same: which cells an edit of a few must look at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import shapely
import sqlalchemy as sa

from data.engines.engine import Engine
from data.journal import version_and_mark
from data.shapes import from_wkb
from data.tables import cell
from gis.grid.grid_codes import COMMUNITY
from gis.grid.grid_edit import GridEdit
from kernel.changes import CELLS

NEAR_M: Final = 1.0  # boxes this near count as touching: more than any rule allows borders to differ

Box: TypeAlias = tuple[float, float, float, float]  # west, south, east, north in metres on the store's plane


@dataclass(frozen=True, eq=False)
class CellPlaces:
    """`codes` (n,) and `boxes` (n, 4; metres on the plane) of all cells as the commit `as_of` left them."""

    as_of: tuple[int, str]
    codes: np.ndarray
    boxes: np.ndarray

    def of_communities(self, communities: Collection[str]) -> np.ndarray:
        """Which cells have codes of these communities: a mask (n,)."""
        mask: np.ndarray = np.isin(self.codes.astype(f"U{COMMUNITY}"), list(communities))
        return mask

    def near(self, box: Box) -> np.ndarray:
        """Which cells may come within `NEAR_M` of something in `box`: a mask (n,)."""
        west, south, east, north = self.boxes.T
        mask: np.ndarray = (
            (west <= box[2] + NEAR_M)
            & (east >= box[0] - NEAR_M)
            & (south <= box[3] + NEAR_M)
            & (north >= box[1] - NEAR_M)
        )
        return mask

    def with_neighbours(self, mask: np.ndarray) -> np.ndarray:
        """The cells of a mask and, at least, all that touch one of them."""
        return mask | self.near(box_of(self.boxes[mask])) if mask.any() else mask

    def after(self, edit: GridEdit, as_of: tuple[int, str]) -> CellPlaces:
        """Where the cells lie after an edit, which the commit `as_of` wrote."""
        stay = ~np.isin(self.codes, edit.before["code"].to_numpy("U"))
        codes = np.concatenate([self.codes[stay], edit.after["code"].to_numpy("U")])
        boxes = shapely.bounds(edit.after.geometry.to_numpy()).reshape(-1, 4)
        return CellPlaces(as_of, codes, np.concatenate([self.boxes[stay], boxes]))


def box_of(boxes: np.ndarray) -> Box:
    """The box around boxes (n, 4), of which there is at least one."""
    west, south = np.fmin.reduce(boxes[:, :2]).tolist()
    east, north = np.fmax.reduce(boxes[:, 2:]).tolist()
    return west, south, east, north


def places(engine: Engine, db: sa.Connection) -> CellPlaces:
    """Where the cells lie now. To be called before a transaction writes cells: it is kept by the last commit."""
    as_of = version_and_mark(db, CELLS)
    known = engine.cell_places
    if known is None or known.as_of != as_of:
        found = engine.rows(db, sa.select(cell.c.code, cell.c.shape))
        boxes = shapely.bounds(from_wkb(found["shape"])).reshape(-1, 4)
        known = engine.cell_places = CellPlaces(as_of, np.array(found["code"], "U"), boxes)
    return known


def follow(engine: Engine, db: sa.Connection, before: CellPlaces, edit: GridEdit) -> None:
    """Keep where the cells lie after an edit whose transaction ends now; one that fails leaves a mark nobody asks for."""
    engine.cell_places = before.after(edit, version_and_mark(db, CELLS))
