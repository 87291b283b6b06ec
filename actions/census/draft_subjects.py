"""Rows of a draft as corrections leave them: as read, every correction that stands applied, asked by the rules again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from actions.census.import_census import context_of
from actions.census.rules import rules_of
from census.review.corrections import ROW, Correction, Rebuilt
from census.review.neighbours import near
from census.review.rechecking import Others, Read, accepted_subjects, apply, fresh, rebuild, refused_subjects
from kernel.clock import local_today
from kernel.errors import Refused

if TYPE_CHECKING:
    from data.census.corrections import DraftRows
    from data.store import Store

Key = tuple[str, str, int]  # file, layer, record
Wish = tuple[Correction, Mapping[Key, str]]  # with the new text or place of each row meant


def subjects_of(
    store: Store, session: int, draft: DraftRows, keys: Iterable[Key], *, without: Collection[int] = ()
) -> pd.DataFrame:
    """The rows that corrections touch, with those that stand applied; `keys` are rows about to be touched."""
    live = draft.log
    if len(live):
        live = live[(live["undone_at"] == "") & ~live["number"].isin(list(without))]
    rows = draft.log_rows
    of = {
        int(number): _values(rows[rows["number"] == number])
        for number in (live["number"] if len(live) else ())
    }
    wanted = {key for own in of.values() for key in own} | set(keys)
    subjects = fresh(_subjects(store, session, draft, wanted))
    for each in live.to_dict("records"):
        correction = Correction(str(each["kind"]), str(each["field"]), str(each["value"]))
        subjects = apply(subjects, correction, of[int(each["number"])])
    return subjects


def _values(rows: pd.DataFrame) -> dict[Key, str]:
    """What a correction in the log made of each of its rows."""
    return dict(zip(keys_of(rows), rows["after"].astype(str), strict=True))


def _subjects(store: Store, session: int, draft: DraftRows, wanted: set[Key]) -> pd.DataFrame:
    """The wanted rows as they were read, and the refused rows that share a doubled code with them."""
    read = read_of(store, session, draft)
    refused = draft.quarantined[among(draft.quarantined, wanted | _partners(draft, wanted))]
    parts = [refused_subjects(refused, read)] if len(refused) else []
    missing = wanted - set(keys_of(refused))
    if missing:
        places = np.flatnonzero(among(draft.origins, missing))
        if len(places) < len(missing):
            key = next(iter(missing - set(keys_of(draft.origins.iloc[places]))))
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
    codes = set(doubled["value"][among(doubled, wanted)])
    return set(keys_of(doubled[doubled["value"].isin(codes)]))


def keep_corrections(
    store: Store, session: int, draft: DraftRows, subjects: pd.DataFrame, wishes: Sequence[Wish]
) -> list[int]:
    """Correct, ask the rules again, and keep all of it in the log or nothing; the corrections' numbers.

    Raises `Refused` where a sound row would be spoilt, `Conflict` where another person corrected the draft meanwhile.
    """
    made = []
    for correction, values in wishes:
        made.append((correction, _logged(subjects, correction, values)))
        subjects = apply(subjects, correction, values)
    rebuilt = rebuilt_of(store, session, draft, subjects)
    done = store.correct_session(session, made, rebuilt, seen=draft.step)
    return [int(number) for number in done.keys[1:]]


def _logged(subjects: pd.DataFrame, correction: Correction, values: Mapping[Key, str]) -> pd.DataFrame:
    """The rows meant, with what the correction takes the place of and what it makes of them."""
    rows = subjects[among(subjects, set(values))]
    if correction.moves:
        before = [f"{x:.3f}, {y:.3f}" for x, y in zip(rows["x"], rows["y"], strict=True)]
    else:
        before = rows[correction.field or "code"].tolist()
    after = [values[key] for key in keys_of(rows)]
    return rows[["file", "layer", "row", "record"]].assign(before=before, after=after).reset_index(drop=True)


def rebuilt_of(store: Store, session: int, draft: DraftRows, subjects: pd.DataFrame) -> Rebuilt:
    """The subjects asked by the city's rules once more, beside the rows that nobody touched."""
    context = context_of(store, local_today())
    city = rules_of(store)
    others = _others(store, session, draft, subjects, city.rules["near_duplicate"].limit)
    return rebuild(subjects, read_of(store, session, draft), context, others, city.rules, city.own)


def _others(store: Store, session: int, draft: DraftRows, subjects: pd.DataFrame, limit_m: float) -> Others:
    """The rows that nobody corrected, those near to a corrected one as subjects themselves."""
    accepted = len(draft.origins)
    touched = np.zeros(accepted + len(draft.quarantined), dtype=bool)
    touched[subjects["place"][subjects["place"] >= 0].to_numpy("i8")] = True
    touched[accepted:] = among(draft.quarantined, set(keys_of(subjects)))
    standing = subjects[~subjects["dropped"].to_numpy(dtype=bool)]
    read_at = _places(store, session, draft)
    now = standing[["x", "y"]].to_numpy("f8")
    free = np.flatnonzero(~touched)
    found = near(np.concatenate([now, read_at[touched]]), read_at[free], limit_m)
    codes = frozenset(draft.codes[~touched[:accepted]])
    rows = [_rows_at(store, session, draft, free[places]) for places in (found.beside, found.witnesses)]
    return Others(codes, *rows)


def _places(store: Store, session: int, draft: DraftRows) -> np.ndarray:
    """x, y of the accepted and behind them of the refused rows, as read."""
    components, _ = store.draft_components(session, ["x", "y"])
    shapes = shapely.from_wkb(draft.quarantined["shape"].to_numpy(dtype=object))
    middle = shapely.point_on_surface(shapes)
    refused = np.column_stack([shapely.get_x(middle), shapely.get_y(middle)])
    return np.concatenate([components[["x", "y"]].to_numpy("f8"), refused])


def _rows_at(store: Store, session: int, draft: DraftRows, places: np.ndarray) -> pd.DataFrame:
    """Rows as read, by their places as `_places` counts them."""
    accepted = len(draft.origins)
    refused = draft.quarantined.iloc[places[places >= accepted] - accepted]
    parts = [refused_subjects(refused, read_of(store, session, draft))]
    if (places < accepted).any():
        parts.append(accepted_subjects(*store.draft_components(session), places[places < accepted]))
    return fresh(pd.concat([part for part in parts if len(part)] or parts, ignore_index=True))


def read_of(store: Store, session: int, draft: DraftRows) -> Read:
    """How the session was read."""
    row = store.session(session)
    return Read(row["notes"], row["standard"], int(row["crs"]), draft.findings, draft.without_codes)


def among(frame: pd.DataFrame, keys: set[Key]) -> np.ndarray:
    """Which rows of `frame` are meant by `keys`."""
    few = frame["record"].isin({record for _, _, record in keys}).to_numpy(dtype=bool, copy=True)
    some = frame[few]
    few[few] = [key in keys for key in keys_of(some)]
    return few


def keys_of(frame: pd.DataFrame) -> list[Key]:
    """The key of each row."""
    return list(zip(*(frame[name].tolist() for name in ROW), strict=True))
