"""What the card says of a component, a cell or a patroller: read on the lane, written on the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data.store import Store
from desktop.formats import (
    ACCURACY,
    SOURCES,
    STATE_TONES,
    STATES,
    field_name,
    metres,
    minute,
    spaced,
    square_metres,
    translated,
)
from desktop.models.city import City
from desktop.state import Desk, Selection
from desktop.widgets.card import CardFacts, Happened, Named
from desktop.words import Text, Wording

SHOWN_HISTORY = 4


@dataclass(frozen=True)
class Read:
    """What the store answered about the selection."""

    selection: Selection
    component: dict[str, Any] = field(default_factory=dict)
    history: pd.DataFrame = field(default_factory=pd.DataFrame)
    count: int = 0
    fix: dict[str, Any] = field(default_factory=dict)


def read(store: Store, selection: Selection) -> Read:
    """Ask the store about one thing."""
    if selection.kind == "component":
        component_id = int(selection.key)
        return Read(selection, store.component(component_id), store.component_history(component_id))
    if selection.kind == "cell":
        return Read(selection, count=len(store.load_components(["component_id"], cell_codes=[selection.key])))
    if selection.kind == "patroller":
        last = store.last_fixes()
        mine = last[last["patroller_id"].astype(str) == selection.key]
        return Read(selection, fix=mine.iloc[-1].to_dict() if len(mine) else {})
    return Read(selection)


def facts_of(
    read: Read,
    desk: Desk,
    city: City,
    to_cell: Callable[[str], object],
    zoom: Callable[[], object],
    copy: Callable[[], object],
) -> CardFacts:
    """The card's words for what was read."""
    if read.component:
        return _component(read, desk, to_cell, zoom, copy)
    if read.selection.kind == "cell":
        return _cell(read, city, zoom)
    if read.selection.kind == "patroller":
        return _patroller(read, city, zoom)
    return _area(read, city, zoom)


def _component(
    read: Read,
    desk: Desk,
    to_cell: Callable[[str], object],
    zoom: Callable[[], object],
    copy: Callable[[], object],
) -> CardFacts:
    thing, facts = read.component, desk.state.facts
    assert facts is not None
    class_code, state = str(thing["class_code"]), str(thing["state"])
    name = facts.catalogue.name_of(class_code) or str(thing.get("name", "")) or class_code
    majors = dict(zip(facts.catalogue.majors["major_code"], facts.catalogue.majors["name"], strict=True))
    major = class_code[:2]
    cell = str(thing.get("cell_code") or "")
    named = [Named(Text("Component code"), spaced(thing["code"]) or Text("none yet"), code=True)]
    named += [Named(Text("Former code"), spaced(former)) for former in thing.get("former_codes", ())]
    named.append(
        Named(Text("In cell"), spaced(cell), lambda: to_cell(cell))
        if cell
        else Named(Text("In cell"), Text("outside every cell"))
    )
    return CardFacts(
        title=name,
        note=f"{major} {majors.get(major, '')} · {class_code}",
        chip=translated(STATES, state),
        tone=STATE_TONES.get(state, ""),
        picture=desk.look.symbol(class_code, facts.catalogue.standard, 40, 2.0, name),
        named=tuple(named),
        groups=(_departments(thing), _survey(thing)),
        history=tuple(_happened(read.history)),
        history_note=Text("{count} entries", count=len(read.history)),
        buttons=((Text("Zoom here"), zoom), (Text("Copy the code"), copy)),
    )


def _departments(thing: dict[str, Any]) -> tuple[tuple[Wording, Wording], ...]:
    names = ("authority_name", "owner_name", "maintainer_name")
    return tuple((field_name(name), str(thing.get(name) or "") or "—") for name in names)


def _survey(thing: dict[str, Any]) -> tuple[tuple[Wording, Wording], ...]:
    pairs: list[tuple[Wording, Wording]] = [
        (Text("Registered"), str(thing.get("initial_date") or "—")),
        (Text("Date of change"), str(thing.get("change_date") or "—")),
        (Text("Source"), translated(SOURCES, thing.get("source")) or "—"),
        (Text("Accuracy"), translated(ACCURACY, thing.get("accuracy")) or "—"),
        (Text("X (north)"), metres(float(thing["y"]))),
        (Text("Y (east)"), metres(float(thing["x"]))),
    ]
    if thing.get("location"):
        pairs.append((Text("Place"), str(thing["location"])))
    if thing.get("note"):
        pairs.append((Text("Note"), str(thing["note"])))
    return tuple(pairs)


