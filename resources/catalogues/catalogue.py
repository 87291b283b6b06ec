"""One class list as a value: what the other rooms ask."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from resources.catalogues.editions import Edition

CLASS_COLUMNS: Final = (
    "code", "major_code", "major_name", "minor_code", "name", "geometry", "accuracy", "confidence", "checked",
    "source", "is_extension",
)  # fmt: skip

# What a row's `confidence` may be called on screen. None of them says "per the standard text": nobody of us has
# compared a row with the printed standard (docs/decisions/0011-catalogue-confidence.md).
CONFIDENCE_WORDS: Final = {
    "cross_checked": "cross-checked against two lists",
    "unverified": "unverified",
    "one_transcription": "unverified (one transcription; counts 153 / 250 match the stated totals)",
    "empty": "number known, name not: a city with the printed standard fills it in",
    "city": "given by the city",
}
CHECKED: Final = ("cross_checked", "city")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The classes of one edition and of one city.

    `components` and `events` have the columns `CLASS_COLUMNS`, sorted by code; codes are str, an empty slot has the
    name `""`. `majors` and `event_majors` have `major_code, name`. `codes` are the component codes that have a name.
    """

    edition: Edition
    components: pd.DataFrame
    events: pd.DataFrame
    component_names: Mapping[str, str]
    event_names: Mapping[str, str]
    component_codes: Mapping[str, str]
    event_codes: Mapping[str, str]

    @property
    def standard(self) -> str:
        """The edition's key: 2007, 2013 or 2026."""
        return self.edition.key

    @property
    def title(self) -> str:
        """The standard's number: `GB/T 47678.5-2026`."""
        return self.edition.standard

    @property
    def codes(self) -> frozenset[str]:
        """Codes of the component classes that have a name."""
        return frozenset(self.component_names)

    @property
    def empty_slots(self) -> frozenset[str]:
        """Codes of the component classes whose number is known and whose name is not."""
        return frozenset(self.components.loc[self.components["name"] == "", "code"])

    @property
    def majors(self) -> pd.DataFrame:
        """The component majors: `major_code, name`."""
        return _majors(self.components)

    @property
    def event_majors(self) -> pd.DataFrame:
        """The event majors: `major_code, name`."""
        return _majors(self.events)

    def name_of(self, code: str, kind: str = "component") -> str:
        """The name of a class; `""` for an empty slot and for a code that this list has not."""
        return (self.component_names if kind == "component" else self.event_names).get(code, "")

    def code_of(self, name: str, kind: str = "component") -> str | None:
        """The code of a class by its name or a known variant of it; brackets may be of either width."""
        return (self.component_codes if kind == "component" else self.event_codes).get(plain_name(name))


def plain_name(name: str) -> str:
    """A class name without what surveyors write one way or the other: widths, blanks, kinds of brackets and commas."""
    folded = unicodedata.normalize("NFKC", name)
    return re.sub(r"[\s,、;/]+", "", folded.translate(_BRACKETS)).casefold()


_BRACKETS: Final = str.maketrans({"[": "(", "]": ")", "【": "(", "】": ")", "〔": "(", "〕": ")"})


def _majors(classes: pd.DataFrame) -> pd.DataFrame:
    first = classes.drop_duplicates("major_code")
    return first[["major_code", "major_name"]].rename(columns={"major_name": "name"}).reset_index(drop=True)
