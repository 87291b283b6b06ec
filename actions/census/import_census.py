"""Read survey files, check them against the city, and keep the result as a session: dry run, draft, or submitted."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import census
from actions.census.mappings import checks_of, fields_known, learn
from actions.census.return_refused import follow_up_session, recognised
from actions.census.rules import rules_of
from census.draft import COMMITTED, DRAFT, DRY_RUN, SUBMITTED, Draft
from census.mapping import known_field_names
from census.reading.delivery import fingerprinting
from exports.finished import finished
from kernel.clock import local_today
from kernel.errors import Refused, WrongUsage
from kernel.progress import Part, Progress, Silent, last_chance
from resources import catalogues

if TYPE_CHECKING:
    from data.store import Store

MODES: Final = (DRY_RUN, DRAFT, "submit")


@dataclass(frozen=True)
class ImportCensus:
    """Which files, and what the user decides instead of the evidence; empty means by evidence.

    `files`: paths, folders, zips, `zip://A.zip!member`. `crs`: EPSG number or `GCJ-02`, `BD-09`. `mapping`: a CSV
    `field,column` or `field,column,value,becomes`. `mode`: `dry_run`, `draft` or `submit`. `report`: path of an xlsx or
    pdf, `""` for none, in the language `lang`. `today` is the day of reference for dates in the future, by default the
    user's. `convert`: lines and areas become points where points are asked.
    `give_codes`: rows without a code get one when the session is committed. `supplier`: who delivers; what is
    remembered of the company's fields and words is applied, and what this import decides is remembered. `fields`,
    `values`: as `mapping`, for those who have no file.
    """

    files: tuple[str, ...]
    layer: str = ""
    crs: str = ""
    encoding: str = ""
    mapping: str = ""
    class_code: str = ""
    standard: str = ""
    mode: str = DRAFT
    report: str = ""
    actor: str = ""
    today: date | None = None
    give_codes: bool = False
    convert: bool = False
    lang: str = "en"
    supplier: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class CensusImported:
    """What came of it. `read` = `accepted` + `quarantined`; `findings` counts by code; `crs` is the files' own.

    `new`, `changed`, `unchanged`, `missing` compare the accepted rows with the store as it was before. A second
    delivery names in `redelivery_of` the sessions whose refused rows it answers, and how many of those came back
    `corrected`, are `still_refused` or were `not_returned`. `codes_given`: components that got a code by this commit.
    """

    session: int
    status: str
    standard: str
    read: int
    accepted: int
    quarantined: int
    warnings: int
    findings: dict[str, int]
    encoding: str
    encoding_certainty: float
    crs: str
    crs_certainty: float
    new: int
    changed: int
    unchanged: int
    missing: int
    report: str
    redelivery_of: tuple[int, ...]
    corrected: int
    still_refused: int
    not_returned: int
    codes_given: int
    seconds: float


def import_census(store: Store, request: ImportCensus, progress: Progress | None = None) -> CensusImported:
    """Import survey files as one session.

    Where one person may commit (a setting of the store), `submit` commits in one transaction; else the session waits
    for another person's approval. A delivery without a single accepted row stays a draft, whatever the mode.

    Raises `Refused` for files, options or a store that cannot be used, `Cancelled` on the user's wish; then the store is
    as it was.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    draft = recognised(store, draft_census(store, request, Part(progress, 0.0, 0.6)))
    with last_chance(progress), _report(store, draft, request.report, request.lang):
        session, status = _keep(store, draft, request.mode, Part(progress, 0.6, 1.0))
    if request.supplier and status != DRY_RUN:
        learn(store, request.supplier, draft)
    counts = store.session(session)
    returned = follow_up_session(store, session)
    progress.report(1.0)
    return CensusImported(
        session=session,
        status=status,
        standard=draft.standard,
        read=draft.read,
        accepted=len(draft.components),
        quarantined=len(draft.quarantined),
        warnings=draft.warnings,
        findings=count_by_code(draft),
        encoding=draft.encoding,
        encoding_certainty=least_certain(draft, "certainty"),
        crs=draft.source_crs,
        crs_certainty=least_certain(draft, "crs_certainty"),
        new=int(counts["new"]),
        changed=int(counts["changed"]),
        unchanged=int(counts["unchanged"]),
        missing=int(counts["missing"]),
        report=request.report,
        redelivery_of=returned.redelivery_of,
        corrected=returned.corrected,
        still_refused=returned.still_refused,
        not_returned=returned.not_returned,
        codes_given=len(store.given_codes(session)),
        seconds=round(time.perf_counter() - began, 3),
    )


