"""What a grid is like, whoever drew it: sizes, shapes, borders on real features, what is cut, components per cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from gis.assignment import assign
from gis.division.figures import areas_in, compactness, number_cut, share_on_features
from gis.division.ground import Ground
from gis.grid.grid_rules_objects import NEAR_M, cut_areas
from gis.grid.grid_rules_shape import LEAST_COMPACTNESS

SIZES_M2: Final = (2_000.0, 5_000.0, 20_000.0, 50_000.0)
SIZE_NAMES: Final = ("under_2000", "2000_5000", "5000_20000", "20000_50000", "over_50000")

Array = np.ndarray


@dataclass(frozen=True)
class Areas:
    """m²; `counts`: number of cells by class of size, the lower bound counted in."""

    mean_m2: float
    least_m2: float
    p05_m2: float
    median_m2: float
    p95_m2: float
    most_m2: float
    share_5000_20000: float
    counts: dict[str, int]


@dataclass(frozen=True)
class Shapes:
    """Compactness 4πA/P² (Polsby and Popper 1991), and the number of cells under the least that rule G10 allows."""

    compactness_median: float
    compactness_p05: float
    not_compact: int


@dataclass(frozen=True)
class Stock:
    """Components: how many, how many areas are cut by a border, how many points lie within 0.3 m of one, and how they
    are spread over the cells.

    `gini`: 0 where every cell has as many, near 1 where one has all (Gini 1912).
    """

    components: int
    outside: int
    cut: int
    near_border: int
    mean_per_cell: float
    median_per_cell: float
    p95_per_cell: float
    most_per_cell: int
    cells_without: int
    gini: float


@dataclass(frozen=True)
class GridFigures:
    """None where what it is measured on is not known. Shares are of the inner borders' length, within 1 m of a feature."""

    area: Areas
    shape: Shapes
    boundary_on_features_share: float | None
    buildings: int | None
    buildings_cut: int | None
    compounds: int | None
    compounds_cut: int | None
    stock: Stock | None


def figures(
    cells: gpd.GeoDataFrame, ground: Ground | None = None, components: gpd.GeoDataFrame | None = None
) -> GridFigures | None:
    """The figures of `cells` (`code`, geometry; a metric plane); None where no cell has an area.

    `ground` and `components` (any geometry, in the plane of the cells) are looked at where they are given.
    """
    polygons = _areal(cells)
    if not len(polygons):
        return None
    ground = ground or Ground()
    boundary = shapely.union_all(polygons) if ground.layers() else shapely.Polygon()
    buildings = areas_in(ground.buildings, boundary)
    compounds = None if ground.compounds is None else _areal(ground.compounds)
    if compounds is not None:
        compounds = compounds[shapely.intersects(compounds, boundary)]
    return GridFigures(
        area=_areas(polygons),
        shape=_shapes(polygons),
        boundary_on_features_share=share_on_features(polygons, boundary, ground.lines()),
        buildings=None if buildings is None else len(buildings),
        buildings_cut=None if buildings is None else number_cut(buildings, polygons),
        compounds=None if compounds is None else len(compounds),
        compounds_cut=None if compounds is None else len(cut_areas(compounds, polygons)),
        stock=None if components is None else _stock(components, polygons),
    )


def gini(counts: Array) -> float:
    """Gini's coefficient of amounts that are not negative: 0 where all are equal."""
    ordered = np.sort(np.asarray(counts, dtype=float))
    total, n = float(ordered.sum()), len(ordered)
    if not total:
        return 0.0
    return float(2.0 * (np.arange(1, n + 1) * ordered).sum() / (n * total) - (n + 1) / n)


def _areal(frame: gpd.GeoDataFrame) -> Array:
    """Valid areas of a layer, flat."""
    geometry = np.asarray(frame.geometry.values, dtype=object)
    valid = shapely.make_valid(shapely.force_2d(geometry[~shapely.is_missing(geometry)]))
    return np.asarray(valid[shapely.area(valid) > 0], dtype=object)


def _areas(polygons: Array) -> Areas:
    area = shapely.area(polygons)
    least, p05, median, p95, most = np.quantile(area, (0.0, 0.05, 0.5, 0.95, 1.0)).round(3).tolist()
    counts = np.bincount(np.searchsorted(SIZES_M2, area, side="right"), minlength=len(SIZE_NAMES))
    usual = (area >= SIZES_M2[1]) & (area <= SIZES_M2[2])
    return Areas(
        mean_m2=round(float(area.mean()), 3),
        least_m2=least,
        p05_m2=p05,
        median_m2=median,
        p95_m2=p95,
        most_m2=most,
        share_5000_20000=round(float(usual.mean()), 4),
        counts=dict(zip(SIZE_NAMES, counts.tolist(), strict=True)),
    )


def _shapes(polygons: Array) -> Shapes:
    values = compactness(polygons)
    p05, median = np.quantile(values, (0.05, 0.5)).round(4).tolist()
    return Shapes(median, p05, int((values < LEAST_COMPACTNESS).sum()))


def _stock(components: gpd.GeoDataFrame, polygons: Array) -> Stock:
    shapes = np.asarray(components.geometry.values, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    points = shapely.point_on_surface(shapes)
    cell = assign(shapely.get_x(points), shapely.get_y(points), polygons)
    counts = np.bincount(cell[cell >= 0], minlength=len(polygons))
    lone = shapes[shapely.get_dimensions(shapes) == 0]
    borders = shapely.STRtree(shapely.boundary(polygons))
    near = np.unique(borders.query(lone, predicate="dwithin", distance=NEAR_M)[0])
    median, p95 = np.quantile(counts, (0.5, 0.95)).tolist()
    return Stock(
        components=len(shapes),
        outside=int((cell < 0).sum()),
        cut=len(cut_areas(shapes[shapely.get_dimensions(shapes) == 2], polygons)),
        near_border=len(near),
        mean_per_cell=round(float(counts.mean()), 3),
        median_per_cell=float(median),
        p95_per_cell=round(float(p95), 3),
        most_per_cell=int(counts.max()),
        cells_without=int((counts == 0).sum()),
        gini=round(gini(counts), 4),
    )
