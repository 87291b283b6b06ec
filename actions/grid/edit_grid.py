"""Edit cells of the stored grid by hand: split, merge, move a corner or a border, renumber, take back, do again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from actions.grid.edit_line import Corners
from gis.grid.coverage_editing import merge, renumber, split
from gis.grid.coverage_moving import move_edge, move_vertex
from gis.grid.grid_codes import COMMUNITY
from gis.grid.grid_edit import GridEdit
from kernel.changes import Changes
from kernel.clock import local_today
from kernel.progress import Progress

if TYPE_CHECKING:
    from data.store import Store

SNAPPED_TO: Final = ("roads", "railways", "water", "buildings")
CORNER, BORDER = "corner", "border"
Make: TypeAlias = Callable[[gpd.GeoDataFrame, set[str]], GridEdit]  # of cells and codes that are retired


@dataclass(frozen=True)
class SplitCell:
    """`line`: places on the store's plane in metres. `snap_m` lays it onto roads, railways, water and buildings.

    `seen_step`: the step of the grid that the editor looks at (see `Store.cells_and_step`); -1 takes the grid as it is.
    """

    code: str
    line: Corners
    snap_m: float = 0.0
    seen_step: int = -1


@dataclass(frozen=True)
class MergeCells:
    """Cells of one community that are neighbours."""

    codes: tuple[str, ...]
    seen_step: int = -1


@dataclass(frozen=True)
class MoveBorder:
    """What is within `reach_m` of `at`, a `corner` or the `border` between two corners, goes to `to`."""

    at: tuple[float, float]
    to: tuple[float, float]
    what: str = CORNER
    reach_m: float = 1.0
    seen_step: int = -1


@dataclass(frozen=True)
class RenumberCommunity:
    """The cells of one community, 12 digits, in reading order."""

    community: str
    seen_step: int = -1


@dataclass(frozen=True)
class TakeBack:
    """The actor's latest edit."""


@dataclass(frozen=True)
class DoAgain:
    """The edit that the actor took back last."""


@dataclass(frozen=True)
class GridEdited:
    """`made`, `retired`: codes that are new or gone; `cells`: area in m² by code of those that were changed or made.

    `rekeyed`: components that have another cell now; `handed_over`: `kind, cell_code, from_area, to_area` of cells that
    went to another responsibility area of an exclusive kind; `step`: number of the step in the lineage.
    """

    kind: str
    made: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    cells: dict[str, float] = field(default_factory=dict)
    communities: tuple[str, ...] = ()
    rekeyed: int = 0
    step: int = 0
    handed_over: tuple[dict[str, str], ...] = ()
    edit: GridEdit | None = field(default=None, repr=False)  # the cells before and after


def split_cell(store: Store, request: SplitCell, progress: Progress | None = None) -> GridEdited:
    """Two cells in the place of one."""

    def edited(cells: gpd.GeoDataFrame, gone: set[str]) -> GridEdit:
        line = shapely.LineString(request.line)
        features = _features(store, line, request.snap_m) if request.snap_m > 0 else None
        return split(cells, request.code, line, retired_codes=gone, features=features,
                     snap_m=request.snap_m or 2.0, day=local_today().isoformat())  # fmt: skip

    return _edit_near(store, edited, request.seen_step, communities={request.code[:COMMUNITY]})


def merge_cells(store: Store, request: MergeCells, progress: Progress | None = None) -> GridEdited:
    """One cell in the place of several."""
    day = local_today().isoformat()
    return _edit_near(
        store,
        lambda cells, gone: merge(cells, request.codes, retired_codes=gone, day=day),
        request.seen_step,
        communities={code[:COMMUNITY] for code in request.codes},
    )


def move_border(store: Store, request: MoveBorder, progress: Progress | None = None) -> GridEdited:
    """All cells that share the corner or the border follow it."""
    move = move_edge if request.what == BORDER else move_vertex
    return _edit_near(
        store,
        lambda cells, _: move(cells, request.at, request.to, reach_m=request.reach_m),
        request.seen_step,
        box=shapely.Point(request.at).buffer(request.reach_m).bounds,
    )


def renumber_community(
    store: Store, request: RenumberCommunity, progress: Progress | None = None
) -> GridEdited:
    """Numbers of retired cells are left out."""
    return _edit_near(
        store,
        lambda cells, gone: renumber(cells, request.community, retired_codes=gone - set(cells["code"])),
        request.seen_step,
        communities={request.community},
    )


def take_back(store: Store, request: TakeBack, progress: Progress | None = None) -> GridEdited:
    """The cells are what they were before, to the last bit."""
    changes = store.undo_grid_edit()
    return _told(store, "undo", changes, store.load_grid_edit(changes.counts["step"]))


def do_again(store: Store, request: DoAgain, progress: Progress | None = None) -> GridEdited:
    """The cells are what the edit had made of them."""
    changes = store.redo_grid_edit()
    return _told(store, "redo", changes, store.load_grid_edit(changes.counts["step"]))


def _features(store: Store, line: shapely.LineString, within_m: float) -> np.ndarray:
    """What lies close enough to the line to lay it on."""
    found = [np.asarray(store.load_base(kind).geometry.values, dtype=object) for kind in SNAPPED_TO]
    return np.concatenate([shapes[shapely.dwithin(shapes, line, within_m)] for shapes in found])


def make_edit(store: Store, make: Make, seen_step: int) -> GridEdited:
    """Store the edit that `make` makes of the cells as they stand and the codes that are retired."""
    return _stored(store, make, seen_step, *store.cells_and_step())


def _edit_near(store: Store, make: Make, seen_step: int, **where: Any) -> GridEdited:
    """As `make_edit`, of the cells around a place or some communities (see `Store.cells_around`)."""
    return _stored(store, make, seen_step, *store.cells_around(**where))


def _stored(store: Store, make: Make, seen_step: int, cells: gpd.GeoDataFrame, step: int) -> GridEdited:
    edit = make(cells, set(store.load_retired_cells()["code"]))
    changes = store.edit_grid(edit, seen_step=step if seen_step < 0 else seen_step)
    return _told(store, edit.kind, changes, edit)


def handed_over(store: Store, changes: Changes) -> tuple[dict[str, str], ...]:
    """The cells that a step of the grid gave to another area of an exclusive kind."""
    if not changes.counts.get("members"):
        return ()
    return tuple(store.load_handed_over(changes.counts["step"]).to_dict("records"))


def _told(store: Store, kind: str, changes: Changes, edit: GridEdit) -> GridEdited:
    step = changes.counts["step"]
    was, now = set(edit.before["code"]), set(edit.after["code"])
    return GridEdited(
        kind=kind,
        made=tuple(sorted(now - was)),
        retired=tuple(sorted(was - now)),
        cells=dict(zip(edit.after["code"], edit.after["area_m2"].round(3), strict=True)),
        communities=edit.communities,
        rekeyed=changes.counts["rekeyed"],
        step=step,
        handed_over=handed_over(store, changes),
        edit=edit,
    )
