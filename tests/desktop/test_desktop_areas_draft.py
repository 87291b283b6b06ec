"""A list of responsibility areas while it is edited: selecting, drawing, moving cells between areas, totals."""

from __future__ import annotations

import math

import pytest
import shapely

from desktop.models.areas import AreasDraft, Grid
from gis.grid.responsibility import areas_frame, completed
from kernel.errors import Refused
from resources.responsibility import kinds
from tests.desktop.conftest import CRS, DOWN, SIDE_M, SOUTH, WEST, cell_code, small_grid

GRID = Grid(small_grid())
ROW = tuple(cell_code(column, 0) for column in range(4))


def draft(kind: str, *holds: tuple[str, ...]) -> AreasDraft:
    frame = areas_frame(
        {"code": [f"Z{k + 1}" for k in range(len(holds))], "cell_codes": list(holds)}, len(holds), CRS
    )
    return AreasDraft.of(kinds()[kind], GRID, completed(frame, kinds()[kind], GRID.cells))


def test_that_cells_are_added_and_taken_away_with_live_totals() -> None:
    now = draft("responsibility_grid").added()
    assert now.dirty and now.areas["code"].tolist() == ["001"] and now.errors["code"].tolist() == ["R4"]
    now = now.toggled(0, ROW[:1]).toggled(0, (ROW[2],))
    totals = now.totals(0)
    assert (totals.cells, totals.parts) == (2, 2) and totals.area_m2 == pytest.approx(20_000)
    now = now.toggled(0, ROW)  # a box over four cells of which two are held
    assert now.totals(0).parts == 1 and now.totals(0).area_m2 == pytest.approx(40_000) and now.free == 44
    now = now.toggled(0, ROW[1:3])
    assert now.codes_of(0) == (ROW[0], ROW[3]) and not len(now.errors)
    assert not now.toggled(0, (ROW[0], ROW[3])).totals(0).area_m2


def test_that_a_shared_cell_names_the_other_area_and_can_be_taken_from_it() -> None:
    now = draft("responsibility_grid", ROW[:2], ROW[2:]).toggled(1, ROW[1:2])
    assert now.shared(1) == {0: (ROW[1],)} and now.shared(0) == {1: (ROW[1],)}
    assert now.errors["code"].tolist() == ["R3"]
    moved = now.moved(1, 0)
    assert moved.codes_of(0) == ROW[:1] and moved.totals(0).area_m2 == pytest.approx(10_000)
    assert not moved.shared(1) and not len(moved.errors)
    assert not draft("patrol_area", ROW[:2], ROW[1:]).shared(0)


def test_that_a_drawn_area_holds_the_cells_in_it_and_loses_the_ground_that_is_taken() -> None:
    drawn = shapely.box(WEST, SOUTH + (DOWN - 1.2) * SIDE_M, WEST + 2 * SIDE_M, SOUTH + DOWN * SIDE_M)
    now = draft("cleaning_area", ROW[2:]).added().drawn(1, drawn)
    assert now.codes_of(1) == ROW[:2] and now.totals(1).area_m2 == pytest.approx(24_000)
    now = now.toggled(0, ROW[1:2]).moved(0, 1)
    assert now.codes_of(1) == ROW[:1] and now.totals(1).area_m2 == pytest.approx(14_000)


def test_that_a_drawn_line_is_measured_and_its_width_gives_the_swept_area() -> None:
    now = (
        draft("cleaning_road")
        .added()
        .drawn(0, shapely.LineString([(WEST, SOUTH), (WEST + 300, SOUTH + 400)]))
    )
    assert now.totals(0).length_m == pytest.approx(500)
    now = now.told(0, "width_m", "12").told(0, "name", " 东街 ")
    assert now.areas["swept_m2"].iloc[0] == pytest.approx(6_000) and now.areas["name"].iloc[0] == "东街"
    assert now.row_at(WEST + 151, SOUTH + 200, 5.0) == 0 and now.row_at(WEST + 200, SOUTH, 5.0) == -1
    for wrong in ("twelve", "-1", "inf"):
        with pytest.raises(Refused):
            now.told(0, "width_m", wrong)
    assert math.isnan(now.told(0, "population", "").areas["population"].iloc[0])


def test_that_areas_are_found_by_any_text_and_by_place() -> None:
    now = draft("responsibility_grid", ROW[:2], ROW[2:]).told(1, "company", "环卫 Two")
    assert now.listed("two")["row"].tolist() == [1] and now.listed("")["cells"].tolist() == [2, 2]
    assert now.row_at(WEST + 250, SOUTH + (DOWN - 0.5) * SIDE_M, 0.0) == 1 and now.row_of("Z2") == 1
    assert not now.saved(now.areas).dirty and now.deleted(0).areas["code"].tolist() == ["Z2"]
    assert len(now.deleted(0).deleted(0).added().areas) == 1
