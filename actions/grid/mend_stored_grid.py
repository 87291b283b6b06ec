"""What would mend the findings on the stored grid, by number, and mending some of it or all: each as an edit to take back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd

from actions.grid.check_stored_grid import CheckStoredGrid, check_stored_grid
from actions.grid.mend_grid import Fault, MendFault, mend_fault, mender_of, records_of
from kernel.errors import Cancelled, Conflict, Refused, WrongUsage
from kernel.progress import Part, Progress, Silent
from resources.texts import words

if TYPE_CHECKING:
    from data.store import Store

ALL: Final = -1


@dataclass(frozen=True)
class MendStoredGrid:
    """`numbers` of the list to carry out, `(ALL,)` for every one; () only lists. `lang`: of what each fix says."""

    numbers: tuple[int, ...] = ()
    lang: str = "en"


@dataclass(frozen=True)
class StoredGridMended:
    """`findings` by rule, before. `fixes`: `number, rule, x, y, kind, says, cells` of each that is safe.

    `mended`: `number, kind, step` of those that were done; `left`: numbers that an earlier one of them made needless or
    unsafe, and cells that another person holds.
    """

    findings: dict[str, int]
    fixes: list[dict[str, Any]]
    mended: list[dict[str, Any]] = field(default_factory=list)
    left: list[int] = field(default_factory=list)


def mend_stored_grid(
    store: Store, request: MendStoredGrid, progress: Progress | None = None
) -> StoredGridMended:
    """List the safe fixes, and carry out those asked for, each as an edit of its own.

    Raises `WrongUsage` for a number that is not in the list; then nothing is changed.
    """
    progress = progress or Silent()
    checked = check_stored_grid(store, CheckStoredGrid(), Part(progress, 0.0, 0.4))
    faults, fixes = _listed(store, checked.details, Part(progress, 0.4, 0.7), partial(words, request.lang))
    wanted = list(faults) if ALL in request.numbers else list(dict.fromkeys(request.numbers))
    unknown = [number for number in wanted if number not in faults]
    if unknown:
        raise WrongUsage("There is no fix {number}.", remedy="`grid edit mend` without --fix lists them with their numbers.",
                         number=unknown[0])  # fmt: skip
    mended, left = _carried_out(
        store, {number: faults[number] for number in wanted}, Part(progress, 0.7, 1.0)
    )
    return StoredGridMended(checked.findings, fixes, mended, left)


def _listed(
    store: Store, findings: gpd.GeoDataFrame, progress: Progress, say: Callable[..., str]
) -> tuple[dict[int, Fault], list[dict[str, Any]]]:
    mender = mender_of(store, store.load_cells(), set(store.load_retired_cells()["code"]))
    faults: dict[int, Fault] = {}
    fixes: list[dict[str, Any]] = []
    for at, (_, finding) in enumerate(findings.iterrows()):
        progress.report(at / len(findings), "Looking for fixes")
        fix = mender.fix(finding)
        if fix is not None:
            number = len(faults) + 1
            faults[number] = Fault(**{name: finding[name] for name in Fault.__dataclass_fields__})
            fixes.append({"number": number, "rule": finding["code"], "x": finding["x"], "y": finding["y"], "kind": fix.edit.kind,
                          "says": say(fix.message, **fix.places), "cells": records_of(fix)})  # fmt: skip
    return faults, fixes


def _carried_out(
    store: Store, faults: dict[int, Fault], progress: Progress
) -> tuple[list[dict[str, Any]], list[int]]:
    """What an earlier fix made unsafe, or another person holds, is left; so is the rest after a cancel."""
    mended: list[dict[str, Any]] = []
    left: list[int] = []
    for at, (number, fault) in enumerate(faults.items()):
        try:
            progress.report(at / len(faults), "Editing the grid")
            done = mend_fault(store, MendFault(fault))
            mended.append({"number": number, "kind": done.kind, "step": done.step})
        except (Refused, Conflict):
            left.append(number)
        except Cancelled:
            if not mended:
                raise
            return mended, [*left, *list(faults)[at:]]
    return mended, left
