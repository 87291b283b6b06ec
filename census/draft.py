"""What a reading of census files leaves behind: accepted rows, refused rows, findings. Nothing is stored yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from census.reading.delivery import empty_delivered
from gis.frames import empty_findings

# Refused rows, kept with reason. `finding_codes` joins the codes that refused the row by ";", `reason` says them in
# English, `raw` is the row's attributes as JSON text in the file's own field names, `wkb` its geometry as the file has
# it and `shape` on the draft's plane, each None where there is none.
QUARANTINE_COLUMNS: Final = (
    "file", "layer", "row", "record", "finding_codes", "reason", "raw", "wkb", "shape",
)  # fmt: skip
# Where each accepted row came from, in the order of the components.
ORIGIN_COLUMNS: Final = ("file", "layer", "row", "record")
# Rows that answer rows which an earlier session refused: `session` and `place` (in that session's quarantine, from 0).
ANSWER_COLUMNS: Final = ("mark", "session", "place", "file", "layer", "row", "record", "refused")

DRY_RUN, DRAFT, SUBMITTED, COMMITTED, REJECTED, UNDONE = (
    "dry_run", "draft", "submitted", "committed", "rejected", "undone",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """The store when the reading of a draft began: the version of its cells, and how many sessions it had stored."""

    cells_version: int
    stored: int


@dataclass(frozen=True)
class Draft:
    """One import session before it is stored.

    `components` has the columns of `gis.frames.COMPONENT_COLUMNS`, geometry in the plane `crs` (EPSG number);
    `read` counts every feature of the files and equals `len(components) + len(quarantined)`; `delivered` tells
    the files by name, size and hash; `seen` is the store that it was checked against, None where that is the one at hand.
    """

    label: str
    files: tuple[str, ...]
    standard: str
    crs: int
    read: int
    components: pd.DataFrame
    quarantined: pd.DataFrame = field(default_factory=lambda: empty_quarantine())
    findings: pd.DataFrame = field(default_factory=empty_findings)
    encoding: str = ""
    source_crs: str = ""
    layer: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    give_codes: bool = False  # rows without a code get one when it is committed
    origins: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ORIGIN_COLUMNS)))
    answers: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ANSWER_COLUMNS)))
    delivered: pd.DataFrame = field(default_factory=empty_delivered)
    seen: Seen | None = None

    def __post_init__(self) -> None:
        if self.read != len(self.components) + len(self.quarantined):
            raise ValueError(
                f"{self.read} rows read, but {len(self.components)} accepted and {len(self.quarantined)} quarantined"
            )

    @property
    def warnings(self) -> int:
        """Number of warnings among the findings."""
        return int((self.findings["severity"] == "warning").sum())


def empty_quarantine() -> pd.DataFrame:
    """A quarantine frame without rows, with the right types."""
    columns: dict[str, pd.Series] = {name: pd.Series([], dtype="str") for name in QUARANTINE_COLUMNS}
    columns["row"] = pd.Series([], dtype="int64")
    columns["record"] = pd.Series([], dtype="int64")
    columns["wkb"] = columns["shape"] = pd.Series([], dtype=object)
    return pd.DataFrame(columns)[list(QUARANTINE_COLUMNS)]
