"""Rows of a draft corrected in place: the rules are asked again at once, who did what stays known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from actions.census.compare_session import CompareSession, compare_session
from actions.census.correct_session import CorrectSession, TakeBack, correct_session, take_correction_back
from actions.census.find_rows import find_rows
from actions.census.import_census import ImportCensus, import_census
from actions.census.return_refused import ExportRefused, export_refused
from data import store as stores
from data.store import Store
from kernel.errors import Conflict, Refused
from tests.census.survey_files import CRS, X0, Y0, city_cells, lamp, places, write_survey

ENGINES = ("sqlite", pytest.param("postgis", marks=pytest.mark.postgis))
FILE = "0137_路灯.shp"


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store of the test is."""
    return (
        str(tmp_path / "city.wangrid")
        if request.param == "sqlite"
        else request.getfixturevalue("fresh_postgis")
    )


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A little city."""
    with stores.open(url, create=True, standard="2013", crs=CRS, actor="王工") as opened:
        opened.set_setting("self_approval", "1")
        opened.replace_grid(city_cells())
        yield opened


def delivered(store: Store, folder: Path) -> int:
    """Ten lamps: wrong states in rows 2 and 3, a far point in row 4, a doubled code in rows 5 and 6, an empty
    authority in row 7."""
    rows = [lamp(n) for n in range(1, 11)]
    rows[1]["部件状态"] = rows[2]["部件状态"] = "不好"
    rows[5]["标识码"] = rows[4]["标识码"]
    rows[6]["主管代码"] = rows[6]["主管部门"] = ""
    points = places(10)
    points[3] = (X0 + 90_000, Y0)
    done = import_census(store, ImportCensus(files=(str(write_survey(folder, rows, points)),)))
    assert done.quarantined == 6, done.findings
    return done.session


def fix(
    store: Store,
    session: int,
    *rows: int,
    kind: str = "set",
    field: str = "",
    value: str = "",
    finding: str = "",
):
    """Correct rows by the surveyor's numbers, or those of a finding."""
    named = find_rows(store, session, [f"{FILE}:{row}" for row in rows])
    return correct_session(store, CorrectSession(session, kind, field, value, named, finding))


