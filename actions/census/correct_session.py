"""Correct rows of a draft where they are, one or many at once, and take a correction back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from actions.census.import_census import context_of
from actions.census.rules import rules_of
from census.review.corrections import DROP, MOVE, ROW, Correction, Rebuilt
from census.review.rechecking import Read, accepted_subjects, apply, fresh, rebuild, refused_subjects
from kernel.clock import local_today
from kernel.errors import Refused
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.census.corrections import DraftRows
    from data.store import Store

Key = tuple[str, str, int]


@dataclass(frozen=True)
class CorrectSession:
    """Which rows of which draft, and what is to be done to them.

    `rows` are (file, layer, record); or all rows with the finding `finding`. `kind` is set, move or drop.
    """

    session: int
    kind: str
    field: str = ""
    value: str = ""
    rows: tuple[Key, ...] = ()
    finding: str = ""


@dataclass(frozen=True)
class TakeBack:
    """Which correction of which draft."""

    session: int
    number: int


@dataclass(frozen=True)
class SessionCorrected:
    """How many rows were corrected, and the draft's figures as they are now."""

    session: int
    number: int
    rows: int
    accepted: int
    quarantined: int
    warnings: int


def correct_session(
    store: Store, request: CorrectSession, progress: Progress | None = None
) -> SessionCorrected:
    """Correct, ask the rules again, and keep both with who and when.

    Raises `Refused` where no row is meant or a sound row would be spoilt, `Conflict` where another person corrected
    the draft meanwhile.
    """
    progress = progress or Silent()
    correction = Correction(request.kind, request.field, request.value.strip())
    keys = _meant(store, request)
    draft = store.draft_rows(request.session)
    progress.report(0.3, "Checking {rows} rows", rows=len(keys))
    subjects = _applied(store, request.session, draft, keys, without=0)
    before = _words(subjects, correction, keys)
    rebuilt = _rebuilt(store, request.session, draft, apply(subjects, correction, keys))
    after = "" if correction.kind == DROP else correction.value
    progress.report(0.8, "Saving")
    rows = before.assign(after=after)
    done = store.correct_session(request.session, correction, rows, rebuilt, seen=draft.step)
    return _told(store, request.session, int(done.keys[1]), len(rows))


def take_correction_back(
    store: Store, request: TakeBack, progress: Progress | None = None
) -> SessionCorrected:
    """Leave one correction out and ask the rules again. Raises as `correct_session`."""
    progress = progress or Silent()
    draft = store.draft_rows(request.session)
    log = draft.log
    known = log[(log["number"] == request.number) & (log["undone_at"] == "")] if len(log) else log
    if not len(known):
        raise Refused("Session {session} has no correction {number} that stands.",
                      remedy="`census corrections` lists them.", session=request.session, number=request.number)  # fmt: skip
    progress.report(0.3, "Checking again")
    subjects = _applied(store, request.session, draft, [], without=request.number)
    rebuilt = _rebuilt(store, request.session, draft, subjects)
    store.take_correction_back(request.session, request.number, rebuilt, seen=draft.step)
    return _told(store, request.session, request.number, int(known["rows"].iloc[0]))


def _meant(store: Store, request: CorrectSession) -> list[Key]:
    if request.rows:
        return list(dict.fromkeys(request.rows))
    found = store.load_findings(request.session)
    found = found[(found["code"] == request.finding) & (found["record"] >= 0)]
    if not len(found):
        raise Refused("No row of session {session} has the finding {finding}.",
                      remedy="`census show ID` counts the findings by code.", session=request.session,
                      finding=request.finding or "–")  # fmt: skip
    return list(dict.fromkeys(zip(found["file"], found["layer"], found["record"].tolist(), strict=True)))


