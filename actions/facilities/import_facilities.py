"""A list of sanitation facilities into the register: matched, placed, checked; refused rows stay out with their reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from actions.facilities.reading import read_facilities
from census.facilities.frames import FACILITY_COLUMNS, placed
from census.facilities.matching import matched
from census.facilities.rules import Found, as_findings, check_register, refused_rows
from gis.frames import FINDING_COLUMNS
from gis.grid.grid_rules_findings import counts, joined
from kernel.clock import Clock, local_today, system_clock
from kernel.errors import Refused
from kernel.progress import Progress, Silent
from resources import catalogues

if TYPE_CHECKING:
    from data.store import Store

LINKED: Final = ["code", "class_code", "x", "y"]


@dataclass(frozen=True)
class ImportFacilities:
    """`file`: xlsx, csv, or a layer of points; `dry_run` only checks."""

    file: Path
    dry_run: bool = False


@dataclass(frozen=True)
class FacilitiesImported:
    """`read` = `accepted` + `quarantined`; the accepted are `new`, `changed` or `unchanged`; `findings` by code."""

    read: int
    accepted: int
    quarantined: int
    new: int
    changed: int
    unchanged: int
    findings: dict[str, int]
    details: pd.DataFrame


def import_facilities(
    store: Store, request: ImportFacilities, progress: Progress | None = None, clock: Clock = system_clock
) -> FacilitiesImported:
    """Register the facilities of a list, or change those that are known; those that it does not name stay.

    A row is known by its number, else by its component, else by kind and name within a few metres. A row with an error
    is refused and the others are taken. Raises `Refused` for a file that cannot be read or a store without a plane.
    """
    progress = progress or Silent()
    file, plane = Path(request.file), require_plane(store)
    progress.report(0.0, "Reading the list")
    listed, faults, rows = read_facilities(file, plane)
    progress.report(0.4, "Checking the facilities")
    frame, found = examined(store, listed, faults, clock)
    refused = refused_rows(found, len(frame))
    kept = frame.loc[~refused, list(FACILITY_COLUMNS)]
    progress.report(0.7, "Writing the facilities")
    done = {"new": 0, "changed": 0, "unchanged": 0}
    if len(kept) and not request.dry_run:
        done = store.save_facilities(kept).counts
    progress.report(1.0)
    return FacilitiesImported(
        len(frame),
        len(kept),
        int(refused.sum()),
        **done,
        findings=counts(found),
        details=told(found, rows, file),
    )


def examined(
    store: Store, listed: pd.DataFrame, faults: list[Found], clock: Clock
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Facilities as they would be stored, placed, and all findings about them; `faults` are those of the reading."""
    known = store.load_facilities()
    components = _components(store, listed)
    frame = matched(listed, known, components, local_today(clock).isoformat())
    frame = placed(frame, store.load_cells())
    departments = store.load_departments()
    names = {str(name) for column in ("code", "name") for name in departments[column]}
    found = joined([as_findings(faults), check_register(frame, components, class_names(store), names, known)])
    return frame, found.drop_duplicates(["code", "record", "field"], ignore_index=True)


def class_names(store: Store) -> dict[str, str]:
    """Names of the component classes by code, of every edition that the store may hold codes of."""
    extensions = store.load_extensions()
    own = store.info(with_hash=False).standard
    editions = [edition for edition in catalogues.STANDARDS if edition != own] + [own]
    out: dict[str, str] = {}
    for edition in editions:
        classes = catalogues.load(edition, extensions).components
        out |= dict(zip(classes["code"].tolist(), classes["name"].tolist(), strict=True))
    return out


def told(findings: pd.DataFrame, rows: list[int], file: Path) -> pd.DataFrame:
    """The findings with the file and the row numbers that the file itself shows."""
    numbers = np.array([*rows, -1])  # record -1 picks the last
    shown = numbers[findings["record"].to_numpy(int)] if len(findings) else []
    return findings.assign(file=str(file), row=shown)[list(FINDING_COLUMNS)]


def require_plane(store: Store) -> int:
    """EPSG number of the store's plane; `Refused` where it has none."""
    plane = store.info(with_hash=False).crs
    if not plane:
        raise Refused("The store has no coordinate plane yet, so nothing can be placed in it.",
                      remedy="Say which plane the city uses, for example --crs 4548.")  # fmt: skip
    return plane


def _components(store: Store, listed: pd.DataFrame) -> pd.DataFrame:
    """Code, class and place of the components that the list names."""
    wanted = set(listed["component_code"]) - {""}
    if not wanted:
        return pd.DataFrame({name: [] for name in LINKED})
    components = store.load_components(columns=LINKED)
    return components[components["code"].isin(wanted)].reset_index(drop=True)
