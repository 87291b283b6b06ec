"""What every track file becomes: its rows as they are, one patroller label each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import numpy as np
import pandas as pd

# `time_s`: UTC seconds since 1970, NaN without one; `x`, `y`: degrees east and north, or metres on the city's plane;
# `row`: the row (or point) in the file, from 1.
TRACK_COLUMNS: Final = ("row", "patroller", "time_s", "x", "y", "speed_m_s", "heading_deg", "accuracy_m")


@dataclass(frozen=True)
class Track:
    """The points of one file, in the file's order, with `TRACK_COLUMNS`; `in_degrees`: x, y are WGS84 lon, lat."""

    file: str
    points: pd.DataFrame
    in_degrees: bool = True


def points_frame(columns: dict[str, object], rows: int) -> pd.DataFrame:
    """A frame of `TRACK_COLUMNS`; what is not given is NaN, rows are counted from 1."""
    missing = np.full(rows, np.nan)
    full = {"row": np.arange(1, rows + 1)} | dict.fromkeys(TRACK_COLUMNS[2:], missing) | columns
    return pd.DataFrame(full)[list(TRACK_COLUMNS)]


def holder(shown: str) -> str:
    """Who a file is about, by its place: the folder it lies in, else its own name.

    GeoLife keeps a user's files in `000/Trajectory/`; then it is the folder above.
    """
    path = PurePosixPath(shown.replace("\\", "/").rpartition("!")[2])
    folders = [part for part in path.parent.parts if part not in (".", "/")]
    if folders and folders[-1].lower() == "trajectory":
        folders = folders[:-1]
    return folders[-1] if folders else path.stem
