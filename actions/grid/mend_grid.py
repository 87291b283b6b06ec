"""Fixes for findings of the grid rules: listed for a file, found and applied one at a time for the stored grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from actions.grid.edit_grid import GridEdited, make_edit
from actions.grid.grid_layers import GridFile
from gis.grid.grid_edit import GridEdit
from gis.grid.grid_fixes import Fix, Ground, Mender
from gis.grid.grid_rules import Surroundings
from gis.grid.grid_rules_system import in_one_plane
from kernel.clock import local_today
from kernel.errors import Refused
from kernel.progress import Progress

if TYPE_CHECKING:
    from data.store import Store

REASK_EVERY: Final = 20  # findings between two words of progress


@dataclass(frozen=True)
class Fault:
    """A finding on the stored grid, by what the findings frame says of it."""

    code: str
    message: str
    value: str = ""
    record: int = -1
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class FindFix:
    """What would mend it?"""

    fault: Fault


@dataclass(frozen=True)
class MendFault:
    """Apply the fix. `seen_step`: the step of the grid that the fix was shown for; -1 takes the grid as it is."""

    fault: Fault
    seen_step: int = -1


@dataclass(frozen=True)
class FixFound:
    """`kind` "" where no fix is safe; else `message` with `places` says what it does.

    `areas`: `code`, `before_m2`, `after_m2` of the cells it changes; `step`: the step of the grid it was found for.
    """

    kind: str = ""
    message: str = ""
    places: dict[str, str] = field(default_factory=dict)
    areas: tuple[dict[str, Any], ...] = ()
    after: gpd.GeoDataFrame | None = field(default=None, repr=False)
    step: int = 0


def find_fix(store: Store, request: FindFix, progress: Progress | None = None) -> FixFound:
    """The fix for a finding on the stored grid; nothing is changed."""
    cells, step = store.cells_and_step()
    fix = _fix(store, request.fault, cells, set(store.load_retired_cells()["code"]))
    if fix is None:
        return FixFound(step=step)
    changed = fix.edit.after[fix.edit.after["code"].isin(fix.areas["code"])]
    return FixFound(fix.edit.kind, fix.message, fix.places, records_of(fix), changed, step)


def mend_fault(store: Store, request: MendFault, progress: Progress | None = None) -> GridEdited:
    """Apply the fix for a finding, as an edit that can be taken back. Raises `Refused` where there is none (any more)."""

    def edited(cells: gpd.GeoDataFrame, gone: set[str]) -> GridEdit:
        fix = _fix(store, request.fault, cells, gone)
        if fix is None:
            raise Refused(
                "There is no safe fix for this finding now.",
                remedy="Check the grid again, or edit the cells by hand.",
            )
        return fix.edit

    return make_edit(store, edited, request.seen_step)


def fixes_of(
    grid: GridFile, findings: pd.DataFrame, progress: Progress, say: Callable[..., str], **objects: Any
) -> list[dict[str, Any]]:
    """The fixes for findings on the grid of a file: `rule`, `row`, `x`, `y`, `kind`, `says`, `cells`.

    `objects`: `buildings` and `compounds` where they are known. `says` is in the words of `say`; x, y are on the plane
    of the check.
    """
    known = Surroundings(communities=grid.communities, **objects)
    cells, known = in_one_plane(grid.cells, known)
    day = local_today().isoformat()
    mender = Mender(cells, Ground(known.communities, known.buildings, known.compounds, day=day))
    fixes = []
    for number, (_, finding) in enumerate(findings.iterrows()):
        if number % REASK_EVERY == 0:
            progress.report(number / len(findings), "Looking for fixes")
        fix = mender.fix(finding)
        if fix is not None:
            place = {name: finding[name] for name in ("row", "x", "y")}
            told = {"kind": fix.edit.kind, "says": say(fix.message, **fix.places), "cells": records_of(fix)}
            fixes.append({"rule": finding["code"], **place, **told})
    return fixes


def mender_of(store: Store, cells: gpd.GeoDataFrame, gone: set[str]) -> Mender:
    """What proposes fixes for the stored cells; `gone`: codes that stood once."""
    layers = {
        "communities": store.load_areas("community"),
        "buildings": store.load_base("buildings"),
        "compounds": store.load_base("compounds"),
    }
    known = {name: frame for name, frame in layers.items() if len(frame)}
    retired = frozenset(gone - set(cells["code"]))
    return Mender(cells, Ground(**known, retired_codes=retired, day=local_today().isoformat()))


def _fix(store: Store, fault: Fault, cells: gpd.GeoDataFrame, gone: set[str]) -> Fix | None:
    return mender_of(store, cells, gone).fix(pd.Series(vars(fault)))


def records_of(fix: Fix) -> tuple[dict[str, Any], ...]:
    """`code`, `before_m2`, `after_m2` of the cells that a fix changes."""
    rounded = fix.areas.round(3)
    return tuple(rounded.to_dict("records"))
