"""An edit by hand, its undo and a printed sheet on a demo city of 24,000 cells and a million components."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.task import Limit
from benchmarks.tasks.map_speed import demo_store
from benchmarks.workload import Workload

EDITS = 9  # of which the first is not counted: it opens what the others find open


@contextmanager
def _city(workload: Workload) -> Iterator[Any]:
    """The big demo city in a store of this run's own."""
    from data import store as stores

    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(demo_store(workload), Path(folder) / "city.wangrid")
        with stores.open(copy, actor="bench") as store:
            yield store


def _splits(store: Any) -> list[Any]:
    """A line across the middle of each of some cells; the page lays it onto features before it asks."""
    import numpy as np

    from actions.grid.edit_grid import SplitCell

    cells = store.load_cells()
    chosen = cells.iloc[np.linspace(0, len(cells) - 1, 6 * EDITS).astype(int)]
    chosen = chosen[chosen.geometry.map(lambda shape: shape.equals(shape.convex_hull))]
    requests = []
    for code, shape in zip(chosen["code"], chosen.geometry, strict=True):
        west, _, east, _ = shape.bounds
        y = shape.centroid.y
        requests.append(SplitCell(code, ((west - 5.0, y), (east + 5.0, y))))
    return requests


def _edit_ms(step: str) -> Callable[[Workload], float]:
    def measure(workload: Workload) -> float:
        from actions.grid.edit_grid import TakeBack, split_cell, take_back
        from kernel.errors import Refused

        taken: dict[str, list[float]] = {"split": [], "undo": []}
        with _city(workload) as store:
            for request in _splits(store):
                began = time.perf_counter()
                try:
                    split_cell(store, request)
                except Refused:
                    continue  # the line would not cross the cell once
                middle = time.perf_counter()
                take_back(store, TakeBack())
                taken["split"].append(middle - began)
                taken["undo"].append(time.perf_counter() - middle)
                if len(taken["split"]) == EDITS:
                    break
        return 1000 * statistics.median(taken[step][1:])

    return measure


def _sheet_s(workload: Workload) -> float:
    """Seconds to print the atlas of one community: cover, index, list and its sheet."""
    from actions.grid.print_atlas import PrintAtlas, print_atlas

    with _city(workload) as store, tempfile.TemporaryDirectory() as folder:
        code = store.load_cells()["code"].iloc[0][:12]
        began = time.perf_counter()
        print_atlas(store, PrintAtlas(Path(folder) / "one.pdf", community=code))
        return time.perf_counter() - began


TASKS = [
    Limit("grid_edit_split", _edit_ms("split"), "ms", 300.0),
    Limit("grid_edit_undo", _edit_ms("undo"), "ms", 300.0),
    Limit("atlas_of_one_community", _sheet_s, "s", 15.0),
]
