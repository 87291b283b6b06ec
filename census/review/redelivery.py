"""The second delivery: which refused rows came back corrected, which still fail, which never came back.

A list of refused rows carries a field `WG_REF` that names the store, the session and the row's place in it. Where the
company left that field out, a row answers the refused row that bears its code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from census.draft import ANSWER_COLUMNS, Draft
from census.mapping import RETURN_FIELDS
from census.reading.tables import Flags, factor
from census.survey import Survey

CORRECTED, STILL_REFUSED, NOT_RETURNED = "corrected", "still_refused", "not_returned"
FOLLOW_UP_COLUMNS: Final = (
    "file", "layer", "row", "finding_codes", "outcome", "new_file", "new_layer", "new_row", "new_codes",
)  # fmt: skip
MARK_LETTERS: Final = 6
_REFERENCE: Final = re.compile(r"([0-9a-z]{6})-([0-9]{1,9})-([0-9]{1,9})")


def reference(store_id: str, session: int, place: int) -> str:
    """What `WG_REF` says of the row at `place` (from 0) among the refused rows of `session`."""
    return f"{mark_of(store_id)}-{session}-{place + 1}"


def mark_of(store_id: str) -> str:
    """The beginning of a store's id that references carry."""
    return re.sub(r"[^0-9a-z]", "", store_id.lower())[:MARK_LETTERS].rjust(MARK_LETTERS, "0")


def answers_of(survey: Survey, refused: Flags) -> pd.DataFrame:
    """Rows of the survey that carry a reference, columns `ANSWER_COLUMNS`."""
    parts = []
    for layer in survey.layers:
        if RETURN_FIELDS[0] not in layer.table.columns:
            continue
        column = factor(layer.table.columns[RETURN_FIELDS[0]])
        read = [_REFERENCE.fullmatch(text.strip().lower()) for text in column.values]
        own = column.flags([found is not None for found in read])
        found = [read[code] for code in column.codes[own]]
        parts.append(_answers(survey, own + layer.first, refused, [each.groups() for each in found if each]))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(ANSWER_COLUMNS))


def _answers(
    survey: Survey, rows: np.ndarray, refused: Flags, references: list[tuple[str, ...]]
) -> pd.DataFrame:
    layers = [survey.layers[number].table for number in survey.layer_of[rows]]
    return pd.DataFrame(
        {
            "mark": [mark for mark, _, _ in references],
            "session": np.array([int(session) for _, session, _ in references], "i8"),
            "place": np.array([int(place) - 1 for _, _, place in references], "i8"),
            "file": [table.file for table in layers],
            "layer": [table.layer for table in layers],
            "row": survey.rows[rows],
            "record": survey.records[rows],
            "refused": refused[rows],
        }
    )


def answers_by_code(draft: Draft, mark: str, session: int, codes: Mapping[str, int]) -> pd.DataFrame:
    """Rows of `draft` that bear one of `codes` (code → place among the refused rows of `session`)."""
    accepted = draft.origins.astype({"file": "str", "layer": "str"})
    accepted["code"] = draft.components["code"].astype("str").to_numpy() if len(accepted) else ""
    refused = draft.quarantined[["file", "layer", "row", "record"]].copy()
    refused["code"] = refused_codes(draft.quarantined, draft.notes)
    both = pd.concat([accepted.assign(refused=False), refused.assign(refused=True)], ignore_index=True)
    both = both[both["code"].isin(list(codes))].drop_duplicates("code")
    both = both.assign(mark=mark, session=session, place=both["code"].map(codes).astype("i8"))
    return both[list(ANSWER_COLUMNS)].reset_index(drop=True)


def refused_codes(quarantined: pd.DataFrame, notes: Mapping[str, str]) -> list[str]:
    """The component code that each refused row bears, `""` for none, by the mapping of its layer."""
    fields: dict[tuple[str, str], str] = {}
    for note in notes.values():
        read = json.loads(note)
        form = read.get("form")
        if form:
            fields[form["file"], form["layer"]] = read["mapping"].get("code", "")
    return [
        str(json.loads(raw or "{}").get(fields.get((file, layer), ""), "")).strip()
        for file, layer, raw in zip(
            quarantined["file"], quarantined["layer"], quarantined["raw"], strict=True
        )
    ]


def follow_up(quarantined: pd.DataFrame, answers: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """What became of each refused row of an earlier session, columns `FOLLOW_UP_COLUMNS`.

    `quarantined`: that session's refused rows; `answers`: the later session's rows that answer them; `again`: the
    later session's refused rows, whose codes say why a row still fails. Of several answers a sound one counts.
    """
    keys = ["file", "layer", "record"]
    why = again.drop_duplicates(keys).set_index(keys)["finding_codes"].to_dict()
    still = [key in why for key in zip(*(answers[name] for name in keys), strict=True)]
    answers = answers.assign(refused=still)
    best = answers.sort_values("refused", kind="stable").drop_duplicates("place")
    answer_of = {int(each["place"]): each for each in best.to_dict("records")}
    rows = []
    for place, (file, layer, row, codes) in enumerate(
        zip(*(quarantined[name] for name in FOLLOW_UP_COLUMNS[:4]), strict=True)
    ):
        new = answer_of.get(place)
        if new is None:
            rows.append((file, layer, row, codes, NOT_RETURNED, "", "", -1, ""))
            continue
        outcome = STILL_REFUSED if new["refused"] else CORRECTED
        new_codes = why.get((new["file"], new["layer"], new["record"]), "")
        rows.append((file, layer, row, codes, outcome, new["file"], new["layer"], int(new["row"]), new_codes))
    return pd.DataFrame(rows, columns=list(FOLLOW_UP_COLUMNS))
