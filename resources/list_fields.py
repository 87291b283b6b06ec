"""Columns of the lists that people hand over: their words, their form, and what else such a column is called."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Field:
    """One column: its words in both languages, its form (text, number, date, codes, shape), and its other names."""

    field: str
    zh: str
    en: str
    form: str
    aliases: tuple[str, ...]

    def name(self, lang: str) -> str:
        """The heading in a language."""
        return self.zh if lang == "zh_CN" else self.en

    @cached_property
    def known_as(self) -> frozenset[str]:
        """All headings that mean it, `plain`."""
        return frozenset(plain(word) for word in (self.field, self.zh, self.en, *self.aliases))


def plain(heading: str) -> str:
    """A heading without blanks, case and the difference between full and half width."""
    half = heading.replace("（", "(").replace("）", ")").replace("㎡", "m²")
    return "".join(half.split()).casefold()


def read_fields(table: Path) -> dict[str, Field]:
    """The fields of a table with the columns `field,zh,en,form,aliases`, in its order."""
    return {
        row["field"]: Field(row["field"], row["zh"], row["en"], row["form"], tuple(row["aliases"].split()))
        for row in read_rows(table)
    }


def read_rows(table: Path) -> list[dict[str, str]]:
    """The rows of a table that ships with the program."""
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
