"""What is probably right in the rows of a draft that are wrong: to look at, and to take where a person agrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from actions.census.correct_session import SessionCorrected, tell_corrected
from actions.census.draft_subjects import Key, keep_corrections, keys_of, read_of, subjects_of
from actions.census.import_census import context_of
from census.review.corrections import ROW, TAKE, Correction
from census.review.proposals import OFFERS, PLACE_DOUBTED, PROPOSAL_COLUMNS, Witnesses, propose
from census.review.rechecking import Read
from kernel.clock import local_today
from kernel.errors import Refused
from kernel.progress import Progress, Silent
from resources import texts

if TYPE_CHECKING:
    from data.census.corrections import DraftRows
    from data.store import Store


@dataclass(frozen=True)
class ProposeCorrections:
    """Which draft, and for which kind of finding; "" asks for all."""

    session: int
    finding: str = ""


@dataclass(frozen=True)
class TakeProposals:
    """Take what is proposed for the finding `finding`, in all rows or in `rows` (file, layer, record)."""

    session: int
    finding: str
    rows: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Proposals:
    """`rows`: `census.review.proposals.PROPOSAL_COLUMNS` and `finding`; `findings`: how many rows have each kind."""

    session: int
    rows: pd.DataFrame
    findings: dict[str, int]


def propose_corrections(
    store: Store, request: ProposeCorrections, progress: Progress | None = None
) -> Proposals:
    """What could be set in the rows that have the finding. Nothing is changed."""
    progress = progress or Silent()
    findings = store.load_findings(request.session)
    findings = findings[findings["record"] >= 0].reset_index(drop=True)
    found = findings[findings["code"].isin([request.finding] if request.finding else list(OFFERS))]
    if not len(found):
        return Proposals(request.session, _none(), {})
    draft = store.draft_rows(request.session)
    progress.report(0.3, "Asking place, layer and lists")
    subjects = subjects_of(store, request.session, draft, set(keys_of(found)))
    read = read_of(store, request.session, draft)
    asked, witnesses = _asked(read, found, subjects), _witnesses(store, draft, findings, read.standard)
    parts = [
        propose(str(kind), rows, witnesses).assign(finding=kind) for kind, rows in asked.groupby("finding")
    ]
    offered = pd.concat(parts, ignore_index=True) if parts else _none()
    counts = found.drop_duplicates([*ROW, "code"])["code"].value_counts()
    return Proposals(request.session, offered, {str(code): int(rows) for code, rows in counts.items()})


def take_proposals(
    store: Store, request: TakeProposals, progress: Progress | None = None
) -> SessionCorrected:
    """Make one correction per column of what is proposed now, all or none.

    Raises as `correct_session`, and `Refused` where nothing is proposed.
    """
    progress = progress or Silent()
    rows = propose_corrections(store, ProposeCorrections(request.session, request.finding), progress).rows
    wanted = set(request.rows)
    if wanted:
        rows = rows[[key in wanted for key in keys_of(rows)]]
    if not len(rows):
        raise Refused("Nothing is proposed for {finding} in session {session}.",
                      remedy="Correct the rows by --set, or send them back.", finding=request.finding,
                      session=request.session)  # fmt: skip
    progress.report(0.6, "Checking {rows} rows", rows=len(rows))
    draft = store.draft_rows(request.session)
    subjects = subjects_of(store, request.session, draft, keys_of(rows))
    wishes = [
        (Correction(TAKE, str(field), request.finding), dict(zip(keys_of(own), own["value"], strict=True)))
        for field, own in rows.groupby("field", sort=True)
    ]
    numbers = keep_corrections(store, request.session, draft, subjects, wishes)
    return tell_corrected(store, request.session, numbers, len(rows.drop_duplicates(ROW)))


def _asked(read: Read, found: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """Each row with its finding, in our columns; `field` is our name of the column that the finding is about."""
    own = {key: {field: column for column, field in read.mapping_of(*key).items()}
           for key in set(zip(found["file"], found["layer"], strict=True))}  # fmt: skip
    columns = [own[file, layer].get(field, field)
               for file, layer, field in zip(found["file"], found["layer"], found["field"], strict=True)]  # fmt: skip
    asked = found[["code", *ROW]].rename(columns={"code": "finding"}).assign(field=columns)
    return asked.merge(subjects.drop(columns=["place", "corrected", "dropped"]), on=ROW)


def _witnesses(store: Store, draft: DraftRows, findings: pd.DataFrame, standard: str) -> Witnesses:
    context = context_of(store, local_today())
    doubted = findings[findings["code"].isin(list(PLACE_DOUBTED))]
    return Witnesses(
        context, context.catalogues[standard], frozenset(draft.codes), frozenset(keys_of(doubted))
    )


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=[*PROPOSAL_COLUMNS, "finding"])


def worded(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`rows` of `Proposals` with the reason in the language `lang`."""
    reasons = [texts.words(lang, reason, distance=f"{distance:.1f}")
               for reason, distance in zip(rows["reason"], rows["distance_m"], strict=True)]  # fmt: skip
    return rows.assign(reason=reasons)
