"""Cutting by squares, against the general intersection."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.division.squares import BLOCK_SQUARES, MANY_VERTICES, Pieces, cut
from tests.gis.grid_builders import X0, Y0, box, star


def overlaid(polygons: list[shapely.Geometry], side: float) -> dict[tuple[int, int, int], float]:
    """Area of each (polygon, column, row), by overlay of all squares."""
    west, south, east, north = shapely.total_bounds(polygons)
    columns = np.arange(np.floor(west / side), np.ceil(east / side) + 1)
    rows = np.arange(np.floor(south / side), np.ceil(north / side) + 1)
    column, row = (a.ravel() for a in np.meshgrid(columns, rows))
    squares = gpd.GeoDataFrame(
        {"column": column, "row": row},
        geometry=shapely.box(column * side, row * side, (column + 1) * side, (row + 1) * side),
    )
    parts = gpd.GeoDataFrame({"source": range(len(polygons))}, geometry=polygons)
    joined = gpd.overlay(squares, parts, how="intersection", keep_geom_type=True)
    keys = zip(joined["source"], joined["column"], joined["row"], strict=True)
    return {tuple(map(int, key)): area for key, area in zip(keys, joined.area, strict=True) if area > 1e-6}


def by_square(pieces: Pieces) -> dict[tuple[int, int, int], float]:
    keys = zip(pieces.source.tolist(), pieces.column.tolist(), pieces.row.tolist(), strict=True)
    return {key: area for key, area in zip(keys, shapely.area(pieces.geometry), strict=True) if area > 1e-6}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), side=st.sampled_from([100.0, 70.0, 33.3]), snapped=st.booleans())
def test_that_squares_leave_the_same_pieces_as_an_overlay(seed: int, side: float, snapped: bool) -> None:
    random = np.random.default_rng(seed)
    shape = star(random, X0 + random.uniform(-50, 50), Y0, 400.0, int(random.integers(3, 25)))
    hole = star(random, X0, Y0, 150.0, 7)
    other = shapely.difference(star(random, X0 + 300, Y0 + 100, 300.0, 9), hole)
    polygons = [shape, shapely.union(other, box(900, 0, 130, 40))]
    if snapped:  # borders that run along lattice lines and through lattice corners
        rough = [
            shapely.transform(each, lambda xy: np.round(xy / (side / 2)) * (side / 2)) for each in polygons
        ]
        polygons = [each.buffer(0) for each in rough]
    polygons = [each for each in polygons if not each.is_empty]
    found, wanted = by_square(cut(np.array(polygons), side)), overlaid(polygons, side)
    assert found.keys() == wanted.keys()
    assert all(abs(found[key] - wanted[key]) < 1e-4 for key in wanted)


def test_that_pieces_are_valid_and_add_up_to_what_was_cut() -> None:
    random = np.random.default_rng(5)
    shape = shapely.difference(star(random, X0, Y0, 900.0, 60), star(random, X0, Y0, 300.0, 12))
    pieces = cut(np.array([shape]), 100.0)
    assert shapely.is_valid(pieces.geometry).all()
    assert abs(shapely.area(pieces.geometry).sum() - shape.area) < 1e-5


def test_that_a_shape_of_many_vertices_is_cut_in_blocks_with_the_same_result() -> None:
    shape = shapely.Point(X0 + 13, Y0 + 7).buffer(1_500.0, quad_segs=MANY_VERTICES)
    plain = shapely.Point(X0 + 13, Y0 + 7).buffer(1_500.0, quad_segs=MANY_VERTICES // 5)
    found = cut(np.array([plain, shape]), 100.0)
    assert np.isclose(shapely.area(found.geometry[found.source == 1]).sum(), shape.area, rtol=1e-12)
    assert len(np.unique(found.column)) > BLOCK_SQUARES
    squares = found.column[found.source == 1], found.row[found.source == 1]
    assert len(set(zip(*squares, strict=True))) == (found.source == 1).sum()


def test_that_whole_squares_are_exactly_square() -> None:
    pieces = cut(np.array([box(0, 0, 1_000, 500)]), 100.0)
    assert len(pieces) == 50
    assert set(shapely.area(pieces.geometry)) == {10_000.0}


def test_that_the_origin_of_the_lattice_may_be_moved() -> None:
    pieces = cut(np.array([box(0, 0, 200, 100)]), 100.0, x0=X0 + 37.0, y0=Y0)
    assert sorted(shapely.area(pieces.geometry)) == [3_700.0, 6_300.0, 10_000.0]


def test_that_nothing_cut_leaves_nothing() -> None:
    assert len(cut(np.zeros(0, dtype=object), 100.0)) == 0
