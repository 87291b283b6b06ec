"""Survey files become sessions in a store, alike on both engines; what cannot be used leaves the store as it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import psycopg
import pytest

from actions.census.census_sessions import (
    approve_session,
    list_sessions,
    reject_session,
    show_findings,
    show_session,
    submit_session,
    undo_session,
)
from actions.census.import_census import CensusImported, ImportCensus, import_census
from data import store as stores
from data.store import Store
from kernel.errors import Cancelled, NotAllowed, Refused, UserError
from kernel.progress import Watched
from tests.census.survey_files import (
    CRS,
    X0,
    Y0,
    city_cells,
    lamp,
    places,
    write_dbf,
    write_points,
    write_survey,
)

ENGINES = ("sqlite", pytest.param("postgis", marks=pytest.mark.postgis))


@contextmanager
def little_city(url: str) -> Iterator[Store]:
    """A store of edition 2013 with six cells, in which one person may commit."""
    with stores.open(url, create=True, standard="2013", crs=CRS, actor="王工") as opened:
        opened.set_setting("self_approval", "1")
        opened.replace_grid(city_cells())
        yield opened


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A little city of the test's own."""
    file = str(tmp_path / "city.wangrid")
    with little_city(
        file if request.param == "sqlite" else request.getfixturevalue("fresh_postgis")
    ) as opened:
        yield opened


@pytest.fixture(params=ENGINES, scope="module")
def lasting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A little city with some lamps for tests that must leave it as it is."""
    folder = tmp_path_factory.mktemp("lasting")
    url = str(folder / "city.wangrid")
    if request.param == "postgis":
        server = request.getfixturevalue("postgis_url")
        url = f"{server}?options=-csearch_path%3Dlasting%2Cpublic"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA lasting")
    points = [(x + 200, y) for x, y in places(5)]
    rows = [lamp(k, cell=3) for k in range(901, 906)]
    with little_city(url) as opened:
        run(opened, write_survey(folder, rows, points), mode="submit")
        yield opened


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """Twenty lamps; the fifth has a state that nobody knows."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    rows = [lamp(k) for k in range(1, 21)]
    rows[4]["部件状态"] = "坏掉了"
    return write_survey(folder, rows, places(20))


def run(store: Store, *files: Path | str, **words: str) -> CensusImported:
    return import_census(store, ImportCensus(tuple(map(str, files)), **words))


def test_that_a_dry_run_counts_and_brings_nothing_in(store: Store, delivery: Path) -> None:
    before = store.info()
    done = run(store, delivery, mode="dry_run")
    assert (done.status, done.read, done.accepted, done.quarantined) == ("dry_run", 20, 19, 1)
    assert (done.new, done.changed, done.unchanged, done.missing) == (19, 0, 0, 0)
    assert (done.standard, done.encoding, done.crs) == ("2013", "GBK", "EPSG:4548")
    assert done.findings["wrong_state"] == 1
    assert store.info().data_hash == before.data_hash


def test_that_submit_commits_in_one_go_where_one_person_may(store: Store, delivery: Path) -> None:
    done = run(store, delivery, mode="submit")
    assert done.status == "committed"
    frame = store.load_components()
    assert len(frame) == 19
    assert set(frame["cell_code"]) == {"110101001001001"}
    assert frame["code"].tolist()[0] == "1101010137000001"
    assert abs(frame["x"].iloc[0] - (X0 + 5)) < 1e-3


def test_that_a_second_delivery_is_recognised_field_by_field(
    store: Store, delivery: Path, tmp_path: Path
) -> None:
    run(store, delivery, mode="submit")
    assert run(store, delivery).unchanged == 19
    rows = [lamp(k) for k in range(1, 23)]
    rows[0]["备注"] = "灯杆倾斜"
    second = run(store, write_survey(tmp_path, rows, places(22)), mode="submit")
    assert (second.new, second.changed, second.unchanged) == (3, 1, 18)
    first = store.load_components().set_index("code").loc["1101010137000001"]
    history = store.component_history(int(first["component_id"]))
    assert history["after"].tolist()[-1] == "灯杆倾斜"


