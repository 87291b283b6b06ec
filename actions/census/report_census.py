"""The report of a census: of a session in the store, or of a reading before it is kept; as a workbook or a PDF."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from census.accuracy import SAMPLED_COLUMNS, draw_sample
from census.accuracy_sheet import read_measured
from census.draft import COMMITTED, DRAFT, Draft
from census.totals import (
    COMMUNITY_DIGITS,
    COUNTED_COLUMNS,
    STREET_DIGITS,
    Totals,
    by_area,
    by_class,
    by_department,
)
from exports.atlas.content import Layer
from exports.census_report import book, workbook
from exports.census_report.content import CensusReport, Sample, kinds_of
from gis.frames import BASE_KINDS
from kernel.clock import local_today
from kernel.errors import Refused, WrongUsage
from kernel.progress import Part, Progress, Silent
from resources import catalogues

if TYPE_CHECKING:
    from data.store import Store

FORMS: Final = (".xlsx", ".pdf")
SAMPLE_SIZE: Final = 30
SEED: Final = 1
MOST_SAMPLED: Final = 2_000
_COLUMNS: Final = tuple(dict.fromkeys((*COUNTED_COLUMNS, *SAMPLED_COLUMNS)))
_STORED: Final = ("class_code", "cell_code")


@dataclass(frozen=True)
class ReportCensus:
    """`out`: xlsx or pdf. `sample_size` components of each accuracy class are drawn with `seed`; `sample`: the workbook
    in which their positions were filled in, "" for none.
    """

    session: int
    out: Path
    lang: str = "en"
    sample: str = ""
    sample_size: int = SAMPLE_SIZE
    seed: int = SEED


@dataclass(frozen=True)
class CensusReported:
    """The finished file, read back (`verified`). `components` and `hash` tell what was committed, 0 and "" before.

    `parts`: pages of a PDF, sheets of a workbook; `accuracy_kept` by accuracy class, where something was measured.
    """

    session: int
    status: str
    file: str
    parts: int
    components: int
    hash: str
    sampled: int
    measured: int
    accuracy_kept: dict[str, bool]
    verified: bool


def report_census(store: Store, request: ReportCensus, progress: Progress | None = None) -> CensusReported:
    """Write the report of a session.

    Raises `Refused` for a session that is not there, an ending that is not in `FORMS`, or a filled sample that is not
    that of this session.
    """
    progress = progress or Silent()
    _require_form(request.out)
    if not 0 < request.sample_size <= MOST_SAMPLED or request.seed < 0:
        raise WrongUsage("A sample has 1 to {most} components of each class, and a seed that is not negative.",
                         remedy="Leave both options out for {size} of each class.", most=MOST_SAMPLED,
                         size=SAMPLE_SIZE)  # fmt: skip
    progress.report(0.0, "Gathering what is printed")
    report = gather(store, request, Part(progress, 0.0, 0.4))
    parts = write_report(report, request.out, Part(progress, 0.4, 1.0))
    found = report.sample.found
    return CensusReported(
        session=request.session,
        status=str(report.session["status"]),
        file=str(request.out),
        parts=parts,
        components=report.content[0],
        hash=report.content[1],
        sampled=len(report.sample.rows),
        measured=report.sample.measured,
        accuracy_kept={one.accuracy: one.kept for one in found if one.kept is not None},
        verified=True,
    )


def gather(store: Store, request: ReportCensus, progress: Progress | None = None) -> CensusReport:
    """Everything the report of a session says."""
    progress = progress or Silent()
    session = store.session(request.session)
    rows = store.load_session_components(request.session, _COLUMNS, Part(progress, 0.0, 0.5))
    sample = draw_sample(rows, request.sample_size, request.seed)
    if request.sample:
        sample = read_measured(Path(request.sample), sample)
    progress.report(0.6, "Gathering what is printed")
    committed = session["status"] == COMMITTED
    return _report(
        store,
        request.lang,
        session,
        rows,
        Sample(sample, request.seed, request.sample_size),
        delivered=store.load_session_files(request.session),
        findings=store.load_findings(request.session),
        refused=store.load_quarantine(request.session),
        content=store.session_digest(request.session) if committed else (0, ""),
    )


def gather_draft(store: Store, draft: Draft, lang: str) -> CensusReport:
    """Everything the report of a reading says that is not kept yet."""
    session: dict[str, Any] = {
        "session_id": 0, "status": DRAFT, "label": draft.label, "standard": draft.standard, "encoding": draft.encoding,
        "source_crs": draft.source_crs, "read": draft.read, "accepted": len(draft.components),
        "quarantined": len(draft.quarantined), "warnings": draft.warnings, "notes": draft.notes, "crs": draft.crs,
    }  # fmt: skip
    rows = draft.components[list(_COLUMNS)]
    return _report(
        store,
        lang,
        session | store.compare(draft),
        rows,
        Sample(draw_sample(rows, SAMPLE_SIZE, SEED), SEED, SAMPLE_SIZE),
        delivered=draft.delivered,
        findings=draft.findings,
        refused=draft.quarantined,
    )


def write_report(report: CensusReport, out: Path, progress: Progress) -> int:
    """Write the report by `out`'s ending; the number of its pages or sheets."""
    _require_form(out)
    write = book.write_book if out.suffix.lower() == ".pdf" else workbook.write_workbook
    return write(report, out, progress)