def draft_census(store: Store, request: ImportCensus, progress: Progress | None = None) -> Draft:
    """Read and check only: nothing is kept. Raises as `import_census`."""
    progress = progress or Silent()
    if request.mode not in MODES:
        raise ValueError(f"no such mode: {request.mode}")
    seen = store.seen()
    checks = checks_of(store, request)
    context = context_of(store, request.today or local_today())
    _require_options(request, context)
    words = context.class_words | known_field_names()
    options = census.ReadOptions(request.layer, request.encoding, words, fields_known(checks))
    gives = request.give_codes or store.setting("give_codes") == "1"
    with fingerprinting(request.files) as delivered:
        reading = census.read(request.files, options, Part(progress, 0.0, 0.4))
        checks = replace(checks, without_codes=gives, convert=request.convert)
        city = rules_of(store)
        draft = census.check(reading, context, checks, Part(progress, 0.4, 1.0), city.rules, city.own)
    return replace(draft, give_codes=gives, delivered=delivered.result(), seen=seen)


def context_of(store: Store, today: date) -> census.Context:
    """The city in `store` as a census is checked against it."""
    info = store.info(with_hash=False)
    extensions = store.load_extensions()
    return census.Context(
        catalogues={edition: catalogues.load(edition, extensions) for edition in catalogues.STANDARDS},
        standard=info.standard,
        today=today,
        crs=info.crs,
        cells=store.load_cells(),
        communities=store.load_areas("community"),
        departments=store.load_departments(),
        ground={kind: store.load_base(kind).geometry.to_numpy() for kind in ("water", "buildings")},
    )


def _require_options(request: ImportCensus, context: census.Context) -> None:
    if request.standard and request.standard not in context.catalogues:
        raise WrongUsage(
            "There is no edition {edition}.",
            remedy="Use one of: {editions}.",
            edition=request.standard,
            editions=", ".join(context.catalogues),
        )
    editions = [request.standard] if request.standard else list(context.catalogues)
    if request.class_code and not any(
        (context.catalogues[edition].components["code"] == request.class_code).any() for edition in editions
    ):
        raise Refused(
            "There is no component class {code}.",
            remedy="See classes list for the codes, or add the class with classes extend.",
            code=request.class_code,
        )


def least_certain(draft: Draft, what: str) -> float:
    """The least certainty among the draft's layers, 0 … 1."""
    return min((float(json.loads(note).get(what, 1.0)) for note in draft.notes.values()), default=1.0)


def count_by_code(draft: Draft) -> dict[str, int]:
    """Number of findings by code, most frequent first."""
    return {str(code): int(number) for code, number in draft.findings["code"].value_counts().items()}


@contextmanager
def _report(store: Store, draft: Draft, path: str, lang: str) -> Iterator[None]:
    """The report, written in full before the block keeps the draft, in its place after it: both happen or neither."""
    if not path:
        yield
        return
    from actions.census.report_census import gather_draft, write_report  # draws: not loaded for nothing

    with finished(Path(path)) as waiting:
        write_report(gather_draft(store, draft, lang), waiting, Silent())
        yield


def _keep(store: Store, draft: Draft, mode: str, progress: Progress) -> tuple[int, str]:
    """Keep the draft as a session in the way that `mode` and the store's rule of approval ask for."""
    if mode != "submit" or not len(draft.components):
        status = DRY_RUN if mode == DRY_RUN else DRAFT
        return store.save_draft(draft, dry_run=mode == DRY_RUN), status
    if store.setting("self_approval") == "1":
        changes = store.commit_census(draft, progress=progress)
        return int(changes.keys[0]), COMMITTED
    session = store.save_draft(draft)
    store.submit_session(session)
    return session, SUBMITTED
