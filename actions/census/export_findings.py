"""The findings of one session as a table that the survey team can work through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from actions.grid.divide_grid import write_findings
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class ExportFindings:
    """Which session, and the file to write (.xlsx or .csv) in the language `lang`."""

    session: int
    out: Path
    lang: str = "en"


@dataclass(frozen=True)
class FindingsExported:
    """How many findings stand in the file."""

    rows: int
    file: str


def export_findings(
    store: Store, request: ExportFindings, progress: Progress | None = None
) -> FindingsExported:
    """Write every finding, messages filled in. Raises `Refused` for another kind of file."""
    progress = progress or Silent()
    findings = store.load_findings(request.session)
    progress.report(0.4, "Writing {file}", file=request.out.name)
    write_findings(findings, request.out, request.lang)
    return FindingsExported(len(findings), str(request.out))
