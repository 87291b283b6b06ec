"""Borders over open ground drawn anew: shorter or along walls, the tiling closed, nothing else changed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.division.ground import Ground
from gis.division.recutting import recut
from gis.division.solids import Solids
from gis.division.spikes import blunted, without_spikes
from gis.division.ways import MEDIUM, Ways
from gis.division.weighing import Weights
from kernel.progress import Silent

Point = tuple[float, float]
SIDE = 140.0
PRESSED = Weights(off_per_m=0.1)


def halves(*border: Point) -> np.ndarray:
    """Two cells of a field of 280 m by 140 m, parted by a line from its south to its north side; these have vertices."""
    (south, _), (north, _) = border[0], border[-1]
    steps = [10.0 * k for k in range(1, 28)]
    west = shapely.Polygon(
        [
            (0, 0),
            *((x, 0) for x in steps if x < south),
            *border,
            *((x, SIDE) for x in steps[::-1] if x < north),
            (0, SIDE),
        ]
    )
    east = shapely.Polygon(
        [
            (2 * SIDE, SIDE),
            *((x, SIDE) for x in steps[::-1] if x > north),
            *border[::-1],
            *((x, 0) for x in steps if x > south),
            (2 * SIDE, 0),
        ]
    )
    return np.array([west, east], dtype=object)


def houses(*boxes: tuple[float, float, float, float]) -> Solids:
    polygons = np.array([shapely.box(*each) for each in boxes], dtype=object)
    return Solids(polygons, np.zeros(len(boxes), dtype=bool))


def redrawn(cells: np.ndarray, solids: Solids | None = None, fixed: np.ndarray | None = None) -> np.ndarray:
    none = Ways(np.zeros(0, dtype=object), np.zeros(0, dtype=np.int8))
    still = np.zeros(len(cells), dtype=bool) if fixed is None else fixed
    return recut(cells, still, none, solids or houses(), PRESSED, Silent())


def border(cells: np.ndarray) -> shapely.Geometry:
    return shapely.line_merge(shapely.intersection(cells[0].boundary, cells[1].boundary))


def is_closed(cells: np.ndarray) -> bool:
    """Whether the cells still tile the field, neighbours having the very same vertices."""
    field = shapely.box(0, 0, 2 * SIDE, SIDE)
    return bool(
        shapely.is_valid(cells).all()
        and abs(shapely.area(cells).sum() - field.area) < 1e-6
        and shapely.coverage_is_valid(cells)
    )


def test_that_a_border_with_a_jog_over_open_ground_becomes_straight() -> None:
    cells = redrawn(halves((100, 0), (100, 70), (180, 70), (180, SIDE)))
    assert border(cells).length == np.clip(border(cells).length, SIDE, 1.02 * SIDE)
    assert is_closed(cells)


def test_that_a_border_goes_along_the_walls_of_a_row_of_houses() -> None:
    row = houses(*((128, y, 140, y + 22) for y in (4, 32, 60, 88, 114)))
    cells = redrawn(halves((160, 0), (160, SIDE)), row)
    walls = shapely.union_all(shapely.boundary(row.polygons)).buffer(0.5)
    assert border(cells).intersection(walls).length > 0.75 * border(cells).length
    inside = shapely.union_all(row.polygons).buffer(-0.01)
    assert border(cells).intersection(inside).length == 0.0
    assert is_closed(cells)


def test_that_a_border_on_a_street_stays() -> None:
    given_cells = halves((100, 0), (100, 70), (180, 70), (180, SIDE))
    street = Ways(np.array([border(given_cells)], dtype=object), np.array([MEDIUM], dtype=np.int8))
    cells = recut(given_cells, np.zeros(2, dtype=bool), street, houses(), PRESSED, Silent())
    assert shapely.equals_exact(shapely.normalize(cells), shapely.normalize(given_cells)).all()


def test_that_a_compound_that_is_a_cell_of_its_own_stays() -> None:
    given_cells = halves((100, 0), (100, 70), (180, 70), (180, SIDE))
    cells = redrawn(given_cells, fixed=np.array([True, False]))
    assert shapely.equals(cells, given_cells).all()


def test_that_a_cell_of_usual_size_is_not_made_too_small_for_a_shorter_border() -> None:
    # The shortest cut of this wedge is at its tip, where hardly anything would be left.
    wedge = np.array([(0, 0), (300, 60), (300, 80), (0, 140)], dtype=float)
    cells = np.array(
        [
            shapely.Polygon([wedge[0], (110, 22), (110, 118), wedge[3]]),
            shapely.Polygon([(110, 22), wedge[1], wedge[2], (110, 118)]),
        ]
    )
    assert (shapely.area(redrawn(cells)) >= 5_000).all()


spot = st.tuples(st.floats(5, 255), st.floats(5, 120), st.floats(4, 20), st.floats(4, 18))


@given(st.lists(spot, max_size=12), st.floats(60, 220), st.floats(60, 220), st.floats(20, 120))
@settings(max_examples=30, deadline=None)
def test_that_the_laws_hold_for_any_houses(
    spots: list[tuple[float, float, float, float]], south: float, north: float, height: float
) -> None:
    north = north + 1 if abs(north - south) < 1 else north
    given_cells = halves((south, 0), (south, height), (north, height), (north, SIDE))
    boxes = [shapely.box(x, y, min(x + w, 275), min(y + h, 136)) for x, y, w, h in spots]
    merged = shapely.get_parts(shapely.union_all(boxes)) if boxes else np.zeros(0, dtype=object)
    # Houses that the given border goes through are not ours to keep whole.
    whole = merged[~shapely.intersects(merged, border(given_cells))] if len(merged) else merged
    solids = Solids(np.asarray(whole, dtype=object), np.zeros(len(whole), dtype=bool))
    cells = redrawn(given_cells, solids)
    assert is_closed(cells)
    crossed = shapely.length(shapely.intersection(border(cells), shapely.buffer(whole, -0.3)))
    assert (crossed <= 0.3).all()
    again = redrawn(given_cells, solids)
    assert (shapely.to_wkb(cells) == shapely.to_wkb(again)).all()


def test_that_nothing_has_no_spikes() -> None:
    none = np.zeros(0, dtype=object)
    for areas in (none, np.array([shapely.Polygon()]), np.array([shapely.MultiPolygon()])):
        assert shapely.is_empty(without_spikes(areas)).all()
        assert blunted(areas)[1] == 0


def test_that_a_road_off_the_earth_is_left_out() -> None:
    paths = [shapely.LineString([(0, 0), (1e300, 0)]), shapely.LineString([(0, 0), (90, 0)])]
    laid = Ground(roads=gpd.GeoDataFrame(geometry=paths, crs=4548)).in_plane(pyproj.CRS(4548)).roads
    assert laid is not None and laid.length.tolist() == [90.0]