def _applied(store: Store, session: int, draft: DraftRows, keys: list[Key], *, without: int) -> pd.DataFrame:
    """The rows that corrections touch, with those that stand applied; `keys` are rows about to be touched."""
    live = (
        draft.log[(draft.log["undone_at"] == "") & (draft.log["number"] != without)]
        if len(draft.log)
        else draft.log
    )
    rows = draft.log_rows
    of = {
        int(number): _keys(rows[rows["number"] == number]) for number in (live["number"] if len(live) else ())
    }
    wanted = {key for own in of.values() for key in own} | set(keys)
    subjects = fresh(_subjects(store, session, draft, wanted))
    for each in live.to_dict("records"):
        correction = Correction(str(each["kind"]), str(each["field"]), str(each["value"]))
        subjects = apply(subjects, correction, of[int(each["number"])])
    return subjects


def _subjects(store: Store, session: int, draft: DraftRows, wanted: set[Key]) -> pd.DataFrame:
    """The wanted rows as they were read, and the refused rows that share a doubled code with them."""
    read = _read(store, session, draft)
    refused = draft.quarantined[_among(draft.quarantined, wanted | _partners(draft, wanted))]
    parts = [refused_subjects(refused, read)] if len(refused) else []
    missing = wanted - set(_keys(refused))
    if missing:
        places = np.flatnonzero(_among(draft.origins, missing))
        if len(places) < len(missing):
            key = next(iter(missing - set(_keys(draft.origins.iloc[places]))))
            raise Refused("{file} has no record {record}.", remedy="`census show ID --findings` names the rows.",
                          file=key[0], record=key[2])  # fmt: skip
        components, origins = store.draft_components(session)
        parts.append(accepted_subjects(components, origins, places))
    if not parts:
        return refused_subjects(draft.quarantined.head(0), read)
    return pd.concat(parts, ignore_index=True)


def _partners(draft: DraftRows, wanted: set[Key]) -> set[Key]:
    """Rows refused for a code that one of `wanted` bears too: correcting one may make the other sound."""
    doubled = draft.findings[draft.findings["code"] == "duplicate_code"]
    codes = set(doubled["value"][_among(doubled, wanted)])
    return set(_keys(doubled[doubled["value"].isin(codes)]))


def _rebuilt(store: Store, session: int, draft: DraftRows, subjects: pd.DataFrame) -> Rebuilt:
    context = context_of(store, local_today())
    touched = np.zeros(len(draft.codes), dtype=bool)
    touched[subjects["place"][subjects["place"] >= 0].to_numpy("i8")] = True
    others = frozenset(draft.codes[~touched])
    city = rules_of(store)
    return rebuild(subjects, _read(store, session, draft), context, others, city.rules, city.own)


def _read(store: Store, session: int, draft: DraftRows) -> Read:
    row = store.session(session)
    return Read(row["notes"], row["standard"], int(row["crs"]), draft.findings, draft.without_codes)


def _words(subjects: pd.DataFrame, correction: Correction, keys: list[Key]) -> pd.DataFrame:
    """The rows meant, with the value that the correction takes the place of."""
    rows = subjects[_among(subjects, set(keys))]
    if correction.kind == MOVE:
        before = [f"{x:.3f}, {y:.3f}" for x, y in zip(rows["x"], rows["y"], strict=True)]
    else:
        before = rows[correction.field or "code"].tolist()
    return rows[["file", "layer", "row", "record"]].assign(before=before).reset_index(drop=True)


def _among(frame: pd.DataFrame, keys: set[Key]) -> np.ndarray:
    few = frame["record"].isin({record for _, _, record in keys}).to_numpy(dtype=bool, copy=True)
    some = frame[few]
    few[few] = [key in keys for key in _keys(some)]
    return few


def _keys(frame: pd.DataFrame) -> list[Key]:
    return list(zip(*(frame[name].tolist() for name in ROW), strict=True))


def _told(store: Store, session: int, number: int, rows: int) -> SessionCorrected:
    row = store.session(session)
    figures = (int(row[name]) for name in ("accepted", "quarantined", "warnings"))
    return SessionCorrected(session, number, rows, *figures)
