"""Words of special surveys: the columns of a list of collected points, and the outcomes with their colours."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from resources.facilities import Field

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
    return {
        row["field"]: Field(row["field"], row["zh"], row["en"], row["form"], tuple(row["aliases"].split()))
        for row in _rows("fields.csv")
    }


@cache
def outcomes() -> dict[str, Outcome]:
    """Outcomes and faults, by key."""
    return {
        row["outcome"]: Outcome(row["outcome"], row["zh"], row["en"], row["role"])
        for row in _rows("outcomes.csv")
    }


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
