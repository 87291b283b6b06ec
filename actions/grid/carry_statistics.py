"""Figures that were counted by earlier cells, as figures of the cells that stand now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from census.lists import read_list, require_unique
from exports.finished import finished
from gis.lineage import By, carried
from kernel.errors import Refused, WrongUsage
from kernel.progress import Progress

if TYPE_CHECKING:
    from data.store import Store

WAYS: Final[tuple[By, ...]] = ("components", "area")


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
    by = next((way for way in WAYS if way == request.by), None)
    if by is None:
        raise WrongUsage("There is no way {way} to carry values.", remedy="Use one of: {ways}.",
                         way=request.by, ways=", ".join(WAYS))  # fmt: skip
    values = _amounts(request)
    steps, standing = store.load_succession(), set(store.load_cells()["code"])
    steps = steps[steps["at"] > _moment(request.since)]
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


def _moment(since: str) -> str:
    """Stamps are compared as text; a day means its end."""
    return f"{since}T23:59:59Z" if len(since) == len("2025-12-31") else since


def _amounts(request: CarryStatistics) -> pd.DataFrame:
    """The columns as numbers, an empty one as 0, by code."""
    frame = read_list(request.file, (request.code_field, *request.fields))
    require_unique(frame, request.code_field, request.file)
    numbers = {name: pd.to_numeric(frame[name].replace("", "0"), errors="coerce") for name in request.fields}
    for name, column in numbers.items():
        bad = np.flatnonzero(~np.isfinite(column.to_numpy("f8")))
        if len(bad):
            raise Refused(
                "{file}, row {row}: {value} in {field} is no number.",
                remedy="Write amounts as plain numbers.",
                file=request.file,
                row=int(bad[0]) + 2,
                field=name,
                value=frame[name].iloc[bad[0]],
            )
    return pd.DataFrame(numbers).astype("f8").set_axis(pd.Index(frame[request.code_field]), axis=0)


def _write(done: pd.DataFrame, request: CarryStatistics) -> None:
    with finished(Path(request.out)) as path:
        done.rename_axis(request.code_field).to_csv(path, encoding="utf-8-sig", float_format="%.6f")
