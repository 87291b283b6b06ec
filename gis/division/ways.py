"""Lines that a border may follow, and how strongly each divides: a river more than a street, a street more than a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.division.ground import Ground

FAINT, WEAK, MEDIUM, STRONG = 1, 2, 3, 4
WIDE_M: Final = 24.0  # a road of unknown class that is as wide as this divides like a main road
BESIDE_M: Final = 12.0  # a kerb or a row of lots this near a street runs along it and is no border of its own
ALONG: Final = 0.3  # and does not come nearer or go away by more than this share of its length
RIVER_M2: Final = 5_000.0  # smaller waters are ponds: a border may follow them, but they part nothing

# Values of the class fields of OpenStreetMap, of its shapefile extracts, of vector tiles, and of Chinese road surveys.
CLASS_FIELDS: Final = ("highway", "fclass", "road_class", "class", "kind_detail", "subtype", "道路等级", "等级", "类型", "type", "kind")  # fmt: skip
STRONG_CLASSES: Final = frozenset(
    [
        "motorway",
        "motorway_link",
        "trunk",
        "trunk_link",
        "primary",
        "primary_link",
        "secondary",
        "secondary_link",
        "express",
        "expressway",
        "main",
        "rail",
        "高速公路",
        "快速路",
        "主干路",
        "主干道",
        "次干路",
        "次干道",
    ]
)
WEAK_CLASSES: Final = frozenset(
    [
        "footway",
        "path",
        "steps",
        "pedestrian",
        "cycleway",
        "bridleway",
        "track",
        "service",
        "corridor",
        "alley",
        "lane",
        "elevator",
        "crossing",
        "sidewalk",
        "platform",
        "巷",
        "巷道",
        "胡同",
        "里弄",
        "小路",
        "人行道",
        "步行街",
        "内部道路",
    ]
)

Array = np.ndarray


@dataclass(frozen=True)
class Ways:
    """LineStrings of the plane and for each one how strongly it divides: `FAINT`, `WEAK`, `MEDIUM` or `STRONG`."""

    lines: NDArray[np.object_]
    strength: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.lines)

    def firm(self) -> Ways:
        """Roads, railways and shores alone."""
        kept = self.strength > FAINT
        return Ways(self.lines[kept], self.strength[kept])


def ways(ground: Ground) -> Ways:
    """All roads, railways, shores and other features; where a layer has areas, their outlines.

    Parts without extent are left out, and stretches of other features that run along a way.
    """
    kinds: list[tuple[Array, Array]] = []
    if ground.roads is not None:
        kinds.append(_lines(ground.roads, _road_strength(ground.roads)))
    if ground.railways is not None:
        kinds.append(_lines(ground.railways, np.full(len(ground.railways), STRONG)))
    if ground.water is not None:
        pond = (ground.water.geom_type.str.contains("Polygon") & (ground.water.area < RIVER_M2)).to_numpy()
        kinds.append(_lines(ground.water, np.where(pond, WEAK, STRONG)))
    if ground.features is not None:
        others = _lines(ground.features, np.full(len(ground.features), FAINT))[0]
        firm = np.concatenate([np.zeros(0, dtype=object), *(each for each, _ in kinds)])
        others = _not_beside(others, firm)
        kinds.append((others, np.full(len(others), FAINT)))
    lines = np.concatenate([np.zeros(0, dtype=object), *(each for each, _ in kinds)])
    strength = np.concatenate([np.zeros(0, dtype=np.int8), *(each for _, each in kinds)])
    return _distinct(Ways(lines, strength.astype(np.int8)))


def _lines(frame: gpd.GeoDataFrame, strength: Array) -> tuple[Array, Array]:
    parts, row = shapely.get_parts(np.asarray(frame.geometry.values, dtype=object), return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    parts = np.where(areal, shapely.boundary(parts), parts)
    parts, part = shapely.get_parts(parts, return_index=True)
    sound = (shapely.get_dimensions(parts) == 1) & np.isfinite(shapely.bounds(parts)).all(axis=1)
    sound[sound] = shapely.length(parts[sound]) > 0.0
    return parts[sound], strength[row[part[sound]]]


def _not_beside(lines: Array, ways: Array) -> Array:
    """What is left of lines without the edges that run along a way within `BESIDE_M`, as lines of their own."""
    if not len(ways) or not len(lines):
        return lines
    xy, line = shapely.get_coordinates(lines, return_index=True)
    joined = np.flatnonzero(line[1:] == line[:-1])
    start, end = xy[joined], xy[joined + 1]
    first, middle, last = (_distance(place, ways) for place in (start, (start + end) / 2, end))
    near = np.maximum(np.maximum(first, middle), last) <= BESIDE_M
    length = np.hypot(*(end - start).T)
    away = np.zeros(len(joined))
    away[near] = np.abs(last[near] - first[near])
    beside = near & (away <= ALONG * length)
    torn = np.unique(line[joined][beside])
    rows = np.flatnonzero(np.isin(line[joined], torn) & ~beside & (length > 0.0))
    edges = shapely.linestrings(np.stack([start[rows], end[rows]], axis=1))
    of = np.unique(line[joined][rows], return_inverse=True)[1]
    runs = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(edges, indices=of)))
    return np.concatenate([np.delete(lines, torn), runs])


def _distance(place: Array, ways: Array) -> Array:
    """Distance to the nearest way; infinite beyond `BESIDE_M`."""
    out = np.full(len(place), np.inf)
    found, apart = shapely.STRtree(ways).query_nearest(
        shapely.points(place), max_distance=BESIDE_M, return_distance=True, all_matches=False
    )
    out[found[0]] = apart
    return out


def _road_strength(roads: gpd.GeoDataFrame) -> Array:
    out = np.full(len(roads), MEDIUM, dtype=np.int8)
    width = next((roads[name] for name in ("width_m", "width", "宽度") if name in roads), None)
    if width is not None:
        out[(pd.to_numeric(width, errors="coerce") >= WIDE_M).to_numpy()] = STRONG
    for name in CLASS_FIELDS:
        if name in roads:
            # An edge of several classes is written as a list; the first counts.
            words = roads[name].astype("str").str.lower().str.extract(r"([\w]+)")[0]
            out[words.isin(STRONG_CLASSES).to_numpy()] = STRONG
            out[words.isin(WEAK_CLASSES).to_numpy()] = WEAK
            if words.isin(STRONG_CLASSES | WEAK_CLASSES).any():
                break
    return out


def _distinct(found: Ways) -> Ways:
    """Without lines that are drawn twice, in whichever direction; the strongest of equals stays."""
    order = np.argsort(-found.strength, kind="stable")
    _, first = np.unique(shapely.to_wkb(shapely.normalize(found.lines[order])), return_index=True)
    kept = np.sort(order[first])
    return Ways(found.lines[kept], found.strength[kept])
