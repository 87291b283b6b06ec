"""Kinds of responsibility areas and their fields, as data: a city adds a kind with one line.

`made_of` says what an area of the kind is: `cells` (a set of unit grid cells and nothing else), `area` (cells or a drawn
polygon), `line` (a drawn line, or none where a list has no map). A cell belongs to exactly one area of an exclusive
kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from resources.list_fields import Field, read_fields, read_rows

CELLS: Final = "cells"
AREA: Final = "area"
LINE: Final = "line"
# Fields that an area of every kind has; area and cells only where the kind is no line.
_COMMON: Final = ("code", "name")
FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class Kind:
    """One kind of responsibility area."""

    kind: str
    name_zh: str
    name_en: str
    exclusive: bool
    made_of: str
    hue: str  # major class whose colour it borrows on the map
    own_fields: tuple[str, ...]

    def name(self, lang: str) -> str:
        """What people call it."""
        return self.name_zh if lang == "zh_CN" else self.name_en

    @property
    def fields(self) -> tuple[str, ...]:
        """Columns of a list of this kind, in order."""
        if self.made_of == LINE:
            return (*_COMMON, *self.own_fields, "wkt")
        shape = ("cell_codes",) if self.made_of == CELLS else ("cell_codes", "wkt")
        return (*_COMMON, *self.own_fields[:-1], "area_m2", *self.own_fields[-1:], *shape)


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by their key, in the order of the file."""
    return {
        row["kind"]: Kind(row["kind"], row["name_zh"], row["name_en"], row["exclusive"] == "yes", row["made_of"], row["hue"],
                          tuple(row["fields"].split()))
        for row in read_rows(FOLDER / "responsibility_kinds.csv")
    }  # fmt: skip


@cache
def fields() -> dict[str, Field]:
    """All fields by their key, in the order of the file."""
    return read_fields(FOLDER / "responsibility_fields.csv")
