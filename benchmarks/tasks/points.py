"""Points and windows: which cell holds a component, what lies in a map window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.task import Answer, Comparison, Side
from benchmarks.workload import Workload


def _assign(workload: Workload) -> Callable[[], Any]:
    from gis.assignment import assign

    x, y, cells = workload.points["x"], workload.points["y"], workload.cells.geometry
    return lambda: assign(x, y, cells)


def _sjoin(workload: Workload) -> Callable[[], Any]:
    import geopandas as gpd

    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(workload.points["x"], workload.points["y"]),
                              crs=workload.cells.crs)  # fmt: skip
    cells = workload.cells[["geometry"]]
    return lambda: gpd.sjoin(points, cells, how="left", predicate="intersects")


def _joined_cells(joined: Any) -> Answer:
    """The lowest cell of each point, -1 outside: a point on a shared edge comes twice out of a join."""
    cell = joined["index_right"].fillna(-1).groupby(level=0).min()
    return {"cell": cell.sort_index().to_numpy().astype("i4")}


def _windows(workload: Workload) -> Callable[[], Any]:
    from gis.working_set import WindowBuffer, WorkingSet

    points = workload.points
    n = len(points["x"])
    codes = np.array(workload.class_codes)
    held = WorkingSet.build(np.arange(n), points["x"], points["y"], codes[points["class_number"]],
                            np.full(n, "完好"), np.full(n, ""), 1)  # fmt: skip
    buffer = WindowBuffer()
    return lambda: held.windows(workload.windows, buffer)


def _seen(windows: Any) -> Answer:
    return {
        "rows_and_sums": np.array([(len(seen), int(seen.component_id.sum())) for seen in windows], dtype="i8")
    }


def _tree(workload: Workload) -> Callable[[], Any]:
    import shapely

    points, numbers = workload.points, workload.points["class_number"]
    x, y = points["x"], points["y"]
    tree = shapely.STRtree(shapely.points(x, y))
    boxes = shapely.box(*workload.windows.T)

    def step() -> list[tuple[np.ndarray, ...]]:
        found = (tree.query(box) for box in boxes)
        return [(rows, x[rows], y[rows], numbers[rows]) for rows in found]

    return step


def _queried(windows: list[tuple[np.ndarray, ...]]) -> Answer:
    return {"rows_and_sums": np.array([(len(seen[0]), int(seen[0].sum())) for seen in windows], dtype="i8")}


TASKS = [
    Comparison("assign_cells", Side("WanGrid", _assign, lambda cells: {"cell": np.asarray(cells, "i4")}),
               Side("geopandas sjoin", _sjoin, _joined_cells), goal=4, rounds=5),
    Comparison("viewport_query", Side("WanGrid", _windows, _seen), Side("shapely STRtree", _tree, _queried), goal=8, rounds=7),
]  # fmt: skip