def test_that_undo_restores_exactly_what_was(store: Store, delivery: Path) -> None:
    before = store.info().data_hash
    done = run(store, delivery, mode="submit")
    assert store.info().data_hash != before
    state = undo_session(store, done.session)
    assert (state.status, state.components) == ("undone", 0)
    assert store.info().data_hash == before


def test_that_a_draft_is_submitted_approved_or_rejected(store: Store, delivery: Path) -> None:
    first = run(store, delivery)
    assert first.status == "draft"
    assert reject_session(store, first.session).status == "rejected"
    second = run(store, delivery)
    assert submit_session(store, second.session).status == "committed"
    assert approve_session(store, second.session).components == 19
    assert list_sessions(store)["session"].tolist() == [second.session, first.session]


def test_that_two_people_are_needed_where_the_store_says_so(store: Store, delivery: Path) -> None:
    store.set_setting("self_approval", "0")
    done = run(store, delivery, mode="submit")
    assert (done.status, store.info().components) == ("submitted", 0)
    with pytest.raises(NotAllowed):
        approve_session(store, done.session)
    store.actor = "李工"
    assert approve_session(store, done.session).status == "committed"
    assert store.info().components == 19


def test_that_findings_speak_to_the_surveyor_in_own_rows(store: Store, delivery: Path) -> None:
    done = run(store, delivery)
    findings = show_findings(store, done.session, "zh_CN")
    row = findings[findings["code"] == "wrong_state"].iloc[0]
    assert (row["file"], row["row"], row["record"], row["field"]) == ("0137_路灯.shp", 5, 4, "部件状态")
    assert "坏掉了" in row["message"]
    assert row["remedy"] == "请填写五种状态之一。"
    assert show_session(store, done.session).findings["wrong_state"] == 1
    refused = store.load_quarantine(done.session)
    assert refused["row"].tolist() == [5]


