"""Correct rows of a draft where they are, one or many at once, and take a correction back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions.census.draft_subjects import Key, keep_corrections, rebuilt_of, subjects_of
from census.review.corrections import DROP, Correction
from kernel.errors import Refused
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.store import Store


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
    """Which corrections of which draft; what one deed made goes together."""

    session: int
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class SessionCorrected:
    """How many rows were corrected, and the draft's figures as they are now. `number`: the last of `numbers`."""

    session: int
    number: int
    numbers: tuple[int, ...]
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
    subjects = subjects_of(store, request.session, draft, keys)
    values = dict.fromkeys(keys, "" if correction.kind == DROP else correction.value)
    numbers = keep_corrections(store, request.session, draft, subjects, [(correction, values)])
    return tell_corrected(store, request.session, numbers, len(keys))


def take_correction_back(
    store: Store, request: TakeBack, progress: Progress | None = None
) -> SessionCorrected:
    """Leave corrections out and ask the rules again. Raises as `correct_session`."""
    progress = progress or Silent()
    draft = store.draft_rows(request.session)
    log = draft.log
    standing = log[log["undone_at"] == ""] if len(log) else log
    rows = dict(zip(standing["number"], standing["rows"], strict=True)) if len(standing) else {}
    for number in request.numbers:
        if number not in rows:
            raise Refused("Session {session} has no correction {number} that stands.",
                          remedy="`census corrections` lists them.", session=request.session, number=number)  # fmt: skip
    progress.report(0.3, "Checking again")
    subjects = subjects_of(store, request.session, draft, [], without=request.numbers)
    rebuilt = rebuilt_of(store, request.session, draft, subjects)
    store.take_corrections_back(request.session, request.numbers, rebuilt, seen=draft.step)
    count = sum(int(rows[number]) for number in request.numbers)
    return tell_corrected(store, request.session, request.numbers, count)


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


def tell_corrected(store: Store, session: int, numbers: Sequence[int], rows: int) -> SessionCorrected:
    """The answer: the draft's figures as they are now."""
    row = store.session(session)
    figures = (int(row[name]) for name in ("accepted", "quarantined", "warnings"))
    return SessionCorrected(session, numbers[-1], tuple(numbers), rows, *figures)
