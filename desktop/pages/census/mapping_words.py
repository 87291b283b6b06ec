"""What our columns are called on the screen, and how sure a reading is in words."""

from __future__ import annotations

import json
from typing import Any

from desktop.formats import plane_name
from desktop.widgets.facts import Fact
from desktop.words import Text, Wording

COLUMNS: dict[str, Text] = {
    "code": Text("Code"), "class_code": Text("Class code"), "name": Text("Class name"),
    "authority_code": Text("Authority, code"), "authority_name": Text("Authority"), "owner_code": Text("Owner, code"),
    "owner_name": Text("Owner"), "maintainer_code": Text("Maintenance, code"), "maintainer_name": Text("Maintenance"),
    "cell_code": Text("Cell"), "state": Text("State"), "initial_date": Text("Date of first survey"),
    "change_date": Text("Date of change"), "source": Text("Source of data"), "accuracy": Text("Accuracy"),
    "location": Text("Location"), "note": Text("Note"), "lon": Text("Longitude"), "lat": Text("Latitude"),
    "x": Text("Y (east)"), "y": Text("X (north)"),
}  # fmt: skip
FURTHER, LEFT_OUT = "", "-"


def column_name(column: str) -> Wording:
    """The name of one of our columns."""
    return COLUMNS.get(column, column)


def surely(certainty: float) -> str:
    """`97 %`."""
    return f"{certainty:.0%}".replace("%", " %")


def tone(certainty: float) -> str:
    """The colour role in which a certainty is shown."""
    return "done" if certainty >= 0.85 else "warning" if certainty >= 0.5 else "alarm"


def least_sure(session: dict[str, Any], what: str) -> Text:
    """`97 % sure`: the least certainty of a session's layers."""
    notes = [json.loads(note) for note in session["notes"].values()]
    return Text("{sure} sure", sure=surely(min((float(note.get(what, 1.0)) for note in notes), default=1.0)))


def reading_facts(session: dict[str, Any]) -> list[Fact]:
    """How a session's files were read: encoding and system, each with its certainty."""
    system = Text(
        "{sure}, on {plane}",
        sure=least_sure(session, "crs_certainty"),
        plane=plane_name(int(session["crs"] or 0)),
    )
    return [
        Fact(Text("Encoding"), session["encoding"] or "—", least_sure(session, "certainty")),
        Fact(Text("Reference system"), session["source_crs"] or "—", system),
    ]
