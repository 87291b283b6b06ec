"""Which kinds of responsibility areas there are, and how many of each the store has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gis.grid.grid_rules_findings import counts, joined
from gis.grid.responsibility import check, uncovered
from kernel.errors import WrongUsage
from resources.responsibility import Kind, kinds

if TYPE_CHECKING:
    from data.store import Store

_SEARCHED = ("code", "name", "company", "team", "person", "department", "layer", "start", "end", "note")


@dataclass(frozen=True)
class ListAreas:
    """`kind`: "" for an overview of all; `find`: only areas with this in one of their texts."""

    kind: str = ""
    find: str = ""
    lang: str = "en"


@dataclass(frozen=True)
class AreasListed:
    """`areas`: the areas of one kind, or one line per kind; everything stored was accepted.

    `findings`: what contradicts the grid as it is now, by code; a redivision retires cells that a list still names.
    """

    kind: str
    rows: int
    accepted: int
    quarantined: int
    findings: dict[str, int]
    areas: list[dict[str, Any]]


def list_areas(store: Store, request: ListAreas) -> AreasListed:
    """What the store has. Raises `WrongUsage` for an unknown kind."""
    if not request.kind:
        areas = [_overview(store, kind, request.lang) for kind in kinds().values()]
        rows = sum(line["rows"] for line in areas)
        return AreasListed("", rows, rows, 0, {}, areas)
    kind = kind_of(request.kind)
    frame = store.load_responsibility_areas(request.kind)
    cells = store.load_cells()
    found = counts(joined([check(frame, kind, cells), uncovered(frame, kind, cells)]))
    if request.find:
        texts = frame[list(_SEARCHED)]
        frame = frame[texts.apply(lambda column: column.str.contains(request.find, regex=False)).any(axis=1)]
    names = [name for name in kind.fields if name in frame.columns]
    plain = pd.DataFrame(frame[names]).assign(cells=[len(codes) for codes in frame["cell_codes"]])
    return AreasListed(
        request.kind,
        len(frame),
        len(frame),
        0,
        found,
        plain.drop(columns="cell_codes", errors="ignore").to_dict("records"),
    )


def kind_of(key: str) -> Kind:
    """The kind `key`; `WrongUsage` where there is none."""
    found = kinds().get(key)
    if found is None:
        raise WrongUsage("There is no kind of area {kind}.", remedy="Use one of: {kinds}.", kind=key,
                         kinds=", ".join(kinds()))  # fmt: skip
    return found


def _overview(store: Store, kind: Kind, lang: str) -> dict[str, Any]:
    frame = store.load_responsibility_areas(kind.kind)
    return {
        "kind": kind.kind, "name": kind.name(lang), "rows": len(frame),
        "cells": len({code for codes in frame["cell_codes"] for code in codes}),
        "area_m2": round(float(frame["area_m2"].sum()), 1), "length_m": round(float(frame["length_m"].sum()), 1),
        "population": int(frame["population"].fillna(0).sum()),
    }  # fmt: skip
