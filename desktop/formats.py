"""How codes, figures, planes and moments are written on the desk."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from desktop.words import Text, Wording
from gis.crs import system

CODE_PARTS = {15: (9, 3, 3), 16: (6, 4, 6), 17: (6, 5, 6), 12: (6, 3, 3), 9: (6, 3)}
STATE_TONES = {"破损": "late", "丢失": "late", "废弃": "stale", "移除": "stale"}
STATES = {
    "完好": Text("sound"), "破损": Text("damaged"), "丢失": Text("lost"), "废弃": Text("abandoned"), "移除": Text("removed"),
}  # fmt: skip
SOURCES = {
    "实测": Text("measured on the spot"), "地形图": Text("topographic map"), "航片": Text("aerial photograph"),
    "其他": Text("other"),
}  # fmt: skip
FIELDS = {
    "code": Text("Code"), "class_code": Text("Class code"), "name": Text("Class name"), "state": Text("State"),
    "cell_code": Text("Unit grid cell"), "authority_code": Text("Authority code"), "authority_name": Text("Authority"),
    "owner_code": Text("Owner code"), "owner_name": Text("Owner"), "maintainer_code": Text("Maintainer code"),
    "maintainer_name": Text("Maintainer"), "initial_date": Text("First surveyed"), "change_date": Text("Date of change"),
    "source": Text("Source of data"), "accuracy": Text("Accuracy"), "location": Text("Location"), "note": Text("Note"),
    "extra": Text("Further fields"), "position": Text("Position"), "geometry": Text("Geometry"),
    "x": Text("Y (east)"), "y": Text("X (north)"), "lon": Text("Longitude"), "lat": Text("Latitude"),
}  # fmt: skip
ACCURACY = {"A": Text("Class A (≤ 0.5 m)"), "B": Text("Class B (≤ 1.0 m)"), "C": Text("Class C (≤ 10 m)")}


def spaced(code: object) -> str:
    """A code with thin groups: cells 9 · 3 · 3, components 6 · 4 · 6 or 6 · 5 · 6; others as they are."""
    text = "" if code is None else str(code)
    parts = CODE_PARTS.get(len(text))
    if parts is None or not text.isdigit():
        return text
    out, at = [], 0
    for width in parts:
        out.append(text[at : at + width])
        at += width
    return " ".join(out)


def grouped(figure: float) -> str:
    """A whole figure; thousands are parted from 10,000 on."""
    whole = round(figure)
    return f"{whole:,}" if abs(whole) >= 10_000 else str(whole)


def share(part: float, whole: float) -> str:
    """A percentage with one decimal, `—` without a base."""
    return f"{part / whole:.1%}".replace("%", " %") if whole else "—"


@lru_cache(maxsize=16)
def plane_name(epsg: int) -> Wording:
    """The name of the city's plane, short."""
    if not epsg:
        return ""
    if 4534 <= epsg <= 4554:
        return Text(
            "CGCS2000 / 3° zone {meridian}° E (EPSG:{epsg})", meridian=75 + 3 * (epsg - 4534), epsg=epsg
        )
    return f"{system(epsg).name} (EPSG:{epsg})"


def metres(value: float) -> Text:
    """A coordinate to the millimetre."""
    return Text("{value} m", value=f"{value:,.3f}")


def square_metres(value: float) -> Text:
    """An area to the square metre."""
    return Text("{value} m²", value=f"{value:,.0f}")


def minute(stamp: str) -> str:
    """`2026-11-21T06:32:05Z` as local `2026-11-21 14:32`; other text as it is."""
    try:
        moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return stamp
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment.tzinfo else stamp


def seconds(value: float) -> Text:
    """A short duration."""
    return Text("{value} s", value=f"{value:.1f}")


def field_name(name: str) -> Wording:
    """What a component's field is called; others by their own name."""
    return FIELDS.get(name, name)


def translated(table: dict[str, Text], value: object) -> Wording:
    """A stored Chinese value in the reader's words; unknown ones as they are."""
    text = "" if value is None else str(value)
    return table.get(text, text)
