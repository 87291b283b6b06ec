"""Special surveys in the store: planned once, cells done and points collected one after the other, closed for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from census.special_survey.frames import (
    CELL_COLUMNS,
    CLOSED,
    FOUND_COLUMNS,
    FOUND_TEXTS,
    OUTCOME_COLUMNS,
    OUTCOME_TEXTS,
    RUNNING,
    SURVEY_COLUMNS,
    cells_frame,
    found_frame,
    outcomes_frame,
)
from data.engines.engine import Column, Engine
from data.journal import Work
from data.shapes import numbers, texts
from data.tables_surveys import survey, survey_cell, survey_found, survey_outcome
from gis.frames import require_columns
from kernel.errors import Conflict, Refused


def load_all(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """All surveys, the latest first: `SURVEY_COLUMNS`; `classes` are codes with blanks between."""
    query = sa.select(*(survey.c[name] for name in SURVEY_COLUMNS)).order_by(survey.c.survey_id.desc())
    return pd.DataFrame(engine.rows(db, query), columns=list(SURVEY_COLUMNS))


def load_one(db: sa.Connection, survey_id: int) -> dict[str, Any]:
    """One survey, `SURVEY_COLUMNS`. Raises `Refused` where there is none."""
    found = db.execute(sa.select(survey).where(survey.c.survey_id == survey_id)).first()
    if found is None:
        raise Refused(
            "There is no survey {survey}.", remedy="See `survey list` for the numbers.", survey=survey_id
        )
    return dict(found._mapping)


def load_cells(engine: Engine, db: sa.Connection, survey_id: int) -> pd.DataFrame:
    """The plan by cell code, `CELL_COLUMNS`."""
    found = _rows(engine, db, survey_cell, CELL_COLUMNS, survey_id, "cell_code")
    return cells_frame(found, len(found["cell_code"]))


def load_found(engine: Engine, db: sa.Connection, survey_id: int) -> pd.DataFrame:
    """Collected points in the order in which they came, `FOUND_COLUMNS`."""
    found = _rows(engine, db, survey_found, FOUND_COLUMNS, survey_id, "found_id")
    given = {name: np.array(found[name], dtype=float) for name in ("x", "y")}
    return found_frame(found | given, len(found["found_id"]))


def load_outcomes(engine: Engine, db: sa.Connection, survey_id: int) -> pd.DataFrame:
    """The result as it was when the survey was closed, `OUTCOME_COLUMNS`."""
    found = _rows(engine, db, survey_outcome, OUTCOME_COLUMNS, survey_id, "place")
    given = {name: np.array(found[name], dtype=float) for name in ("moved_m", "x", "y")}
    return outcomes_frame(found | given, len(found["found_id"]))


def plan(work: Work, about: Mapping[str, Any], cells: pd.DataFrame) -> int:
    """Keep a new survey and its plan; its number."""
    require_columns(cells, CELL_COLUMNS, "plan")
    survey_id = work.next_ids("survey", 1)
    stamps = {
        "status": RUNNING,
        "planned_by": work.actor,
        "planned_at": work.at,
        "closed_by": "",
        "closed_at": "",
    }
    work.db.execute(sa.insert(survey).values(survey_id=survey_id, **about, **stamps))
    columns: dict[str, Column] = {name: texts(cells, name) for name in CELL_COLUMNS if name != "known"}
    columns |= {"known": cells["known"].to_numpy(), "survey_id": np.full(len(cells), survey_id)}
    work.engine.insert(work.db, survey_cell, columns, len(cells))
    return survey_id


def set_cells(work: Work, survey_id: int, codes: Sequence[str], **values: str) -> None:
    """Give cells of a running survey another collector, or mark them as done. Raises `Refused` for others' cells."""
    require_running(work.db, survey_id)
    mine = survey_cell.c.survey_id == survey_id
    planned = set(work.db.execute(sa.select(survey_cell.c.cell_code).where(mine)).scalars())
    for code in codes:
        if code not in planned:
            raise Refused("The cell {cell} is not in the plan of survey {survey}.",
                          remedy="See `survey show` for its cells.", cell=code, survey=survey_id)  # fmt: skip
    for start in range(0, len(codes), 500):
        some = survey_cell.c.cell_code.in_(list(codes[start : start + 500]))
        work.db.execute(sa.update(survey_cell).where(mine, some).values(**values))


def append_found(work: Work, survey_id: int, found: pd.DataFrame) -> None:
    """Add collected points to a running survey."""
    require_running(work.db, survey_id)
    require_columns(found, FOUND_COLUMNS, "collected points")
    first = work.next_ids("survey_found", len(found))
    columns: dict[str, Column] = {name: texts(found, name) for name in FOUND_TEXTS}
    columns |= {name: numbers(found, name) for name in ("x", "y")}
    columns |= {"found_id": np.arange(first, first + len(found)), "survey_id": np.full(len(found), survey_id)}
    work.engine.insert(work.db, survey_found, columns, len(found))


def close(
    work: Work, survey_id: int, outcomes: pd.DataFrame, seen: tuple[pd.DataFrame, pd.DataFrame] | None
) -> None:
    """Freeze the result; nothing is added to the survey any more.

    `seen`: cells and points that the result was made of; `Conflict` where they are others by now.
    """
    require_running(work.db, survey_id)
    if seen is not None:
        cells, found = (
            load_cells(work.engine, work.db, survey_id),
            load_found(work.engine, work.db, survey_id),
        )
        if not (
            cells["done_on"].equals(seen[0]["done_on"]) and found["found_id"].equals(seen[1]["found_id"])
        ):
            raise Conflict(
                "Cells of survey {survey} were marked or points collected while its result was made.",
                remedy="Look at the result again, then close the survey.",
                survey=survey_id,
            )
    columns: dict[str, Column] = {name: texts(outcomes, name) for name in OUTCOME_TEXTS}
    columns |= {name: outcomes[name].to_numpy("i8") for name in ("component_id", "found_id")}
    columns |= {name: numbers(outcomes, name) for name in ("moved_m", "x", "y")}
    columns |= {"survey_id": np.full(len(outcomes), survey_id), "place": np.arange(len(outcomes))}
    work.engine.insert(work.db, survey_outcome, columns, len(outcomes))
    mine = sa.update(survey).where(survey.c.survey_id == survey_id)
    work.db.execute(mine.values(status=CLOSED, closed_by=work.actor, closed_at=work.at))


def require_running(db: sa.Connection, survey_id: int) -> None:
    """Raise `Refused` where the survey is closed or not there."""
    if load_one(db, survey_id)["status"] != RUNNING:
        raise Refused(
            "Survey {survey} is closed; its result stays as it is.",
            remedy="Plan another survey.",
            survey=survey_id,
        )


def _rows(
    engine: Engine, db: sa.Connection, table: sa.Table, names: Sequence[str], survey_id: int, order: str
) -> dict[str, list[Any]]:
    query = sa.select(*(table.c[name] for name in names)).where(table.c.survey_id == survey_id)
    return engine.rows(db, query.order_by(table.c[order]))
