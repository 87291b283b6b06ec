"""One report from the field about one component, as it was sent: nothing is stored of it but the report itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

NEW, CHANGED, DAMAGED, REMOVED = "new", "changed", "damaged", "removed"
KINDS: Final = (NEW, CHANGED, DAMAGED, REMOVED)
REPORTED, RETURNED, APPROVED, UNDONE, DELETED = "reported", "returned", "approved", "undone", "deleted"
STATES: Final = (REPORTED, RETURNED, APPROVED, UNDONE, DELETED)
STATE_OF: Final = {DAMAGED: "破损", REMOVED: "移除"}  # what a kind says about the component's state

# What a record may say about a component, by the columns of `gis.frames.COMPONENT_COLUMNS`.
FIELDS: Final = (
    "class_code", "name", "state", "authority_code", "authority_name", "owner_code", "owner_name", "maintainer_code",
    "maintainer_name", "initial_date", "change_date", "source", "accuracy", "location", "note",
)  # fmt: skip
RECORD_COLUMNS: Final = (
    "record_id", "foreign_id", "kind", "status", "code", "component_id", "fields", "x", "y", "photos", "reported_by",
    "reported_at", "entered_by", "entered_at", "decided_by", "decided_at", "reason", "session_id",
)  # fmt: skip
EVENT_COLUMNS: Final = ("record_id", "number", "at", "actor", "deed", "field", "before", "after")


@dataclass(frozen=True)
class Record:
    """`code` names the component that a changed, damaged or removed one is about; x and y lie on the city's plane, NaN
    where the place stays as it is. `fields` holds only what the person said. `foreign_id` is the gateway's own number."""

    kind: str
    fields: dict[str, str] = field(default_factory=dict)
    code: str = ""
    x: float = math.nan
    y: float = math.nan
    photos: tuple[str, ...] = ()
    reported_by: str = ""
    reported_at: str = ""
    foreign_id: str = ""

    @property
    def placed(self) -> bool:
        """Whether it names a place."""
        return math.isfinite(self.x) and math.isfinite(self.y)


def said(record: Record) -> dict[str, str]:
    """What the record says about the component, field by field, with the state that its kind means."""
    implied = {"state": STATE_OF[record.kind]} if record.kind in STATE_OF else {}
    return implied | {name: text for name, text in record.fields.items() if text}


def differences(stored: dict[str, object], record: Record) -> pd.DataFrame:
    """`field`, `stored`, `reported`, `differs`: what the register has beside what was reported; only what was said."""
    rows = [(name, str(stored.get(name, "") or ""), text) for name, text in said(record).items()]
    if record.placed:
        before = (
            float(str(stored[axis])) if stored.get(axis) is not None else math.nan for axis in ("x", "y")
        )
        rows += [
            (axis, "" if math.isnan(was) else f"{was:.3f}", f"{now:.3f}")
            for axis, was, now in zip(("x", "y"), before, (record.x, record.y), strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["field", "stored", "reported"])
    return frame.assign(differs=frame["stored"] != frame["reported"])
