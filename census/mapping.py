"""Which field of a survey is which column of ours: by name, and where a name could mean anything, by its values.

Names come from `resources.fields`; a shapefile's cut names match by their beginning. A field called `status` or `编号`
is only taken when what it holds looks right; otherwise it stays among the further fields (`extra`), where nothing is
judged and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pyarrow as pa

from census import dates
from census.profiles import NO_VALUES, ValueMaps
from census.reading.tables import SourceTable, factor, holds_text, plain
from census.values import known_value
from gis.frames import COMPONENT_STATES, COMPONENT_TEXT_COLUMNS
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


GIVEN, REMEMBERED = "given by the user", "remembered of the supplier"
BY_NAME: Final = (
    (1.0, "a name of the standard"),
    (0.95, "a Chinese name"),
    (0.85, "a name in pinyin initials"),
    (0.85, "an English name"),
)
_BY_LOOSE_NAME: Final = (0.8, "a name of many meanings, and the values fit")
_BY_VALUES: Final = (0.7, "the values alone")


@dataclass(frozen=True)
class FieldMap:
    """`of`: our column → the survey's field name; `extra`: fields that stay as they are, in the file's order.

    `why`: our column → how surely (0 … 1) and by what evidence. `rivals`: our column → fields that fit it as well.
    `values`: our column → the survey's word → ours. `left_out`: fields that the user wants to leave out.
    """

    of: Mapping[str, str]
    extra: tuple[str, ...]
    why: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: ValueMaps = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


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


def map_fields(
    table: SourceTable,
    given: Mapping[str, str],
    class_names: frozenset[str],
    remembered: Mapping[str, str] | None = None,
    values: ValueMaps = NO_VALUES,
) -> FieldMap:
    """The mapping for one layer. `given` (field → column, `""` leaves it out) is the user's word and comes first, then
    what is `remembered` of the supplier, then names, then values.

    `class_names` are the names and codes of every known class. Raises `Refused` for a column that does not exist.
    """
    known = {
        name: column
        for name, column in (remembered or {}).items()
        if column not in set(given.values()) - {""}
    }
    said = {**known, **given}
    of = _given(table, said)
    why = {column: (1.0, GIVEN if name in given else REMEMBERED) for column, name in of.items()}
    found = _by_names(table, set(of.values()) | set(said), set(of), class_names)
    of |= {column: ranks[0].name for column, ranks in found.items()}
    why |= {column: ranks[0].why for column, ranks in found.items()}
    rivals = {column: names for column, ranks in found.items() if (names := _rivals(ranks, table))}
    by_values = _by_values(table, set(of.values()) | set(said), set(of), class_names)
    of |= by_values
    why |= dict.fromkeys(by_values, _BY_VALUES)
    used = {name for column, name in of.items() if column not in PLACE_COLUMNS}
    left_out = tuple(name for name, column in said.items() if column == "" and name in table.columns)
    extra = tuple(name for name in table.columns if name not in used.union(left_out, RETURN_FIELDS))
    here = {column: words for column, words in values.items() if column in of}
    return FieldMap(of, extra, why, rivals, here, left_out)


@dataclass(frozen=True, order=True)
class _Rank:
    """One field that could be a column; the least is the best: fields that hold text first, then by trust in the
    name, then in the order of the file."""

    trust: int
    order: int
    name: str
    why: tuple[float, str]


def _by_names(
    table: SourceTable, taken: set[str], mapped: set[str], class_names: frozenset[str]
) -> dict[str, list[_Rank]]:
    """Our columns that field names tell, each with the fields that could be it, the best first."""
    found: dict[str, list[_Rank]] = {}
    for order, name in enumerate(table.columns):
        match = None if name in taken else match_name(name)
        if match is None or match.column in mapped:
            continue
        if match.loose and not _holds(match.column, table.columns[name], class_names):
            continue
        empty = 0 if holds_text(table.columns[name]) else 10
        tested = match.loose and match.column in _TESTS
        why = _BY_LOOSE_NAME if tested else BY_NAME[match.trust]
        found.setdefault(match.column, []).append(_Rank(match.trust + empty, order, name, why))
    return {column: sorted(ranks) for column, ranks in found.items()}


def _rivals(ranks: list[_Rank], table: SourceTable) -> tuple[str, ...]:
    """Fields whose names say the same as the chosen one's, but which hold other texts."""
    best = ranks[0]
    if best.trust >= 10:
        return ()
    chosen = table.columns[best.name]
    return tuple(
        rank.name
        for rank in ranks[1:]
        if rank.trust == best.trust and not _same(table.columns[rank.name], chosen)
    )


def _same(one: pa.Array, other: pa.Array) -> bool:
    return plain(one.slice(0, 10_000)).equals(plain(other.slice(0, 10_000)))


def _by_values(
    table: SourceTable, taken: set[str], mapped: set[str], class_names: frozenset[str]
) -> dict[str, str]:
    """Columns that no name tells, but exactly one field's values do: codes, class names, states, cells."""
    wanted = [column for column in _CERTAIN if column not in mapped]
    fits: dict[str, list[str]] = {column: [] for column in wanted}
    for name, values in table.columns.items():
        if name in taken or not wanted or (match_name(name) or _NO_MATCH).column in mapped:
            continue
        texts = _distinct(values)
        for column in wanted if texts else ():
            share = sum(_CERTAIN[column](text, class_names) for text in texts) / len(texts)
            if share >= _ALMOST_ALL:
                fits[column].append(name)
    return {column: names[0] for column, names in fits.items() if len(names) == 1}


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
    distinct = _distinct(values)
    if not distinct:
        return False
    share, right = test
    return sum(right(text, class_names) for text in distinct) >= share * len(distinct)


def _distinct(values: pa.Array) -> list[str]:
    """Some distinct texts of a field, without blank ones."""
    texts = factor(values.slice(0, 100_000)).values
    return [text.strip() for text in texts if text.strip()][:_SAMPLE_VALUES]


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


def _is_class_code(text: str, names: frozenset[str]) -> bool:
    """Whether `text` is a component's code of a known class: county 6, class 4 or 5, sequence 6 digits."""
    if not (text.isascii() and text.isdigit() and len(text) in (16, 17)):
        return False
    return text[6:-6] in names


_ALMOST_ALL: Final = 0.95
_NO_MATCH: Final = _Match("", 0, False)
_CERTAIN: Final[dict[str, Callable[[str, frozenset[str]], bool]]] = {
    "code": _is_class_code,
    "name": lambda text, names: text in names and not text.isdigit(),
    "state": lambda text, _: text in COMPONENT_STATES,
    "cell_code": lambda text, _: re.fullmatch(r"[0-9]{15}", text) is not None,
}
