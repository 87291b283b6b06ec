"""Tracks as tables: columns found by the names people give them, Chinese or English."""

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

LON: Final = ("lon", "lng", "long", "longitude", "经度", "gps经度")
LAT: Final = ("lat", "latitude", "纬度", "gps纬度")
X: Final = ("x", "x坐标", "东坐标", "easting", "east")
Y: Final = ("y", "y坐标", "北坐标", "northing", "north")
TIME: Final = ("time", "timestamp", "datetime", "date_time", "gps_time", "gpstime", "time_s", "epoch", "t", "utc", "时间",
               "定位时间", "采集时间", "上报时间", "gps时间", "日期时间")  # fmt: skip
DATE: Final = ("date", "日期")
CLOCK: Final = ("clock", "time_of_day", "时刻", "time", "时间")
PATROLLER: Final = ("patroller", "patroller_id", "patroller_code", "user", "user_id", "userid", "tracker", "device",
                    "device_id", "code", "name", "人员", "人员编号", "巡查员", "巡查员编号", "监督员", "监督员编号", "采集员",
                    "采集员编号", "工号", "编号", "姓名", "设备号", "设备编号")  # fmt: skip
SPEED: Final = {
    ("speed", "speed_m_s", "速度", "速度(m/s)"): 1.0,
    ("speed_kmh", "speed_km_h", "速度(km/h)", "时速"): 1 / 3.6,
}
HEADING: Final = ("heading", "heading_deg", "bearing", "course", "direction", "方向", "航向", "方位角")
ACCURACY: Final = ("accuracy", "accuracy_m", "精度", "定位精度")


def read(path: Path, shown: str = "") -> Track:
    """A table of fixes with a head line, comma, semicolon or tab between, UTF-8 or GBK.

    Raises `Refused`, naming the columns, when time or place have no column.
    """
    shown = shown or path.name
    text = _text(path)
    if not text.strip():
        raise Refused("{file} is empty.", remedy="Export the track again.", file=shown)
    head = text.splitlines()[0]
    separator = max(",;\t|", key=head.count)
    try:
        table = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, index_col=False,
                            skipinitialspace=True, quoting=csv.QUOTE_MINIMAL)  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Refused("{file} is not a table that can be read.", remedy="Save it as CSV with one head line.", file=shown,
                      detail=str(error)) from error  # fmt: skip
    return from_table(table, shown, first_row=2)


def from_table(table: pd.DataFrame, shown: str, first_row: int = 1) -> Track:
    """A track from a table of texts whose first data row is `first_row` in the file."""
    named = {str(name).strip().lower(): str(name) for name in table.columns}
    table = table.rename(columns=str)
    east, north, in_degrees = _place(named, shown)
    speed = next(((names, unit) for names, unit in SPEED.items() if _found(named, names)), None)
    columns: dict[str, object] = {
        "row": np.arange(first_row, first_row + len(table)),
        "patroller": _patroller(table, named, shown),
        "time_s": _times(table, named, shown),
        "x": _numbers(table[east]),
        "y": _numbers(table[north]),
    }
    if speed is not None:
        columns["speed_m_s"] = _numbers(table[_found(named, speed[0])]) * speed[1]
    for column, names in (("heading_deg", HEADING), ("accuracy_m", ACCURACY)):
        if field := _found(named, names):
            columns[column] = _numbers(table[field])
    return Track(shown, points_frame(columns, len(table)), in_degrees)


def _text(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="replace")


def _found(named: dict[str, str], names: tuple[str, ...]) -> str:
    return next((named[name] for name in names if name in named), "")


def _place(named: dict[str, str], shown: str) -> tuple[str, str, bool]:
    for east, north, in_degrees in ((LON, LAT, True), (X, Y, False)):
        if _found(named, east) and _found(named, north):
            return _found(named, east), _found(named, north), in_degrees
    raise Refused(
        "{file} has no columns for the place; it has: {fields}.",
        remedy="Name them lon, lat (or 经度, 纬度; on the city's plane x, y).",
        file=shown,
        fields=", ".join(named.values()),
    )


def _times(table: pd.DataFrame, named: dict[str, str], shown: str) -> np.ndarray:
    date, clock = _found(named, DATE), _found(named, CLOCK)
    if date and clock:
        return seconds(table[date].str.strip() + " " + table[clock].str.strip())
    field = _found(named, TIME)
    if not field:
        raise Refused(
            "{file} has no column for the time; it has: {fields}.",
            remedy="Name it time (or 时间).",
            file=shown,
            fields=", ".join(named.values()),
        )
    return seconds(table[field])


def _patroller(table: pd.DataFrame, named: dict[str, str], shown: str) -> np.ndarray:
    field = _found(named, PATROLLER)
    if not field:
        return np.full(len(table), holder(shown), dtype=object)
    label = table[field].str.strip()
    return label.where(label != "", holder(shown)).to_numpy(dtype=object)


def _numbers(texts: pd.Series) -> np.ndarray:
    return pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
