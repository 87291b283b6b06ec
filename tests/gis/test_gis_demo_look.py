"""What the eye would see at once: houses on streets, lamps in houses, streets that end in nothing."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.demo_city import DemoCity, build
from gis.demo_city.curves import Curves
from gis.demo_city.cutting import cut_to_count, cut_to_size
from gis.demo_city.people import credit_code
from gis.demo_city.plan import make_plan, ring_point


@pytest.fixture(scope="module", params=[1, 7])
def city(request: pytest.FixtureRequest) -> DemoCity:
    return build(cells=500, components=8_000, seed=request.param)


def shapes(city: DemoCity, kind: str) -> np.ndarray:
    return np.asarray(city.base[kind].geometry.values)


def carriageways(city: DemoCity) -> np.ndarray:
    roads = city.base["roads"]
    return shapely.buffer(roads.geometry.values, roads["width_m"] / 2 - 0.2, cap_style="flat")


def points(city: DemoCity, *names: str) -> np.ndarray:
    rows = city.components[city.components["name"].isin(names)]
    return shapely.points(rows["x"], rows["y"])


def hits(first: np.ndarray, second: np.ndarray, predicate: str = "intersects") -> int:
    return len(np.unique(shapely.STRtree(second).query(first, predicate=predicate)[0]))


def test_that_no_house_stands_on_a_street_in_water_or_on_the_rails(city: DemoCity) -> None:
    houses = shapes(city, "buildings")
    assert hits(houses, carriageways(city)) == 0
    assert hits(houses, shapes(city, "water")) == 0
    assert hits(houses, shapely.buffer(shapes(city, "railways"), 6.0)) == 0


def test_that_houses_keep_apart(city: DemoCity) -> None:
    houses = shapes(city, "buildings")
    a, b = shapely.STRtree(houses).query(houses, predicate="intersects")
    assert (a == b).all()
    assert len(houses) > 1.5 * len(city.cells)


def test_that_nothing_but_what_hangs_on_walls_stands_in_a_house(city: DemoCity) -> None:
    rows = city.components[~city.components["name"].isin(["绿地"])]
    assert hits(shapely.points(rows["x"], rows["y"]), shapes(city, "buildings"), "within") == 0


def test_that_lamps_trees_and_bins_stand_beside_the_carriageway(city: DemoCity) -> None:
    at = points(city, "路灯", "行道树", "垃圾箱")
    assert hits(at, carriageways(city), "within") <= 0.002 * len(at)


def test_that_manholes_and_gullies_lie_on_the_carriageway(city: DemoCity) -> None:
    at = points(city, "污水井盖", "雨水井盖", "雨水箅子")
    assert hits(at, carriageways(city), "within") >= 0.98 * len(at)


def test_that_only_bridges_lie_over_water(city: DemoCity) -> None:
    at = city.components
    wet = shapely.STRtree(shapes(city, "water")).query(shapely.points(at["x"], at["y"]), predicate="within")[
        0
    ]
    assert set(at["name"].astype(str).to_numpy()[wet]) <= {"跨河桥", "跨河管道"}
    assert "跨河桥" in set(at["name"].astype(str).to_numpy()[wet])


def test_that_every_street_meets_another_or_ends_at_water_rails_or_the_city_s_edge(city: DemoCity) -> None:
    roads = city.base["roads"]
    lines = np.asarray(roads.geometry.values)
    streets = lines[roads["subtype"].to_numpy() != "path"]
    ends = np.concatenate([shapely.get_point(streets, 0), shapely.get_point(streets, -1)])
    inside = shapely.contains(city.counties.geometry.iloc[0].buffer(-5.0), ends)
    edges = np.concatenate([shapes(city, "water"), shapes(city, "railways")])
    inside[shapely.STRtree(ends).query(edges, predicate="dwithin", distance=60.0)[1]] = False
    paved = shapely.buffer(lines, roads["width_m"].to_numpy() / 2 + 0.3)
    touching = np.bincount(shapely.STRtree(paved).query(ends, predicate="within")[0], minlength=len(ends))
    assert (touching[inside] >= 2).mean() > 0.985


def test_that_a_river_a_lake_a_railway_and_all_ranks_of_street_are_there(city: DemoCity) -> None:
    assert {"river", "lake"} <= set(city.base["water"]["subtype"])
    assert len(city.base["railways"])
    assert {"expressway", "main", "secondary", "tertiary", "minor", "service"} <= set(
        city.base["roads"]["subtype"]
    )
    assert {"park", "square"} <= set(city.base["green"]["subtype"])
    named = city.base["roads"].query("rank <= 4")["name"]
    assert (named != "").all()


@given(st.integers(1, 99_999_999 - 90_000_000))
def test_that_credit_codes_have_valid_check_characters(number: int) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    code = credit_code(number)
    assert len(code) == 18
    total = sum(alphabet.index(c) * pow(3, k, 31) for k, c in enumerate(code[:17]))
    assert (total + alphabet.index(code[17])) % 31 == 0
    weights = (3, 7, 9, 10, 5, 8, 4, 2, 1)
    assert sum((10 if c == "X" else int(c)) * w for c, w in zip(code[8:17], weights, strict=True)) % 11 == 0


@given(st.integers(20, 200_000), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_that_the_warp_never_folds_the_plan(cells: int, seed: int) -> None:
    plan = make_plan(cells, seed)
    reach = np.linspace(-1.4, 1.4, 41) * plan.rings_m[min(3, len(plan.rings_m) - 1)]
    x, y = np.meshgrid(reach, reach)
    xy = plan.place(np.column_stack([x.ravel(), y.ravel()])).reshape(41, 41, 2)
    east, north = np.diff(xy, axis=1)[:-1], np.diff(xy, axis=0)[:, :-1]
    area = east[..., 0] * north[..., 1] - east[..., 1] * north[..., 0]
    assert (area > 0).all()


@given(st.floats(0, 1), st.floats(300, 20_000))
def test_that_rings_are_closed_and_lie_around_the_centre(s: float, radius_m: float) -> None:
    here, opposite = ring_point(np.array([s, s + 0.5]), np.full(2, radius_m))
    assert np.allclose(here, -opposite, atol=1e-6 * radius_m)
    assert 0.6 * radius_m < np.hypot(*here) < 1.5 * radius_m


@given(st.integers(1, 12), st.floats(60, 400), st.floats(60, 400), st.floats(0, 3))
@settings(max_examples=60, deadline=None)
def test_that_cuts_give_the_number_of_parts_and_lose_nothing(
    parts: int, a: float, b: float, turn: float
) -> None:
    if a * b < 4_000 * parts:
        return
    corners = np.array([[0, 0], [a, 0], [a * 1.05, b], [0, b * 0.95]])
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    block = np.array([shapely.Polygon(corners @ spin)])
    pieces = cut_to_count(block, np.array([parts]))
    areas = shapely.area(pieces.polygons)
    assert len(areas) == parts
    assert np.isclose(areas.sum(), block[0].area)
    assert areas.max() < 1.6 * areas.min() + 1
    assert len(pieces.cuts) == parts - 1


def test_that_blocks_are_halved_until_they_have_their_size() -> None:
    block = np.array([shapely.box(0, 0, 900, 700)])
    pieces = cut_to_size(block, np.array([40_000.0]), np.random.default_rng(1))
    assert shapely.area(pieces.polygons).max() <= 1.55 * 40_000
    assert np.isclose(shapely.area(pieces.polygons).sum(), 630_000)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=8))
def test_that_points_along_curves_lie_where_interpolation_puts_them(distances: list[float]) -> None:
    lines = np.array(
        [shapely.LineString([(0, 0), (10, 0), (10, 20)]), shapely.LineString([(5, 5), (-25, 5)])]
    )
    s = np.array(distances)
    for k in (0, 1):
        x, y, tx, ty = Curves.of(lines).at(np.full(len(s), k), s)
        expected = shapely.get_coordinates(shapely.line_interpolate_point(lines[k], s))
        assert np.allclose(np.column_stack([x, y]), expected)
        assert np.allclose(np.hypot(tx, ty), 1)
