"""One base layer as a frame."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from gis.demo_city.plan import EPSG
from gis.frames import BASE_COLUMNS


def frame(rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """A base layer with the columns of `BASE_COLUMNS` on the city's plane."""
    index = pd.RangeIndex(len(rows["geometry"]))
    columns = {name: rows[name] for name in BASE_COLUMNS[:-1]}
    return gpd.GeoDataFrame(columns, index=index, geometry=rows["geometry"], crs=EPSG)[list(BASE_COLUMNS)]
