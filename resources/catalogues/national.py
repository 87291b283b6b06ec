"""Our own class lists: read, and checked against what is known of each edition as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pandas as pd

from kernel.errors import Defect
from resources.catalogues.catalogue import CHECKED, CLASS_COLUMNS, CONFIDENCE_WORDS
from resources.catalogues.editions import FOLDER, Edition, edition
from resources.list_fields import read_rows


@cache
def national_classes(key: str, kind: str) -> pd.DataFrame:
    """The national `component` or `event` classes of the edition `key` in `CLASS_COLUMNS`; do not change them.

    Raises `Defect` when our file does not agree with `editions.toml`.
    """
    path = FOLDER / f"{kind}s_{key}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    for fault in (*_code_faults(frame, edition(key)), *_count_faults(frame, edition(key), kind)):
        raise Defect("Our class list {file} is broken: {fault}.", file=path.name, fault=fault)
    frame["checked"] = frame["confidence"].isin(CHECKED)
    frame["is_extension"] = False
    return frame.reindex(columns=list(CLASS_COLUMNS), fill_value="")


def _code_faults(frame: pd.DataFrame, of: Edition) -> Iterator[str]:
    if not (frame["code"] == frame["major_code"] + frame["minor_code"]).all():
        yield "a code is not its major and minor together"
    if not frame["code"].str.fullmatch(rf"\d{{{2 + of.minor_digits}}}").all():
        yield "a code has the wrong length"
    if not frame["code"].is_monotonic_increasing:
        yield "the codes are not in order"


def _count_faults(frame: pd.DataFrame, of: Edition, kind: str) -> Iterator[str]:
    counts, named, dropped = (
        (of.components, of.components_named, of.dropped_components)
        if kind == "component"
        else (of.events, of.events_named, of.dropped_events)
    )
    empty = frame["name"] == ""
    if frame["major_code"].value_counts().to_dict() != counts:
        yield "the counts of the majors differ from the edition's"
    if int((~empty).sum()) != named:
        yield "the number of named classes differs from the edition's"
    if frame["code"].duplicated().any() or frame.loc[~empty, "name"].duplicated().any():
        yield "a code or a name stands twice"
    if (
        not frame["confidence"].isin(CONFIDENCE_WORDS).all()
        or ((frame["confidence"] == "empty") != empty).any()
    ):
        yield "a confidence does not fit its row"
    if frame["code"].isin(dropped).any():
        yield "a number stands there that the edition dropped"


def to_2026(codes_2013: pd.Series, kind: str = "component") -> pd.Series:
    """The 2026 codes of classes of 2013, `""` where 2026 has no such class; same index.

    A number keeps its place (`0137` → `01037`) but for the moves in `moves_2013_2026.csv`; events 01-04 became
    matters 06-09. Codes that a city gave itself have no successor.
    """
    known = {code: _successor(str(code), kind) for code in pd.unique(codes_2013)}
    return codes_2013.map(known).astype(str)


def _successor(code: str, kind: str) -> str:
    moves = _moves()
    moved = moves.get((kind, code))
    if moved is None and (kind, code[:2]) in moves:
        moved = f"{moves[kind, code[:2]]}0{code[2:]}"
    is_national = code in set(national_classes("2013", kind)["code"])
    return moved if moved and is_national and moved in set(national_classes("2026", kind)["code"]) else ""


@cache
def variants(kind: str) -> tuple[tuple[str, str], ...]:
    """Known variants of class names: pairs (variant, name); a name counts only in editions that have it."""
    return tuple((row["variant"], row["name"]) for row in _rows("variants.csv") if row["kind"] == kind)


@cache
def _moves() -> dict[tuple[str, str], str]:
    return {(row["kind"], row["code_2013"]): row["code_2026"] for row in _rows("moves_2013_2026.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    return read_rows(FOLDER / name)
