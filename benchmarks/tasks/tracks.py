"""Fixes of 100 patrollers into PostGIS, a commit for each batch of 2,000, as a gateway hands them over."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import servers
from benchmarks.task import Answer, Comparison, Side
from benchmarks.workload import X0, Y0, Workload

PATROLLERS, MOMENTS, BATCH = 100, 3000, 2_000
START_S = 1_760_000_000


def fixes(workload: Workload) -> pd.DataFrame:
    """300,000 fixes in order of time: time_s, patroller_id, x, y."""
    rng = np.random.default_rng(workload.size.seed + 2)
    x, y = (
        np.cumsum(rng.normal(0, 8, (MOMENTS, PATROLLERS)), axis=0) + start for start in (X0 + 7000, Y0 + 7000)
    )
    moments = START_S + np.repeat(np.arange(MOMENTS) * 10.0, PATROLLERS)
    who = np.tile(np.arange(1, PATROLLERS + 1), MOMENTS)
    return pd.DataFrame(
        {"time_s": moments, "patroller_id": who, "x": np.round(x.ravel(), 3), "y": np.round(y.ravel(), 3)}
    )


def _batches(frame: pd.DataFrame) -> list[pd.DataFrame]:
    return [frame.iloc[start : start + BATCH] for start in range(0, len(frame), BATCH)]


def _ours(workload: Workload) -> Callable[[], Any]:
    from data import store as stores

    server = servers.postgis()
    fresh = [stores.create(server.new_database(f"track{k}"), crs=4548, actor="bench") for k in range(4)]
    batches = _batches(fixes(workload))
    turns = itertools.count()

    def step() -> Any:
        store = fresh[next(turns)]
        for batch in batches:
            store.append_fixes(batch)
        return store

    return step


def _stored(store: Any) -> Answer:
    return _sorted(store.load_fixes(0.0, START_S + MOMENTS * 10.0 + 1))


def _executemany(workload: Workload) -> Callable[[], Any]:
    """psycopg's executemany with a commit each; rows are Python tuples."""
    import psycopg

    url = servers.postgis().new_database("trackpeer")
    rows = [list(batch.itertuples(index=False, name=None)) for batch in _batches(fixes(workload))]

    def step() -> str:
        with psycopg.connect(url) as connection:
            connection.execute("DROP TABLE IF EXISTS fixes")
            connection.execute(
                "CREATE TABLE fixes (time_s float8, patroller_id int, x float8, y float8, PRIMARY KEY (patroller_id, time_s))"
            )
            connection.commit()
            for batch in rows:
                with connection.cursor() as cursor:
                    cursor.executemany(
                        "INSERT INTO fixes VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", batch
                    )
                connection.commit()
        return url

    return step


def _read(url: str) -> Answer:
    rows = servers.postgis().fetch(url, "SELECT time_s, patroller_id, x, y FROM fixes")
    return _sorted(pd.DataFrame(rows, columns=["time_s", "patroller_id", "x", "y"]))


def _sorted(frame: pd.DataFrame) -> Answer:
    ordered = frame.sort_values(["time_s", "patroller_id"])
    return {name: ordered[name].to_numpy(float) for name in ("time_s", "patroller_id", "x", "y")}


TASKS = [
    Comparison("track_ingest", Side("WanGrid", _ours, _stored), Side("psycopg executemany", _executemany, _read), goal=4,
               tolerance=1e-3),
]  # fmt: skip
