"""What was done at facilities into their log: one entry, a list of them, a change of state; and an entry taken back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from actions.facilities.import_facilities import told
from actions.facilities.reading import as_log, read_log
from actions.list_files import ListFile
from census.facilities.rules import Found, as_findings, check_log, refused_rows
from gis.grid.grid_rules_findings import ERROR, counts, joined
from kernel.clock import Clock, local_today, system_clock
from kernel.errors import Refused
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class LogWork:
    """One entry, every field as a person writes it; an empty `day` is today.

    `work`: a kind of work (`resources.facilities.works`). A `new_state` puts the facility in it.
    """

    code: str
    work: str
    what: str = ""
    worker: str = ""
    cost: str = ""
    day: str = ""
    next_due: str = ""
    new_state: str = ""


@dataclass(frozen=True)
class WorkLogged:
    """The number of the entry, and the facility's state after it."""

    code: str
    entry: int
    state: str


@dataclass(frozen=True)
class ImportLog:
    """`file`: xlsx or csv with the columns of the log."""

    file: Path
    dry_run: bool = False


@dataclass(frozen=True)
class LogImported:
    """`read` = `accepted` + `quarantined`; `findings` by code; `details` one by one."""

    read: int
    accepted: int
    quarantined: int
    findings: dict[str, int]
    details: pd.DataFrame


@dataclass(frozen=True)
class WithdrawWork:
    """The number of an entry."""

    entry: int


def log_work(
    store: Store, request: LogWork, progress: Progress | None = None, clock: Clock = system_clock
) -> WorkLogged:
    """Add one entry. Raises `Refused` with the first thing that is wrong in it."""
    columns = {"facility_code": [request.code]} | {
        name: [str(getattr(request, name)).strip()]
        for name in ("work", "what", "worker", "cost", "day", "next_due", "new_state")
    }
    entries, faults = as_log(ListFile(columns, [1]), local_today(clock))
    found = _examined(store, entries, faults, clock)
    errors = found[found["severity"] == ERROR]
    if len(errors):
        first = errors.iloc[0]
        raise Refused(first["message"], remedy=first["remedy"], value=first["value"], field=first["field"])
    done = store.append_facility_log(entries)
    known = store.load_facilities().set_index("code")["state"]
    return WorkLogged(request.code, done.counts["first_entry"], str(known[request.code]))


def import_log(
    store: Store, request: ImportLog, progress: Progress | None = None, clock: Clock = system_clock
) -> LogImported:
    """Add the entries of a list; a row that the log has already, word for word, is not added again.

    A row with an error is refused and the others are taken. Raises `Refused` for a file that cannot be read.
    """
    progress = progress or Silent()
    file = Path(request.file)
    progress.report(0.0, "Reading the list")
    entries, faults, rows = read_log(file, local_today(clock))
    found = _examined(store, entries, faults, clock)
    refused = refused_rows(found, len(entries))
    kept = _fresh(entries[~refused], store.load_facility_log())
    progress.report(0.6, "Writing the log")
    if len(kept) and not request.dry_run:
        store.append_facility_log(kept)
    progress.report(1.0)
    number = int(refused.sum())
    return LogImported(len(entries), len(entries) - number, number, counts(found), told(found, rows, file))


def withdraw_work(store: Store, request: WithdrawWork, progress: Progress | None = None) -> None:
    """Take an entry back; it stays visible as withdrawn. Raises `Refused` where there is none."""
    store.withdraw_facility_log([request.entry])


def _examined(store: Store, entries: pd.DataFrame, faults: list[Found], clock: Clock) -> pd.DataFrame:
    known = set(store.load_facilities()["code"])
    found = joined([as_findings(faults), check_log(entries, known, local_today(clock).isoformat())])
    return found.drop_duplicates(["code", "record", "field"], ignore_index=True)


def _fresh(entries: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """Entries that the log does not have: the same list may come twice."""
    told_by = ["facility_code", "day", "work", "what", "worker", "new_state"]
    there = set(log.loc[log["withdrawn_at"] == "", told_by].itertuples(index=False, name=None))
    new = np.array([row not in there for row in entries[told_by].itertuples(index=False, name=None)], bool)
    return entries[new]
