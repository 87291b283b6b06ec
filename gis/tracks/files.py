"""Tracks of people and vehicles from files: GPX, CSV, GeoLife .plt, point layers. Read first, then judged.

A file becomes a `Track` with every row it has; `accepted` then turns tracks into fixes on the city's plane and counts
what it leaves out, by reason. One file per format; a new format is one entry in `READERS` and one file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from gis import crs
from gis.frames import FIX_COLUMNS
from gis.tracks import tracks_gpx, tracks_layer, tracks_plt, tracks_table
from gis.tracks.tracks_points import TRACK_COLUMNS, Track, points_frame
from kernel.errors import Refused

__all__ = ["READERS", "TRACK_COLUMNS", "Accepted", "Track", "accepted", "files_in", "middle", "read", "read_csv",
           "read_gpx", "read_plt"]  # fmt: skip

read_gpx = tracks_gpx.read
read_csv = tracks_table.read
read_plt = tracks_plt.read

READERS: Final[dict[str, Callable[[Path, str], Track]]] = {
    ".gpx": tracks_gpx.read,
    ".plt": tracks_plt.read,
    ".csv": tracks_table.read,
    ".tsv": tracks_table.read,
    ".txt": tracks_table.read,
    ".gpkg": tracks_layer.read,
    ".geojson": tracks_layer.read,
    ".shp": tracks_layer.read,
}
_READ_IF_NAMED: Final = frozenset((".txt",))  # GeoLife's labels.txt lies among the tracks

FIRST_TIME_S: Final = 315_964_800.0  # 1980-01-06, when GPS time begins
CLOCK_SLACK_S: Final = 300.0  # a device's clock may run ahead by this before its time lies in the future
FASTEST_M_S: Final = 60.0
FARTHEST_M: Final = 2_000_000.0  # from the plane's middle; farther away the projection is of no use

NO_TIME, BAD_COORDINATE, OUTSIDE_PLANE, IN_FUTURE, REPEATED = (
    "no_time", "bad_coordinate", "outside_plane", "in_the_future", "repeated",
)  # fmt: skip
IMPOSSIBLE_SPEED: Final = "impossible_speed"


@dataclass(frozen=True)
class Accepted:
    """Fixes fit for the store.

    `fixes`: `FIX_COLUMNS`, ordered by time, `patroller_id` being the position in `patrollers` (their labels).
    `rejected`: rows left out by reason; `flagged`: rows kept although something is odd.
    """

    fixes: pd.DataFrame
    patrollers: tuple[str, ...]
    read: int
    rejected: dict[str, int]
    flagged: dict[str, int]


def read(path: Path, shown: str = "") -> Track:
    """The track file at `path`; `shown` is where the user sees it (`A.zip!000/Trajectory/x.plt`).

    Raises `Refused` for a format that is not in `READERS` and for files that are damaged.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise Refused("{file} is no track file.", remedy="Tracks are .gpx, .csv, .plt, or a layer of points.",
                      file=shown or path.name)  # fmt: skip
    return reader(path, shown or path.name)


def files_in(folder: Path) -> Iterator[Path]:
    """Track files in a folder and the folders in it, by name."""
    for path in sorted(folder.rglob("*")):
        ending = path.suffix.lower()
        if path.is_file() and ending in READERS and ending not in _READ_IF_NAMED and path.name[0] not in ".~":
            yield path


def middle(tracks: Sequence[Track]) -> tuple[float, float] | None:
    """Longitude and latitude in the middle of all tracks in degrees, None where there is none."""
    lon = np.concatenate(
        [track.points["x"].to_numpy() for track in tracks if track.in_degrees] or [np.zeros(0)]
    )
    lat = np.concatenate(
        [track.points["y"].to_numpy() for track in tracks if track.in_degrees] or [np.zeros(0)]
    )
    good = _on_earth(lon, lat)
    return (float(np.median(lon[good])), float(np.median(lat[good]))) if good.any() else None


