"""Field records: taken in from a gateway's files, looked at beside what is stored, approved into the register or returned."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

import census
from actions.census.import_census import context_of
from actions.census.rules import rules_of
from census.dates import read_date
from census.draft import Draft
from census.lists import read_rows
from census.reading.workbooks import read_workbook
from census.records.reading import Problem, Sent, read_json, records_of
from census.records.record import FIELDS, KINDS, NEW, STATES, Record, differences, said
from census.records.searching import Wanted, matching
from census.rules.findings import worded
from gis.crs import to_plane
from kernel.clock import local_today
from kernel.errors import Refused, WrongUsage, fill
from kernel.progress import Progress, Silent
from resources.texts import words

if TYPE_CHECKING:
    from data.store import Store

DEGREES: Final = 4490
TABLES: Final = (".csv", ".xlsx")


@dataclass(frozen=True)
class ImportRecords:
    """Files (.json, .csv, .xlsx) or folders of them; problems come in the language `lang`."""

    files: tuple[str, ...]
    lang: str = "en"


@dataclass(frozen=True)
class RecordsImported:
    """`read` = `entered` + `repeated` (known by the gateway's number) + `refused`; `problems` say why row by row."""

    read: int
    entered: int
    repeated: int
    refused: int
    records: tuple[int, ...]
    problems: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Proposal:
    """A record (`row` of `load_records`) beside the register: `table` as `census.records.record.differences`; `findings` of
    the import's rules on the component as it would be. `draft` is None where an error keeps it out."""

    row: pd.Series
    table: pd.DataFrame
    findings: pd.DataFrame
    draft: Draft | None
    component_id: int
    seen_session: int
    seen_events: int = 0


@dataclass(frozen=True)
class LookAt:
    """Which record, and the language of its findings."""

    record: int
    lang: str = "en"


@dataclass(frozen=True)
class Looked:
    """A proposal for the eye: without the draft, with the stored component's place and the record's events."""

    record: int
    row: pd.Series
    table: pd.DataFrame
    findings: pd.DataFrame
    may_be_approved: bool
    stored_place: tuple[float, float] | None
    events: pd.DataFrame


@dataclass(frozen=True)
class Decide:
    """A decision about one record; `reason` when it is returned."""

    record: int
    reason: str = ""


@dataclass(frozen=True)
class EditRecord:
    """Other words for a waiting record: `values` by field (also kind, code, x, y, reported_by, photos with ";")."""

    record: int
    values: dict[str, str]


@dataclass(frozen=True)
class RecordState:
    """Where a record stands; `session` is that of its approval."""

    record: int
    status: str
    session: int
    component: int


def import_records(store: Store, request: ImportRecords, progress: Progress | None = None) -> RecordsImported:
    """Read files of records and put them into the queue, all in one transaction.

    Raises `Refused` for a file that cannot be read at all, or where the store has no plane for places in degrees.
    """
    progress = progress or Silent()
    sent: list[Sent] = []
    problems: list[Problem] = []
    for file in _files(request.files):
        progress.report(0.1, "Reading {file}", file=file.name)
        rows = read_json(file) if file.suffix.lower() == ".json" else _table_rows(file)
        good, bad = records_of(rows, file.name)
        sent, problems = sent + good, problems + bad
    records = _placed(store, sent)
    changes = store.enter_records(records)
    refused = len({(problem.file, problem.row) for problem in problems})
    return RecordsImported(
        read=len(records) + refused,
        entered=changes.counts["entered"],
        repeated=changes.counts["repeated"],
        refused=refused,
        records=tuple(int(key) for key in changes.keys),
        problems=tuple(worded_problem(problem, request.lang) for problem in problems),
    )


def enter_record(store: Store, request: dict[str, str], progress: Progress | None = None) -> RecordsImported:
    """Put one record, written by hand, into the queue. Raises `Refused` naming the first field that is wrong."""
    good, bad = records_of([(1, request)], "")
    if bad:
        raise Refused(bad[0].message, remedy=bad[0].remedy, field=bad[0].field, value=bad[0].value, file=None)
    changes = store.enter_records(_placed(store, good))
    return RecordsImported(1, 1, 0, 0, tuple(int(key) for key in changes.keys), ())


def worded_problem(problem: Problem, lang: str) -> dict[str, Any]:
    """A problem with message and remedy in words."""
    places = {"file": problem.file, "row": problem.row, "field": problem.field, "value": problem.value}
    return asdict(problem) | {
        "message": words(lang, problem.message, **places),
        "remedy": words(lang, problem.remedy, **places),
    }


def find_records(store: Store, wanted: Wanted | None = None) -> pd.DataFrame:
    """Records that pass every filter, the latest first. Raises `WrongUsage` for a kind, state or day that there is none of."""
    wanted = wanted or Wanted()
    for name, given, known in (("kind", wanted.kind, KINDS), ("status", wanted.status, STATES)):
        if given and given not in known:
            raise WrongUsage("No record has the {name} {value}.", remedy="Use one of: {known}.", name=name, value=given,
                             known=", ".join(known))  # fmt: skip
    days = {name: _day(getattr(wanted, name)) for name in ("since", "until")}
    return matching(store.load_records(), replace(wanted, **days))


def _day(text: str) -> str:
    read = read_date(text)
    if text and read is None:
        raise WrongUsage("{value} is not a date.", remedy="Write it like 2026-11-21.", value=text)
    return read.day.isoformat() if read else ""


def record_of(store: Store, number: int) -> tuple[Record, pd.Series]:
    """One record and its row of `load_records`. Raises `Refused` when there is none."""
    row = store.load_record(number)
    record = Record(row["kind"], dict(row["fields"]), row["code"], float(row["x"]), float(row["y"]), tuple(row["photos"]),
                    row["reported_by"], row["reported_at"], row["foreign_id"])  # fmt: skip
    return record, row


def propose(store: Store, number: int, lang: str = "en") -> Proposal:
    """A record beside what is stored, checked by the rules of the import."""
    seen, events = store.seen(), len(store.record_events(number))
    record, row = record_of(store, number)
    component_id = store.component_with_code(record.code)
    stored: dict[str, Any] = store.component(component_id) if component_id else {}
    table = differences(stored, record)
    seen_session = int(stored.get("session_id", 0))
    if record.kind != NEW and not component_id:
        return Proposal(row, table, _finding("record_code_unknown", record.code, "There is no component with the code {code}.",
                                        "Correct the code, or report it as new.", lang), None, 0, 0)  # fmt: skip
    if record.kind == NEW and component_id:
        return Proposal(row, table, _finding("record_code_taken", record.code, "A component with the code {code} is stored already.",
                                        "Report it as changed, or leave the code empty.", lang), None, 0, 0)  # fmt: skip
    draft = _checked(store, _merged(stored, record))
    of_row = (draft.findings["record"] >= 0) | (draft.findings["severity"] == "error")
    findings = worded(draft.findings[of_row].reset_index(drop=True), lang)
    errors = bool((draft.findings["severity"] == "error").any()) or not len(draft.components)
    whole = None if errors else replace(_as_stored(draft, stored, record, component_id), seen=seen)
    return Proposal(row, table, findings, whole, component_id, seen_session, events)


def look_at_record(store: Store, request: LookAt, progress: Progress | None = None) -> Looked:
    """What a person needs to decide about a record."""
    proposal = propose(store, request.record, request.lang)
    shown = store.component(proposal.component_id) if proposal.component_id else {}
    place = (float(shown["x"]), float(shown["y"])) if shown else None
    return Looked(request.record, proposal.row, proposal.table, proposal.findings, proposal.draft is not None, place,
                  store.record_events(request.record))  # fmt: skip


def approve_record(store: Store, request: Decide, progress: Progress | None = None) -> RecordState:
    """Commit what the record says as a session of one component (核准 → 入库).

    Raises `Refused` where a rule keeps the component out, `NotAllowed` and `Conflict` as the store's `approve_record`.
    """
    proposal = propose(store, request.record)
    if proposal.draft is None:
        first = proposal.findings[proposal.findings["severity"] == "error"].iloc[0]
        raise Refused(
            "Record {record} cannot go into the register: {what}",
            remedy="Edit the record, or return it with this reason.",
            record=request.record,
            what=str(first["message"]),
            field=str(first["field"]) or None,
        )
    store.approve_record(
        request.record, proposal.draft, proposal.seen_session, seen_events=proposal.seen_events
    )
    return state_of(store, request.record)


def return_record(store: Store, request: Decide, progress: Progress | None = None) -> RecordState:
    """Send a record back with a reason."""
    store.return_record(request.record, request.reason)
    return state_of(store, request.record)


def delete_record(store: Store, request: Decide, progress: Progress | None = None) -> RecordState:
    """Take a waiting record out of the queue; its history stays."""
    store.delete_record(request.record)
    return state_of(store, request.record)


def edit_record(store: Store, request: EditRecord, progress: Progress | None = None) -> RecordState:
    """Put other words into a waiting record. Raises `Refused` for a field there is not, or a value that is wrong."""
    events = len(store.record_events(request.record))
    record, _ = record_of(store, request.record)
    unknown = [name for name in request.values if name not in (*FIELDS, "kind", "code", "x", "y", "lon", "lat", "photos",
                                                               "reported_by", "reported_at")]  # fmt: skip
    if unknown:
        raise WrongUsage("A record has no field {field}.", remedy="Use one of: {fields}.", field=unknown[0],
                         fields=", ".join(("kind", "code", "x", "y", *FIELDS)))  # fmt: skip
    row: dict[str, Any] = dict(record.fields) | {
        "kind": record.kind, "code": record.code, "photos": ";".join(record.photos), "reported_by": record.reported_by,
        "reported_at": record.reported_at, "foreign_id": record.foreign_id,
    }  # fmt: skip
    row |= {"x": str(record.x), "y": str(record.y)} if record.placed else {}
    good, bad = records_of([(1, row | request.values)], "")
    if bad:
        raise Refused(bad[0].message, remedy=bad[0].remedy, field=bad[0].field, value=bad[0].value, file=None)
    changed = replace(_placed(store, good)[0], foreign_id=record.foreign_id)
    store.edit_record(request.record, changed, seen_events=events)
    return state_of(store, request.record)


def state_of(store: Store, number: int) -> RecordState:
    """Where a record stands."""
    _, row = record_of(store, number)
    return RecordState(number, str(row["status"]), int(row["session_id"]), int(row["component_id"]))


def _files(given: Sequence[str]) -> list[Path]:
    """The files of `given`, folders opened; raises `Refused` for one that is not there or of another kind."""
    out: list[Path] = []
    for name in given:
        path = Path(name)
        if not path.exists():
            raise Refused("{file} does not exist.", remedy="Check the path of the file.", file=path)
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        chosen = [file for file in inside if file.suffix.lower() in (".json", *TABLES)]
        if not chosen:
            raise Refused(
                "{file} holds no records.",
                remedy="Give .json, .csv or .xlsx files, or a folder of them.",
                file=path,
            )
        out += chosen
    return out


def _table_rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table with their own numbers, by heading."""
    if file.suffix.lower() == ".csv":
        lines = read_rows(file)
    else:
        sheets = read_workbook(file, file.name).sheets
        lines = [line for sheet in sheets[:1] for line in sheet.lines]
    heads = [(place, cell.strip()) for place, cell in enumerate(lines[0][1]) if cell.strip()] if lines else []
    return [
        (number, {head: cells[place] for place, head in heads if place < len(cells)})
        for number, cells in lines[1:]
    ]


def _placed(store: Store, sent: Sequence[Sent]) -> list[Record]:
    """The records with their places on the city's plane."""
    far = [place for place, one in enumerate(sent) if np.isfinite(one.lon)]
    records = [one.record for one in sent]
    if not far:
        return records
    crs = store.info(with_hash=False).crs
    if not crs:
        raise Refused("The store has no plane yet, so places in degrees cannot be put on it.",
                      remedy="Import a grid or a census first.")  # fmt: skip
    x, y = to_plane(([sent[n].lon for n in far], [sent[n].lat for n in far]), DEGREES, crs)
    for place, east, north in zip(far, x, y, strict=True):
        records[place] = replace(records[place], x=round(float(east), 3), y=round(float(north), 3))
    return records


def _merged(stored: dict[str, Any], record: Record) -> dict[str, str]:
    """The component as it would be, as a row of a census."""
    row = {name: str(stored.get(name) or "") for name in ("code", *FIELDS)}
    if record.kind == NEW:
        row["code"] = record.code
    row |= said(record)
    day = read_date(record.reported_at)
    iso = f"{day.day if day else local_today():%Y-%m-%d}"
    if record.kind == NEW:
        row["initial_date"] = row["initial_date"] or iso
        row["source"], row["accuracy"], row["state"] = (
            row["source"] or "实测",
            row["accuracy"] or "B",
            row["state"] or "完好",
        )
    elif not record.fields.get("change_date"):
        row["change_date"] = iso
    place = {"x": record.x, "y": record.y} if record.placed else stored
    return row | {axis: f"{float(place[axis]):.6f}" for axis in ("x", "y")}


def _checked(store: Store, row: dict[str, str]) -> Draft:
    """The row through the import itself: the same reading, the same rules, the city's own among them."""
    info = store.info(with_hash=False)
    mapping = {name: name for name in row if name not in ("x", "y")}
    with tempfile.TemporaryDirectory(prefix="wangrid-") as folder:
        file = Path(folder) / "record.csv"
        pd.DataFrame([row]).to_csv(file, index=False, encoding="utf-8-sig")
        reading = census.read((str(file),))
        options = census.CheckOptions(str(info.crs), mapping, "", info.standard, True)
        city = rules_of(store)
        return census.check(reading, context_of(store, local_today()), options, None, city.rules, city.own)


def _as_stored(draft: Draft, stored: dict[str, Any], record: Record, component_id: int) -> Draft:
    """The checked row as the version that shall be stored: what a report cannot say stays as it was."""
    frame = draft.components.copy()
    frame["component_id"] = component_id
    if stored:
        frame["extra"] = str(stored.get("extra") or "")
        if not record.placed:
            frame["x"], frame["y"] = float(stored["x"]), float(stored["y"])
            frame["geometry"] = np.array([stored.get("geometry")], dtype=object)
    label = fill("field record: {kind}", {"kind": record.kind})
    return replace(draft, label=label, files=(), components=frame, give_codes=True)


def _finding(code: str, value: str, message: str, remedy: str, lang: str) -> pd.DataFrame:
    row = {"code": code, "severity": "error", "file": "", "layer": "", "row": -1, "record": -1, "field": "code",
           "value": value, "message": words(lang, message, code=value), "remedy": words(lang, remedy, code=value),
           "x": np.nan, "y": np.nan}  # fmt: skip
    return pd.DataFrame([row])
