"""Figures that were counted by earlier cells, as figures of the cells that stand now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from census.lists import read_list, require_unique
from exports.finished import finished, require_target
from gis.grid.lineage import By, carried
from kernel.clock import stamp
from kernel.errors import Refused, WrongUsage
from kernel.progress import Progress

if TYPE_CHECKING:
    from data.store import Store

WAYS: Final[tuple[By, ...]] = ("components", "area")
BEGINNING: Final = "2000-01-01"
# How headings of what does not add up end.
RATES: Final = ("率", "比例", "占比", "均值", "平均", "%", "rate", "share", "percent", "mean", "average")


@dataclass(frozen=True)
class CarryStatistics:
    """`file`: a CSV with cell codes in `code_field` and amounts in `fields`; `out`: the CSV to write.

    Amounts are what adds up (cases, people, lengths); a rate or a mean is carried by carrying what it is made of.
    `by`: area or components. `since`: only changes of the grid after this day or moment (`2025-12-31`,
    `2026-01-05T08:00:00Z`) are gone through; "" is all.
    """

    file: str
    out: str
    fields: tuple[str, ...]
    code_field: str = "code"
    by: str = "components"
    since: str = ""


@dataclass(frozen=True)
class StatisticsCarried:
    """`cells` rows were written; `changed` of the file's cells were carried to others.

    `unknown`: rows whose code neither stands nor ever stood, they are written as they are. `outside`: by field what
    belongs to ground that lies in no cell now, in the row with an empty code.
    """

    read: int
    cells: int
    changed: int
    unknown: int
    outside: dict[str, float]
    out: str


def carry_statistics(
    store: Store, request: CarryStatistics, progress: Progress | None = None
) -> StatisticsCarried:
    """Raises `Refused` for a file without these columns, a code that stands twice, and what is no number."""
    by = _way(request)
    require_target(Path(request.out), (".csv",), made_from=[request.file])
    since = _moment(request.since)
    values = _amounts(request)
    steps, standing = store.load_succession(), set(store.load_cells()["code"])
    steps = steps[steps["at"] > since]
    known = standing | set(steps["predecessor"])
    done = carried(values, steps, by)
    _write(done, request)
    lost = done.loc[""] if "" in done.index else pd.Series(0.0, index=done.columns)
    return StatisticsCarried(
        read=len(values),
        cells=len(done),
        changed=int(values.index.isin(steps["predecessor"]).sum()),
        unknown=int((~values.index.isin(list(known))).sum()),
        outside={str(name): float(amount) for name, amount in lost.items()},
        out=request.out,
    )


def _way(request: CarryStatistics) -> By:
    """How values are divided. Raises `WrongUsage` for a way that is not in `WAYS`, and for no field or the codes as one."""
    by = next((way for way in WAYS if way == request.by), None)
    if by is None:
        raise WrongUsage("There is no way {way} to carry values.", remedy="Use one of: {ways}.",
                         way=request.by, ways=", ".join(WAYS))  # fmt: skip
    if not request.fields or {"", request.code_field} & set(request.fields):
        raise WrongUsage("{field} is no column of amounts.", remedy="Name the columns to carry with --field.",
                         field=request.code_field if request.fields and "" not in request.fields else "–")  # fmt: skip
    return by


def _moment(since: str) -> str:
    """Stamps are compared as text; a day means its end."""
    try:
        moment = datetime.fromisoformat(since or BEGINNING)
    except ValueError:
        raise WrongUsage("{value} is neither a day nor a moment.",
                         remedy="Write it as 2025-12-31 or 2026-01-05T08:00:00Z.", value=since) from None  # fmt: skip
    if len(since) == len("2025-12-31"):
        moment = moment.replace(hour=23, minute=59, second=59)
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) if since else ""


def _amounts(request: CarryStatistics) -> pd.DataFrame:
    """The columns as numbers, an empty one as 0, by code. Raises `Refused` for what adds up to nothing."""
    for name in request.fields:
        if name.strip().lower().endswith(RATES):
            raise Refused("{file}: {field} looks like a rate or a mean, which cannot be carried.",
                          remedy="Carry the amounts that it is made of, and divide them afterwards.",
                          file=request.file, field=name)  # fmt: skip
    frame = read_list(request.file, (request.code_field, *request.fields))
    if not len(frame):
        raise Refused(
            "{file} has headings, but no rows.", remedy="Ask for the file again.", file=request.file
        )
    require_unique(frame, request.code_field, request.file)
    numbers = {name: pd.to_numeric(frame[name].replace("", "0"), errors="coerce") for name in request.fields}
    for name, column in numbers.items():
        values = column.to_numpy("f8")
        _refuse_first(
            frame, request, name, ~np.isfinite(values), "{file}, row {row}: {value} in {field} is no number."
        )
        _refuse_first(
            frame, request, name, values < 0, "{file}, row {row}: {value} in {field} is less than nothing."
        )
    return pd.DataFrame(numbers).astype("f8").set_axis(pd.Index(frame[request.code_field]), axis=0)


def _refuse_first(
    frame: pd.DataFrame, request: CarryStatistics, field: str, bad: np.ndarray, template: str
) -> None:
    """Raise `Refused` for the first `bad` row."""
    if bad.any():
        raise Refused(template, remedy="Write amounts as plain numbers.", file=request.file,
                      row=int(frame.index[bad][0]), field=field, value=frame[field][bad].iloc[0])  # fmt: skip


def _write(done: pd.DataFrame, request: CarryStatistics) -> None:
    with finished(Path(request.out)) as path:
        done.rename_axis(request.code_field).to_csv(path, encoding="utf-8-sig", float_format="%.6f")
