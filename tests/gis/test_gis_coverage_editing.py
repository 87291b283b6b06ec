"""Editing a tiling by hand: what each edit makes, what is refused, and that any row of edits keeps the tiling."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gis import topology
from gis.frames import as_cells
from gis.grid.coverage_editing import merge, renumber, split
from gis.grid.coverage_moving import move_edge, move_vertex
from gis.grid.grid_codes import COMMUNITY
from gis.grid.grid_edit import GridEdit
from gis.grid.snapping import snapped
from kernel.errors import Refused

WEST, SOUTH = 500_000.0, 4_400_000.0


def place(x: float, y: float) -> tuple[float, float]:
    return WEST + x, SOUTH + y


def line(*corners: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([place(*corner) for corner in corners])


def code(number: int, community: str = "001") -> str:
    return f"110101001{community}{number:03d}"


def lattice(columns: int = 4, rows: int = 3) -> gpd.GeoDataFrame:
    """Squares of 100 m; the left half is community 001, the right half 002; numbered row by row in each."""
    codes, shapes, count = [], [], {"001": 0, "002": 0}
    for row in range(rows - 1, -1, -1):
        for column in range(columns):
            community = "001" if column < columns / 2 else "002"
            count[community] += 1
            codes.append(code(count[community], community))
            shapes.append(
                shapely.box(*place(100 * column, 100 * row), *place(100 * column + 100, 100 * row + 100))
            )
    frame = as_cells(gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4548))
    return frame.sort_values("code", ignore_index=True)


def ground(cells: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    return dict(zip(cells["code"], cells.geometry, strict=True))


def require_tiling(cells: gpd.GeoDataFrame, whole: dict[str, shapely.Geometry]) -> None:
    """No gap, no overlap, single valid parts, each community's ground what it was, codes once."""
    shapes = np.asarray(cells.geometry.values, dtype=object)
    assert cells["code"].is_unique and (shapely.get_type_id(shapes) == 3).all()
    found = topology.check(shapes, shapely.box(*place(0, 0), *place(400, 300)))
    assert not len(found.invalid) and not len(found.overlaps) and not len(found.gaps)
    assert found.gap_m2 < 1e-3 and found.overlap_m2 < 1e-3
    for community, expected in whole.items():
        mine = shapely.union_all(shapes[(cells["code"].str[:COMMUNITY] == community).to_numpy()])
        assert shapely.symmetric_difference(mine, expected).area < 1e-2


WHOLE = {
    "110101001001": shapely.box(*place(0, 0), *place(200, 300)),
    "110101001002": shapely.box(*place(200, 0), *place(400, 300)),
}


def test_that_a_split_makes_two_new_cells_and_gives_the_neighbours_a_vertex() -> None:
    cells = lattice()
    edit = split(cells, code(3), line((-5, 140), (120, 160)), day="2026-11-21")
    assert set(edit.before["code"]) == {code(3), code(4)}
    assert set(edit.after["code"]) == {code(7), code(8), code(4)} and edit.communities == ("110101001001",)
    assert edit.after["area_m2"].sum() == pytest.approx(20_000.0, abs=1e-6)
    assert edit.after["initial_date"].tolist() == ["", "2026-11-21", "2026-11-21"]
    require_tiling(edit.applied_to(cells), WHOLE)
    assert len(shapely.get_coordinates(ground(edit.after)[code(4)])) == 6


def test_that_a_split_may_bend_and_may_meet_corners_and_the_next_community() -> None:
    cells = lattice()
    edit = split(cells, code(4), line((100.02, 99.99), (150, 130), (170, 160), (230, 170)))
    after = edit.applied_to(cells)
    require_tiling(after, WHOLE)
    assert edit.communities == ("110101001001",) and code(3, "002") in edit.codes
    again = split(after, code(3, "002"), line((199, 170), (301, 165)))
    require_tiling(again.applied_to(after), WHOLE)


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (line((10, 150), (60, 150)), "exactly once"),
        (line((10, 250), (60, 250)), "exactly once"),
        (line((-5, 110), (50, 250), (105, 110)), "exactly once"),
        (line((-5, 100), (105, 100)), "exactly once"),
        (line((-5, 199.96), (105, 199.96)), "square metre"),
    ],
)
def test_that_a_line_that_does_not_part_the_cell_in_two_is_refused(
    drawn: shapely.LineString, words: str
) -> None:
    with pytest.raises(Refused, match=words) as told:
        split(lattice(), code(3), drawn)
    assert told.value.remedy


def test_that_an_end_close_to_the_border_is_drawn_to_it() -> None:
    edit = split(lattice(), code(3), line((1.5, 150), (98.7, 150)))
    assert edit.after["area_m2"].round(3).tolist() == [10_000.0, 10_000.0, 5_000.0, 5_000.0][1:]


