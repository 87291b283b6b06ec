"""The difference of a session against the store, as rows to look at and as a workbook to take away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from census.review.difference import WITHIN_M, Difference
from exports.difference_book import write_difference
from kernel.errors import WrongUsage
from kernel.progress import Part, Progress, Silent

if TYPE_CHECKING:
    from data.store import Store

_FARTHEST_M: Final = 100.0


@dataclass(frozen=True)
class CompareSession:
    """Which session; `within_m` for objects recognised by their place; `out` is an .xlsx, or none."""

    session: int
    within_m: float = WITHIN_M
    out: Path | None = None
    lang: str = "en"


@dataclass(frozen=True)
class SessionCompared:
    """The difference: its counts, per-field counts, and the rows of each part (see `census.review.difference`)."""

    session: int
    new: int
    changed: int
    unchanged: int
    missing: int
    moved: int
    recoded: int
    fields: dict[str, int]
    difference: Difference
    file: str = ""


def compare_session(
    store: Store, request: CompareSession, progress: Progress | None = None
) -> SessionCompared:
    """Compare and, where asked, write the workbook. Raises `Refused` for a session without rows."""
    progress = progress or Silent()
    if not 0 < request.within_m <= _FARTHEST_M:
        raise WrongUsage("{value} m is no distance in which an object can be recognised.",
                         remedy="Give a distance between 0 and 100 metres.", value=request.within_m)  # fmt: skip
    found = store.difference(request.session, within_m=request.within_m, progress=Part(progress, 0.0, 0.7))
    if request.out is not None:
        progress.report(0.7, "Writing {file}", file=request.out.name)
        write_difference(found, request.out, request.lang)
    progress.report(1.0)
    fields = dict(zip(found.fields["field"], map(int, found.fields["rows"]), strict=True))
    return SessionCompared(
        request.session, **found.counts, fields=fields, difference=found, file=str(request.out or "")
    )


def first_rows(frame: pd.DataFrame, most: int) -> list[dict[str, object]]:
    """The first rows as plain values."""
    return [{str(name): value for name, value in row.items()} for row in frame.head(most).to_dict("records")]
