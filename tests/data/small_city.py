"""A city of twelve cells and a few components: small real objects for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from census.draft import Draft
from gis.frames import FINDING_COLUMNS, components_frame

CRS = 4548
WEST, SOUTH = 500_000.0, 4_400_000.0
COUNTY = "110101"
STATES = ("完好", "破损", "丢失")


def cells(columns: int = 4, rows: int = 3, size_m: float = 100.0) -> gpd.GeoDataFrame:
    """A lattice: the left half belongs to community 001, the right half to 002."""
    codes, shapes = [], []
    for number in range(columns * rows):
        row, column = divmod(number, columns)
        west, south = WEST + column * size_m, SOUTH + row * size_m
        community = "001" if column < columns / 2 else "002"
        codes.append(f"{COUNTY}001{community}{number + 1:03d}")
        shapes.append(shapely.box(west, south, west + size_m, south + size_m))
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=CRS)


def communities() -> gpd.GeoDataFrame:
    """The two communities of `cells`."""
    west = shapely.box(WEST, SOUTH, WEST + 200, SOUTH + 300)
    east = shapely.box(WEST + 200, SOUTH, WEST + 400, SOUTH + 300)
    columns = {
        "code": [f"{COUNTY}001001", f"{COUNTY}001002"],
        "name": ["银杏社区", "槐树里社区"],
        "parent_code": f"{COUNTY}001",
    }
    return gpd.GeoDataFrame(columns, geometry=[west, east], crs=CRS)


def components(
    count: int = 20,
    *,
    seed: int = 1,
    first: int = 1,
    class_code: str = "0101",
    coded: bool = True,
    **given: object,
) -> pd.DataFrame:
    """`count` components at random places of the lattice, with codes `first`…; `given` replaces whole columns."""
    chance = np.random.default_rng(seed)
    x = np.round(WEST + chance.uniform(0, 400, count), 3)
    y = np.round(SOUTH + chance.uniform(0, 300, count), 3)
    codes = [f"{COUNTY}{class_code}{first + i:06d}" if coded else "" for i in range(count)]
    columns = {
        "code": pd.array(codes, dtype="str"),
        "class_code": class_code,
        "name": "上水井盖",
        "authority_code": [f"A{i % 3}" for i in range(count)],
        "authority_name": [f"主管{i % 3}" for i in range(count)],
        "owner_code": "B1",
        "owner_name": "自来水公司",
        "cell_code": cell_codes(x, y),
        "state": [STATES[i % 3] for i in range(count)],
        "initial_date": "2026-11-21",
        "source": "实测",
        "accuracy": "A",
        "note": pd.array([f"第{i}个" if i % 4 == 0 else "" for i in range(count)], dtype="str"),
        "x": x,
        "y": y,
    }
    return components_frame(columns | given, count)


def cell_codes(x: np.ndarray, y: np.ndarray) -> list[str]:
    """The cell of `cells()` that holds each point."""
    codes = cells()["code"].tolist()
    column, row = ((x - WEST) // 100).astype(int), ((y - SOUTH) // 100).astype(int)
    return [codes[r * 4 + c] for r, c in zip(row, column, strict=True)]


def findings(codes: Sequence[str] = ("C5",)) -> pd.DataFrame:
    """One finding of each code."""
    rows = [
        (code, "warning", "a.shp", "", i + 1, i, "状态", "坏", "", "", 0.0, 0.0)
        for i, code in enumerate(codes)
    ]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))


def draft(frame: pd.DataFrame | None = None, **given: object) -> Draft:
    """A reading of `frame`."""
    frame = components() if frame is None else frame
    words: dict[str, object] = {
        "label": "井盖普查",
        "files": ("井盖.shp",),
        "standard": "2013",
        "crs": CRS,
        "read": len(frame) + len(given.get("quarantined", ())),
        "components": frame,
        "encoding": "GBK",
    }
    return Draft(**(words | given))


def fixes(count: int = 10, *, start_s: float = 1_795_000_000.0, patrollers: int = 3) -> pd.DataFrame:
    """`count` fixes, one every ten seconds, the patrollers in turn."""
    number = np.arange(count)
    return pd.DataFrame(
        {
            "time_s": start_s + 10.0 * number,
            "patroller_id": number % patrollers + 1,
            "x": WEST + number,
            "y": SOUTH + 2.0 * number,
            "speed_m_s": np.where(number % 2 == 0, 1.25, np.nan),
            "heading_deg": np.nan,
            "accuracy_m": 5.0,
        }
    )
