"""A GBK shapefile of a million components to columns of text and coordinates; once more with a text of its own per row.

Both sides give every field of every row as text and x, y as stored; what is compared are all of them, byte by byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.task import Answer, Comparison, Side
from benchmarks.workload import Size, Workload

_FIELDS = 14


def _own_notes(workload: Workload) -> Workload:
    return Workload(workload.folder.parent, replace(Size(), own_notes=True))


def _same(workload: Workload) -> Workload:
    return workload


def _ours(chosen: Callable[[Workload], Workload]) -> Callable[[Workload], Callable[[], Any]]:
    def prepare(workload: Workload) -> Callable[[], Any]:
        import census

        files = (str(chosen(workload).shapefile),)
        return lambda: census.read(files)

    return prepare


def _columns(reading: Any) -> Answer:
    table = reading.tables[0]
    return _digests(table.columns.items()) | {"x": table.x, "y": table.y}


def _arrow(chosen: Callable[[Workload], Workload]) -> Callable[[Workload], Callable[[], Any]]:
    def prepare(workload: Workload) -> Callable[[], Any]:
        import pyogrio

        file = chosen(workload).shapefile
        return lambda: pyogrio.read_arrow(file, encoding="GBK")

    return prepare


def _arrow_columns(result: Any) -> Answer:
    import shapely

    meta, table = result
    shapes = shapely.from_wkb(
        table.column(meta["geometry_name"] or "wkb_geometry").to_numpy(zero_copy_only=False)
    )
    named = ((name, table.column(name)) for name in meta["fields"])
    return _digests(named) | {"x": shapely.get_x(shapes), "y": shapely.get_y(shapes)}


def _digests(columns: Iterator[tuple[str, Any]]) -> Answer:
    """A digest per field over all its texts in order; a missing one counts as ""."""
    import hashlib

    import pyarrow as pa
    import pyarrow.compute as pc

    answer: Answer = {}
    for name, column in columns:
        texts = pc.fill_null(pc.cast(column, pa.large_string()), "")
        whole = pa.chunked_array([texts] if isinstance(texts, pa.Array) else texts.chunks).combine_chunks()
        digest = hashlib.sha256(np.asarray(pc.binary_length(whole)).astype("<i8").tobytes())
        digest.update("".join(whole.to_pylist()).encode())
        answer[str(name)] = np.frombuffer(digest.digest(), "u1")
    assert len(answer) == _FIELDS, f"{len(answer)} fields were read"
    return answer


TASKS = [
    Comparison(name, Side("WanGrid", _ours(chosen), _columns), Side("pyogrio arrow", _arrow(chosen), _arrow_columns),
               goal=goal)
    for name, chosen, goal in (("census_read", _same, 8), ("census_read_unique_notes", _own_notes, 6))
]  # fmt: skip
