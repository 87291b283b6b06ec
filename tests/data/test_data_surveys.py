"""Special surveys in the store: planned, collected, closed, on both engines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from census.special_survey.frames import (
    CELL_COLUMNS,
    FOUND_COLUMNS,
    OUTCOME_COLUMNS,
    SURVEY_COLUMNS,
    cells_frame,
    found_frame,
    outcomes_frame,
)
from data import store as stores
from data.store import Store
from kernel.changes import SURVEYS
from kernel.errors import Conflict, Refused
from tests.data.small_city import CRS, SOUTH, WEST, cells

CODES = sorted(cells()["code"])
ABOUT = {
    "name": "井盖专项普查",
    "classes": "0101 0102",
    "area": "110101001",
    "due": "2026-12-31",
    "tolerance_m": 2.0,
    "radius_m": 10.0,
}


def plan() -> pd.DataFrame:
    return cells_frame({"cell_code": CODES, "collector": ["甲"] * 6 + ["乙"] * 6, "known": range(12)}, 12)


def points() -> pd.DataFrame:
    return found_frame({"code": ["c1", ""], "class_code": ["0101"] * 2, "cell_code": CODES[:2], "collector": ["甲", "甲"],
                        "day": ["2026-11-20"] * 2, "x": [WEST + 1, WEST + 101], "y": [SOUTH + 1] * 2}, 2)  # fmt: skip


def outcomes() -> pd.DataFrame:
    return outcomes_frame({"component_id": [7, 0], "found_id": [1, 2], "outcome": ["moved", "new"], "moved_m": [3.5, np.nan],
                           "x": [WEST + 1, WEST + 101], "y": [SOUTH + 1] * 2}, 2)  # fmt: skip


def test_that_a_survey_reads_back_as_it_was_planned(store: Store) -> None:
    done = store.plan_survey(ABOUT, plan())
    assert done.touches(SURVEYS) and done.keys == ("1",)
    listed = store.load_surveys()
    assert tuple(listed.columns) == SURVEY_COLUMNS
    row = listed.iloc[0]
    assert (row["name"], row["status"], row["planned_by"], row["tolerance_m"]) == (
        "井盖专项普查",
        "running",
        "王工",
        2.0,
    )
    stored, found = store.load_survey(1)
    assert tuple(stored.columns) == CELL_COLUMNS and tuple(found.columns) == FOUND_COLUMNS
    pd.testing.assert_frame_equal(stored, plan())
    assert len(found) == 0 and store.plan_survey(ABOUT, plan()).keys == ("2",)


def test_that_cells_change_hands_and_are_done_and_open_again(store: Store) -> None:
    store.plan_survey(ABOUT, plan())
    store.assign_survey_cells(1, CODES[5:7], "丙")
    store.mark_survey_cells(1, CODES[:2], "2026-11-20")
    stored, _ = store.load_survey(1)
    assert stored["collector"].tolist() == ["甲"] * 5 + ["丙"] * 2 + ["乙"] * 5
    assert (
        stored["done_on"].tolist()[:3] == ["2026-11-20"] * 2 + [""]
        and stored["done_by"].tolist()[0] == "王工"
    )
    store.mark_survey_cells(1, CODES[:1], "")
    assert store.load_survey(1)[0]["done_by"].tolist()[:2] == ["", "王工"]
    with pytest.raises(Refused, match="nowhere"):
        store.mark_survey_cells(1, [CODES[3], "nowhere"], "2026-11-20")
    assert store.load_survey(1)[0]["done_on"].tolist()[3] == "", "all or none"


def test_that_points_are_collected_with_their_cells(store: Store) -> None:
    store.plan_survey(ABOUT, plan())
    store.collect_survey(1, points(), CODES[:2], "2026-11-20")
    stored, found = store.load_survey(1)
    pd.testing.assert_frame_equal(found, points().assign(found_id=[1, 2]))
    assert stored["done_on"].tolist()[:3] == ["2026-11-20"] * 2 + [""]
    with pytest.raises(Refused, match="nowhere"):
        store.collect_survey(1, points(), ["nowhere"], "2026-11-20")
    assert len(store.load_survey(1)[1]) == 2


def test_that_a_closed_survey_stays_as_it_is(store: Store) -> None:
    store.plan_survey(ABOUT, plan())
    store.close_survey(1, outcomes())
    back = store.load_survey_outcomes(1)
    assert tuple(back.columns) == OUTCOME_COLUMNS
    pd.testing.assert_frame_equal(back, outcomes())
    assert store.survey(1)["status"] == "closed" and store.survey(1)["closed_by"] == "王工"
    for late in (lambda: store.collect_survey(1, points()), lambda: store.close_survey(1, outcomes()),
                 lambda: store.assign_survey_cells(1, CODES[:1], "丙"), lambda: store.mark_survey_cells(1, CODES[:1], "")):  # fmt: skip
        with pytest.raises(Refused, match="closed"):
            late()


def test_that_a_result_is_not_frozen_over_points_that_came_meanwhile(store: Store) -> None:
    store.plan_survey(ABOUT, plan())
    for late in (
        lambda: store.collect_survey(1, points()),
        lambda: store.mark_survey_cells(1, CODES[:1], "2026-11-20"),
    ):
        seen = store.load_survey(1)
        late()
        with pytest.raises(Conflict, match="survey 1"):
            store.close_survey(1, outcomes(), seen=seen)
        assert store.survey(1)["status"] == "running" and not len(store.load_survey_outcomes(1))
    store.close_survey(1, outcomes(), seen=store.load_survey(1))
    assert store.survey(1)["status"] == "closed"


def test_that_an_unknown_survey_is_refused(store: Store) -> None:
    for ask in (store.survey, store.load_survey):
        with pytest.raises(Refused, match="9"):
            ask(9)


def test_that_a_backup_takes_surveys_along(store: Store, tmp_path: Path) -> None:
    store.plan_survey(ABOUT, plan())
    store.collect_survey(1, points())
    store.close_survey(1, outcomes())
    store.backup(tmp_path / "backup.wangrid")
    with stores.open(tmp_path / "backup.wangrid") as copy:
        pd.testing.assert_frame_equal(copy.load_surveys(), store.load_surveys())
        pd.testing.assert_frame_equal(copy.load_survey(1)[1], store.load_survey(1)[1])
        pd.testing.assert_frame_equal(copy.load_survey_outcomes(1), store.load_survey_outcomes(1))


def test_that_a_store_with_a_survey_keeps_its_plane(store: Store) -> None:
    store.plan_survey(ABOUT, plan())
    with pytest.raises(Refused):
        store.adopt_crs(CRS + 1)
