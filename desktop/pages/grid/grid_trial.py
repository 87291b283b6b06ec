"""What an edit by hand would make of the cells, while it is still being drawn or dragged. This file knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely

from data.store import Store
from desktop.map.edit_tools import Corners, Place, Verdict
from desktop.models.laying import Features, laid, read_features
from gis.grid.coverage_editing import split
from gis.grid.coverage_moving import edge_near, move_edge, move_vertex, vertex_near
from gis.grid.grid_codes import COMMUNITY
from gis.grid.grid_edit import GridEdit
from kernel.errors import Refused

CORNER, BORDER = "corner", "border"  # as in `actions.grid.edit_grid`
Explain = Callable[[Refused], str]


@dataclass(frozen=True, eq=False)
class Drawn:
    """The grid as it stands: cells by code, the step they stand at, and what borders are laid onto."""

    cells: gpd.GeoDataFrame
    step: int
    features: Features

    @cached_property
    def polygons(self) -> np.ndarray:
        """The cells' polygons."""
        return np.asarray(self.cells.geometry.values, dtype=object)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Finds cells by place."""
        return shapely.STRtree(self.polygons)

    def after(self, edit: GridEdit, step: int) -> Drawn:
        """The grid as an edit left it."""
        return Drawn(edit.applied_to(self.cells), step, self.features)

    def code_at(self, place: Place) -> str:
        """The cell at a place, "" outside all."""
        rows = np.sort(self.tree.query(shapely.Point(place), "intersects"))
        return str(self.cells["code"].iloc[rows[0]]) if len(rows) else ""

    def shape_of(self, code: str) -> shapely.Polygon | None:
        """The polygon of a cell."""
        found = np.flatnonzero((self.cells["code"] == code).to_numpy())
        return self.polygons[found[0]] if len(found) else None

    def around(self, place: shapely.Geometry) -> gpd.GeoDataFrame:
        """The cells at a place, their neighbours, and the neighbours of those."""
        rows = self.tree.query(place, "dwithin", distance=1.0)
        for _ in range(2):
            rows = np.unique(self.tree.query(self.polygons[rows], "intersects")[1])
        return self.cells.iloc[rows]

    def laid(self, corners: Corners, snap_m: float) -> Corners:
        """A line laid onto the features within `snap_m`; 0 leaves it as it is."""
        return laid(corners, self.features, snap_m)

    def crossed(self, corners: Corners) -> str:
        """The cell in which a line runs longest, "" outside all."""
        line = shapely.LineString(corners)
        rows = self.tree.query(line, "intersects")
        if not len(rows):
            return ""
        lengths = shapely.length(shapely.intersection(self.polygons[rows], line))
        return str(self.cells["code"].iloc[rows[lengths.argmax()]])


class Held:
    """A corner or a border in the hand, with the cells around it."""

    def __init__(self, drawn: Drawn, at: Place, reach_m: float) -> None:
        """Raises `Refused` where nothing is within reach."""
        self.reach_m = reach_m
        self._cells = drawn.around(shapely.Point(at).buffer(reach_m))
        polygons = np.asarray(self._cells.geometry.values, dtype=object)
        try:
            self.at, self.what = vertex_near(polygons, at, reach_m), CORNER
        except Refused:
            edge_near(polygons, at, reach_m)
            self.at, self.what = at, BORDER
        self.communities = sorted({code[:COMMUNITY] for code in drawn.cells["code"].iloc[
            drawn.tree.query(shapely.Point(self.at), "dwithin", distance=reach_m)]})  # fmt: skip

    def verdict(self, to: Place, explain: Explain) -> Verdict:
        """What the cells would be."""
        move = move_vertex if self.what == CORNER else move_edge
        try:
            return verdict_of(move(self._cells, self.at, to, reach_m=self.reach_m))
        except Refused as error:
            near = self._cells[self._cells.geometry.dwithin(shapely.Point(self.at), self.reach_m)]
            return Verdict(tuple(near.geometry), (), explain(error))


def split_verdict(drawn: Drawn, corners: Corners, explain: Explain) -> Verdict:
    """The two parts of the cell that a line crosses."""
    code = drawn.crossed(corners) if len(corners) > 1 else ""
    shape = drawn.shape_of(code)
    if shape is None:
        return Verdict()
    near = drawn.cells.iloc[np.unique(drawn.tree.query(shape, "dwithin", distance=1.0))]
    try:
        edit = split(near, code, shapely.LineString(corners))
    except Refused as error:
        return Verdict((shape,), (), explain(error))
    return verdict_of(edit, fresh=True)


def verdict_of(edit: GridEdit, *, fresh: bool = False) -> Verdict:
    """The cells after an edit with their areas; `fresh` leaves out those that keep their code."""
    after = edit.after[~edit.after["code"].isin(edit.before["code"])] if fresh else edit.after
    return Verdict(tuple(after.geometry), tuple(f"{area:,.0f} m²" for area in after["area_m2"]))


def read_drawn(store: Store, features: Features | None) -> Drawn:
    """The grid as it stands now; `features` where they are known already."""
    cells, step = store.cells_and_step()
    return Drawn(cells, step, read_features(store) if features is None else features)