@dataclass(frozen=True)
class VerifyReport:
    """The report to hold against the store, as xlsx or pdf."""

    file: Path


@dataclass(frozen=True)
class ReportVerified:
    """Whether the store still holds what `session` committed when the report was made."""

    file: str
    session: int
    agrees: bool
    printed_hash: str
    stored_hash: str
    components: int


def verify_report(store: Store, request: VerifyReport, progress: Progress | None = None) -> ReportVerified:
    """Hold the hash in a report's file against the store. Raises `Refused` for a file that carries none."""
    del progress  # it is done at once
    session, printed = _printed(request.file)
    store.session(session)
    components, stored = store.session_digest(session)
    return ReportVerified(str(request.file), session, printed == stored, printed, stored, components)


def _printed(file: Path) -> tuple[int, str]:
    """Session and hash that a report's file carries in its keywords."""
    try:
        found = book.MARKED.search(
            workbook.keywords(file) if file.suffix.lower() == ".xlsx" else file.read_bytes()
        )
    except OSError as error:
        raise Refused("{file} cannot be opened: {what}.", remedy="Check the path and the permissions.", file=file,
                      what=error.strerror or error) from error  # fmt: skip
    if found is None:
        raise Refused("{file} carries no hash of a census session.",
                      remedy="Only the report of a committed session does, as xlsx or pdf.", file=file)  # fmt: skip
    return int(found[1]), found[2].decode()


def _report(store: Store, lang: str, session: Mapping[str, Any], rows: pd.DataFrame, sample: Sample,
            **parts: Any) -> CensusReport:  # fmt: skip
    info = store.info(with_hash=False)
    streets, communities = store.load_areas("street"), store.load_areas("community")
    base = {kind: store.load_base(kind) for kind in BASE_KINDS}
    classes = catalogues.load(str(session["standard"]), store.load_extensions()).components
    stored = store.load_components(_STORED)
    return CensusReport(
        lang=lang,
        city=store.setting("city"),
        synthetic=store.setting("synthetic") == "1",
        printed=f"{local_today():%Y-%m-%d}",
        crs=info.crs or int(session["crs"]),
        session=session,
        layers=_layers(session["notes"]),
        totals=Totals(
            classes=by_class(rows["class_code"], stored["class_code"], classes),
            streets=by_area(rows["cell_code"], stored["cell_code"], streets, STREET_DIGITS),
            communities=by_area(rows["cell_code"], stored["cell_code"], communities, COMMUNITY_DIGITS),
            departments=by_department(rows),
        ),
        kinds=kinds_of(parts["findings"]),
        places=_finite(rows),
        sample=sample,
        communities=communities,
        streets=streets,
        base={kind: Layer(frame) for kind, frame in base.items() if len(frame)},
        **parts,
    )


def _layers(notes: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the session keeps about each layer, the path cut to what the surveyor knows."""
    return [{"layer": re.split(r"[\\/!]", name)[-1]} | json.loads(said) for name, said in notes.items()]


def _finite(rows: pd.DataFrame) -> np.ndarray:
    places = rows[["x", "y"]].to_numpy(dtype=float)
    return places[np.isfinite(places).all(axis=1)]


def _require_form(out: Path) -> None:
    if out.suffix.lower() not in FORMS:
        raise Refused("{file}: a census report cannot end in {ending}.", remedy="Use one of: {forms}.", file=out,
                      ending=out.suffix or "–", forms=", ".join(FORMS))  # fmt: skip
