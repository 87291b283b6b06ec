"""Editing the stored grid as users do, by actions and by the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from actions.grid.carry_statistics import CarryStatistics, carry_statistics
from actions.grid.check_stored_grid import CheckStoredGrid, check_stored_grid
from actions.grid.edit_grid import (
    BORDER,
    DoAgain,
    MergeCells,
    MoveBorder,
    RenumberCommunity,
    SplitCell,
    TakeBack,
    do_again,
    merge_cells,
    move_border,
    renumber_community,
    split_cell,
    take_back,
)
from actions.grid.edit_line import line_from
from actions.grid.trace_lineage import TraceLineage, trace_lineage
from data import store as stores
from data.store import Store
from kernel.errors import Conflict, Refused
from tests.data.small_city import CRS, SOUTH, WEST, cells

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = "110101001001001", "110101001001002"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with stores.create(tmp_path / "city.wangrid", "2026", CRS, actor="王工") as store:
        store.replace_grid(cells())
        road = shapely.LineString([(WEST - 50, SOUTH + 49), (WEST + 500, SOUTH + 51)])
        columns = {"name": ["一路"], "subtype": "", "rank": 2, "width_m": 9.0}
        store.replace_base("roads", gpd.GeoDataFrame(columns, geometry=[road], crs=CRS))
    return tmp_path / "city.wangrid"


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    with stores.open(place, actor="王工") as opened:
        yield opened


def across(y: float = 50.0) -> tuple[tuple[float, float], ...]:
    return ((WEST - 5, SOUTH + y), (WEST + 105, SOUTH + y))


def test_that_an_edit_tells_what_it_made_and_undo_takes_it_back(store: Store) -> None:
    before = store.info().data_hash
    done = split_cell(store, SplitCell(FIRST, across()))
    assert done.edit is not None and done.kind == "split" and done.retired == (FIRST,) and len(done.made) == 2
    assert [done.cells[code] for code in done.made] == [5_000.0, 5_000.0]
    assert merge_cells(store, MergeCells((done.made[0], done.made[1]))).retired == done.made
    corner = MoveBorder((WEST + 100, SOUTH + 100), (WEST + 104, SOUTH + 103))
    assert move_border(store, corner).made == ()
    assert (
        move_border(store, MoveBorder((WEST + 102, SOUTH + 50), (WEST + 99, SOUTH + 50), BORDER, 5.0)).kind
        == "move"
    )
    assert renumber_community(store, RenumberCommunity(FIRST[:12])).step == 5
    for _ in range(5):
        back = take_back(store, TakeBack())
        assert back.kind == "undo" and back.cells
    assert back.made == (FIRST,) and set(back.retired) == set(done.made)
    assert store.info().data_hash == before
    assert do_again(store, DoAgain()).kind == "redo"


def test_that_a_line_is_laid_onto_the_roads_of_the_store(store: Store) -> None:
    done = split_cell(store, SplitCell(FIRST, across(50.5), snap_m=3.0))
    parts = store.load_cells().set_index("code").loc[list(done.made)].geometry
    road = store.load_base("roads").geometry[0]
    assert parts.iloc[0].intersection(parts.iloc[1]).hausdorff_distance(
        road.intersection(shapely.box(WEST, SOUTH, WEST + 100, SOUTH + 100))
    ) == pytest.approx(0, abs=1e-6)  # fmt: skip


def test_that_an_editor_who_looks_at_an_old_grid_is_told(store: Store, place: Path) -> None:
    _, seen = store.cells_and_step()
    with stores.open(place, actor="李工") as other:
        split_cell(other, SplitCell(FIRST, across()))
    with pytest.raises(Conflict, match="李工"):
        merge_cells(store, MergeCells((SECOND, "110101001001006"), seen_step=seen))


def test_that_a_line_comes_from_words_or_from_a_file_in_any_system(store: Store, tmp_path: Path) -> None:
    assert line_from("1 2, 3.5 -4", CRS) == ((1.0, 2.0), (3.5, -4.0))
    drawn = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.LineString(across())], crs=CRS).to_crs(4490)
    drawn.to_file(tmp_path / "line.geojson")
    read = line_from(str(tmp_path / "line.geojson"), CRS)
    np.testing.assert_allclose(read, across(), atol=0.01)
    for words in (
        "1 2",
        "1 2 3, 4",
        "",
        "e e, 1 2",
        "1.2.3 4, 5 6",
        "1e999 2, 3 4",
        str(tmp_path / "missing.shp"),
    ):
        with pytest.raises(Refused):
            line_from(words, CRS)


def test_that_lineage_is_traced_both_ways(store: Store) -> None:
    parts = split_cell(store, SplitCell(FIRST, across())).made
    (whole,) = merge_cells(store, MergeCells((parts[0], SECOND))).made
    split_cell(store, SplitCell("110101001001005", ((WEST - 5, SOUTH + 150), (WEST + 105, SOUTH + 150))))
    traced = trace_lineage(store, TraceLineage(whole))
    assert traced.stands and traced.steps == 2
    assert set(traced.successions["predecessor"]) == {FIRST, SECOND, parts[0]}
    assert len(trace_lineage(store, TraceLineage()).successions) == 6
    forward = trace_lineage(store, TraceLineage(FIRST))
    assert not forward.stands and set(forward.successions["successor"]) == {*parts, whole}
    with pytest.raises(Refused, match="ever stood"):
        trace_lineage(store, TraceLineage("110101001001999"))


def test_that_figures_of_earlier_cells_are_carried_with_their_sums(store: Store, tmp_path: Path) -> None:
    made = split_cell(store, SplitCell(FIRST, ((WEST - 5, SOUTH + 25), (WEST + 105, SOUTH + 25)))).made
    rows = [f"{FIRST},8,100", f"{SECOND},,7", "999999999999999,1,1"]
    (tmp_path / "last.csv").write_text("网格,cases,people\n" + "\n".join(rows), encoding="gbk")
    request = CarryStatistics(
        str(tmp_path / "last.csv"), str(tmp_path / "now.csv"), ("cases", "people"), "网格", by="area"
    )
    done = carry_statistics(store, request)
    assert (done.read, done.cells, done.changed, done.unknown) == (3, 4, 1, 1)
    now = pd.read_csv(tmp_path / "now.csv", dtype={"网格": str}, index_col="网格")
    assert sorted(now.loc[list(made), "cases"]) == pytest.approx([2.0, 6.0])
    assert now["people"].sum() == pytest.approx(108.0) and now.loc[SECOND, "cases"] == 0.0
    later = carry_statistics(store, replace(request, since="2999-12-31"))
    assert later.changed == 0 and done.outside == {"cases": 0.0, "people": 0.0}


@pytest.mark.parametrize(
    ("text", "by", "words"),
    [
        (f"code,cases\n{FIRST},many", "area", "many"),
        (f"code,cases\n{FIRST},1\n{FIRST},2", "area", "already stands"),
        (f"code,people\n{FIRST},1", "area", "cases"),
        (f"code,cases\n{FIRST},1", "weight", "weight"),
    ],
)
def test_that_figures_that_cannot_be_carried_are_refused(
    store: Store, tmp_path: Path, text: str, by: str, words: str
) -> None:
    (tmp_path / "last.csv").write_text(text, encoding="utf-8")
    request = CarryStatistics(str(tmp_path / "last.csv"), str(tmp_path / "now.csv"), ("cases",), by=by)
    with pytest.raises(Refused, match=words) as told:
        carry_statistics(store, request)
    assert told.value.remedy and not (tmp_path / "now.csv").exists()


def main(*words: object) -> tuple[int, dict[str, object]]:
    """Call `main.py` as a user would."""
    command = [sys.executable, str(ROOT / "main.py"), "--json", "--as", "王工", *map(str, words)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode, json.loads(done.stdout)


def test_that_the_command_line_edits_takes_back_and_traces(place: Path) -> None:
    line = ", ".join(f"{x} {y}" for x, y in across())
    status, done = main("--store", place, "grid", "edit", "split", FIRST, "--line", line)
    assert status == 0 and len(done["made"]) == 2 and done["retired"] == [FIRST]
    status, traced = main("--store", place, "grid", "lineage", FIRST)
    assert status == 0 and [row["successor"] for row in traced["successions"]] == done["made"]
    status, merged = main("--store", place, "grid", "edit", "merge", *done["made"])
    assert status == 0 and merged["cells"][merged["made"][0]] == 10_000.0
    assert main("--store", place, "grid", "edit", "undo")[1]["kind"] == "undo"
    status, told = main("--store", place, "grid", "edit", "merge", FIRST, SECOND)
    assert status == 3 and FIRST in told["error"]["message"] and told["error"]["remedy"]


def test_that_numbers_retired_by_an_edit_are_not_missing_when_the_store_is_checked(store: Store) -> None:
    split_cell(store, SplitCell(FIRST, across()))
    found = check_stored_grid(store, CheckStoredGrid()).details
    missing = found[found["message"].str.startswith("Numbers are missing")]["value"].tolist()
    community = FIRST[:12]
    assert not any(value.startswith(community) and "001" in value[len(community) + 1 :] for value in missing)
