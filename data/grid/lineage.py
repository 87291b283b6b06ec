"""Steps of the grid: what became of each cell, which cells are retired, and what may not be given again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from data.engines.engine import Column, Engine
from data.grid.holds import require_free
from data.journal import Work
from data.shapes import from_wkb, geo_frame, plane, texts, to_wkb
from data.tables import cell, cell_succession, grid_step, grid_step_area, grid_step_cell, retired_cell
from gis.frames import CELL_COLUMNS
from gis.grid.grid_codes import COMMUNITY
from gis.grid.grid_edit import GridEdit
from gis.grid.lineage import SAME_M2, SUCCESSION_COLUMNS, successions
from kernel.errors import Refused

REDIVISION: Final = "redivision"
UNDO, REDO = "undo", "redo"
BEFORE, AFTER = "before", "after"
DONE, UNDONE, DROPPED, FINAL = "done", "undone", "dropped", "final"
STEP_COLUMNS: Final = ("step_id", "at", "actor", "kind")
RETIRED_COLUMNS: Final = (*CELL_COLUMNS[:-1], "retired_at", "geometry")


def record_redivision(
    work: Work, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, ways: pd.DataFrame
) -> tuple[int, pd.DataFrame]:
    """Record what a whole new grid made of the old one; nothing where there was none or every cell stays.

    The number of the step, 0 where nothing was recorded, and the successions. Raises `Conflict` where another person holds a community in which cells change.
    """
    found = successions(old, new, ways)
    made = set(new["code"]) - set(old["code"])
    changed = {*found["predecessor"], *found["successor"], *made} - {""}
    if not len(old) or not changed:
        return 0, found
    communities = tuple(sorted({code[:COMMUNITY] for code in changed}))
    require_free(work, communities)
    step_id = _add_step(work, REDIVISION, FINAL, 0, communities)
    _record(work, step_id, found, old, new)
    return step_id, found


def record_edit(
    work: Work, edit: GridEdit, ways: pd.DataFrame, *, kind: str, of_step: int, state: str
) -> tuple[int, pd.DataFrame]:
    """Record an edit by hand, its undo or redo: the number of the step and the successions.

    An edit to be undone keeps both sides.
    """
    step_id = _add_step(work, kind, state, of_step, edit.communities)
    found = successions(edit.before, edit.after, ways)
    _record(work, step_id, found, edit.before, edit.after)
    if state == DONE:
        for side, frame in ((BEFORE, edit.before), (AFTER, edit.after)):
            given = {"step_id": np.full(len(frame), step_id), "side": [side] * len(frame)}
            work.engine.insert(work.db, grid_step_cell, given | as_stood(frame), len(frame))
    return step_id, found


def load_edit(engine: Engine, db: sa.Connection, step_id: int) -> GridEdit:
    """What step `step_id` did by hand; an undo did the inverse of its edit. `Refused` for any other step."""
    step = db.execute(sa.select(grid_step).where(grid_step.c.step_id == step_id)).first()
    if step is not None and step.of_step:
        edit = load_edit(engine, db, step.of_step)
        return edit.inverse() if step.kind == UNDO else edit
    if step is None or step.state == FINAL:
        raise Refused(
            "Step {step} of the grid is no edit by hand.",
            remedy="`grid lineage` tells what each step made of the cells.",
            step=step_id,
        )
    sides = [_load_side(engine, db, step_id, side) for side in (BEFORE, AFTER)]
    return GridEdit(step.kind, *sides)


def as_stood(frame: gpd.GeoDataFrame) -> dict[str, Column]:
    """Columns of cells for the tables that keep them."""
    columns: dict[str, Column] = {name: texts(frame, name) for name in CELL_COLUMNS[:-1] if name != "area_m2"}
    columns["area_m2"] = frame["area_m2"].to_numpy("f8")
    columns["shape"] = to_wkb(frame.geometry.to_numpy())
    return columns


def load_successions(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """`STEP_COLUMNS` and `SUCCESSION_COLUMNS`, in the order of the steps."""
    columns = [grid_step.c[name] for name in STEP_COLUMNS]
    columns += [cell_succession.c[name] for name in SUCCESSION_COLUMNS]
    query = sa.select(*columns).join_from(
        cell_succession, grid_step, cell_succession.c.step_id == grid_step.c.step_id
    )
    order = (cell_succession.c.step_id, cell_succession.c.predecessor, cell_succession.c.successor)
    found = pd.DataFrame(engine.rows(db, query.order_by(*order)))
    kinds = dict.fromkeys(("at", "actor", "kind", "predecessor", "successor"), "str")
    kinds |= {"step_id": "i8", "components": "i8"}
    kinds |= dict.fromkeys(("area_m2", "share_of_predecessor", "share_of_successor"), "f8")
    return found.astype(kinds)


def load_succession_of(engine: Engine, db: sa.Connection, step_id: int) -> pd.DataFrame:
    """`SUCCESSION_COLUMNS` of one step."""
    columns = [cell_succession.c[name] for name in SUCCESSION_COLUMNS]
    return pd.DataFrame(engine.rows(db, sa.select(*columns).where(cell_succession.c.step_id == step_id)))


def load_retired(engine: Engine, db: sa.Connection) -> gpd.GeoDataFrame:
    """`RETIRED_COLUMNS`, in the order in which the cells were retired; a code may stand more than once."""
    names = (*RETIRED_COLUMNS[:-1], "shape")
    order = (retired_cell.c.step_id, retired_cell.c.code)
    found = engine.rows(db, sa.select(*(retired_cell.c[name] for name in names)).order_by(*order))
    return frame_of(db, found, RETIRED_COLUMNS)


def load_steps(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """All steps, the latest first."""
    return pd.DataFrame(engine.rows(db, sa.select(grid_step).order_by(grid_step.c.step_id.desc())))


def retired_codes(db: sa.Connection) -> set[str]:
    """Codes that were given once and stand no more."""
    query = sa.select(retired_cell.c.code).where(retired_cell.c.code.not_in(sa.select(cell.c.code)))
    return set(db.execute(query.distinct()).scalars())


def last_change_of(db: sa.Connection, codes: Sequence[str]) -> Any:
    """The latest step that touched one of the cells `codes`, None without one."""
    places = (grid_step_cell.c.code, cell_succession.c.predecessor, cell_succession.c.successor)
    steps = [sa.select(place.table.c.step_id).where(place.in_(codes)) for place in places]
    touched = grid_step.c.step_id.in_(sa.union_all(*steps))
    return db.execute(sa.select(grid_step).where(touched).order_by(grid_step.c.step_id.desc())).first()


def problems(db: sa.Connection) -> list[str]:
    """What contradicts itself in the lineage, in English words."""
    found = []
    for table in (cell_succession, grid_step_cell, grid_step_area, retired_cell):
        lost = table.c.step_id.not_in(sa.select(grid_step.c.step_id))
        if count := db.execute(sa.select(sa.func.count()).select_from(table).where(lost)).scalar():
            found.append(f"{table.name}: {count} rows belong to no step")
    key = (cell_succession.c.step_id, cell_succession.c.predecessor)
    total = sa.func.sum(cell_succession.c.share_of_predecessor)
    odd = sa.select(*key).group_by(*key).having(sa.func.abs(total - 1.0) > 1e-6).subquery()
    if count := db.execute(sa.select(sa.func.count()).select_from(odd)).scalar():
        found.append(f"cell_succession: the shares of {count} predecessors do not sum to 1")
    return found


def _add_step(work: Work, kind: str, state: str, of_step: int, communities: tuple[str, ...]) -> int:
    step_id = work.next_ids("grid_step", 1)
    row = {"step_id": step_id, "at": work.at, "actor": work.actor, "kind": kind, "state": state}
    row |= {"of_step": of_step, "communities": ",".join(communities)}
    work.db.execute(sa.insert(grid_step).values(**row))
    return step_id


def _record(
    work: Work, step_id: int, found: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame
) -> None:
    """Write the successions, retire the cells that ended, and let those that are back be retired no more."""
    columns: dict[str, Column] = {name: found[name].to_numpy() for name in SUCCESSION_COLUMNS[2:]}
    columns |= {name: texts(found, name) for name in SUCCESSION_COLUMNS[:2]}
    columns["step_id"] = np.full(len(found), step_id)
    work.engine.insert(work.db, cell_succession, columns, len(found))
    _revive(work, new)
    ended = old[_ended(old, found)]
    given = {"step_id": np.full(len(ended), step_id), "retired_at": [work.at] * len(ended)}
    work.engine.insert(work.db, retired_cell, given | as_stood(ended), len(ended))


def _ended(old: gpd.GeoDataFrame, found: pd.DataFrame) -> np.ndarray:
    """Which old cells a step ended: a cell goes on while its code stands on more than half of its ground."""
    itself = found[found["predecessor"] == found["successor"]]
    goes_on = set(itself["predecessor"][itself["share_of_predecessor"] > 0.5])
    return (old["code"].isin(found["predecessor"]) & ~old["code"].isin(goes_on)).to_numpy()


def _revive(work: Work, new: gpd.GeoDataFrame) -> None:
    """Cells that stand again with the code and the ground they had when they were retired are retired no more."""
    names = (retired_cell.c.code, retired_cell.c.step_id, retired_cell.c.shape)
    back = retired_cell.c.code.in_(sa.select(cell.c.code))
    found = work.engine.rows(work.db, sa.select(*names).where(back))
    place = pd.Index(new["code"]).get_indexer(pd.Index(found["code"], dtype="str"))
    known = np.flatnonzero(place >= 0)
    now = np.asarray(new.geometry.values, dtype=object)[place[known]]
    then = from_wkb(found["shape"])[known]
    same = known[shapely.area(shapely.symmetric_difference(then, now)) <= SAME_M2]
    key = sa.tuple_(retired_cell.c.code, retired_cell.c.step_id)
    again = [(found["code"][i], found["step_id"][i]) for i in same.tolist()]
    if again:
        work.db.execute(sa.delete(retired_cell).where(key.in_(again)))


def _load_side(engine: Engine, db: sa.Connection, step_id: int, side: str) -> gpd.GeoDataFrame:
    mine = sa.and_(grid_step_cell.c.step_id == step_id, grid_step_cell.c.side == side)
    columns = [grid_step_cell.c[name] for name in (*CELL_COLUMNS[:-1], "shape")]
    found = engine.rows(db, sa.select(*columns).where(mine).order_by(grid_step_cell.c.code))
    return frame_of(db, found, CELL_COLUMNS)


def frame_of(db: sa.Connection, found: dict[str, list[Any]], names: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Cells from the rows of a table that keeps them, with the columns `names`."""
    columns: dict[str, Any] = {
        name: pd.array(found[name], dtype="str") for name in names if name not in ("area_m2", "geometry")
    }
    columns["area_m2"] = np.array(found["area_m2"], "f8")
    return geo_frame(columns, found["shape"], plane(db))[list(names)]