def test_that_every_row_of_a_finding_is_corrected_at_once_and_accepted(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    done = fix(store, session, field="state", value="完好", finding="wrong_state")
    assert (done.rows, done.accepted, done.quarantined) == (2, 6, 4)
    assert "wrong_state" not in store.session(session)["findings"]
    log = store.load_corrections(session)
    assert log[["actor", "kind", "field", "value", "rows", "undone_by"]].to_numpy().tolist() == [
        ["王工", "set", "state", "完好", 2, ""]
    ]
    assert sorted(store.load_quarantine(session)["row"]) == [4, 5, 6, 7]


def test_that_the_rows_of_one_correction_tell_before_and_after(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    fix(store, session, field="state", value="完好", finding="wrong_state")
    fix(store, session, 4, kind="drop")
    rows = store.load_correction_rows(session, 1)
    assert rows[["row", "before", "after"]].to_numpy().tolist() == [[2, "不好", "完好"], [3, "不好", "完好"]]
    assert store.load_correction_rows(session, 2)["row"].tolist() == [4]
    assert len(store.load_correction_rows(session, 3)) == 0


def test_that_a_moved_point_is_accepted_where_it_is_sound(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    assert (
        fix(store, session, 4, kind="move", value=f"{X0 + 150},{Y0 + 5}").quarantined == 6
    )  # in another cell
    done = fix(store, session, 4, kind="move", value=f"{X0 + 50},{Y0 + 60}")
    assert done.quarantined == 5
    store.commit_census(session)
    assert [X0 + 50, Y0 + 60] in store.load_components(["x", "y"]).to_numpy().tolist()


def test_that_a_corrected_code_frees_the_row_that_had_it_too(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    assert (
        fix(store, session, 6, field="code", value="1101010137000001").quarantined == 5
    )  # row 1 has that one
    done = fix(store, session, 6, field="code", value="1101010137000999")
    assert done.quarantined == 4
    store.commit_census(session)
    codes = store.load_components(["code"])["code"].tolist()
    assert {"1101010137000999", "1101010137000005"} <= set(codes)


def test_that_a_dropped_row_stays_outside_and_is_not_sent_back(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    done = fix(store, session, 4, 8, kind="drop")
    assert (done.accepted, done.quarantined) == (3, 7)
    folder = tmp_path / "back"
    folder.mkdir()
    assert export_refused(store, ExportRefused(session, folder)).rows == 5
    store.commit_census(session)
    assert store.info().components == 3
    again = import_census(store, ImportCensus(files=(str(folder / FILE),)))
    assert again.redelivery_of == (session,) and again.still_refused == 5


def test_that_a_correction_taken_back_leaves_the_draft_as_it_was(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    before = store.load_quarantine(session)
    first = fix(store, session, field="state", value="完好", finding="wrong_state")
    second = fix(store, session, 2, field="note", value="核实")
    done = take_correction_back(store, TakeBack(session, first.numbers))
    assert done.quarantined == 6
    assert store.load_quarantine(session)["finding_codes"].tolist() == before["finding_codes"].tolist()
    log = store.load_corrections(session)
    assert log["undone_by"].tolist() == ["王工", ""] and log["number"].tolist() == [
        first.number,
        second.number,
    ]
    with pytest.raises(Refused, match="no correction 1"):
        take_correction_back(store, TakeBack(session, first.numbers))


def test_that_a_sound_row_cannot_be_spoilt(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    before = store.session(session)
    with pytest.raises(Refused, match="row 9 of"):
        fix(store, session, 9, field="state", value="不好")
    assert store.session(session) == before


def test_that_an_accepted_row_is_corrected_and_its_component_tells_who_did_it(
    store: Store, tmp_path: Path
) -> None:
    session = delivered(store, tmp_path)
    fix(store, session, 1, field="owner_name", value="示例区路灯管理中心")
    fix(store, session, 2, field="state", value="丢失")
    fix(store, session, 2, field="change_date", value="2025-01-02")
    store.commit_census(session)
    frame = store.load_components(["component_id", "code", "owner_name", "state"]).set_index("code")
    assert frame.loc["1101010137000001", "owner_name"] == "示例区路灯管理中心"
    assert frame.loc["1101010137000002", "state"] == "丢失"
    history = store.component_history(int(frame.loc["1101010137000002", "component_id"]))
    assert history[["actor", "field", "before", "after"]].to_numpy().tolist() == [
        ["王工", "state", "不好", "丢失"], ["王工", "change_date", "", "2025-01-02"], ["王工", "", "", ""],
    ]  # fmt: skip


def test_that_the_difference_speaks_of_the_corrected_rows(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    assert compare_session(store, CompareSession(session)).new == 4
    fix(store, session, field="state", value="完好", finding="wrong_state")
    told = compare_session(store, CompareSession(session, out=tmp_path / "d.xlsx", lang="zh_CN"))
    assert told.new == 6 and (tmp_path / "d.xlsx").stat().st_size > 0


def test_that_of_two_who_correct_one_draft_the_second_is_told(store: Store, url: str, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    with stores.open(url, actor="李工") as other:
        seen = other.draft_rows(session)
        fix(store, session, 2, field="state", value="完好")
        with pytest.raises(Conflict, match="王工"):
            other.correct_session(session, *_late(), seen=seen.step)


def _late() -> tuple[object, ...]:
    import pandas as pd

    from census.review.corrections import Correction, Rebuilt

    nothing = pd.DataFrame()
    return [(Correction("drop"), nothing)], Rebuilt(nothing, nothing, nothing)


def test_that_only_drafts_are_corrected_and_only_real_columns(store: Store, tmp_path: Path) -> None:
    session = delivered(store, tmp_path)
    for field, value in (("colour", "red"), ("component_id", "7")):
        with pytest.raises(Refused, match=field):
            fix(store, session, 2, field=field, value=value)
    with pytest.raises(Refused, match="no place"):
        fix(store, session, 2, kind="move", value="here")
    with pytest.raises(Refused, match="no row"):
        fix(store, session, 99, field="note", value="x")
    with pytest.raises(Refused, match="No row"):
        fix(store, session, field="note", value="x", finding="nothing_such")
    store.submit_session(session)
    with pytest.raises(Refused, match="no draft"):
        fix(store, session, 2, field="state", value="完好")


def test_that_undo_of_a_corrected_session_restores_what_was(store: Store, tmp_path: Path) -> None:
    before = store.info().data_hash
    session = delivered(store, tmp_path)
    fix(store, session, field="state", value="完好", finding="wrong_state")
    store.commit_census(session)
    store.undo_session(session)
    assert store.info().data_hash == before and store.verify() == []
    assert np.isin(["王工"], store.load_corrections(session)["actor"]).all()


def table(path: Path, *lines: tuple[object, ...]) -> str:
    """A CSV with the columns F1, F2 and coordinates."""
    path.write_text(
        "F1,F2,部件名称,X坐标,Y坐标,备注\n" + "".join(",".join(map(str, line)) + "\n" for line in lines),
        "utf-8",
    )
    return str(path)


def test_that_a_field_may_mean_another_thing_in_each_layer(store: Store, tmp_path: Path) -> None:
    code, far = "110101013700000", X0 + 90_000
    one = [(f"{code}{n}", "完好", "路灯", X0 + 5 * n if n > 1 else far, Y0 + 5, "") for n in range(1, 6)]
    other = [("完好", f"{code}{n}", "路灯", X0 + 5 * n if n > 6 else far, Y0 + 5, "") for n in range(6, 10)]
    files = (table(tmp_path / "a.csv", *one), table(tmp_path / "b.csv", *other))
    session = import_census(store, ImportCensus(files=files)).session
    done = fix(store, session, field="note", value="核实", finding="out_of_area")
    assert (done.rows, done.accepted) == (2, 7)
    assert set(store.load_quarantine(session)["finding_codes"]) == {"out_of_area"}


def test_that_a_corrected_column_does_not_take_the_place_of_a_field_of_its_name(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        f"标识码,部件名称,X坐标,Y坐标,state\n1101010137000001,路灯,{X0 + 5},{Y0 + 5},胡同口\n", "utf-8"
    )
    wanted = ImportCensus(files=(str(file),), fields={"state": "location"})
    session = import_census(store, wanted).session
    assert (
        correct_session(store, CorrectSession(session, "set", "state", "破损", (("a.csv", "a", 0),))).rows
        == 1
    )
    store.commit_census(session)
    assert store.load_components(["state", "location"]).to_numpy().tolist() == [["破损", "胡同口"]]


def test_that_the_consent_to_convert_lines_holds_for_corrected_rows_too(store: Store, tmp_path: Path) -> None:
    lines = [shapely.LineString([(X0 + 5, Y0 + 5 * n), (X0 + 9, Y0 + 5 * n)]) for n in (1, 2)]
    known = ["1101010137000001", "1101019999000002"]
    gpd.GeoDataFrame({"标识码": known}, geometry=lines, crs=CRS).to_file(tmp_path / "a.gpkg")
    done = import_census(store, ImportCensus(files=(str(tmp_path / "a.gpkg"),), convert=True))
    assert (done.accepted, done.quarantined) == (1, 1), done.findings
    keys = tuple(
        store.load_quarantine(done.session)[["file", "layer", "record"]].itertuples(index=False, name=None)
    )
    correct_session(store, CorrectSession(done.session, "set", "code", "1101010137000002", keys))
    store.commit_census(done.session)
    assert store.load_components(["geometry"])["geometry"].isna().tolist() == [True, True]


def neighbours(store: Store, session: int) -> dict[int, str]:
    """Rows with a finding of C7, and what it names."""
    found = store.load_findings(session)
    found = found[found["code"].isin(("near_duplicate", "duplicated_geometry"))]
    return dict(zip(found["row"].tolist(), found["value"], strict=True))


def six_lamps(store: Store, folder: Path, *points: tuple[float, float]) -> int:
    """Six sound lamps; `points` for the first of them."""
    where = [*points, *places(6)[len(points) :]]
    rows = [lamp(n) for n in range(1, 7)]
    return import_census(store, ImportCensus(files=(str(write_survey(folder, rows, where)),))).session


def test_that_a_point_moved_beside_an_accepted_one_is_told_about_both(store: Store, tmp_path: Path) -> None:
    session = six_lamps(store, tmp_path)
    assert neighbours(store, session) == {}
    x, y = places(6)[1]
    done = fix(store, session, 5, kind="move", value=f"{x + 0.3},{y}")
    assert neighbours(store, session) == {5: "0.30 m, 2", 2: "0.30 m, 5"}
    assert (done.accepted, done.quarantined) == (6, 0)
    take_correction_back(store, TakeBack(session, done.numbers))
    assert neighbours(store, session) == {}
    store.commit_census(session)
    assert store.info().components == 6


def test_that_a_point_moved_away_leaves_its_neighbours_alone(store: Store, tmp_path: Path) -> None:
    x, y = places(1)[0]
    session = six_lamps(store, tmp_path, (x, y), (x + 0.3, y), (x + 0.7, y))
    before = store.load_findings(session)
    assert set(neighbours(store, session)) == {1, 2, 3}
    fix(store, session, 1, kind="move", value=f"{X0 + 60},{Y0 + 60}")
    assert neighbours(store, session) == {2: "0.40 m, 3", 3: "0.40 m, 2"}
    fix(store, session, 2, kind="drop")
    assert neighbours(store, session) == {}
    others = store.load_findings(session)
    others = others[others["record"] < 0]
    assert others["code"].tolist() == before["code"][before["record"] < 0].tolist()
    store.commit_census(session)
    assert store.info().components == 5


def test_that_a_corrected_class_has_other_neighbours(store: Store, tmp_path: Path) -> None:
    x, y = places(1)[0]
    rows = [lamp(1, 标识码="1101010101000001"), lamp(2)]
    shp = write_survey(tmp_path, rows, [(x, y), (x + 0.3, y)])
    session = import_census(store, ImportCensus(files=(str(shp),))).session
    assert neighbours(store, session) == {} and store.session(session)["quarantined"] == 1
    fix(store, session, 1, field="code", value="1101010137000001")
    assert neighbours(store, session) == {1: "0.30 m, 2", 2: "0.30 m, 1"}


def test_that_what_the_whole_layer_told_stands_until_the_place_is_corrected(
    store: Store, tmp_path: Path
) -> None:
    rows = [lamp(n) for n in range(1, 61)]
    where = [(X0 + 5, Y0 + 5 + 0.01 * n) for n in range(60)]
    done = import_census(store, ImportCensus(files=(str(write_survey(tmp_path, rows, where)),)))
    assert done.findings["collapsed_layer"] == 60
    assert fix(store, done.session, 1, 2, field="note", value="核实").quarantined == 60
    fixed = fix(store, done.session, 2, kind="move", value=f"{X0 + 60},{Y0 + 60}")
    assert (fixed.accepted, fixed.quarantined) == (1, 59)
    assert store.session(done.session)["findings"]["collapsed_layer"] == 59


def test_that_a_feature_without_attributes_wants_its_code(store: Store, tmp_path: Path) -> None:
    shp = write_survey(tmp_path, [lamp(1), lamp(2)], places(2))
    shp.with_suffix(".dbf").unlink()
    session = import_census(store, ImportCensus(files=(str(shp),))).session
    assert fix(store, session, 1, field="note", value="核实").quarantined == 2
    assert set(store.load_quarantine(session)["finding_codes"]) == {"missing_attributes"}
    assert fix(store, session, 1, field="code", value="1101010137000001").accepted == 1
