"""Responsibility areas of the store as a file: a workbook to fill in and hand back, or a layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from actions.areas.kinds_of_areas import kind_of
from exports.areas_list import write_list

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class ExportAreas:
    """`out`: xlsx, gpkg, geojson, parquet, csv or shp."""

    out: Path
    kind: str


@dataclass(frozen=True)
class AreasExported:
    """`rows` written to `file` and read back; all of them were accepted once."""

    kind: str
    rows: int
    accepted: int
    quarantined: int
    file: str


def export_areas(store: Store, request: ExportAreas) -> AreasExported:
    """Write the areas of one kind; an empty list gives the headings to fill in."""
    kind = kind_of(request.kind)
    areas = store.load_responsibility_areas(request.kind)
    write_list(areas, kind, Path(request.out))
    return AreasExported(request.kind, len(areas), len(areas), 0, str(request.out))