def accepted(tracks: Sequence[Track], plane: int, now_s: float) -> Accepted:
    """Fixes of `tracks` on the plane with EPSG number `plane`, taken at or before `now_s` (UTC seconds).

    A row is left out without time (or one before GPS began), without a place on the earth, more than 2,000 km from
    the plane's middle, in the future, or when its patroller has a fix of that time already. Speeds over 60 m/s
    between two fixes are flagged, not rejected: which of the two is wrong cannot be told here.
    """
    points = _joined(tracks, plane)
    x, y, time_s = (points[name].to_numpy() for name in ("x", "y", "time_s"))
    reason = np.full(len(points), "", dtype=object)
    for name, found in (
        (OUTSIDE_PLANE, ~_within_reach(x, y, plane)),
        (IN_FUTURE, time_s > now_s + CLOCK_SLACK_S),
        (BAD_COORDINATE, points["bad"].to_numpy()),
        (NO_TIME, ~(time_s >= FIRST_TIME_S)),
    ):
        reason[found] = name
    good = points[reason == ""].sort_values(["patroller", "time_s"], kind="stable")
    repeated = good.duplicated(["patroller", "time_s"]).to_numpy()
    kept = good[~repeated]
    rejected = {
        str(name): int(n) for name, n in pd.Series(reason[reason != ""]).value_counts(sort=False).items()
    }
    if repeated.any():
        rejected[REPEATED] = int(repeated.sum())
    labels, number = np.unique(kept["patroller"].to_numpy(dtype=str), return_inverse=True)
    fast = _too_fast(kept)
    fixes = kept.assign(patroller_id=number).sort_values(["time_s", "patroller_id"])[list(FIX_COLUMNS)]
    flagged = {IMPOSSIBLE_SPEED: fast} if fast else {}
    return Accepted(fixes.reset_index(drop=True), tuple(labels.tolist()), len(points), rejected, flagged)


def _joined(tracks: Sequence[Track], plane: int) -> pd.DataFrame:
    """All rows of all tracks on the plane, with `bad` where the file's coordinates cannot be meant."""
    none, no_flag = points_frame({"patroller": np.zeros(0, dtype=object)}, 0), np.zeros(0, dtype=bool)
    parts = [none.assign(bad=no_flag, degrees=no_flag)]
    for track in tracks:
        x, y = track.points["x"].to_numpy(), track.points["y"].to_numpy()
        bad = (
            ~_on_earth(x, y)
            if track.in_degrees
            else ~(np.isfinite(x) & np.isfinite(y)) | ((x == 0) & (y == 0))
        )
        parts.append(track.points.assign(bad=bad, degrees=track.in_degrees))
    every = pd.concat(parts, ignore_index=True)
    turn = (every["degrees"] & ~every["bad"]).to_numpy(dtype=bool)
    x, y = crs.to_plane((every.loc[turn, "x"], every.loc[turn, "y"]), crs.WGS84, plane)
    every.loc[turn, "x"], every.loc[turn, "y"] = x, y
    return every


def _on_earth(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Whether (lon, lat) is a place: finite, within its range and not (0, 0), which devices send without signal."""
    found = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return found & ~((np.abs(lon) < 1e-6) & (np.abs(lat) < 1e-6))


def _within_reach(x: np.ndarray, y: np.ndarray, plane: int) -> np.ndarray:
    area = crs.system(plane).area_of_use
    if area is None:
        return np.isfinite(x) & np.isfinite(y)
    lon, lat = (area.west + area.east) / 2, (area.south + area.north) / 2
    at_x, at_y = crs.to_plane((np.array([lon]), np.array([lat])), crs.WGS84, plane)
    return np.hypot(x - at_x[0], y - at_y[0]) <= FARTHEST_M + abs(area.north - area.south) / 2 * 111_000.0


def _too_fast(kept: pd.DataFrame) -> int:
    """Fixes that lie farther from the one before than anyone travels in that time."""
    same = kept["patroller"].to_numpy()[1:] == kept["patroller"].to_numpy()[:-1]
    way_m = np.hypot(np.diff(kept["x"]), np.diff(kept["y"]))
    return int((same & (way_m > FASTEST_M_S * np.diff(kept["time_s"]))).sum())
