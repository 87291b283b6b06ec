"""Sessions that change nothing but codes: stored components without one are numbered, or all go over to edition 2026.

Such a session has no rows of its own: its commit computes them from what is stored at that moment, so nothing that was
committed between its submission and its approval is lost. Undoing it restores codes, classes and the edition.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
import sqlalchemy as sa

from census.codes import Recoded, recoded, unanswered
from census.draft import COMMITTED, SUBMITTED, Draft
from data.census import codes, sessions
from data.census import commit as census
from data.census.codes import NUMBER, RECODE, Wish
from data.census.components import load
from data.journal import Work, put_edition, setting_of
from data.layers import load_extensions
from data.shapes import plane
from data.tables import component, session
from gis.frames import COMPONENT_COLUMNS, empty_components
from kernel.errors import Conflict, Refused
from kernel.progress import Part, Progress, Silent
from resources import catalogues

# The only pair of editions between which the standard says what moves where.
FROM: Final = "2013"
TO: Final = "2026"
LABELS: Final = {NUMBER: "codes given", RECODE: "codes of edition 2026"}


def begin(work: Work, wish: Wish, progress: Progress) -> tuple[int, str, dict[str, int]]:
    """A session that does `wish`: committed where one person may, else waiting for approval; `(number, status, counts)`."""
    standard = setting_of(work.db, "standard")
    alone = sessions.approves_itself(work.db)
    if wish.wish == RECODE:
        _require_edition(wish)
        wish = Wish(RECODE, wish.standard, standard, wish.moves)
        if not alone:  # who waits for another person shall not wait for a refusal
            _require_moves(work, wish, load(work.engine, work.db, ["class_code"], Silent()))
    draft = Draft(LABELS[wish.wish], (), wish.standard or standard, plane(work.db), 0, empty_components())
    session_id = sessions.open_session(work, draft, COMMITTED if alone else SUBMITTED)
    codes.keep_wish(work, session_id, wish)
    if not alone:
        return session_id, SUBMITTED, {}
    counts = commit(work, session_id, wish, progress)
    sessions.mark_committed(work, session_id, counts)
    return session_id, COMMITTED, counts


def commit(work: Work, session_id: int, wish: Wish, progress: Progress) -> dict[str, int]:
    """Do what the session wishes, to what is stored now."""
    progress.report(0.0, "Reading components")
    done = _numbered(work, progress) if wish.wish == NUMBER else _recoded(work, wish, progress)
    ids = done.frame["component_id"].to_numpy("i8")
    if not len(ids):
        raise Refused(
            "There is no component whose code this would change.",
            remedy="Components that stand in no cell of a known county, or in no class of the edition, get no code.",
        )
    progress.report(0.4, "Writing components")
    census.rewrite(work, done.frame, session_id, Part(progress, 0.4, 0.9))
    now = done.frame["code"].astype(str).tolist()
    changed = [place for place, (code, old) in enumerate(zip(now, done.former, strict=True)) if code != old]
    new, former = [now[place] for place in changed], [done.former[place] for place in changed]
    codes.register(work, session_id, ids[changed], new, former)
    codes.raise_counters(work.db, done.taken)
    if wish.wish == RECODE:
        put_edition(work, wish.standard)
    return {"new": 0, "changed": len(ids), "unchanged": 0, "missing": 0}


def commit_kept(work: Work, session_id: int, wish: Wish, progress: Progress) -> dict[str, int]:
    """Commit a session that was submitted; a second person does it where the store wants one."""
    sessions.require_decision(work, session_id)
    counts = commit(work, session_id, wish, progress)
    sessions.mark_committed(work, session_id, counts)
    return counts


def require_undoable(work: Work, session_id: int) -> None:
    """Raise `Conflict` where what came later speaks the edition that an undo would take back."""
    if codes.wish_of(work.db, session_id).wish != RECODE:
        return
    mine = sa.select(session.c.stored_as).where(session.c.session_id == session_id).scalar_subquery()
    brought = session.c.session_id.in_(sa.select(component.c.session_id).distinct())
    later = sa.select(session.c.session_id).where(session.c.stored_as > mine, brought)
    found = work.db.execute(later.order_by(session.c.stored_as.desc()).limit(1)).scalar()
    if found:
        raise Conflict(
            "The codes of session {session} cannot be taken back: session {later} brought components in the new edition.",
            remedy="Undo the later session first, the latest one before the others.",
            session=session_id,
            later=found,
        )


def take_back(work: Work, session_id: int) -> None:
    """After an undo: the edition that was used before."""
    wish = codes.wish_of(work.db, session_id)
    if wish.former_standard:
        put_edition(work, wish.former_standard)


def _numbered(work: Work, progress: Progress) -> Recoded:
    ids = (
        work.db.execute(sa.select(component.c.component_id).where(component.c.code.is_(None))).scalars().all()
    )
    frame = load(work.engine, work.db, COMPONENT_COLUMNS, Part(progress, 0.0, 0.3), ids=ids)
    rows = {"code": [str(code) or None for code in frame["code"]]}
    given = codes.give(work, frame, rows, setting_of(work.db, "standard"))
    mine = frame.iloc[given].reset_index(drop=True)
    mine["code"] = pd.array([rows["code"][place] for place in given.tolist()], dtype="str")
    return Recoded(mine, [""] * len(mine), {})


def _recoded(work: Work, wish: Wish, progress: Progress) -> Recoded:
    frame = load(work.engine, work.db, COMPONENT_COLUMNS, Part(progress, 0.0, 0.3))
    _require_moves(work, wish, frame)
    extensions = load_extensions(work.engine, work.db)
    old, new = (catalogues.load(edition, extensions) for edition in (FROM, TO))
    return recoded(frame, old, new, wish.moves or {}, codes.register_of(work.db))


def _require_edition(wish: Wish) -> None:
    """Raise `Refused` for an edition that codes cannot be moved to."""
    if wish.standard != TO:
        raise Refused(
            "Codes can be changed from edition 2013 to 2026 only, not to {edition}.",
            remedy="Say `--to 2026`; `census undo` brings the codes of before back.",
            edition=wish.standard,
        )


def _require_moves(work: Work, wish: Wish, frame: pd.DataFrame) -> None:
    """Raise `Refused` unless every class of the components `frame` has its place in the edition wanted."""
    used = frame["class_code"].astype(str).unique().tolist()
    lost = unanswered(used, catalogues.load(TO, load_extensions(work.engine, work.db)), wish.moves or {})
    if lost:
        raise Refused(
            "{count} classes in use have no counterpart in edition 2026: {classes}.",
            remedy="Say what becomes of each in a CSV `old,new` and give it with --moves; a class of the city's own is "
            "added to 2026 first, with `classes extend`.",
            count=len(lost),
            classes=", ".join(lost[:20]),
        )
