"""Codes that the store gives: to rows of a delivery that bring none, to stored components without one, and to all of
them when the city goes over to another edition. All of it happens inside the commit's own transaction, under the
store's write lock, so no number is given twice; counters and the register of given codes outlive an undo.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import sqlalchemy as sa

from census.codes import SEQUENCE_DIGITS, Register, allot, last_by_prefix, prefixes
from data import layers
from data.census.components import Rows
from data.engines.engine import Engine
from data.journal import Work, put, setting_of
from data.tables import area, code_counter, component, given_code, session_codes
from resources import catalogues

GIVE, NUMBER, RECODE = "give", "number", "recode"
GIVE_CODES: Final = "give_codes"  # setting: "1" gives codes with every commit
GIVEN_COLUMNS: Final = ("component_id", "code", "former", "file", "row")


@dataclass(frozen=True)
class Wish:
    """What a session does to codes; all "" for one that only takes what is delivered."""

    wish: str = ""
    standard: str = ""
    former_standard: str = ""
    moves: Mapping[str, str] | None = None


def keep_wish(work: Work, session_id: int, wish: Wish) -> None:
    """Remember with the session what its commit shall do."""
    if wish.wish:
        put(
            work.db,
            session_codes,
            {"session_id": session_id},
            {"wish": wish.wish, "standard": wish.standard, "former_standard": wish.former_standard,
             "moves": json.dumps(dict(wish.moves or {}))},
        )  # fmt: skip


def wish_of(db: sa.Connection, session_id: int) -> Wish:
    """What was kept for a session."""
    mine = session_codes.c.session_id == session_id
    row = db.execute(sa.select(session_codes).where(mine)).first()
    if row is None:
        return Wish()
    return Wish(row.wish, row.standard, row.former_standard, json.loads(row.moves))


def wants_codes(db: sa.Connection, session_id: int) -> bool:
    """Whether the commit of this session gives codes to rows without one."""
    return wish_of(db, session_id).wish == GIVE or setting_of(db, GIVE_CODES) == "1"


def give(work: Work, frame: pd.DataFrame, rows: Rows, standard: str) -> np.ndarray:
    """Give codes to the rows that have none; the places of those that got one.

    A row whose county or class cannot be told keeps none: a class is never invented.
    """
    bare = np.array([place for place, code in enumerate(rows["code"]) if not code], "i8")
    cells, classes = frame["cell_code"].iloc[bare].astype(str), frame["class_code"].iloc[bare].astype(str)
    county = county_of_city(work.db)
    counties = [cell[:6] if cell else county for cell in cells]
    heads = prefixes(counties, _known(work.engine, work.db, classes.tolist(), standard), standard)
    codes, last = allot(heads, last_sequences(work.db, heads))
    raise_counters(work.db, last)
    for place, code in zip(bare.tolist(), codes, strict=True):
        rows["code"][place] = code or None
    return bare[[bool(code) for code in codes]] if len(bare) else bare


def _known(engine: Engine, db: sa.Connection, class_codes: list[str], standard: str) -> list[str]:
    """The class codes that the edition has, "" in the place of others."""
    known = catalogues.load(standard, layers.load_extensions(engine, db)).components
    named = set(known["code"][known["name"] != ""])
    return [code if code in named else "" for code in class_codes]


def county_of_city(db: sa.Connection) -> str:
    """The county of components that stand in no cell: the setting, or the only county there is; "" when unknown."""
    told = setting_of(db, "county_code")
    if told:
        return told
    codes = db.execute(sa.select(area.c.code).where(area.c.level == "county").limit(2)).scalars().all()
    return str(codes[0]) if len(codes) == 1 else ""


def last_sequences(db: sa.Connection, heads: Sequence[str]) -> dict[str, int]:
    """The last sequence of each prefix: of the counter and of the stored codes, whichever is higher."""
    wanted = sorted(set(heads) - {""})
    counted = {row.prefix: int(row.value) for row in db.execute(sa.select(code_counter))}
    return {head: max(counted.get(head, 0), _highest_stored(db, head)) for head in wanted}


def _highest_stored(db: sa.Connection, head: str) -> int:
    """By the index on codes. Text order is number order here: all have one length."""
    low, high = head + "0" * SEQUENCE_DIGITS, head + "9" * SEQUENCE_DIGITS
    inside = sa.and_(component.c.code >= low, component.c.code <= high)
    whole = sa.and_(inside, sa.func.length(component.c.code) == len(low))
    codes = db.execute(sa.select(component.c.code).where(whole).order_by(component.c.code.desc()).limit(50))
    return last_by_prefix(codes.scalars().all()).get(head, 0)


def raise_counters(db: sa.Connection, last: Mapping[str, int]) -> None:
    """Let the counters stand at least at `last`."""
    counted = {row.prefix: int(row.value) for row in db.execute(sa.select(code_counter))}
    for head, value in last.items():
        if value > counted.get(head, 0):
            put(db, code_counter, {"prefix": head}, {"value": value})


def remember_codes_of(work: Work, session_id: int) -> None:
    """Before a session is undone: the numbers of its components are used for ever."""
    head = sa.func.substr(component.c.code, 1, sa.func.length(component.c.code) - SEQUENCE_DIGITS)
    mine = sa.and_(component.c.session_id == session_id, sa.func.length(component.c.code).in_((16, 17)))
    query = sa.select(sa.func.max(component.c.code)).where(mine).group_by(head)
    raise_counters(work.db, last_by_prefix(work.db.execute(query).scalars().all()))
    given = given_code.c.session_id == session_id
    work.db.execute(sa.update(given_code).where(given).values(undone=1))


def register(
    work: Work, session_id: int, ids: np.ndarray, codes: list[str], former: list[str],
    origins: pd.DataFrame | None = None,
) -> None:  # fmt: skip
    """Note codes that were given: `former` is what stood there before, `origins` the rows of the delivery."""
    told = origins is not None and len(origins) == len(ids)
    columns = {
        "session_id": session_id,
        "component_id": ids,
        "code": codes,
        "former": former,
        "undone": 0,
        "file": [str(file) for file in origins["file"]] if told and origins is not None else "",
        "row": origins["row"].to_numpy("i8") if told and origins is not None else -1,
    }
    work.engine.insert(work.db, given_code, columns, len(ids))


def given(engine: Engine, db: sa.Connection, session_id: int) -> pd.DataFrame:
    """The codes that a session gave: `GIVEN_COLUMNS`, ordered by component."""
    mine = sa.select(*(given_code.c[name] for name in GIVEN_COLUMNS)).where(
        given_code.c.session_id == session_id
    )
    found = engine.rows(db, mine.order_by(given_code.c.component_id))
    return pd.DataFrame(found, columns=list(GIVEN_COLUMNS))


def former_of(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """`component_id`, `former`: codes that components had before the present one, the latest last."""
    query = sa.select(given_code.c.component_id, given_code.c.former)
    mine = query.where(given_code.c.former != "", given_code.c.undone == 0).order_by(given_code.c.session_id)
    return pd.DataFrame(engine.rows(db, mine), columns=["component_id", "former"])


def register_of(db: sa.Connection) -> Register:
    """What was ever given, for codes that are to move to another edition."""
    taken = {row.prefix: int(row.value) for row in db.execute(sa.select(code_counter))}
    owners = {row.code: int(row.component_id) for row in db.execute(sa.select(given_code))}
    return Register(taken, owners)
