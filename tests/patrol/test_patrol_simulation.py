"""The walking roster: where it walks, how fast, and that it is the same for the same seed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.frames import FIX_COLUMNS
from kernel.errors import Cancelled
from kernel.progress import Watched
from patrol.roster import beats
from patrol.simulation import FASTEST_M_S, STEP_S, simulate, walk
from patrol.ways import from_cells, from_roads

X0, Y0 = 448_000.0, 4_418_000.0
START_S = 1_795_000_000.0


def cells(columns: int = 10, rows: int = 10) -> gpd.GeoDataFrame:
    shapes = [shapely.box(X0 + 100 * i, Y0 + 100 * j, X0 + 100 * i + 100, Y0 + 100 * j + 100)
              for j in range(rows) for i in range(columns)]  # fmt: skip
    codes = [f"110101001001{k + 1:03d}" for k in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4548)


def roads() -> gpd.GeoDataFrame:
    """A street every 200 m each way, one of them an expressway."""
    across = [shapely.LineString([(X0, Y0 + y), (X0 + 1_000, Y0 + y)]) for y in range(0, 1_001, 200)]
    along = [shapely.LineString([(X0 + x, Y0), (X0 + x, Y0 + 1_000)]) for x in range(0, 1_001, 200)]
    express = shapely.LineString([(X0, Y0 + 500), (X0 + 1_000, Y0 + 500)])
    return gpd.GeoDataFrame({"rank": [3] * 6 + [4] * 6 + [1]}, geometry=[*across, *along, express], crs=4548)


def roster(count: int) -> pd.DataFrame:
    return pd.DataFrame({"patroller_id": np.arange(count) + 7})


def test_that_the_same_seed_walks_the_same_way_and_another_seed_another() -> None:
    first, again, other = (list(simulate(roster(3), cells(), START_S, 5, seed)) for seed in (1, 1, 2))
    assert all(a.equals(b) for a, b in zip(first, again, strict=True))
    assert not first[5].equals(other[5])


def test_that_each_patroller_sends_one_fix_every_ten_seconds() -> None:
    batches = list(simulate(roster(4), cells(), START_S, 3, 1))
    assert len(batches) == 18
    every = pd.concat(batches)
    assert tuple(every.columns) == FIX_COLUMNS
    for batch, begin in zip(batches, START_S + STEP_S * np.arange(18), strict=True):
        assert sorted(batch["patroller_id"]) == [7, 8, 9, 10]
        assert batch["time_s"].is_monotonic_increasing
        assert batch["time_s"].between(begin, begin + STEP_S, inclusive="left").all()
    assert not every.duplicated(["time_s", "patroller_id"]).any()
    gaps = every.sort_values("time_s").groupby("patroller_id")["time_s"].diff().dropna()
    assert (gaps == STEP_S).all()


def test_that_people_walk_at_walking_pace_and_pause() -> None:
    walks = walk(roster(20), cells(), 240, 3, roads=roads())
    moving = walks.speed_m_s > 0
    assert 0.05 < 1 - moving.mean() < 0.25
    assert walks.speed_m_s[moving].min() >= 1.0
    assert walks.speed_m_s.max() <= FASTEST_M_S
    assert np.isnan(walks.heading_deg[~moving]).all()
    steps = np.hypot(np.diff(walks.x), np.diff(walks.y))
    assert steps.max() < 40.0
    assert 8.0 < np.median(steps) < 15.0


def test_that_people_keep_to_the_roads_but_not_to_expressways() -> None:
    walks = walk(roster(10), cells(), 120, 5, roads=roads())
    walked = shapely.union_all(roads().loc[roads()["rank"] > 1].geometry.values)
    away = shapely.distance(walked, shapely.points(walks.x.ravel(), walks.y.ravel()))
    assert np.percentile(away, 99) < 6.0 + 3 * 5.0
    assert np.median(away) > 1.0  # on the kerb, not on the centre line


def test_that_without_roads_people_walk_along_the_cells() -> None:
    walks = walk(roster(4), cells(), 60, 5)
    borders = shapely.union_all(cells().boundary.values)
    away = shapely.distance(borders, shapely.points(walks.x.ravel(), walks.y.ravel()))
    assert np.percentile(away, 95) < 20.0


def test_that_satellite_noise_is_a_few_metres_and_wanders() -> None:
    walks = walk(roster(30), cells(), 240, 11, roads=roads())
    assert (walks.accuracy_m >= 3.0).all()
    assert (walks.accuracy_m <= 5.0).all()
    standing = (walks.speed_m_s[:, 1:] == 0) & (walks.speed_m_s[:, :-1] == 0)
    drift = np.hypot(np.diff(walks.x), np.diff(walks.y))[standing]
    assert 0.5 < drift.mean() < 4.0


def test_that_people_stay_in_their_beat() -> None:
    grid, people = cells(), roster(4)
    walks = walk(people, grid, 240, 2, roads=roads())
    for number, rows in enumerate(beats(people, grid)):
        beat = shapely.union_all(grid.geometry.values[rows]).buffer(200)
        inside = shapely.contains_xy(beat, walks.x[number], walks.y[number])
        assert inside.mean() > 0.97


@settings(max_examples=40, deadline=None)
@given(people=st.integers(1, 60), columns=st.integers(1, 12), rows=st.integers(1, 12))
def test_that_everyone_has_a_beat_and_nobody_is_sent_twice_to_a_cell(
    people: int, columns: int, rows: int
) -> None:
    shared = beats(roster(people), cells(columns, rows))
    assert len(shared) == people
    assert all(len(set(beat.tolist())) == len(beat) > 0 for beat in shared)
    distinct = {tuple(beat) for beat in shared}
    assert sum(map(len, distinct)) == len(set().union(*map(set, distinct)))


def test_that_no_people_or_no_minutes_give_no_fixes() -> None:
    assert pd.concat([*simulate(roster(0), cells(), START_S, 1, 1), pd.DataFrame({"x": []})]).empty
    assert list(simulate(roster(2), cells(), START_S, 0, 1)) == []


def test_that_a_single_cell_far_from_any_road_is_still_walked() -> None:
    lonely = cells(1, 1)
    lonely = lonely.set_geometry(lonely.translate(50_000, 0))
    walks = walk(roster(1), lonely, 10, 1, roads=roads())
    assert np.isfinite(walks.x).all()


def test_that_lines_are_joined_where_they_cross() -> None:
    crossing = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(50, -50), (50, 50)])], crs=4548
    )
    ways = from_roads(crossing)
    assert len(ways.xy) == 5
    ends = ways.nearest(np.array([[0.0, 0.0], [50.0, 50.0]]))
    way = ways.routes(ends).way(0, 1)
    assert way.tolist() == [[0, 0], [50, 0], [50, 50]]


def test_that_only_the_largest_connected_part_is_walked() -> None:
    apart = pd.concat([cells(3, 3), cells(1, 1).assign(geometry=cells(1, 1).translate(600, 0))])
    part = from_cells(apart).within(X0 - 10, Y0 - 10, X0 + 900, Y0 + 900)
    assert len(part.xy) == 16


def test_that_a_walk_can_be_cancelled() -> None:
    progress = Watched(lambda *_: None)
    progress.cancel()
    with pytest.raises(Cancelled):
        walk(roster(2), cells(), 10, 1, progress=progress)
