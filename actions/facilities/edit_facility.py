"""One facility by hand: registered, edited, deleted. All of it is kept in its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from actions.facilities.import_facilities import examined, require_plane
from actions.facilities.reading import as_facilities
from actions.list_files import ListFile
from census.facilities.frames import FACILITY_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS
from census.facilities.rules import READING
from gis.grid.grid_rules_findings import ERROR
from kernel.clock import Clock, system_clock
from kernel.errors import Refused, WrongUsage
from kernel.progress import Progress
from resources.facilities import FACILITY_FIELDS

if TYPE_CHECKING:
    from data.store import Store

SETTABLE = tuple(name for name in (*FACILITY_FIELDS, "lon", "lat") if name != "code")


@dataclass(frozen=True)
class EditFacility:
    """`values`: field → text as a list would have it; an empty text empties the field.

    `code`: the facility to edit; with `register` a new one, whose number is given where it is "". `seen`: the
    facility's row as it was loaded, where another person's change in between must not be lost.
    """

    values: Mapping[str, str]
    code: str = ""
    register: bool = False
    seen: pd.DataFrame | None = None


@dataclass(frozen=True)
class FacilityEdited:
    """The number it stands under, what was done, and the findings that do not stop it, by code."""

    code: str
    deed: str
    findings: dict[str, str]


@dataclass(frozen=True)
class DeleteFacility:
    """Which facility leaves the register."""

    code: str


@dataclass(frozen=True)
class RestoreFacility:
    """A facility that was taken out: its row of the register (`FACILITY_COLUMNS`) as it was."""

    facility: pd.DataFrame


def edit_facility(
    store: Store, request: EditFacility, progress: Progress | None = None, clock: Clock = system_clock
) -> FacilityEdited:
    """Register or edit one facility.

    Raises `WrongUsage` for a field that there is none of, `Refused` for a value or a facility that cannot be, `Conflict`
    where another person changed it since `seen`.
    """
    unknown = [name for name in request.values if name not in SETTABLE]
    if unknown:
        raise WrongUsage("A facility has no field {field}.", remedy="Use one of: {fields}.", field=unknown[0],
                         fields=", ".join(SETTABLE))  # fmt: skip
    known = store.load_facilities()
    there = known[known["code"] == request.code]
    if request.register == bool(len(there)):
        raise _there(request.code) if len(there) else _not_there(request.code)
    columns = {name: [text] for name, text in request.values.items()} | {"code": [request.code]}
    listed, faults = as_facilities(ListFile(columns, [1]), require_plane(store))
    row, found = examined(store, listed, faults, clock)
    _require_sound(found)
    if request.register and row["code"].iloc[0] != request.code:
        raise _there(row["code"].iloc[0])  # without a number, but the same kind and name at the same place
    row = _emptied(row[list(FACILITY_COLUMNS)], request)
    done = store.save_facilities(row, seen=request.seen)
    deed = next((name for name in ("new", "changed") if done.counts[name]), "unchanged")
    return FacilityEdited(done.keys[0], deed, dict(zip(found["code"], found["value"], strict=True)))


def delete_facility(
    store: Store, request: DeleteFacility, progress: Progress | None = None
) -> FacilityEdited:
    """Take a facility out of the register. Raises `Refused` where it is not there."""
    store.delete_facilities([request.code])
    return FacilityEdited(request.code, "deleted", {})


def restore_facility(
    store: Store, request: RestoreFacility, progress: Progress | None = None
) -> FacilityEdited:
    """Put a facility that was taken out back as it was. Raises `Refused` where its number is in use again."""
    code = str(request.facility["code"].iloc[0])
    if (store.load_facilities()["code"] == code).any():
        raise _there(code)
    store.save_facilities(request.facility[list(FACILITY_COLUMNS)])
    return FacilityEdited(code, "new", {})


def _emptied(row: pd.DataFrame, request: EditFacility) -> pd.DataFrame:
    """What was emptied on purpose is empty; kind, state and place never are."""
    row = row.copy()
    for name, text in request.values.items():
        if text.strip() or name in ("kind", "state", "x", "y"):
            continue
        if name in NUMBER_COLUMNS:
            row[name] = float("nan")
        elif name in TEXT_COLUMNS:
            row[name] = ""
    return row


def _require_sound(found: pd.DataFrame) -> None:
    errors = found[found["severity"] == ERROR]
    if len(errors):
        first = errors.sort_values("code", key=lambda codes: ~codes.isin(READING), kind="stable").iloc[0]
        raise Refused(first["message"], remedy=first["remedy"], value=first["value"], field=first["field"])


def _there(code: str) -> Refused:
    return Refused(
        "The register has a facility {code} already.",
        remedy="Edit it, or give the new one another number.",
        code=code,
    )


def _not_there(code: str) -> Refused:
    return Refused(
        "The register has no facility {code}.", remedy="See `facility list` for the numbers.", code=code
    )
