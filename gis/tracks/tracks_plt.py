"""GeoLife .plt: six lines of head, then latitude, longitude, 0, altitude in feet, days since 1899, date, time (GMT)."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from gis.tracks.tracks_points import Track, holder, points_frame
from gis.tracks.tracks_time import seconds
from kernel.errors import Refused

HEAD_LINES: Final = 6
_FIELDS: Final = ("lat", "lon", "zero", "altitude_feet", "days", "date", "clock")
_NOTHING: Final = pd.DataFrame(columns=_FIELDS, dtype=str)


def read(path: Path, shown: str = "") -> Track:
    """The points of a .plt file. Raises `Refused` when the file is no such thing."""
    shown = shown or path.name
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if not lines or "geolife" not in lines[0].lower():
        raise Refused("{file} is no GeoLife .plt file.", remedy="Its first line should read: Geolife trajectory.",
                      file=shown)  # fmt: skip
    body = [line for line in lines[HEAD_LINES:] if line.strip()]
    table = pd.read_csv(io.StringIO("\n".join(body)), names=_FIELDS, usecols=range(len(_FIELDS)), dtype=str,
                        keep_default_na=False, quoting=csv.QUOTE_NONE, on_bad_lines="skip") if body else _NOTHING  # fmt: skip
    table = table.reindex(range(len(body)), fill_value="")  # a line that is no row still counts as read
    columns: dict[str, object] = {
        "row": np.arange(HEAD_LINES + 1, HEAD_LINES + 1 + len(table)),
        "patroller": np.full(len(table), holder(shown), dtype=object),
        "time_s": seconds(table["date"].str.strip() + "T" + table["clock"].str.strip() + "Z"),
        "x": pd.to_numeric(table["lon"], errors="coerce").to_numpy(dtype=float),
        "y": pd.to_numeric(table["lat"], errors="coerce").to_numpy(dtype=float),
    }
    return Track(shown, points_frame(columns, len(table)))