def _happened(history: pd.DataFrame) -> list[Happened]:
    lines = []
    for entry in history.iloc[::-1].head(SHOWN_HISTORY).to_dict("records"):
        name = field_name(str(entry["field"]))
        what: Wording = (
            Text(
                "{field} {before} → {after}",
                field=name,
                before=entry["before"] or "—",
                after=entry["after"] or "—",
            )
            if entry["field"]
            else Text("entered by the census")
        )
        lines.append(Happened(minute(str(entry["at"]))[:10], what, Text("session {id}", id=entry["session"])))
    return lines


def _cell(read: Read, city: City, zoom: Callable[[], object]) -> CardFacts:
    cells = city.ground.cells if city.ground else pd.DataFrame()
    row = cells[cells["code"] == read.selection.key].iloc[0]
    community, street = (
        name_of_area(city, "community", row["community_code"]),
        name_of_area(city, "street", row["code"][:9]),
    )
    return CardFacts(
        title=Text("Cell {number}", number=row["code"][-3:]),
        note=" · ".join(part for part in (street, community) if part),
        named=(Named(Text("Cell code"), spaced(row["code"]), code=True),),
        groups=(
            (
                (Text("Area"), square_metres(float(row["area_m2"]))),
                (Text("Components"), f"{read.count:,}"),
                (Text("Registered"), row["initial_date"] or "—"),
                (Text("Note"), row["note"] or "—"),
            ),
        ),
        buttons=((Text("Zoom here"), zoom),),
    )


def _patroller(read: Read, city: City, zoom: Callable[[], object]) -> CardFacts:
    known = city.patrol.patrollers if city.patrol else pd.DataFrame()
    mine = known[known["patroller_id"].astype(str) == read.selection.key]
    person = mine.iloc[0].to_dict() if len(mine) else {}
    fix = read.fix
    at = pd.Timestamp(fix["time_s"], unit="s", tz="UTC").isoformat() if fix else ""
    moving: Wording = (
        Text("{speed} m/s", speed=f"{fix['speed_m_s']:.1f}") if fix and np.isfinite(fix["speed_m_s"]) else "—"
    )
    return CardFacts(
        title=str(person.get("name") or person.get("code") or read.selection.key),
        note=" · ".join(str(person.get(key) or "") for key in ("role", "company", "team") if person.get(key)),
        named=(Named(Text("Staff number"), str(person.get("code") or "—"), code=True),),
        groups=(
            (
                (Text("Last fix"), minute(at) or "—"),
                (Text("Speed"), moving),
                (Text("X (north)"), metres(float(fix["y"])) if fix else "—"),
                (Text("Y (east)"), metres(float(fix["x"])) if fix else "—"),
            ),
        ),
        buttons=((Text("Zoom here"), zoom),),
    )


def _area(read: Read, city: City, zoom: Callable[[], object]) -> CardFacts:
    selection = read.selection
    title = name_of_area(city, selection.kind, selection.key) or selection.key
    return CardFacts(title=title, note=spaced(selection.key), buttons=((Text("Zoom here"), zoom),))


def name_of_area(city: City, level: str, code: str) -> str:
    """The name of an administrative area, `""` when it is not known."""
    areas = city.ground.areas.get(level) if city.ground else None
    if areas is None:
        return ""
    found = areas.loc[areas["code"] == code, "name"]
    return str(found.iloc[0]) if len(found) else ""


def place_of(city: City, selection: Selection) -> tuple[float, float, float, float] | None:
    """Bounds of what is chosen with a margin, None for points."""
    if city.ground is None:
        return None
    frame = city.ground.cells if selection.kind == "cell" else city.ground.areas.get(selection.kind)
    if frame is None:
        return None
    found = frame[frame["code"] == selection.key]
    if not len(found):
        return None
    xmin, ymin, xmax, ymax = found.total_bounds
    margin = 0.3 * max(xmax - xmin, ymax - ymin)
    return (xmin - margin, ymin - margin, xmax + margin, ymax + margin)


def place_of_cell(city: City, code: str) -> tuple[float, float, float, float] | None:
    """Bounds of a cell with a margin."""
    return place_of(city, Selection("cell", code))
