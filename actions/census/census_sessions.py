"""The life of an import session, thin over the store: list, show, submit, approve, reject, undo."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from census.draft import COMMITTED
from census.rules.findings import worded
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.store import Store

LISTED = ("session_id", "status", "label", "standard", "read", "accepted", "quarantined", "warnings", "drafted_by",
          "drafted_at", "submitted_by", "submitted_at", "decided_by", "decided_at", "undone_by", "undone_at", "reason",
          "redelivery_of")  # fmt: skip


STAMPS = ("drafted_by", "drafted_at", "submitted_by", "submitted_at", "decided_by", "decided_at", "undone_by",
          "undone_at")  # fmt: skip


@dataclass(frozen=True)
class LayerRead:
    """How one layer was read: its encoding and its system, how surely (0 … 1) and by what evidence."""

    layer: str
    rows: int
    encoding: str
    encoding_certainty: float
    encoding_evidence: str
    crs: str
    crs_certainty: float
    crs_evidence: str


@dataclass(frozen=True)
class SessionState:
    """One session: where it stands, how many components the store holds now, its findings by code."""

    session: int
    status: str
    components: int
    findings: dict[str, int]
    label: str
    standard: str
    read: int
    accepted: int
    quarantined: int
    new: int
    changed: int
    unchanged: int
    missing: int
    drafted_by: str
    drafted_at: str
    submitted_by: str
    submitted_at: str
    decided_by: str
    decided_at: str
    undone_by: str
    undone_at: str
    reason: str
    redelivery_of: str
    codes_given: int
    layers: tuple[LayerRead, ...] = ()


@dataclass(frozen=True)
class Decide:
    """Which session goes into the store; `anyway` also over what others stored since it was read."""

    session: int
    anyway: bool = False


@dataclass(frozen=True)
class Reject:
    """Which session goes back, and why."""

    session: int
    reason: str = ""


def list_sessions(store: Store) -> pd.DataFrame:
    """Every session, the newest first: `session, status, label, standard, read, accepted, quarantined, …`, and its
    `findings` by code."""
    found = store.load_sessions()
    if not len(found):
        found = pd.DataFrame({name: [] for name in LISTED})
    findings = [store.session(int(number))["findings"] for number in found["session_id"]]
    return found[list(LISTED)].rename(columns={"session_id": "session"}).assign(findings=findings)


def show_session(store: Store, number: int) -> SessionState:
    """One session. Raises `Refused` when there is none."""
    row = store.session(number)
    return SessionState(
        session=number,
        status=row["status"],
        components=store.info(with_hash=False).components,
        findings=row["findings"],
        label=row["label"],
        standard=row["standard"],
        read=int(row["read"]),
        accepted=int(row["accepted"]),
        quarantined=int(row["quarantined"]),
        new=int(row["new"]),
        changed=int(row["changed"]),
        unchanged=int(row["unchanged"]),
        missing=int(row["missing"]),
        codes_given=len(store.given_codes(number)),
        layers=tuple(_layer_read(path, json.loads(note)) for path, note in row["notes"].items()),
        **{name: str(row[name]) for name in (*STAMPS, "reason", "redelivery_of")},
    )


def _layer_read(path: str, note: dict[str, Any]) -> LayerRead:
    """What was kept of a layer; sessions of older versions have fewer figures."""
    return LayerRead(
        layer=path,
        rows=int(note.get("rows", 0)),
        encoding=str(note.get("encoding", "")),
        encoding_certainty=float(note.get("certainty", 1.0)),
        encoding_evidence=str(note.get("evidence", "")),
        crs=str(note.get("crs", "")),
        crs_certainty=float(note.get("crs_certainty", 1.0)),
        crs_evidence=str(note.get("crs_evidence", "")),
    )


def show_findings(store: Store, number: int, lang: str = "en") -> pd.DataFrame:
    """Every finding of a session, message and remedy in the language `lang`; columns `gis.frames.FINDING_COLUMNS`.

    `row` and `record` are missing (`None`) where the finding is about a whole file.
    """
    found = worded(store.load_findings(number), lang)
    of_row = found["record"] >= 0
    for name in ("row", "record"):
        found[name] = found[name].astype(object).where(of_row, None)
    return found


def submit_session(store: Store, request: Decide | int, progress: Progress | None = None) -> SessionState:
    """Hand a draft in; where one person may approve (a setting of the store), this commits it."""
    wish = Decide(request) if isinstance(request, int) else request
    if store.setting("self_approval") == "1":
        store.commit_census(wish.session, anyway=wish.anyway, progress=progress or Silent())
    else:
        store.submit_session(wish.session)
    return show_session(store, wish.session)


def approve_session(store: Store, request: Decide | int, progress: Progress | None = None) -> SessionState:
    """Commit a submitted session in one transaction (核准 → 入库).

    Raises `NotAllowed` when another person must do it, `Conflict` when others stored the same components since. A
    session that is already committed is shown as it is.
    """
    wish = Decide(request) if isinstance(request, int) else request
    if store.session(wish.session)["status"] != COMMITTED:
        store.commit_census(wish.session, anyway=wish.anyway, progress=progress or Silent())
    return show_session(store, wish.session)


def reject_session(store: Store, request: Reject | int, progress: Progress | None = None) -> SessionState:
    """Turn a draft or a submitted session down; nothing of it is stored. It is done at once, whatever `progress`."""
    wish = Reject(request) if isinstance(request, int) else request
    store.reject_session(wish.session, wish.reason.strip())
    return show_session(store, wish.session)


def undo_session(store: Store, number: int, progress: Progress | None = None) -> SessionState:
    """Take a committed session back: the store is exactly as it was before."""
    store.undo_session(number, progress or Silent())
    return show_session(store, number)
