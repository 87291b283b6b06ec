"""One write in progress, what it will be remembered by, and how others learn of it.

Every commit gets a `sequence` number and a row in `change_log`; commits that change what is mapped or analysed also
raise the data `version` and that of their kinds, by which caches are keyed. The counters' rows are locked until the
commit, so the order of the numbers is the order of the commits.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from typing import Any, Final

import sqlalchemy as sa

from data.engines.engine import Engine
from data.tables import change_log, counter, kind_version, setting
from kernel.changes import (
    AREAS,
    BASE,
    CASES,
    CELLS,
    CLASSES,
    COMPONENTS,
    DEPARTMENTS,
    FACILITIES,
    FIXES,
    HOLDS,
    PATROLLERS,
    RECORDS,
    RESPONSIBILITY,
    SESSIONS,
    SETTINGS,
    SURVEYS,
    Changes,
)

# Kinds that count as data: working sets, results and pictures made from them carry their version.
DATA_KINDS: Final = frozenset({CELLS, AREAS, RESPONSIBILITY, BASE, COMPONENTS, DEPARTMENTS, CLASSES, CASES})
ALL_KINDS: Final = DATA_KINDS | {SESSIONS, FIXES, PATROLLERS, SETTINGS, HOLDS, FACILITIES, SURVEYS, RECORDS}
KEPT_COMMITS: Final = 10_000  # log rows kept; who missed more is told that anything may have changed
TIDY_EVERY: Final = 100  # commits between two looks at the log's length


@dataclass(frozen=True)
class Work:
    """A writing transaction, handed to the functions that do the writing."""

    db: sa.Connection
    engine: Engine
    actor: str
    source: str
    at: str
    touched: set[str] = field(
        default_factory=set
    )  # kinds that were written on the way, told with the commit's own

    def next_ids(self, kind: str, count: int) -> int:
        """The first of `count` row ids that were never given before."""
        last = step(self.db, kind, count)
        return last - count + 1

    def changed(
        self,
        *kinds: str,
        keys: Iterable[object] = (),
        counts: dict[str, int] | None = None,
        fixes: int = 0,
    ) -> Changes:
        """Close the write: number it, log it, wake who watches, and say what it was; `fixes` were appended in it."""
        told = self.touched.union(kinds)
        if not DATA_KINDS.isdisjoint(told):
            self._raise_version(told)
        done = Changes(frozenset(told), tuple(map(str, keys)), self.source, 0, dict(counts or {}))
        sequence, version = self.engine.log_commit(self.db, _log_row(done, self), fixes)
        if sequence % TIDY_EVERY == 0:
            self.db.execute(sa.delete(change_log).where(change_log.c.sequence <= sequence - KEPT_COMMITS))
        return replace(done, version=version)

    def _raise_version(self, kinds: Set[str]) -> None:
        version = step(self.db, "version", 1)
        mark = secrets.token_hex(4)
        for kind in DATA_KINDS.intersection(kinds):
            put(self.db, kind_version, {"kind": kind}, {"version": version, "mark": mark})


@dataclass(frozen=True)
class Logged:
    """A commit as the log has it."""

    sequence: int
    changes: Changes


def step(db: sa.Connection, name: str, by: int) -> int:
    """Raise a counter, made with its first step, and give its new value; its row is ours until the commit."""
    mine = sa.update(counter).where(counter.c.name == name)
    raised = db.execute(mine.values(value=counter.c.value + by).returning(counter.c.value)).scalar()
    if raised is None:
        db.execute(sa.insert(counter).values(name=name, value=by))
    return by if raised is None else int(raised)


def value_of(db: sa.Connection, name: str) -> int:
    """A counter's value as this transaction sees it."""
    return int(db.execute(sa.select(counter.c.value).where(counter.c.name == name)).scalar_one())


def version_of(db: sa.Connection, *kinds: str) -> int:
    """Data version of the last commit that touched one of `kinds`; 0 when none has."""
    return version_and_mark(db, *kinds)[0]


def version_and_mark(db: sa.Connection, *kinds: str) -> tuple[int, str]:
    """`version_of`, and the random mark of that commit."""
    query = sa.select(kind_version.c.version, kind_version.c.mark).where(kind_version.c.kind.in_(kinds))
    found = db.execute(query.order_by(kind_version.c.version.desc()).limit(1)).first()
    return (int(found.version), found.mark) if found else (0, "0")


def put(db: sa.Connection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Write the row of `key`, whether it was there or not."""
    mine = sa.and_(*(table.c[name] == value for name, value in key.items()))
    if db.execute(sa.update(table).where(mine).values(**values)).rowcount == 0:
        db.execute(sa.insert(table).values(**key, **values))


def setting_of(db: sa.Connection, key: str, default: str = "") -> str:
    """One setting, or `default`."""
    found = db.execute(sa.select(setting.c.value).where(setting.c.key == key)).scalar()
    return default if found is None else str(found)


def put_setting(db: sa.Connection, key: str, value: str) -> None:
    """Write one setting."""
    put(db, setting, {"key": key}, {"value": value})


def put_edition(work: Work, standard: str) -> None:
    """Let the store speak another edition of the class codes; whoever watches is told."""
    put_setting(work.db, "standard", standard)
    work.touched.update((CLASSES, SETTINGS))


def put_plane(work: Work, epsg: int) -> None:
    """Let everything lie in another plane; the store holds nothing yet."""
    put_setting(work.db, "crs", str(epsg))
    work.engine.set_srid(work.db, epsg)
    work.touched.add(SETTINGS)


def last_sequence(db: sa.Connection) -> int:
    """Number of the last commit."""
    return value_of(db, "sequence")


def commits_after(db: sa.Connection, sequence: int) -> list[Logged]:
    """Commits after number `sequence`, oldest first. Where the log no longer reaches back that far, one commit
    that touched everything stands for those that are missing."""
    query = sa.select(change_log).where(change_log.c.sequence > sequence).order_by(change_log.c.sequence)
    found = [Logged(int(row.sequence), _changes(row)) for row in db.execute(query)]
    if found and found[0].sequence > sequence + 1:
        found[0] = Logged(found[0].sequence, Changes(ALL_KINDS, version=found[0].changes.version))
    return found


def _log_row(done: Changes, work: Work) -> dict[str, Any]:
    return {
        "at": work.at,
        "actor": work.actor,
        "source": done.source,
        "kinds": ",".join(sorted(done.kinds)),
        "keys": json.dumps(done.keys, ensure_ascii=False),
        "counts": json.dumps(done.counts),
    }


def _changes(row: Any) -> Changes:
    kinds = frozenset(filter(None, row.kinds.split(",")))
    return Changes(kinds, tuple(json.loads(row.keys)), row.source, int(row.version), json.loads(row.counts))
