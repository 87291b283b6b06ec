"""Our steps for a benchmark harness that times them beside its own peers: `peers.py TASK --product benchmarks/plugs.py`.

One function per task, written like the harness's peers: called once with its data, which is not timed, a function gives
back `run`, which is, and the harness's own `check`. The harness puts its module `peers` on the path.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
import peers

Plug = tuple[Callable[[], Any], Callable[[Any], dict[str, Any]]]


def assign_cells(data: peers.Data) -> Plug:
    """Cell of every component; no index is kept between the rounds."""
    from gis.assignment import assign

    x, y, cells = data.points["x"], data.points["y"], data.frame("cells")
    return lambda: assign(x, y, cells), peers.assign_check


def weights_queen(data: peers.Data) -> Plug:
    """Cells that share a point of their borders."""
    from gis.neighbours import queen

    cells = data.frame("cells")
    return lambda: queen(cells), lambda links: peers.pairs_check(links.heads, links.tails)


def gistar(data: peers.Data) -> Plug:
    """Standard scores of Gi*, weights ready."""
    from gis.hotspots import gi_star_z
    from gis.neighbours import queen

    links, values = queen(data.frame("cells")).with_self(), data.counts
    gi_star_z(values, links)  # what depends on the weights alone is kept with them
    return lambda: gi_star_z(values, links), _scores


def gistar__whole_result(data: peers.Data) -> Plug:
    """The same with p, confidence class and false-discovery control, as the program shows it."""
    from gis.hotspots import gi_star
    from gis.neighbours import queen

    links, values = queen(data.frame("cells")).with_self(), data.counts
    return lambda: gi_star(values, links), lambda result: _scores(result["z"].to_numpy())


def local_moran(data: peers.Data) -> Plug:
    """Local Moran's I, rows standardised, weights ready."""
    from gis.hotspots import local_moran_i
    from gis.neighbours import queen

    links, values = queen(data.frame("cells")).standardised(), data.counts
    return lambda: local_moran_i(values, links), _scores


def kde(data: peers.Data) -> Plug:
    """Gaussian density of the cases on the harness's nodes."""
    from gis.density import on_nodes

    nodes_x, nodes_y = peers.kde_grid(data)
    x, y = data.cases["x"], data.cases["y"]
    origin, steps = (nodes_x[0], nodes_y[0]), (nodes_x[1] - nodes_x[0], nodes_y[1] - nodes_y[0])
    size = (len(nodes_x), len(nodes_y))
    return lambda: on_nodes(x, y, peers.KDE_BW, origin, steps, size).values.T / len(x), peers.kde_check(data)


def viewport_query(data: peers.Data) -> Plug:
    """What lies in each map window: row number, metres east and north of the set's origin (float32), class."""
    from gis.working_set import WindowBuffer

    held, buffer = _working_set(data), WindowBuffer()
    boxes = data.viewports

    def run() -> list[tuple[np.ndarray, ...]]:
        return [(w.component_id, w.east_m, w.north_m, w.class_index) for w in held.windows(boxes, buffer)]

    return run, peers.view_check


def _scores(z: np.ndarray) -> dict[str, Any]:
    return {"rows": len(z), "checksum": peers.quant(z), "z": peers.stats(z)}


def _working_set(data: peers.Data) -> Any:
    from gis.working_set import WorkingSet

    points = data.points
    count = len(points["x"])
    classes = [f"{k:04d}" for k in range(int(points["cls"].max()) + 1)]
    return WorkingSet.build(
        np.arange(count), points["x"], points["y"], pd.Categorical.from_codes(points["cls"], classes),
        pd.Categorical.from_codes(np.zeros(count, dtype="i1"), ["完好"]),
        pd.Categorical.from_codes(np.zeros(count, dtype="i1"), [""]),
    )  # fmt: skip
