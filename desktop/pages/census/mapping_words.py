"""What our columns are called on the screen, and how sure a reading is in words."""

from __future__ import annotations

import json
from typing import Any

from desktop.formats import plane_name
from desktop.widgets.facts import Fact
from desktop.words import Text

FURTHER, LEFT_OUT = "", "-"


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
