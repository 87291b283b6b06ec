"""The grid: squares cut by communities, cells along features, and what is wrong with a tiling that somebody drew."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.task import Answer, Comparison, Limit, Side
from benchmarks.workload import CELL_M, X0, Y0, Workload

SHIFT_M = 37.0
TOLERANCE_M2 = 0.01
DIVIDED_CELLS, BUILDINGS = 5_000, 20_000  # 50 km² of the demo city


def _cut(workload: Workload) -> Callable[[], Any]:
    from gis.division.squares import cut

    communities = workload.layer("communities").geometry.values
    return lambda: cut(communities, CELL_M, X0 + SHIFT_M, Y0 + SHIFT_M)


def _cut_pieces(pieces: Any) -> Answer:
    return _pieces(pieces.source, pieces.column, pieces.row, shapely.area(pieces.geometry))


def _overlay(workload: Workload) -> Callable[[], Any]:
    import geopandas as gpd

    communities = workload.layer("communities")[["geometry"]]
    communities["source"] = np.arange(len(communities))
    steps = np.arange(-1, workload.size.side + 1)
    column, row = (a.ravel() for a in np.meshgrid(steps, steps))
    west, south = X0 + SHIFT_M + column * CELL_M, Y0 + SHIFT_M + row * CELL_M
    squares = gpd.GeoDataFrame({"column": column, "row": row},
                               geometry=shapely.box(west, south, west + CELL_M, south + CELL_M), crs=communities.crs)  # fmt: skip
    return lambda: gpd.overlay(squares, communities, how="intersection", keep_geom_type=True)


def _overlay_pieces(frame: Any) -> Answer:
    return _pieces(
        *(frame[name].to_numpy() for name in ("source", "column", "row")), frame.geometry.area.to_numpy()
    )


def _pieces(source: np.ndarray, column: np.ndarray, row: np.ndarray, area_m2: np.ndarray) -> Answer:
    """Pieces over 1 dm², in one order; areas in whole square decimetres are compared within one."""
    kept = area_m2 > 0.01
    source, column, row, area_m2 = source[kept], column[kept], row[kept], area_m2[kept]
    order = np.lexsort((row, column, source))
    return {
        "places": np.stack([source, column, row], 1)[order].astype("i8"),
        "area_m2": area_m2[order].astype(float),
    }


def dirty_cells(workload: Workload) -> np.ndarray:
    """The cells with 14 gaps, 14 overlaps, 6 copies and 6 self-crossing rings, far from one another."""
    rng = np.random.default_rng(workload.size.seed + 1)
    shapes = workload.cells.geometry.to_numpy().copy()
    side = workload.size.side
    spots = rng.permutation([i * side + j for i in range(3, side - 3, 7) for j in range(3, side - 3, 7)])[:40]
    for number in spots[:14]:
        shapes[number] = shapely.difference(
            shapes[number], shapely.centroid(shapes[number]).buffer(4, quad_segs=2)
        )
    for number in spots[14:28]:
        middle = shapely.centroid(shapes[number])
        shapes[number] = shapely.union(
            shapes[number], shapely.box(middle.x, middle.y - 3, middle.x + 70, middle.y + 3)
        )
    for number in spots[28:34]:
        ring = shapely.get_coordinates(shapes[number])
        ring[[1, 3]] = ring[[3, 1]]
        shapes[number] = shapely.polygons(ring)
    return np.concatenate([shapes, shapes[spots[34:40]]])


def _check(workload: Workload) -> Callable[[], Any]:
    from gis.topology import check

    polygons = dirty_cells(workload)
    whole = shapely.box(*workload.cells.total_bounds)
    return lambda: check(polygons, whole, TOLERANCE_M2)


def _faults(found: Any) -> Answer:
    pairs = np.sort(found.overlaps[["first", "second"]].to_numpy("i8"), axis=1)
    return _told(found.invalid, pairs, shapely.area(found.gaps))


def _self_join(workload: Workload) -> Callable[[], Any]:
    import geopandas as gpd

    frame = gpd.GeoDataFrame(geometry=dirty_cells(workload), crs=workload.cells.crs)
    whole = shapely.box(*workload.cells.total_bounds)

    def step() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        invalid = np.flatnonzero(~frame.geometry.is_valid)
        sound = frame.drop(index=invalid)
        joined = gpd.sjoin(sound, sound, predicate="intersects")
        joined = joined[joined.index < joined["index_right"]]
        first, second = joined.index.to_numpy(), joined["index_right"].to_numpy()
        common = shapely.intersection(frame.geometry.values[first], frame.geometry.values[second])
        over = shapely.area(common) > TOLERANCE_M2
        cover = frame.geometry.make_valid().union_all()
        gaps = shapely.get_parts(shapely.difference(whole, cover))
        return invalid, np.stack([first[over], second[over]], 1), shapely.area(gaps)

    return step


def _joined(result: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Answer:
    return _told(*result)


def _told(invalid: np.ndarray, pairs: np.ndarray, gap_m2: np.ndarray) -> Answer:
    gap_m2 = np.sort(gap_m2[gap_m2 > TOLERANCE_M2])
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))] if len(pairs) else pairs.reshape(0, 2)
    return {"invalid": np.asarray(invalid, "i8"), "pairs": pairs.astype("i8"), "gap_m2": gap_m2.astype(float)}


def _dense(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`BUILDINGS` buildings: the largest ones are two, with a lane of two metres between."""
    shapes = buildings.geometry.values[np.argsort(-buildings.area.to_numpy(), kind="stable")]
    halved, halves = shapes[: max(BUILDINGS - len(shapes), 0)], []
    for shape in halved:
        west, south, east, north = shape.bounds
        middle = (west + east) / 2
        halves += [shapely.clip_by_rect(shape, west, south, middle - 1, north),
                   shapely.clip_by_rect(shape, middle + 1, south, east, north)]  # fmt: skip
    return gpd.GeoDataFrame(geometry=[*halves, *shapes[len(halved) :]], crs=buildings.crs)


def _division_s(workload: Workload) -> float:
    """Seconds to divide 50 km² of the demo city, 20,000 buildings and 4,800 streets, along its features."""
    from gis.demo_city import build
    from gis.division import Ground, features

    city = build(cells=DIVIDED_CELLS, components=1_000)
    layers = {name: city.base[name] for name in ("roads", "railways", "water")}
    ground = Ground(**layers, buildings=_dense(city.base["buildings"]))
    began = time.perf_counter()
    features(city.communities, streets=city.streets, communities=city.communities, ground=ground)
    return time.perf_counter() - began


TASKS = [
    Comparison("grid_overlay", Side("WanGrid", _cut, _cut_pieces), Side("geopandas overlay", _overlay, _overlay_pieces),
               goal=4, rounds=5, tolerance=1e-4),
    Comparison("topology_check", Side("WanGrid", _check, _faults), Side("geopandas self-join + union", _self_join, _joined),
               goal=4, rounds=5, tolerance=1e-4),
    Limit("division_50km2", _division_s, "s", 60.0),
]  # fmt: skip
