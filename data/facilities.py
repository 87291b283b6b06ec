"""The register of sanitation facilities, its log and its history, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from census.facilities.frames import (
    CHANGED,
    DELETED,
    FACILITY_COLUMNS,
    HISTORY_COLUMNS,
    LOG_COLUMNS,
    LOG_TEXT_COLUMNS,
    LOGGED,
    NUMBER_COLUMNS,
    REGISTERED,
    TEXT_COLUMNS,
    WITHDRAWN,
    facilities_frame,
    log_frame,
)
from data.engines.engine import Column, Engine
from data.journal import Work
from data.layers import refuse_repeated
from data.shapes import numbers, texts
from data.tables_facilities import facility, facility_history, facility_log
from gis.frames import require_columns
from kernel.errors import Conflict, Refused
from resources.facilities import kinds

Deeds = list[tuple[str, str, str, str, str]]  # facility code, deed, field, before, after


def load(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """The register by code, `census.facilities.frames.FACILITY_COLUMNS`."""
    query = sa.select(*(facility.c[name] for name in FACILITY_COLUMNS)).order_by(facility.c.code)
    found = engine.rows(db, query)
    given = {name: np.array(found[name], dtype=float) for name in NUMBER_COLUMNS}
    return facilities_frame(found | given, len(found["code"]))


def load_log(engine: Engine, db: sa.Connection, codes: Sequence[str] | None) -> pd.DataFrame:
    """Entries by day and number, of some facilities or of all; withdrawn ones too."""
    query = sa.select(*(facility_log.c[name] for name in LOG_COLUMNS))
    if codes is not None:
        query = query.where(facility_log.c.facility_code.in_(list(codes)))
    found = engine.rows(db, query.order_by(facility_log.c.day, facility_log.c.entry_id))
    return log_frame(found | {"cost": np.array(found["cost"], dtype=float)}, len(found["entry_id"]))


def load_history(db: sa.Connection, code: str) -> pd.DataFrame:
    """What happened to one facility, oldest first; also to one that was deleted."""
    columns = (facility_history.c[name] for name in HISTORY_COLUMNS)
    query = sa.select(*columns).where(facility_history.c.facility_code == code)
    rows = [tuple(row) for row in db.execute(query.order_by(facility_history.c.change_id))]
    return pd.DataFrame(rows, columns=list(HISTORY_COLUMNS), dtype="str")


def save(work: Work, frame: pd.DataFrame) -> tuple[list[str], dict[str, int]]:
    """Register or change facilities; the codes as stored, in the frame's order, and counts new, changed, unchanged.

    A facility without a code is given one that was never used, from its kind's prefix.
    """
    require_columns(frame, FACILITY_COLUMNS, "facilities")
    now = load(work.engine, work.db)
    frame = frame.assign(code=_codes(work, frame, set(now["code"])))
    refuse_repeated(frame["code"].tolist())
    before, after = _records(now), _records(frame)
    fresh = {code: row for code, row in after.items() if code not in before}
    altered = {code: row for code, row in after.items() if code in before and before[code] != row}
    work.db.execute(sa.delete(facility).where(facility.c.code.in_(list(altered))))
    _insert(work, frame[frame["code"].isin(fresh.keys() | altered.keys())])
    deeds: Deeds = [(code, REGISTERED, "", "", "") for code in fresh]
    deeds += [
        (code, CHANGED, name, before[code][name], row[name])
        for code, row in altered.items()
        for name in FACILITY_COLUMNS
        if before[code][name] != row[name]
    ]
    _record(work, deeds)
    counts = {"new": len(fresh), "changed": len(altered)}
    return frame["code"].tolist(), counts | {"unchanged": len(after) - len(fresh) - len(altered)}


def delete(work: Work, codes: Sequence[str]) -> None:
    """Take facilities out of the register; every field stays in the history, and so does the log."""
    now = _records(load(work.engine, work.db))
    for code in codes:
        require_there(now, code)
    work.db.execute(sa.delete(facility).where(facility.c.code.in_(list(codes))))
    _record(
        work,
        [(code, DELETED, name, value, "") for code in codes for name, value in now[code].items() if value],
    )


def append_log(work: Work, entries: pd.DataFrame) -> list[int]:
    """Add entries; one with a new state puts its facility in it. Their numbers, in order."""
    require_columns(entries, LOG_COLUMNS, "log entries")
    now = _records(load(work.engine, work.db))
    for code in entries["facility_code"]:
        require_there(now, code)
    first = work.next_ids("facility_entry", len(entries))
    ids = np.arange(first, first + len(entries))
    columns: dict[str, Column] = {name: texts(entries, name) for name in LOG_TEXT_COLUMNS}
    columns |= {
        "entry_id": ids,
        "cost": numbers(entries, "cost"),
        "recorded_by": work.actor,
        "recorded_at": work.at,
    }
    work.engine.insert(
        work.db, facility_log, columns | {"withdrawn_by": "", "withdrawn_at": ""}, len(entries)
    )
    deeds: Deeds = []
    for code, day, kind, what, state in entries[
        ["facility_code", "day", "work", "what", "new_state"]
    ].itertuples(index=False):
        deeds.append((code, LOGGED, kind, day, what))
        if state and state != now[code]["state"]:
            work.db.execute(sa.update(facility).where(facility.c.code == code).values(state=state))
            deeds.append((code, CHANGED, "state", now[code]["state"], state))
            now[code]["state"] = state
    _record(work, deeds)
    return [int(number) for number in ids]


def withdraw(work: Work, entry_ids: Sequence[int]) -> None:
    """Mark entries as withdrawn; a state that they brought stays until another is set."""
    for entry_id in entry_ids:
        mine = facility_log.c.entry_id == entry_id
        found = work.db.execute(sa.select(facility_log).where(mine)).first()
        if found is None or found.withdrawn_at:
            raise Refused(
                "There is no entry {entry} to withdraw.",
                remedy="See the numbers in `facility show`; an entry is withdrawn once.",
                entry=entry_id,
            )
        work.db.execute(
            sa.update(facility_log).where(mine).values(withdrawn_by=work.actor, withdrawn_at=work.at)
        )
        _record(work, [(found.facility_code, WITHDRAWN, found.work, found.day, found.what)])


def require_unchanged(work: Work, seen: pd.DataFrame) -> None:
    """Raise `Conflict` when one of the facilities `seen` is no longer as it was."""
    now = _records(load(work.engine, work.db))
    for code, row in _records(seen).items():
        if now.get(code) != row:
            raise Conflict("Another person has changed facility {code} in the meantime.",
                           remedy="Look at it as it is now, and edit again.", code=code)  # fmt: skip


def require_there(known: dict[str, Any], code: str) -> None:
    """Raise `Refused` when the register has no such facility."""
    if code not in known:
        raise Refused(
            "The register has no facility {code}.", remedy="See `facility list` for the numbers.", code=code
        )


def _codes(work: Work, frame: pd.DataFrame, taken: set[str]) -> list[str]:
    """The frame's codes, with one of its own for each that has none."""
    out = texts(frame, "code")
    taken = taken | set(out)
    for place, kind in enumerate(frame["kind"]):
        while not out[place]:
            code = f"{kinds()[kind].prefix}-{work.next_ids('facility', 1):05d}"
            out[place] = "" if code in taken else code
    return out


