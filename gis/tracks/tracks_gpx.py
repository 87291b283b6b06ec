"""GPX 1.0 and 1.1: track points with place, time, speed, course. Read by expat; entities are not allowed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

import numpy as np
import pandas as pd

from gis.tracks.tracks_points import Track, holder, points_frame
from gis.tracks.tracks_time import seconds
from kernel.errors import Refused

_POINT: Final = frozenset(("trkpt", "rtept"))
_FIELDS: Final = {"time": "time", "speed": "speed_m_s", "course": "heading_deg", "hdop": "hdop"}
METRES_PER_HDOP: Final = 5.0  # a common rule of thumb for hand-held receivers


def read(path: Path, shown: str = "") -> Track:
    """The points of a GPX file's tracks and routes, in their order.

    Raises `Refused` for what is no GPX, for a damaged file (naming its line) and for one that declares entities, which
    no device writes and attackers do.
    """
    shown = shown or path.name
    points = _Points(shown)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = points.start
    parser.EndElementHandler = points.end
    parser.CharacterDataHandler = points.text
    parser.EntityDeclHandler = points.entity
    parser.buffer_text = True
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise Refused(
            "{file} is damaged or no GPX: line {row} cannot be read.",
            remedy="Export the track again.",
            file=shown,
            row=error.lineno,
            detail=str(error),
        ) from error
    return Track(shown, _frame(points.rows, shown))


class _Points:
    """Gathers points while expat reads."""

    def __init__(self, shown: str) -> None:
        self.rows: list[dict[str, str]] = []
        self._shown = shown
        self._root = ""
        self._point: dict[str, str] | None = None
        self._field = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        local = name.rpartition(" ")[2]
        if not self._root:
            self._root = local
            if local != "gpx":
                raise Refused(
                    "{file} is XML, but no GPX.", remedy="Export the track as GPX.", file=self._shown
                )
        if local in _POINT:
            self._point = {"lat": attributes.get("lat", ""), "lon": attributes.get("lon", "")}
        self._field = _FIELDS.get(local, "") if self._point is not None else ""

    def text(self, data: str) -> None:
        """Text inside an element."""
        if self._field and self._point is not None:
            self._point[self._field] = self._point.get(self._field, "") + data

    def end(self, name: str) -> None:
        """An element ends."""
        self._field = ""
        if name.rpartition(" ")[2] in _POINT and self._point is not None:
            self.rows.append(self._point)
            self._point = None

    def entity(self, *_: Any) -> None:
        """An entity is declared: nothing a device would write."""
        raise Refused("{file} declares XML entities and is not read.", remedy="Ask for a plain GPX file.",
                      file=self._shown)  # fmt: skip


def _frame(rows: list[dict[str, str]], shown: str) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["lat", "lon", "time", "speed_m_s", "heading_deg", "hdop"])
    numbers = {name: pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=float)
               for name in ("lat", "lon", "speed_m_s", "heading_deg", "hdop")}  # fmt: skip
    columns: dict[str, object] = {
        "patroller": np.full(len(table), holder(shown), dtype=object),
        "time_s": seconds(table["time"]),
        "x": numbers["lon"],
        "y": numbers["lat"],
        "speed_m_s": numbers["speed_m_s"],
        "heading_deg": numbers["heading_deg"],
        "accuracy_m": numbers["hdop"] * METRES_PER_HDOP,
    }
    return points_frame(columns, len(table))
