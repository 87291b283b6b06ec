"""The register of facilities as a file that the import takes back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from actions.facilities.list_facilities import whole_register
from exports.facilities_list import write_facilities
from kernel.clock import Clock, system_clock
from kernel.progress import Progress

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class ExportFacilities:
    """`out`: xlsx (with the log on a second sheet), csv, gpkg, geojson, parquet or shp."""

    out: Path


@dataclass(frozen=True)
class FacilitiesExported:
    """`rows` written to `file` and read back."""

    rows: int
    file: str


def export_facilities(
    store: Store, request: ExportFacilities, progress: Progress | None = None, clock: Clock = system_clock
) -> FacilitiesExported:
    """Write the whole register; an empty one gives the headings to fill in."""
    frame = whole_register(store, clock)
    plane = store.info(with_hash=False).crs
    write_facilities(frame, store.load_facility_log(), Path(request.out), plane)
    return FacilitiesExported(len(frame), str(request.out))