def test_that_several_files_are_one_session(store: Store, delivery: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    points = [(x, y + 60) for x, y in places(5)]
    write_survey(other, [lamp(k) for k in range(101, 106)], points)
    done = run(store, delivery, other, mode="submit")
    assert (done.read, done.accepted) == (25, 24)
    assert store.info().sessions == 1


def test_that_a_delivery_without_one_good_row_stays_a_draft(store: Store, tmp_path: Path) -> None:
    before = store.info().data_hash
    shp = write_survey(tmp_path, [lamp(1, 部件状态="坏掉了")], places(1))
    done = run(store, shp, mode="submit")
    assert (done.status, done.accepted, done.quarantined) == ("draft", 0, 1)
    assert store.info().data_hash == before


def test_that_the_report_holds_totals_findings_and_refused_rows(
    store: Store, delivery: Path, tmp_path: Path
) -> None:
    done = run(store, delivery, report=str(tmp_path / "报告.xlsx"), lang="zh_CN")
    book = openpyxl.load_workbook(done.report)
    totals = {row[0]: row[1] for row in book["概况"].iter_rows(values_only=True)}
    assert (totals["读入记录"], totals["通过"], totals["拒收"], totals["新增"]) == (20, 19, 1, 19)
    kinds = {row[1]: row[2] for row in book["问题分类"].iter_rows(values_only=True)}
    assert kinds["wrong_state"] == 1
    assert any("坏掉了" in str(row[7]) for row in book["问题"].iter_rows(values_only=True, min_row=2))
    assert book["拒收记录"].max_row == 2
    assert sorted(path.name for path in tmp_path.glob("*.xlsx")) == ["报告.xlsx"]


def test_that_a_report_that_cannot_be_written_is_refused(
    store: Store, delivery: Path, tmp_path: Path
) -> None:
    before = store.info()
    with pytest.raises(Refused, match="There is no folder"):
        run(store, delivery, mode="submit", report=str(tmp_path / "none" / "r.xlsx"))
    assert (store.info().data_hash, store.info().sessions) == (before.data_hash, before.sessions)


def test_that_a_mapping_file_decides(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "路灯.csv"
    path.write_text(f"灯号,x,y\n1101010137000001,{X0 + 1},{Y0 + 1}\n", encoding="utf-8")
    mapping = tmp_path / "mapping.csv"
    mapping.write_bytes("field,column\n灯号,code\n".encode("gbk"))
    assert run(store, path, mode="submit", mapping=str(mapping)).accepted == 1
    assert store.load_components()["code"].tolist() == ["1101010137000001"]


def test_that_a_cancelled_import_changes_nothing(store: Store, delivery: Path) -> None:
    before = store.info()
    watched = Watched(lambda *_: None)
    watched.cancel()
    with pytest.raises(Cancelled):
        import_census(store, ImportCensus((str(delivery),), mode="submit"), watched)
    assert store.info().sessions == before.sessions


def test_that_a_store_without_plane_and_cells_takes_the_fitting_plane(tmp_path: Path, delivery: Path) -> None:
    with stores.open(":memory:", create=True, standard="2013") as empty:
        done = import_census(empty, ImportCensus((str(delivery),), mode="submit"))
        assert done.findings["no_cells"] == 1
        assert empty.info().crs == CRS
        assert set(empty.load_components()["cell_code"]) == {""}


# ---------------------------------------------------------------- bad input, one by one


def _missing_dbf(folder: Path) -> Path:
    shp = write_survey(folder, [lamp(1)], places(1))
    shp.with_suffix(".dbf").unlink()
    return shp


def _missing_shx(folder: Path) -> Path:
    shp = write_survey(folder, [lamp(1)], places(1))
    shp.with_suffix(".shx").unlink()
    return shp


def _point_at(x: float, y: float) -> Callable[[Path], Path]:
    return lambda folder: write_survey(folder, [lamp(k) for k in (1, 2, 3)], [*places(2), (x, y)])


def _duplicate(folder: Path) -> Path:
    return write_survey(folder, [lamp(1), lamp(7), lamp(7)], places(3))


def _unknown_class(folder: Path) -> Path:
    return write_survey(folder, [lamp(1), lamp(2), lamp(3, 标识码="1101010188000003")], places(3))


def _short_dbf(folder: Path) -> Path:
    shp = write_survey(folder, [lamp(1), lamp(2)], places(2))
    return write_points(shp, places(3))


# what is wrong, its maker, finding code, row (-1: the file), rows accepted and refused
FOUND = [
    ("missing .dbf", _missing_dbf, "missing_part", -1, 0, 1),
    ("missing .shx", _missing_shx, "missing_part", -1, 1, 0),
    ("point at (0, 0)", _point_at(0.0, 0.0), "zero_coordinate", 3, 2, 1),
    ("swapped point", _point_at(Y0 + 5, X0 + 5), "swapped_xy", 3, 2, 1),
    ("point that is no number", _point_at(float("nan"), Y0), "null_geometry", 3, 2, 1),
    ("duplicate code", _duplicate, "duplicate_code", 2, 1, 2),
    ("unknown class", _unknown_class, "unknown_class", 3, 2, 1),
    ("dbf shorter than shp", _short_dbf, "missing_attributes", 3, 2, 1),
]


@pytest.mark.parametrize(
    ("name", "make", "code", "row", "accepted", "refused"), FOUND, ids=[case[0] for case in FOUND]
)
def test_that_a_fault_is_a_finding_with_file_row_and_remedy(
    lasting: Store,
    tmp_path: Path,
    name: str,
    make: Callable,
    code: str,
    row: int,
    accepted: int,
    refused: int,
) -> None:
    before = lasting.info().data_hash
    done = run(lasting, make(tmp_path))
    assert (done.accepted, done.quarantined) == (accepted, refused)
    findings = lasting.load_findings(done.session)
    finding = findings[findings["code"] == code].iloc[0]
    assert finding["file"] == "0137_路灯.shp"
    assert finding["row"] == row
    assert len(finding["remedy"]) > 5
    assert lasting.info().data_hash == before


def _file(name: str, body: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(body)
        return folder / name

    return make


def _no_crs(folder: Path) -> Path:
    return write_survey(folder, [lamp(1)], [(12.0, 7.0)], epsg=None)


def _bad_dbf(folder: Path) -> Path:
    shp = write_survey(folder, [lamp(1)], places(1))
    shp.with_suffix(".dbf").write_bytes(b"rubbish")
    return shp


REFUSED = [
    ("empty file", _file("empty.shp", b""), "empty.shp is empty"),
    ("text called shp", _file("text.shp", b"hello"), "text.shp is not a shapefile"),
    ("noise called gpkg", _file("noise.gpkg", os.urandom(5000)), "noise.gpkg cannot be read"),
    (
        "half a geojson",
        _file("half.geojson", b'{"type":"FeatureCollection","fea'),
        "half.geojson cannot be read",
    ),
    ("no features", _file("no.geojson", b'{"type":"FeatureCollection","features":[]}'), "holds no feature"),
    ("another kind", _file("none.xyz", b"1 2 3"), "of no kind"),
    ("no system", _no_crs, "does not say its reference system"),
    ("dbf that is none", _bad_dbf, "is not a dBASE table"),
    ("not there", lambda folder: folder / "missing.shp", "does not exist"),
]


@pytest.mark.parametrize(("name", "make", "words"), REFUSED, ids=[case[0] for case in REFUSED])
def test_that_an_unusable_file_is_refused_by_name_with_a_remedy_and_the_store_is_as_it_was(
    lasting: Store, tmp_path: Path, name: str, make: Callable[[Path], Path], words: str
) -> None:
    before = lasting.info()
    with pytest.raises(Refused, match=words) as refused:
        run(lasting, make(tmp_path), mode="submit")
    assert refused.value.file
    assert len(refused.value.remedy) > 5
    after = lasting.info()
    assert (after.data_hash, after.sessions) == (before.data_hash, before.sessions)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"encoding": "klingon"}, "no encoding called klingon"),
        ({"crs": "123456789"}, "not a reference system"),
        ({"class_code": "9999"}, "no component class 9999"),
        ({"standard": "1999"}, "no edition 1999"),
        ({"mapping": "none.csv"}, "none.csv does not exist"),
    ],
)
def test_that_an_option_that_means_nothing_is_refused(
    lasting: Store, delivery: Path, words: dict[str, str], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        run(lasting, delivery, **words)


def test_that_a_wrong_encoding_is_noticed_and_corrected(store: Store, tmp_path: Path) -> None:
    rows = [lamp(k, 备注="人行道内侧") for k in range(1, 5)]
    shp = write_survey(tmp_path, rows, places(4), encoding="gbk", cpg="UTF-8")
    done = run(store, shp, mode="submit")
    assert done.findings["misdeclared_encoding"] == 1
    assert set(store.load_components()["note"]) == {"人行道内侧"}


@pytest.mark.shared
def test_that_real_layers_count_alike_on_this_engine(store: Store, shared: Path, tmp_path: Path) -> None:
    lamps = f"zip://{shared}/data/dongcheng_like/dirty/census_shp_gbk.zip!0137_路灯.shp"
    done = run(store, lamps, mode="dry_run")
    assert (done.read, done.read - done.accepted) == (7422, done.quarantined)
    lights = shared / "data/cambridge_ma/INFRA_Hydrants.geojson.zip"
    done = run(store, lights, mode="dry_run", class_code="0113")
    assert (done.read, done.accepted + done.quarantined) == (1960, 1960)


def test_that_a_table_alone_is_no_survey(lasting: Store, tmp_path: Path) -> None:
    write_dbf(tmp_path / "a.dbf", ((b"T", "C", 4),), [(b"aa",)])
    with pytest.raises(Refused, match="of no kind"):
        run(lasting, tmp_path / "a.dbf")
