"""Our side of the grid and track tasks, for a runner that times the product beside its peers.

One function per task: it prepares untimed and returns the timed step and the runner's own check of its result.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import peers
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SHIFT_M, SQUARE_M = 37.0, 100.0


def grid_overlay(d: Any) -> tuple[Any, Any]:
    """Squares of 100 m, off the cells by 37 m, cut by the communities."""
    from gis.division.squares import cut

    communities = d.frame("communities").geometry.values._data
    west, south, east, _ = d.meta["extent"]
    x0, y0 = west - SQUARE_M + SHIFT_M, south - SQUARE_M + SHIFT_M
    columns = len(np.arange(x0, east, SQUARE_M))

    def check(pieces: Any) -> dict[str, Any]:
        return peers.overlay_check(pieces.row * columns + pieces.column, pieces.source, pieces.geometry)

    return lambda: cut(communities, SQUARE_M, x0, y0), check


def topology_check(d: Any) -> tuple[Any, Any]:
    """Invalid rings, overlapping pairs and gaps of the dirty cells."""
    from gis import topology

    cells = d.frame("cells_dirty").geometry.values._data
    frame = shapely.box(*d.meta["extent"])
    told = peers.topo_check(d)

    def check(found: topology.Topology) -> dict[str, Any]:
        pairs = found.overlaps[["first", "second"]].itertuples(index=False, name=None)
        gaps = shapely.area(found.gaps).tolist()
        return told({"invalid": found.invalid.tolist(), "overlaps": list(pairs), "gaps": gaps})

    return lambda: topology.check(cells, frame, peers.TOL_AREA), check


def track_ingest__embedded(d: Any) -> tuple[Any, Any]:
    """Batches of 2,000 fixes through the embedded store's door, a commit each."""

    def place() -> str:
        return str(d.scratch() / "city.wangrid")

    return _ingest(d, place, lambda url: shutil.rmtree(Path(url).parent, ignore_errors=True))


def track_ingest__postgis(d: Any) -> tuple[Any, Any]:
    """The same through the PostGIS store's door, in a database of its own."""
    server = peers.postgis()
    server.autocommit = True
    name = "wangrid_ingest"

    def drop() -> None:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def place() -> str:
        drop()
        server.execute(f"CREATE DATABASE {name}")
        info = server.info
        password = f":{info.password}" if info.password else ""
        return f"postgresql://{info.user}{password}@{info.host}:{info.port}/{name}"

    return _ingest(d, place, lambda url: drop())


def _ingest(d: Any, place: Any, clear: Any) -> tuple[Any, Any]:
    from data import store as stores

    who, when, x, y = peers.fixes(d)
    frame = pd.DataFrame({"time_s": when.astype(float), "patroller_id": who, "x": x, "y": y})
    batches = [frame.iloc[k : k + peers.BATCH] for k in range(0, len(frame), peers.BATCH)]
    fresh: list[tuple[str, Any]] = []

    def opened() -> tuple[str, Any]:
        url = place()
        return url, stores.open(url, create=True, crs=d.meta["epsg"], actor="bench")

    def run() -> tuple[str, Any]:
        url, store = fresh.pop()
        for batch in batches:
            store.append_fixes(batch)
        return url, store

    def check(made: tuple[str, Any]) -> dict[str, Any]:
        url, store = made
        stored = store.load_fixes(float(when.min()), float(when.max()) + 1)
        store.close()
        clear(url)
        fresh.append(opened())  # for the next round: making a store is not timed
        cents = [int(np.round(stored[name] * 100).astype("i8").sum()) for name in ("x", "y")]
        sums = [len(stored), int(stored["patroller_id"].sum()), int(stored["time_s"].sum()), *cents]
        return {"rows": len(stored), "checksum": peers.ids(sums)}

    fresh.append(opened())
    return run, check
