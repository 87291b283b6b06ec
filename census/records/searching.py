"""Field records found by what people ask for: text, kind, state, class, person, day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Wanted:
    """Filters that narrow one another; "" lets everything pass. Days are `2026-11-21`, of the day a record was entered."""

    text: str = ""
    kind: str = ""
    status: str = ""
    class_code: str = ""
    person: str = ""
    since: str = ""
    until: str = ""


def matching(records: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Rows of a frame of `census.records.record.RECORD_COLUMNS` that pass every filter, in their order."""
    keep = np.ones(len(records), bool)
    for column, value in (("kind", wanted.kind), ("status", wanted.status)):
        if value:
            keep &= (records[column] == value).to_numpy(bool)
    if wanted.class_code:
        keep &= np.array(
            [fields.get("class_code", "") == wanted.class_code for fields in records["fields"]], bool
        )
    if wanted.person:
        people = zip(records["reported_by"], records["entered_by"], strict=True)
        keep &= np.array([wanted.person in pair for pair in people], bool)
    if wanted.text:
        keep &= np.array([wanted.text.lower() in line for line in _lines(records)], bool)
    days = records["entered_at"].astype(str).str.slice(0, 10)
    if wanted.since:
        keep &= (days >= wanted.since).to_numpy(bool)
    if wanted.until:
        keep &= (days <= wanted.until).to_numpy(bool)
    return records[keep].reset_index(drop=True)


def _lines(records: pd.DataFrame) -> list[str]:
    """Everything that can be read of each record, in small letters."""
    columns = (records[name] for name in ("code", "foreign_id", "reported_by", "reason", "fields"))
    return [" ".join([*texts, *fields.values()]).lower() for *texts, fields in zip(*columns, strict=True)]
