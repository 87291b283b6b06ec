"""The city's list of departments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from census.lists import read_list, require_unique
from gis.frames import DEPARTMENT_COLUMNS
from kernel.errors import Refused

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class DepartmentsImported:
    """How many rows the list had, and how many are in the store now."""

    read: int
    accepted: int


def import_departments(store: Store, file: Path) -> DepartmentsImported:
    """Put the list of a CSV (`code,name`; UTF-8 or GBK) in the place of the store's.

    Raises `Refused` naming file, row and field; then the store is as it was.
    """
    frame = read_list(file, DEPARTMENT_COLUMNS)
    require_unique(frame, "code", file)
    for row, name in frame["name"].items():
        if not name:
            raise Refused(
                "{file}, row {row}: {field} is empty.",
                remedy="Fill it in, or delete the row.",
                file=file,
                row=row,
                field="name",
            )
    store.replace_departments(frame[list(DEPARTMENT_COLUMNS)])
    return DepartmentsImported(len(frame), len(frame))
