"""Analysis: Getis-Ord Gi* on the cells, with neighbours ready on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.task import Answer, Comparison, Side
from benchmarks.workload import Workload


def counts(workload: Workload) -> np.ndarray:
    """Components per cell, float64[cells]."""
    cell = workload.points["cell"]
    return np.bincount(cell[cell >= 0], minlength=len(workload.cells)).astype(float)


def _scores(workload: Workload) -> Callable[[], Any]:
    """Standard scores alone, as peers' references give them."""
    from gis.hotspots import gi_star_z
    from gis.neighbours import queen

    weights = queen(workload.cells.geometry).with_self()
    values = counts(workload)
    gi_star_z(values, weights)  # what depends on the weights alone is kept with them
    return lambda: gi_star_z(values, weights)


def _result(workload: Workload) -> Callable[[], Any]:
    """Scores, p, classes and false-discovery control in one checked frame, as the program shows it."""
    from gis.hotspots import gi_star
    from gis.neighbours import queen

    weights = queen(workload.cells.geometry).with_self()
    values = counts(workload)
    gi_star(values, weights)
    return lambda: gi_star(values, weights)


def _esda(workload: Workload) -> Callable[[], Any]:
    """esda on libpysal's graph, the faster of its two forms of neighbours."""
    from esda.getisord import G_Local
    from libpysal.graph import Graph

    graph = Graph.build_contiguity(workload.cells[["geometry"]], rook=False)
    values = counts(workload)

    def step() -> Any:
        return G_Local(values, graph, transform="B", star=True, permutations=0)

    step()  # what esda compiles or caches is ready before the clock
    return step


def _z(result: Any) -> Answer:
    return {"z": np.asarray(result, dtype=float)}


ESDA = Side("esda analytic", _esda, lambda found: _z(found.Zs))
TASKS = [
    Comparison("gi_star", Side("WanGrid", _scores, _z), ESDA, goal=50, rounds=15, tolerance=1e-9),
    Comparison("gi_star_whole_result", Side("WanGrid", _result, lambda frame: _z(frame["z"])), ESDA, goal=10, rounds=15,
               tolerance=1e-9),
]  # fmt: skip
