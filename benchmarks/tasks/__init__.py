"""Every benchmark, in the order of the table."""

from __future__ import annotations

from benchmarks.task import Comparison, Limit


def every() -> list[Comparison | Limit]:
    """All benchmarks; imported late, so that a child loads only what it runs."""
    from benchmarks.tasks import (
        analysis,
        census,
        editing,
        grid,
        map_speed,
        papers,
        points,
        reading,
        session,
        tracks,
    )

    return [
        *points.TASKS,
        *analysis.TASKS,
        *grid.TASKS,
        *editing.TASKS,
        *reading.TASKS,
        *census.TASKS,
        *session.TASKS,
        *papers.TASKS,
        *tracks.TASKS,
        *map_speed.TASKS,
    ]


def find(name: str) -> Comparison | Limit:
    """The benchmark of that name."""
    return next(task for task in every() if task.name == name)
