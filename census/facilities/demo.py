"""A synthetic register for the demo city: toilets and refuse rooms of its components, a few stations, a year of work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from census.facilities.frames import facilities_frame, log_frame
from resources.catalogues import Catalogue
from resources.facilities import kinds

_OF_COMPONENTS: Final = {
    "water_toilet": 60,
    "refuse_room": 40,
    "bin": 160,
    "tool_room": 12,
}  # the most of each kind
_BESIDE: Final = {
    "transfer_station": 4,
    "collection_station": 8,
    "mobile_toilet": 10,
    "vehicle_yard": 2,
    "water_supply": 6,
}
_CAPACITY: Final = {"water_toilet": (6, 24), "mobile_toilet": (2, 8), "refuse_room": (2, 8), "bin": (60, 120),
                    "transfer_station": (80, 300), "collection_station": (5, 30), "vehicle_yard": (10, 60),
                    "water_supply": (20, 80), "tool_room": (4, 20)}  # fmt: skip
_OPERATORS: Final = ("环卫一队（示例）", "环卫二队（示例）", "洁美保洁公司（示例）")
_DONE: Final = {"maintenance": ("例行保养", "更换易损件", "设备检修"), "repair": ("更换阀门", "疏通管道", "修复破损"),
                "cleaning": ("全面冲洗", "消杀"), "inspection": ("例行检查",)}  # fmt: skip
_HOURS: Final = {"water_toilet": "06:00–22:00", "mobile_toilet": "全天", "transfer_station": "04:00–20:00"}


def register(
    components: pd.DataFrame, cells: gpd.GeoDataFrame, catalogue: Catalogue, today: date, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Facilities and their log; the same for the same arguments. `components`: code, class_code, x, y."""
    random = np.random.default_rng((seed, 5))
    rows = [*_of_components(components, catalogue, random), *_beside(cells, random)]
    for number, row in enumerate(rows):
        _complete(row, number, today, random)
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = facilities_frame({name: [row.get(name, "") for row in rows] for name in names}, len(rows))
    return frame, _log(frame, today, random)


def _of_components(
    components: pd.DataFrame, catalogue: Catalogue, random: np.random.Generator
) -> list[dict[str, Any]]:
    out = []
    for kind, most in _OF_COMPONENTS.items():
        code = catalogue.code_of(kinds()[kind].class_name)
        mine = components[(components["class_code"].astype(str) == code) & (components["code"] != "")]
        chosen = np.sort(random.permutation(len(mine))[:most])
        for code, x, y in mine.iloc[chosen][["code", "x", "y"]].itertuples(index=False):
            out.append({"kind": kind, "component_code": code, "x": float(x), "y": float(y)})
    return out


def _beside(cells: gpd.GeoDataFrame, random: np.random.Generator) -> list[dict[str, Any]]:
    """Facilities that are no components, in the middle of cells all over the city."""
    count = sum(_BESIDE.values())
    chosen = random.permutation(len(cells))[:count]
    places = shapely.get_coordinates(shapely.point_on_surface(cells.geometry.to_numpy()[chosen]))
    names = [kind for kind, number in _BESIDE.items() for _ in range(number)]
    return [{"kind": kind, "x": float(x), "y": float(y)} for kind, (x, y) in zip(names, places, strict=False)]


def _complete(row: dict[str, Any], number: int, today: date, random: np.random.Generator) -> None:
    kind = kinds()[row["kind"]]
    low, high = _CAPACITY[row["kind"]]
    row["code"] = f"{kind.prefix}-{number + 1:05d}"
    row["name"] = f"示例{kind.name_zh.partition('（')[0]}{number + 1}"
    row["location"] = "合成数据"
    row["operator"] = str(random.choice(_OPERATORS))
    row["department"] = "示例区城市管理局"
    row["hours"] = _HOURS.get(row["kind"], "")
    row["state"] = str(random.choice(["运行", "检修", "停用"], p=[0.92, 0.05, 0.03]))
    row["opened"] = (today - timedelta(days=int(random.integers(400, 3_000)))).isoformat()
    row["registered"] = (today - timedelta(days=380)).isoformat()
    row["capacity"] = float(random.integers(low, high + 1))
    row["interval_days"] = float("nan")


def _log(frame: pd.DataFrame, today: date, random: np.random.Generator) -> pd.DataFrame:
    """Some work at each facility; at about one in eight the last maintenance lies too far back."""
    entries: list[dict[str, Any]] = []
    for code, kind, operator in frame[["code", "kind", "operator"]].itertuples(index=False):
        interval = kinds()[kind].interval_days
        late = random.random() < 0.12
        last = int(interval * random.uniform(1.1, 1.9)) if late else int(interval * random.uniform(0.0, 0.9))
        days = [last + interval * step for step in range(3) if last + interval * step < 365]
        works = ["maintenance"] * len(days)
        extra = int(random.integers(0, 3))
        days += random.integers(0, 200, extra).tolist()
        works += random.choice(
            ["repair" if not late else "cleaning", "cleaning", "inspection"], extra
        ).tolist()
        for day, work in zip(days, works, strict=True):
            cost = {"maintenance": 200.0, "repair": 800.0}.get(work, 0.0) * random.uniform(0.5, 2.0)
            entries.append({"facility_code": code, "day": (today - timedelta(days=int(day))).isoformat(), "work": work,
                            "what": str(random.choice(_DONE[work])), "worker": operator, "cost": round(cost, 0)})  # fmt: skip
    entries.sort(key=lambda entry: (entry["day"], entry["facility_code"]))
    return log_frame(
        {name: [entry[name] for entry in entries] for name in entries[0]} if entries else {}, len(entries)
    )
