"""What is known of each edition as a whole: counts, numbering, dates (`editions.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
STANDARDS: Final = ("2007", "2013", "2026")
DEFAULT: Final = "2026"


@dataclass(frozen=True)
class Edition:
    """One class list as a whole. `components` and `events` count the numbered slots of each major.

    `own_minor_first` is the lowest minor a city may give to a class of its own. `event_numbers_open` are numbers
    among which the `event_slots_without_number` stand.
    """

    key: str
    standard: str
    version: int
    compiled: str
    in_force: str
    replaced_by: str
    minor_digits: int
    own_minor_first: int
    components: dict[str, int]
    components_named: int
    events: dict[str, int]
    events_named: int
    event_slots_without_number: int
    event_numbers_open: list[str]
    dropped_components: list[str]
    dropped_events: list[str]
    own_majors: dict[str, list[str]]

    def slots(self, kind: str) -> int:
        """How many slots of `kind` the list has, those whose number is unknown included."""
        if kind == "component":
            return sum(self.components.values())
        return sum(self.events.values()) + self.event_slots_without_number


@cache
def edition(key: str) -> Edition:
    """The edition `key`, one of `STANDARDS`. Raises `KeyError` for another word."""
    return Edition(key=key, **_table()[key])


def edition_key(words: str) -> str:
    """The key of an edition from its key or its standard's number (`GB/T 30428.2-2013`); `""` when it is neither."""
    plain = words.replace(" ", "").upper()
    for key in STANDARDS:
        if plain in (key, edition(key).standard.replace(" ", "")):
            return key
    return ""


@cache
def _table() -> dict[str, dict]:
    return tomllib.loads((FOLDER / "editions.toml").read_text(encoding="utf-8"))
