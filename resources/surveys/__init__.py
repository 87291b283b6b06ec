"""Words of special surveys: the columns of a list of collected points, and the outcomes with their colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from resources.list_fields import Field, read_fields, read_rows

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """What became of a component, or what is wrong with it; `role` is its colour in the palette."""

    outcome: str
    zh: str
    en: str
    role: str

    def name(self, lang: str) -> str:
        """The name in a language."""
        return self.zh if lang == "zh_CN" else self.en


@cache
def fields() -> dict[str, Field]:
    """Columns of a list of collected points, by key."""
    return read_fields(FOLDER / "fields.csv")


@cache
def outcomes() -> dict[str, Outcome]:
    """Outcomes and faults, by key."""
    return {
        row["outcome"]: Outcome(row["outcome"], row["zh"], row["en"], row["role"])
        for row in read_rows(FOLDER / "outcomes.csv")
    }
