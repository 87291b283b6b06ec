"""People on the map: trails, signs, picks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from PySide6.QtGui import QColor

from desktop.map.layers.points import ERROR, PLAIN, PointsLayer
from desktop.map.layers.tracks import OFFLINE_S, TracksLayer
from desktop.map.view import View
from resources.styles import palette

VIEW = View(448_500.0, 4_418_400.0, 1.0, 600, 400)


@pytest.fixture
def patrollers() -> pd.DataFrame:
    rows = [
        (1, "JD0001", "甲", "合成公司", "第1组", "监督员"),
        (2, "JD0002", "乙", "合成公司", "第1组", "督导"),
    ]
    return pd.DataFrame(rows, columns=["patroller_id", "code", "name", "company", "team", "role"])


def fixes(
    patroller: int, seconds: list[float], x: list[float], y: float = 4_418_400.0, speed: float = 1.2
) -> pd.DataFrame:
    return pd.DataFrame(
        {"time_s": seconds, "patroller_id": patroller, "x": x, "y": y, "speed_m_s": speed, "heading_deg": 90.0,
         "accuracy_m": 5.0}
    )  # fmt: skip


def test_that_batches_append_to_the_same_trail(patrollers: pd.DataFrame) -> None:
    first = TracksLayer(patrollers).appended(fixes(1, [0.0, 10.0], [448_450.0, 448_460.0]))
    second = first.appended(fixes(1, [20.0], [448_470.0])).appended(fixes(2, [15.0], [448_600.0]))
    assert second.trails.person.tolist() == [0, 0, 0, 1] and second.now_s == 20.0
    assert first.trails.person.tolist() == [0, 0]


def test_that_a_fix_that_comes_twice_is_kept_once(patrollers: pd.DataFrame) -> None:
    batch = fixes(1, [0.0, 10.0], [448_450.0, 448_460.0])
    assert len(TracksLayer(patrollers).appended(batch).appended(batch).trails.person) == 2


def test_that_old_fixes_fall_off_but_the_last_of_everyone_stays(patrollers: pd.DataFrame) -> None:
    layer = TracksLayer(patrollers).appended(fixes(2, [0.0], [448_600.0]))
    layer = layer.appended(fixes(1, [5_000.0, 5_010.0], [448_450.0, 448_460.0]))
    assert layer.trails.person.tolist() == [0, 0, 1]


def test_that_strangers_are_left_out(patrollers: pd.DataFrame) -> None:
    assert len(TracksLayer(patrollers).appended(fixes(77, [0.0], [448_500.0])).trails.person) == 0


def test_that_moving_standing_and_silent_people_have_their_signs(patrollers: pd.DataFrame) -> None:
    layer = TracksLayer(patrollers).appended(fixes(1, [0.0], [448_500.0]))
    assert (layer._sign(0).status, layer._sign(0).heading_deg) == ("moving", 90.0)
    assert TracksLayer(patrollers).appended(fixes(1, [0.0], [1.0], speed=0.0))._sign(0).status == "standing"
    assert layer.at(OFFLINE_S + 1.0)._sign(0).status == "offline"
    assert TracksLayer(patrollers).appended(fixes(2, [0.0], [1.0]))._sign(0).role == "督导"


def test_that_a_trail_fades_towards_its_beginning(draw: Callable, patrollers: pd.DataFrame) -> None:
    seconds = np.arange(0.0, 600.0, 10.0)
    layer = TracksLayer(patrollers).appended(fixes(1, seconds.tolist(), (448_300 + seconds * 0.6).tolist()))
    image = draw([layer], VIEW)
    land, hue = QColor(palette("light").land), QColor(palette("light").major("01"))
    shades = [min(image.pixelColor(x, row).red() for row in range(196, 205)) for x in (120, 300, 420)]
    assert land.red() > shades[0] > shades[1] > shades[2] >= hue.red() - 3


def test_that_a_sign_stands_at_the_last_fix_and_is_picked_there(
    draw: Callable, patrollers: pd.DataFrame
) -> None:
    layer = TracksLayer(patrollers).appended(fixes(1, [0.0, 10.0], [448_380.0, 448_400.0]))
    image = draw([layer], VIEW)
    px, py = VIEW.to_pixels(448_400.0, 4_418_400.0)
    hue = palette("light").major("01")
    assert (
        sum(
            image.pixelColor(int(px) + dx, int(py) + dy).name() == hue
            for dx in range(-8, 9)
            for dy in range(-8, 9)
        )
        > 60
    )
    pick = layer.pick(448_403.0, 4_418_398.0, 8.0, VIEW)
    assert pick is not None and (pick.kind, pick.key, pick.x) == ("patroller", "1", 448_400.0)
    assert layer.pick(448_450.0, 4_418_400.0, 8.0, VIEW) is None
    assert layer.locate("patroller", "1") is not None and layer.counts(VIEW) == {"tracks": 1}


def test_that_a_thousand_patrollers_are_appended_in_a_few_milliseconds() -> None:
    from time import process_time

    many = pd.DataFrame({"patroller_id": np.arange(2_000), "role": "监督员"})
    rng = np.random.default_rng(1)
    layer = TracksLayer(many)
    taken = []
    for step in range(12):
        batch = pd.DataFrame(
            {"time_s": 10.0 * step, "patroller_id": np.arange(2_000), "x": rng.uniform(448_000, 449_000, 2_000),
             "y": rng.uniform(4_418_000, 4_419_000, 2_000), "speed_m_s": 1.0, "heading_deg": 10.0}
        )  # fmt: skip
        begun = process_time()
        layer = layer.appended(batch)
        taken.append(process_time() - begun)
    assert len(layer.trails.person) == 24_000 and np.median(taken) < 0.1


def test_that_severe_points_keep_their_mark_where_there_is_no_room(draw: Callable) -> None:
    x = np.array([448_500.0, 448_504.0])
    layer = PointsLayer(x, np.full(2, 4_418_400.0), np.array(["a", "b"]), np.array([PLAIN, ERROR]))
    image = draw([layer], VIEW)
    px, py = VIEW.to_pixels(448_504.0, 4_418_400.0)
    alarm = QColor(palette("light").alarm)
    ring = [image.pixelColor(int(px) + dx, int(py)) for dx in range(4, 9)]
    assert any(abs(colour.red() - alarm.red()) + abs(colour.green() - alarm.green()) < 24 for colour in ring)
    assert layer.counts(VIEW) == {"findings": 2} and layer.extent == (
        448_500.0,
        4_418_400.0,
        448_504.0,
        4_418_400.0,
    )