def _insert(work: Work, frame: pd.DataFrame) -> None:
    columns: dict[str, Column] = {name: texts(frame, name) for name in TEXT_COLUMNS}
    columns |= {name: numbers(frame, name) for name in NUMBER_COLUMNS}
    work.engine.insert(work.db, facility, columns, len(frame))


def _record(work: Work, deeds: Deeds) -> None:
    if not deeds:
        return
    first = work.next_ids("facility_change", len(deeds))
    names = ("facility_code", "deed", "field", "before", "after")
    columns: dict[str, Column] = dict(
        zip(names, (list(column) for column in zip(*deeds, strict=True)), strict=True)
    )
    columns |= {"change_id": np.arange(first, first + len(deeds)), "at": work.at, "actor": work.actor}
    work.engine.insert(work.db, facility_history, columns, len(deeds))


def _records(frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Each facility as texts, by code; coordinates to a millimetre."""
    columns = {name: texts(frame, name) for name in TEXT_COLUMNS}
    columns |= {
        name: [
            "" if np.isnan(value) else f"{value:.3f}".rstrip("0").rstrip(".")
            for value in frame[name].to_numpy(float)
        ]
        for name in NUMBER_COLUMNS
    }
    rows = zip(*(columns[name] for name in FACILITY_COLUMNS), strict=True)
    return {row[0]: dict(zip(FACILITY_COLUMNS, row, strict=True)) for row in rows}
