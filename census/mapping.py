"""Which field of a survey is which column of ours: by name, and where a name could mean anything, by its values.

Names come from `resources.fields`; a shapefile's cut names match by their beginning. A field called `status` or `编号`
is only taken when what it holds looks right; otherwise it stays among the further fields (`extra`), where nothing is
judged and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import pyarrow as pa

from census import dates
from census.tables import SourceTable, factor, holds_text
from census.values import known_value
from gis.frames import COMPONENT_TEXT_COLUMNS
from kernel.errors import Refused
from resources import fields

PLACE_COLUMNS: Final = ("lon", "lat", "x", "y")
# Fields that a list of refused rows carries beside the survey's own; they come back with the corrected rows.
RETURN_FIELDS: Final = ("WG_REF", "WG_ROW", "WG_CODE", "WG_TODO")
_TRUST: Final = {"standard": 0, "chinese": 1, "pinyin": 2, "english": 3}

# Names that many tables use for something else; only their values tell.
_LOOSE: Final = frozenset(
    word.casefold()
    for word in (
        "编码",
        "编号",
        "唯一标识码",
        "名称",
        "小类",
        "状态",
        "现状",
        "单元网格",
        "精度",
        "位置",
        "来源",
        "说明",
        "图层",
        "图层名",
        "图层名称",
    )
)
_SHORTEST_BEGINNING: Final = 2
_SAMPLE_VALUES: Final = 400


@dataclass(frozen=True)
class FieldMap:
    """`of`: our column → the survey's field name; `extra`: fields that stay as they are, in the file's order."""

    of: Mapping[str, str]
    extra: tuple[str, ...]


@dataclass(frozen=True)
class _Match:
    column: str
    trust: int
    loose: bool


@cache
def _aliases() -> Mapping[str, _Match]:
    out: dict[str, _Match] = {}
    for row in fields.load().to_dict("records"):
        folded = str(row["alias"]).casefold()
        trust = _TRUST[str(row["kind"])]
        out.setdefault(folded, _Match(str(row["column"]), trust, trust >= 2 or folded in _LOOSE))
    return out


def match_name(name: str) -> _Match | None:
    """The column that the field name `name` stands for, None when no known name or beginning of one fits."""
    folded = re.sub(r"[\s\ufeff]+", "", name).casefold()
    exact = _aliases().get(folded)
    if exact or len(folded) < _SHORTEST_BEGINNING or folded.isascii():
        return exact
    begun = {match.column for alias, match in _aliases().items() if alias.startswith(folded)}
    return _Match(begun.pop(), 1, False) if len(begun) == 1 else None


def looks_like_components(names: list[str]) -> bool:
    """Whether field names speak of components: one of them is certainly the component's code."""
    matches = [match_name(name) for name in names]
    return any(match is not None and match.column == "code" and not match.loose for match in matches)


def known_field_names() -> frozenset[str]:
    """Every Chinese field name, a touchstone for encodings."""
    return frozenset(alias for alias in fields.load()["alias"] if not str(alias).isascii())


def map_fields(table: SourceTable, given: Mapping[str, str], class_names: frozenset[str]) -> FieldMap:
    """The mapping for one layer. `given` (field → column, `""` leaves it out) is the user's word and comes first.

    `class_names` are the names and codes of every known class. Raises `Refused` for a column that does not exist.
    """
    of = _given(table, given)
    taken = set(of.values()) | set(given)
    found: dict[str, tuple[int, int, str]] = {}
    for order, name in enumerate(table.columns):
        match = None if name in taken else match_name(name)
        if match is None or match.column in of:
            continue
        if match.loose and not _holds(match.column, table.columns[name], class_names):
            continue
        rank = (match.trust + (0 if holds_text(table.columns[name]) else 10), order, name)
        found[match.column] = min(rank, found.get(match.column, rank))
    of |= {column: name for column, (_, _, name) in found.items()}
    used = {name for column, name in of.items() if column not in PLACE_COLUMNS}
    left_out = {name for name, column in given.items() if column == ""} | set(RETURN_FIELDS)
    return FieldMap(of, tuple(name for name in table.columns if name not in used | left_out))


def _given(table: SourceTable, given: Mapping[str, str]) -> dict[str, str]:
    of: dict[str, str] = {}
    for name, column in given.items():
        if column and column not in (*COMPONENT_TEXT_COLUMNS, *PLACE_COLUMNS):
            raise Refused(
                "The mapping sends {field} to {column}, which is no column of a component.",
                remedy="Use the column names that the manual lists: code, class_code, name, owner_name …",
                file=table.path,
                field=name,
                column=column,
            )
        if column and name in table.columns:
            of[column] = name
    return of


def _holds(column: str, values: pa.Array, class_names: frozenset[str]) -> bool:
    """Whether the values of a loosely named field are what `column` holds."""
    test = _TESTS.get(column)
    if test is None:
        return True
    distinct = [text.strip() for text in factor(values.slice(0, 100_000)).values if text.strip()][
        :_SAMPLE_VALUES
    ]
    if not distinct:
        return False
    share, right = test
    return sum(right(text, class_names) for text in distinct) >= share * len(distinct)


_TESTS: Final[dict[str, tuple[float, Callable[[str, frozenset[str]], bool]]]] = {
    "code": (0.5, lambda text, _: re.fullmatch(r"[0-9]{14,19}", text) is not None),
    "class_code": (0.5, lambda text, names: text in names),
    "name": (0.5, lambda text, names: text in names),
    "state": (0.9, lambda text, _: known_value("state", text) is not None),
    "accuracy": (0.9, lambda text, _: known_value("accuracy", text) is not None),
    "cell_code": (0.5, lambda text, _: re.fullmatch(r"[0-9A-Z]{14,16}", text) is not None),
    "initial_date": (0.9, lambda text, _: dates.read_date(text) is not None),
    "change_date": (0.9, lambda text, _: dates.read_date(text) is not None),
    "source": (0.5, lambda text, _: known_value("source", text) is not None),
}