def test_that_a_drawn_line_is_laid_onto_a_road_and_follows_its_bend() -> None:
    road = line((-20, 150), (40, 152), (60, 148), (120, 150))
    drawn = line((-10, 151), (110, 149))
    edit = split(lattice(), code(3), drawn, features=np.array([road]), snap_m=3.0)
    parts = [shape for c, shape in ground(edit.after).items() if c in (code(7), code(8))]
    common = parts[0].intersection(parts[1])
    assert common.length == pytest.approx(
        road.intersection(shapely.box(*place(0, 100), *place(100, 200))).length
    )
    assert shapely.equals_exact(snapped(drawn, np.array([road]), 0.5), drawn)
    house = shapely.box(*place(20, 140), *place(40, 149))
    laid = snapped(line((-10, 150), (19, 150), (41, 150), (110, 150)), np.array([house]), 2.0)
    assert [tuple(xy) for xy in shapely.get_coordinates(laid)[1:3]] == [place(20, 149), place(40, 149)]


def test_that_merging_keeps_the_name_of_the_largest_and_gives_a_new_number() -> None:
    cells = lattice()
    edit = merge(cells, [code(1), code(2), code(4)], retired_codes=[code(7)], day="2026-11-21")
    assert edit.after["code"].tolist() == [code(8)] and edit.after["area_m2"].tolist() == [30_000.0]
    require_tiling(edit.applied_to(cells), WHOLE)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([code(1)], "two cells"),
        ([code(2), code(1, "002")], "never crosses"),
        ([code(1), code(4)], "not all neighbours"),
        ([code(1), code(99)], "no cell"),
    ],
)
def test_that_cells_that_make_no_cell_are_not_merged(numbers: list[str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        merge(lattice(), numbers)


def test_that_a_ring_of_cells_is_not_merged_around_its_middle() -> None:
    cells = lattice(8, 3)
    mine = cells[cells["code"].str[:COMMUNITY] == "110101001001"]
    middle = mine[mine.geometry.contains(shapely.Point(place(150, 150)))]["code"].iloc[0]
    around = mine[mine.geometry.intersects(ground(mine)[middle]) & (mine["code"] != middle)]["code"].tolist()
    with pytest.raises(Refused, match="hole"):
        merge(cells, around)
    assert merge(cells, [*around, middle]).after["area_m2"].tolist() == [90_000.0]


def test_that_a_shared_vertex_moves_in_all_its_cells() -> None:
    cells = lattice()
    edit = move_vertex(cells, place(100.2, 100.1), place(110, 120))
    assert set(edit.codes) == {code(n) for n in (3, 4, 5, 6)}
    assert edit.before["code"].tolist() == edit.after["code"].tolist()
    require_tiling(edit.applied_to(cells), WHOLE)
    assert edit.after["area_m2"].sum() == pytest.approx(40_000.0)


@pytest.mark.parametrize(
    ("at", "to", "words"),
    [
        ((100, 100), (250, 110), "cross another border"),
        ((100, 100), (199, 350), "cross another border"),
        ((100, 100), (100, 199.995), "centimetre"),
        ((0, 0), (10, 10), "stays where it is"),
        ((0, 100), (5, 250), "slide past"),
        ((50, 50), (60, 60), "no corner"),
    ],
)
def test_that_a_vertex_is_not_moved_where_the_tiling_would_break(
    at: tuple[float, float], to: tuple[float, float], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        move_vertex(lattice(), place(*at), place(*to))


def test_that_a_vertex_on_the_border_of_a_community_slides_along_it() -> None:
    cells = lattice()
    for at, to, expected in (((200, 100), (230, 140), (200, 140)), ((0, 100), (7, 80), (0, 80))):
        edit = move_vertex(cells, place(*at), place(*to))
        require_tiling(edit.applied_to(cells), WHOLE)
        assert place(*expected) in map(
            tuple, shapely.get_coordinates(edit.after.geometry.to_numpy()).round(6)
        )


def test_that_an_edge_moves_with_both_its_ends() -> None:
    cells = lattice()
    edit = move_edge(cells, place(100, 150), place(115, 150))
    assert ground(edit.after)[code(3)].area == pytest.approx(11_500.0)
    require_tiling(edit.applied_to(cells), WHOLE)
    with pytest.raises(Refused, match="no border"):
        move_edge(cells, place(50, 50), place(60, 50))


def test_that_a_vertex_in_the_middle_of_a_neighbours_border_moves_that_neighbour_too() -> None:
    cells = lattice()
    bare = cells.assign(geometry=[shapely.set_precision(shape, 0.001) for shape in cells.geometry])
    both = merge(bare, [code(5), code(6)])
    low = both.applied_to(bare)
    straight = low.geometry.to_numpy().copy()
    row = int(np.flatnonzero(low["code"] == code(7))[0])
    straight[row] = straight[row].simplify(0.0)  # without the vertex where the two cells above meet
    low = low.assign(geometry=straight)
    edit = move_vertex(low, place(100, 100), place(110, 90))
    assert code(7) in edit.codes
    require_tiling(edit.applied_to(low), WHOLE)


def test_that_renumbering_follows_the_reading_order_and_leaves_retired_numbers_out() -> None:
    cells = lattice()
    after = split(cells, code(1), line((50, 195), (50, 305))).applied_to(cells)
    edit = renumber(after, "110101001001", retired_codes=[code(1)])
    done = edit.applied_to(after)
    mine = done[done["code"].str[:COMMUNITY] == "110101001001"]
    assert [c[-3:] for c in mine["code"]] == ["002", "003", "004", "005", "006", "007", "008"]
    assert mine.geometry.centroid.x.round().tolist()[:3] == [500_025.0, 500_075.0, 500_150.0]
    require_tiling(done, WHOLE)
    with pytest.raises(Refused, match="already"):
        renumber(done, "110101001001", retired_codes=[code(1)])
    with pytest.raises(Refused, match="no cells"):
        renumber(done, "110101001009")


def test_that_an_edit_taken_back_gives_exactly_what_was() -> None:
    cells = lattice()
    edit = split(cells, code(3), line((-5, 140), (120, 160)))
    back = edit.inverse().applied_to(edit.applied_to(cells))
    assert back.to_wkb().equals(cells.to_wkb())
    assert edit.inverse().inverse().after is edit.after


offsets = st.floats(-60, 60, allow_nan=False)
spots = st.tuples(st.floats(1, 399), st.floats(1, 299))


class Surveyor(RuleBasedStateMachine):
    """Edits at random; whatever is not refused keeps the tiling, and can be taken back exactly."""

    @initialize()
    def begin(self) -> None:
        self.cells = lattice()
        self.used = set(self.cells["code"])
        self.stack: list[GridEdit] = []

    @rule(spot=spots, angle=st.floats(0, np.pi), bend=offsets)
    def split_somewhere(self, spot: tuple[float, float], angle: float, bend: float) -> None:
        x, y = place(*spot)
        dx, dy = 500 * np.cos(angle), 500 * np.sin(angle)
        drawn = shapely.LineString([(x - dx, y - dy), (x + bend / 30, y - bend / 30), (x + dx, y + dy)])
        self._try(lambda: split(self.cells, self._code_at(x, y), drawn, retired_codes=self.used))

    @rule(spot=spots, other=st.integers(0, 20))
    def merge_two(self, spot: tuple[float, float], other: int) -> None:
        mine = self._code_at(*place(*spot))
        near = self.cells[self.cells.geometry.touches(ground(self.cells)[mine])]["code"].tolist()
        self._try(lambda: merge(self.cells, [mine, near[other % len(near)]], retired_codes=self.used))

    @rule(spot=spots, dx=offsets, dy=offsets)
    def move_a_vertex(self, spot: tuple[float, float], dx: float, dy: float) -> None:
        x, y = place(*spot)
        self._try(lambda: move_vertex(self.cells, (x, y), (x + dx, y + dy), reach_m=60.0))

    @rule(spot=spots, dx=offsets, dy=offsets)
    def move_an_edge(self, spot: tuple[float, float], dx: float, dy: float) -> None:
        x, y = place(*spot)
        self._try(lambda: move_edge(self.cells, (x, y), (x + dx / 3, y + dy / 3), reach_m=60.0))

    @rule(community=st.sampled_from(sorted(WHOLE)))
    def renumber_one(self, community: str) -> None:
        gone = self.used - set(self.cells["code"])
        self._try(lambda: renumber(self.cells, community, retired_codes=gone))

    @rule()
    def take_back(self) -> None:
        if self.stack:
            self.cells = self.stack.pop().inverse().applied_to(self.cells)

    @invariant()
    def is_a_tiling(self) -> None:
        if hasattr(self, "cells"):
            require_tiling(self.cells, WHOLE)

    def teardown(self) -> None:
        while getattr(self, "stack", []):
            self.take_back()
        if hasattr(self, "cells"):
            assert self.cells.to_wkb().equals(lattice().to_wkb())

    def _code_at(self, x: float, y: float) -> str:
        return str(self.cells[self.cells.geometry.intersects(shapely.Point(x, y))]["code"].iloc[0])

    def _try(self, make: object) -> None:
        try:
            edit = make()  # type: ignore[operator]
        except Refused as error:
            assert error.remedy
            return
        fresh = set(edit.after["code"]) - set(edit.before["code"])
        if edit.kind in ("split", "merge"):
            assert not fresh & self.used
        self.used |= fresh
        self.cells = edit.applied_to(self.cells)
        self.stack.append(edit)


Surveyor.TestCase.settings = settings(
    max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSurveyor = Surveyor.TestCase
