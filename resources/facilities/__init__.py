"""Sanitation facilities (环卫设施): their kinds, running states, kinds of work and list columns, as tables.

The kinds are those of CJJ 27 (环境卫生设施设置标准) that cities keep a register of. `class_name` is the national
component class that a facility of the kind may be surveyed as; its code is looked up in the edition's catalogue, and a
kind without one is never given a code. `interval_days` is a starting value that a city changes in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from resources.list_fields import Field, plain, read_fields, read_rows
from resources.symbols.compose import Symbol, class_rank, drawn_glyph, outline, shape_of

FOLDER: Final = Path(__file__).parent
MAJOR: Final = "03"  # 市容环卫: the hue and the shape of all facilities
RUNNING: Final = "运行"

FACILITY_FIELDS: Final = (
    "code", "kind", "name", "component_code", "location", "operator", "department", "capacity", "hours", "state",
    "opened", "interval_days", "note", "x", "y",
)  # fmt: skip
LOG_FIELDS: Final = ("facility_code", "day", "work", "what", "worker", "cost", "next_due", "new_state")


@dataclass(frozen=True)
class Kind:
    """One kind of facility. `prefix` begins the numbers that the store gives; `frame` and `mark` make its symbol."""

    kind: str
    name_zh: str
    name_en: str
    prefix: str
    class_name: str
    frame: str
    mark: str
    capacity_zh: str
    capacity_en: str
    interval_days: int
    aliases: tuple[str, ...]

    def name(self, lang: str) -> str:
        """The name in a language."""
        return self.name_zh if lang == "zh_CN" else self.name_en

    def capacity(self, lang: str) -> str:
        """What the capacity counts, with its unit."""
        return self.capacity_zh if lang == "zh_CN" else self.capacity_en

    @property
    def symbol(self) -> Symbol:
        """Its sign on the map, in the shape of the major class that facilities belong to."""
        return _symbol(self.frame, self.mark, self.class_name)


@dataclass(frozen=True)
class State:
    """A running state; `role` is its colour in the palette, `due` whether maintenance falls due in it."""

    state: str
    name_en: str
    role: str
    due: bool
    aliases: tuple[str, ...]

    def name(self, lang: str) -> str:
        """The name in a language; the Chinese one is also what is stored."""
        return self.state if lang == "zh_CN" else self.name_en


@dataclass(frozen=True)
class Work:
    """A kind of work in the log; one that `counts` starts the maintenance interval anew."""

    work: str
    name_zh: str
    name_en: str
    counts: bool
    aliases: tuple[str, ...]

    def name(self, lang: str) -> str:
        """The name in a language."""
        return self.name_zh if lang == "zh_CN" else self.name_en


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by their key, in the order of the file."""
    return {
        row["kind"]: Kind(row["kind"], row["name_zh"], row["name_en"], row["prefix"], row["class_name"], row["frame"],
                          row["mark"], row["capacity_zh"], row["capacity_en"], int(row["interval_days"]),
                          tuple(row["aliases"].split()))
        for row in read_rows(FOLDER / "kinds.csv")
    }  # fmt: skip


@cache
def states() -> dict[str, State]:
    """All running states by name, the first is that of a facility of which nothing else is said."""
    return {
        row["state"]: State(row["state"], row["name_en"], row["role"], row["due"] == "yes", tuple(row["aliases"].split()))
        for row in read_rows(FOLDER / "states.csv")
    }  # fmt: skip


@cache
def works() -> dict[str, Work]:
    """All kinds of work by their key."""
    return {
        row["work"]: Work(row["work"], row["name_zh"], row["name_en"], row["counts"] == "yes", tuple(row["aliases"].split()))
        for row in read_rows(FOLDER / "works.csv")
    }  # fmt: skip


@cache
def fields() -> dict[str, Field]:
    """All columns by their key."""
    return read_fields(FOLDER / "fields.csv")


def kind_of(word: str) -> str:
    """The key of the kind that a word means, "" for none."""
    return _meaning("kinds").get(plain(word), "")


def state_of(word: str) -> str:
    """The running state that a word means, "" for none."""
    return _meaning("states").get(plain(word), "")


def work_of(word: str) -> str:
    """The key of the kind of work that a word means, "" for none."""
    return _meaning("works").get(plain(word), "")


@cache
def _meaning(table: str) -> Mapping[str, str]:
    out: dict[str, str] = {}
    tables: dict[str, Mapping[str, Kind | State | Work]] = {
        "kinds": kinds(),
        "states": states(),
        "works": works(),
    }
    for key, entry in tables[table].items():
        names = (key, entry.name("zh_CN"), entry.name("en"), *entry.aliases)
        out |= {plain(name): key for name in names if plain(name) not in out}
    return out


@cache
def _symbol(frame: str, mark: str, class_name: str) -> Symbol:
    shape = shape_of(MAJOR + "01")
    return Symbol(
        outline(shape), drawn_glyph(shape, frame, mark), class_rank("", "2026", class_name or "公共厕所")
    )
