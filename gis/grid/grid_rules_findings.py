"""What the grid rules say: one `Saying` per kind of fault, and findings frames made of them.

A message is an English template; its places `{row}`, `{field}` and `{value}` are columns of the finding, so that the
edge can translate the template and fill it afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely

from gis.frames import FINDING_COLUMNS, empty_findings

ERROR: Final = "error"
WARNING: Final = "warning"
INFORMATION: Final = "information"

Array = np.ndarray
_NONE: Final = empty_findings()  # most rules find nothing, and a copy is made sooner than a frame


@dataclass(frozen=True)
class Saying:
    """One kind of fault: its rule code, its severity, what is said and what helps."""

    code: str
    severity: str
    message: str
    remedy: str


def about_rows(
    saying: Saying,
    records: Array,
    polygons: Array,
    values: Sequence[object] | Array | str = "",
    field: str = "",
) -> pd.DataFrame:
    """One finding for each of `records` (numbers from 0), placed in its polygon of `polygons`."""
    records = np.asarray(records, dtype=np.int64)
    return at_places(saying, polygons[records], values, records=records, field=field)


def at_places(
    saying: Saying,
    places: Array,
    values: Sequence[object] | Array | str = "",
    *,
    records: Array | None = None,
    field: str = "",
) -> pd.DataFrame:
    """One finding for each geometry of `places`; `records` are -1 where no row is at fault."""
    count = len(places)
    if not count:
        return _NONE.copy()
    points = shapely.point_on_surface(places)
    points[shapely.is_empty(points)] = None
    record = np.full(count, -1) if records is None else records
    columns: dict[str, object] = dict.fromkeys(FINDING_COLUMNS, "")
    columns |= {
        "code": saying.code,
        "severity": saying.severity,
        "message": saying.message,
        "remedy": saying.remedy,
    }
    columns |= {"record": record, "row": np.where(record < 0, -1, record + 1), "field": field}
    columns |= {"value": values if isinstance(values, str) else [str(value) for value in values]}
    columns |= {"x": shapely.get_x(points), "y": shapely.get_y(points)}
    return pd.DataFrame(columns, index=pd.RangeIndex(count))[list(FINDING_COLUMNS)]


def about_layer(saying: Saying, value: object = "", field: str = "") -> pd.DataFrame:
    """One finding about the whole layer."""
    row = dict.fromkeys(FINDING_COLUMNS, "") | {"code": saying.code, "severity": saying.severity}
    row |= {"message": saying.message, "remedy": saying.remedy, "value": str(value), "field": field}
    return pd.DataFrame([row | {"row": -1, "record": -1, "x": np.nan, "y": np.nan}])[list(FINDING_COLUMNS)]


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All findings in one frame, in the order of their codes and rows."""
    full = [part for part in parts if len(part)]
    if not full:
        return empty_findings()
    every = pd.concat(full, ignore_index=True)
    number = every["code"].str.extract(r"(\d+)", expand=False).astype(int)
    order = every.assign(_family=every["code"].str[0], _number=number)
    return every.loc[order.sort_values(["_family", "_number", "record"], kind="stable").index].reset_index(
        drop=True
    )


def counts(findings: pd.DataFrame) -> dict[str, int]:
    """How many findings of each code, in the order of the frame."""
    return {str(code): int(n) for code, n in findings["code"].value_counts(sort=False).items()}
