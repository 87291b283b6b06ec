"""The register as a table, one facility with its log and history, and how many there are where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from census.facilities.counts import BY, counted
from census.facilities.frames import placed
from census.facilities.upkeep import overdue, with_upkeep
from kernel.clock import Clock, local_today, system_clock
from kernel.errors import Refused, WrongUsage
from kernel.progress import Progress
from resources.facilities import kind_of, kinds, state_of, states

if TYPE_CHECKING:
    from data.store import Store

_SEARCHED = ("code", "name", "component_code", "location", "operator", "department", "note")


@dataclass(frozen=True)
class ListFacilities:
    """What shall be listed; "" is any. `area`: code of a street (9 digits), community (12) or cell (15)."""

    kind: str = ""
    state: str = ""
    area: str = ""
    find: str = ""
    overdue: bool = False


@dataclass(frozen=True)
class FacilitiesListed:
    """`facilities`: `FACILITY_COLUMNS`, cell, community, street, and what is due; `overdue` of them are late."""

    rows: int
    overdue: int
    facilities: pd.DataFrame


@dataclass(frozen=True)
class ShowFacility:
    """One facility by its number; `history` asks for who changed what, too."""

    code: str


@dataclass(frozen=True)
class FacilityShown:
    """`facility`: its fields, "deleted" among them where it has left the register; log and history, oldest first."""

    facility: dict[str, Any]
    log: pd.DataFrame
    history: pd.DataFrame


@dataclass(frozen=True)
class CountFacilities:
    """`by`: street, community, kind or state."""

    by: str = "street"


@dataclass(frozen=True)
class FacilitiesCounted:
    """One row each: `key, name, total, overdue`, running states, kinds (`census.facilities.counts.counted`)."""

    by: str
    total: int
    overdue: int
    rows: pd.DataFrame


def whole_register(store: Store, clock: Clock = system_clock) -> pd.DataFrame:
    """The register, placed and with what is due today."""
    frame = placed(store.load_facilities(), store.load_cells())
    return with_upkeep(frame, store.load_facility_log(), local_today(clock))


def list_facilities(
    store: Store, request: ListFacilities, progress: Progress | None = None, clock: Clock = system_clock
) -> FacilitiesListed:
    """The facilities that fit. Raises `WrongUsage` for a kind or state that there is none of."""
    frame = whole_register(store, clock)
    if request.kind:
        frame = frame[frame["kind"] == require_kind(request.kind)]
    if request.state:
        frame = frame[frame["state"] == require_state(request.state)]
    if request.area:
        frame = frame[frame["cell_code"].str.startswith(request.area)]
    if request.overdue:
        frame = frame[overdue(frame)]
    if request.find:
        texts = frame[list(_SEARCHED)]
        frame = frame[texts.apply(lambda column: column.str.contains(request.find, regex=False)).any(axis=1)]
    return FacilitiesListed(len(frame), int(overdue(frame).sum()), frame.reset_index(drop=True))


def show_facility(
    store: Store, request: ShowFacility, progress: Progress | None = None, clock: Clock = system_clock
) -> FacilityShown:
    """One facility with its past, also one that was deleted. Raises `Refused` where there never was one."""
    frame = whole_register(store, clock)
    history = store.facility_history(request.code)
    mine = frame[frame["code"] == request.code]
    if not len(mine) and not len(history):
        raise Refused("The register has no facility {code}.", remedy="See `facility list` for the numbers.",
                      code=request.code)  # fmt: skip
    fields: dict[str, Any] = {"code": request.code, "deleted": not len(mine)}
    if len(mine):
        fields |= {str(name): value for name, value in mine.iloc[0].items()}
    return FacilityShown(fields, store.load_facility_log([request.code]), history)


def count_facilities(
    store: Store, request: CountFacilities, progress: Progress | None = None, clock: Clock = system_clock
) -> FacilitiesCounted:
    """How many there are. Raises `WrongUsage` for another way to count."""
    if request.by not in BY:
        raise WrongUsage(
            "Facilities are not counted by {by}.",
            remedy="Use one of: {ways}.",
            by=request.by,
            ways=", ".join(BY),
        )
    level = request.by if request.by in ("street", "community") else "street"
    frame = whole_register(store, clock)
    rows = counted(frame, store.load_areas(level), request.by)
    return FacilitiesCounted(request.by, int(rows["total"].sum()), int(rows["overdue"].sum()), rows)


def require_kind(word: str) -> str:
    """The key of the kind that `word` means. Raises `WrongUsage`."""
    found = kind_of(word)
    if not found:
        raise WrongUsage(
            "There is no kind of facility {kind}.",
            remedy="Use one of: {kinds}.",
            kind=word,
            kinds=", ".join(kinds()),
        )
    return found


def require_state(word: str) -> str:
    """The running state that `word` means. Raises `WrongUsage`."""
    found = state_of(word)
    if not found:
        raise WrongUsage(
            "There is no running state {state}.",
            remedy="Use one of: {states}.",
            state=word,
            states=", ".join(states()),
        )
    return found
