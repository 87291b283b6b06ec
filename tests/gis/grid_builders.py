"""Small grids and territories for the tests of division and grid rules."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

PLANE = 4548
X0, Y0 = 500_000.0, 4_400_000.0
COUNTY, STREET = "110101", "110101001"


def areas(codes: list[str], shapes: list[shapely.Geometry], crs: object = PLANE) -> gpd.GeoDataFrame:
    """An areas frame."""
    return gpd.GeoDataFrame(
        {"code": codes, "name": codes, "parent_code": [c[:-3] for c in codes]}, geometry=shapes, crs=crs
    )


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle whose corner lies `x`, `y` metres from the tests' origin."""
    return shapely.box(X0 + x, Y0 + y, X0 + x + width, Y0 + y + height)


def two_communities() -> gpd.GeoDataFrame:
    """Two communities of 600 m by 500 m that share a crooked border, off the lattice by 30 m."""
    border = [(650, 30), (610, 200), (700, 330), (630, 530)]
    west = shapely.Polygon([(X0 + x, Y0 + y) for x, y in [(30, 30), *border, (30, 530)]])
    east = shapely.Polygon([(X0 + x, Y0 + y) for x, y in [*reversed(border), (1230, 30), (1230, 530)][:6]])
    east = shapely.Polygon([(X0 + x, Y0 + y) for x, y in [(1230, 30), (1230, 530), *reversed(border)]])
    return areas([f"{STREET}001", f"{STREET}002"], [west, east])


def drawn_grid(columns: int = 6, rows: int = 4, community: str = f"{STREET}001") -> gpd.GeoDataFrame:
    """Cells of exactly one hectare, coded in reading order."""
    shapes = [box(100 * i, 100 * (rows - 1 - j), 100, 100) for j in range(rows) for i in range(columns)]
    codes = [f"{community}{k + 1:03d}" for k in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes, "area_m2": 10_000.0, "note": ""}, geometry=shapes, crs=PLANE)


def whole(grid: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The communities that a drawn grid fills."""
    joined = grid.assign(community=grid["code"].str[:12]).dissolve("community")
    return areas(list(joined.index), list(joined.geometry))


def star(random: np.random.Generator, x: float, y: float, radius: float, corners: int) -> shapely.Polygon:
    """A crooked polygon around (x, y)."""
    angles = np.sort(random.uniform(0, 2 * np.pi, corners))
    reach = radius * random.uniform(0.4, 1.0, corners)
    return shapely.Polygon(np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], axis=1)).buffer(
        0
    )
