"""Refused rows leave as the files they came in; a second delivery is held against the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from census.draft import DRY_RUN, Draft
from census.review.redelivery import (
    CORRECTED,
    FOLLOW_UP_COLUMNS,
    NOT_RETURNED,
    STILL_REFUSED,
    answers_by_code,
    follow_up,
    mark_of,
    refused_codes,
)
from census.review.returning import returned_layers
from exports.survey_files import write_survey_files
from kernel.errors import Refused
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.store import Store

_LOOK_BACK: Final = 50  # sessions among which a delivery without references is sought


@dataclass(frozen=True)
class ExportRefused:
    """Which session, and where to: a file with the ending of the delivery, a folder that exists, or a .zip."""

    session: int
    out: Path
    lang: str = "en"


@dataclass(frozen=True)
class RefusedExported:
    """How many rows stand in which files."""

    session: int
    rows: int
    files: tuple[str, ...]


def export_refused(store: Store, request: ExportRefused, progress: Progress | None = None) -> RefusedExported:
    """Write the refused rows with their own columns and values, and what is to be done beside them.

    Raises `Refused` where the session refused nothing, or `out` does not fit the files.
    """
    progress = progress or Silent()
    session = store.session(request.session)
    quarantined = _with_places(store, request.session)
    if not len(quarantined):
        raise Refused("Session {session} refused no row.", remedy="There is nothing to send back.",
                      session=request.session)  # fmt: skip
    progress.report(0.2, "Writing {file}", file=request.out.name)
    mark = (store.info(with_hash=False).store_id, request.session)
    layers = returned_layers(
        quarantined, store.load_findings(request.session), session["notes"], mark, request.lang
    )
    if not layers:
        raise Refused("Session {session} was read by an older program, which did not keep the form of its files.",
                      remedy="Import the files again, then export the refused rows.", session=request.session)  # fmt: skip
    files = write_survey_files(layers, request.out)
    progress.report(1.0)
    rows = sum(len(layer.columns) for layer in layers)
    return RefusedExported(request.session, rows, tuple(map(str, files)))


def _with_places(store: Store, session: int) -> pd.DataFrame:
    """The refused rows as they stand; `place` is that of the reading, by which a corrected row is recognised."""
    keys = ["file", "layer", "record"]
    places = store.load_quarantine(session, as_read=True)[keys].drop_duplicates()
    places = places.assign(place=places.index)
    return store.load_quarantine(session).merge(places, on=keys, how="left")


@dataclass(frozen=True)
class FollowedUp:
    """What became of the rows that the sessions `redelivery_of` refused; `rows` says it one by one."""

    session: int
    redelivery_of: tuple[int, ...]
    refused_before: int
    corrected: int
    still_refused: int
    not_returned: int
    rows: pd.DataFrame


def follow_up_session(store: Store, number: int) -> FollowedUp:
    """Hold a second delivery against the sessions it answers. Without such sessions every figure is 0."""
    earlier = earlier_sessions(store.session(number))
    if not earlier:
        return FollowedUp(number, (), 0, 0, 0, 0, pd.DataFrame(columns=list(FOLLOW_UP_COLUMNS)))
    answers, again = store.load_answers(number), store.load_quarantine(number)
    parts = []
    for session in earlier:
        own = answers[answers["session"] == session]
        read = store.load_quarantine(session, as_read=True)
        found = follow_up(read, own, again).assign(session=session)
        expected = _waiting(read, store.load_quarantine(session)) | (found["outcome"] != NOT_RETURNED)
        parts.append(found[expected])
    rows = pd.concat(parts, ignore_index=True)
    counts = rows["outcome"].value_counts().to_dict()
    return FollowedUp(number, earlier, len(rows), *(int(counts.get(name, 0)) for name in
                      (CORRECTED, STILL_REFUSED, NOT_RETURNED)), rows)  # fmt: skip


def _waiting(read: pd.DataFrame, now: pd.DataFrame) -> np.ndarray:
    """Which of the rows that a session refused as it was `read` it refuses `now`: others were corrected in the draft."""
    keys = ["file", "layer", "record"]
    beside = read[keys].astype(str).merge(now[keys].astype(str).drop_duplicates(), how="left", indicator=True)
    return (beside["_merge"] == "both").to_numpy(bool)


def earlier_sessions(session: Mapping[str, object]) -> tuple[int, ...]:
    """The sessions that a session answers."""
    return tuple(int(number) for number in str(session["redelivery_of"]).split(",") if number)


def recognised(store: Store, draft: Draft) -> Draft:
    """`draft` with the refused rows of earlier sessions that it answers, also where the references were left out."""
    if len(draft.answers):
        return draft
    sessions = store.load_sessions()
    if not len(sessions):
        return draft
    names = {Path(file).name for file in draft.files} | _file_names(draft.label)
    alike = sessions[(sessions["status"] != DRY_RUN) & (sessions["quarantined"] > 0)].head(_LOOK_BACK)
    for number, label in zip(alike["session_id"], alike["label"], strict=True):
        if not names & _file_names(label):
            continue
        codes = refused_codes(
            store.load_quarantine(int(number), as_read=True), store.session(int(number))["notes"]
        )
        places = {code: place for place, code in enumerate(codes) if code}
        mark = mark_of(store.info(with_hash=False).store_id)
        found = answers_by_code(draft, mark, int(number), places)
        if len(found):
            return replace(draft, answers=found)
    return draft


def _file_names(label: str) -> set[str]:
    """The names of the files in a session's label, without folders."""
    return {Path(file).name for file in label.split(", ")}
