"""The report of a census: what it says is what the store holds, its hash is kept, its sample cannot be chosen."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from actions.census.census_sessions import undo_session
from actions.census.import_census import ImportCensus, import_census
from actions.census.report_census import ReportCensus, VerifyReport, report_census, verify_report
from data import store as stores
from data.store import Store
from kernel.errors import Cancelled, Refused, WrongUsage
from kernel.progress import Watched
from tests.census.survey_files import CRS, city_cells, lamp, places, write_survey

ENGINES = ("sqlite", pytest.param("postgis", marks=pytest.mark.postgis))
COUNT = 40


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A city in which one person may commit."""
    url = (
        str(tmp_path / "city.wangrid")
        if request.param == "sqlite"
        else request.getfixturevalue("fresh_postgis")
    )
    with stores.open(url, create=True, standard="2013", crs=CRS, actor="王工") as opened:
        opened.set_setting("self_approval", "1")
        opened.set_setting("city", "示例区")
        opened.set_setting("synthetic", "1")
        opened.replace_grid(city_cells())
        yield opened


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """Lamps of accuracy A, some of B; two rows have faults."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    rows = [lamp(k, 定位精度="B" if k % 4 == 0 else "A") for k in range(1, COUNT + 1)]
    rows[4]["部件状态"] = "坏掉了"
    rows[6]["所在网格"] = "=1+1"
    return write_survey(folder, rows, places(COUNT))


def committed(store: Store, delivery: Path) -> int:
    return import_census(store, ImportCensus((str(delivery),), mode="submit")).session


def sheet(path: Path, title: str) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path)[title].iter_rows(values_only=True))


def test_that_the_workbook_adds_up_to_the_store(store: Store, delivery: Path, tmp_path: Path) -> None:
    session = committed(store, delivery)
    out = tmp_path / "r.xlsx"
    done = report_census(store, ReportCensus(session, out, lang="zh_CN"))
    accepted = store.info().components
    assert (done.components, done.status, done.verified) == (accepted, "committed", True)
    assert sum(int(str(row[3])) for row in sheet(out, "部件类别")[1:] if row[2] != "合计") == accepted
    assert sum(int(str(row[2])) for row in sheet(out, "社区")[1:]) == accepted
    assert sum(int(str(row[2])) for row in sheet(out, "部门")[1:]) == accepted
    summary = {row[0]: row[1] for row in sheet(out, "概况")}
    assert (summary["城市"], summary["读入记录"], summary["数据"]) == (
        "示例区",
        COUNT,
        "合成数据，并非真实城市",
    )
    assert summary["入库内容校验值"] == done.hash
    assert len(sheet(out, "问题")) == len(store.load_findings(session)) + 1
    assert len(sheet(out, "拒收记录")) == COUNT - accepted + 1


def test_that_a_sheet_has_a_frozen_filtered_head_and_texts_stay_texts(
    store: Store, delivery: Path, tmp_path: Path
) -> None:
    out = tmp_path / "r.xlsx"
    report_census(store, ReportCensus(committed(store, delivery), out))
    book = openpyxl.load_workbook(out)
    for title in ("Classes", "Communities", "Accuracy sample", "Findings"):
        assert book[title].freeze_panes == "A2" and book[title].auto_filter.ref
    values = [cell for row in book["Findings"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert values and all(cell.data_type == "s" for cell in values)
    assert book["Classes"]["D2"].number_format == "#,##0"
    assert book["Accuracy sample"]["B2"].number_format == "@"


def test_that_files_are_told_by_their_hashes(store: Store, delivery: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.xlsx"
    report_census(store, ReportCensus(committed(store, delivery), out))
    told = {row[0]: row[2] for row in sheet(out, "Delivered files")[1:]}
    assert set(told) == {path.name for path in delivery.parent.iterdir()}
    for name, digest in told.items():
        assert digest == hashlib.sha256((delivery.parent / str(name)).read_bytes()).hexdigest()


@pytest.mark.parametrize("ending", ["pdf", "xlsx"])
def test_that_a_report_agrees_until_the_store_changes(
    store: Store, delivery: Path, tmp_path: Path, ending: str
) -> None:
    session = committed(store, delivery)
    out = tmp_path / f"r.{ending}"
    done = report_census(store, ReportCensus(session, out))
    rows = [lamp(k, 定位精度="A", 备注="后来改的") for k in range(1, 11)]
    later = tmp_path / "later"
    later.mkdir()
    committed(store, write_survey(later, rows, places(10)))
    store.replace_grid(city_cells().iloc[:2])
    found = verify_report(store, VerifyReport(out))
    assert (found.agrees, found.session, found.printed_hash) == (True, session, done.hash)
    undo_session(store, session + 1)
    assert verify_report(store, VerifyReport(out)).agrees
    undo_session(store, session)
    assert not verify_report(store, VerifyReport(out)).agrees


def test_that_the_pdf_says_that_a_city_is_made_up_and_holds_its_typeface(
    store: Store, delivery: Path, tmp_path: Path
) -> None:
    out = tmp_path / "r.pdf"
    done = report_census(store, ReportCensus(committed(store, delivery), out, lang="zh_CN"))
    data = out.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) == done.parts
    assert b"/FontFile2" in data
    assert done.hash.encode() in data


def test_that_a_draft_has_a_report_without_a_hash(store: Store, delivery: Path, tmp_path: Path) -> None:
    session = import_census(store, ImportCensus((str(delivery),))).session
    out = tmp_path / "r.xlsx"
    done = report_census(store, ReportCensus(session, out))
    assert (done.components, done.hash) == (0, "")
    accepted = int(store.session(session)["accepted"])
    assert sum(int(str(row[3])) for row in sheet(out, "Classes")[1:] if row[2] != "Total") == accepted
    with pytest.raises(Refused, match="carries no hash"):
        verify_report(store, VerifyReport(out))


def test_that_the_same_sample_is_drawn_before_and_after_the_commit(
    store: Store, delivery: Path, tmp_path: Path
) -> None:
    session = import_census(store, ImportCensus((str(delivery),))).session
    before, after = tmp_path / "before.xlsx", tmp_path / "after.xlsx"
    report_census(store, ReportCensus(session, before, sample_size=5))
    store.commit_census(session)
    report_census(store, ReportCensus(session, after, sample_size=5))
    assert sheet(before, "Accuracy sample") == sheet(after, "Accuracy sample")
    assert len(sheet(after, "Accuracy sample")) == 11
    report_census(store, ReportCensus(session, after, sample_size=5, seed=2))
    assert sheet(before, "Accuracy sample") != sheet(after, "Accuracy sample")


def fill(path: Path, write: Callable[[int, float, float], tuple[object, object]]) -> None:
    book = openpyxl.load_workbook(path)
    rows = book["Accuracy sample"]
    for row in range(2, rows.max_row + 1):
        rows.cell(row, 11).value, rows.cell(row, 12).value = write(
            row, rows.cell(row, 9).value, rows.cell(row, 10).value
        )
    book.save(path)


@pytest.mark.parametrize(("error_m", "kept"), [(0.3, True), (0.6, False)])
def test_that_measured_positions_are_held_against_the_limit(
    store: Store, delivery: Path, tmp_path: Path, error_m: float, kept: bool
) -> None:
    session, out = committed(store, delivery), tmp_path / "r.xlsx"
    report_census(store, ReportCensus(session, out, sample_size=5))
    fill(out, lambda row, x, y: (x + error_m, y) if row < 7 else (None, None))
    done = report_census(store, ReportCensus(session, tmp_path / "m.xlsx", sample=str(out), sample_size=5))
    assert (done.measured, done.accuracy_kept) == (5, {"A": kept})
    errors = [row[12] for row in sheet(tmp_path / "m.xlsx", "Accuracy sample")[1:6]]
    assert errors == pytest.approx([error_m] * 5, abs=1e-3)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda row, x, y: (x, None), "only one of its two coordinates"),
        (lambda row, x, y: ("坐标", y), "is no number"),
        (lambda row, x, y: (116.4, 39.9), "from the surveyed one"),
        (lambda row, x, y: ("inf", y), "is no number"),
    ],
)
def test_that_a_position_that_is_none_is_refused_with_its_row(
    store: Store, delivery: Path, tmp_path: Path, write: Callable[..., tuple[object, object]], words: str
) -> None:
    session, out = committed(store, delivery), tmp_path / "r.xlsx"
    report_census(store, ReportCensus(session, out))
    fill(out, write)
    with pytest.raises(Refused, match=words) as caught:
        report_census(store, ReportCensus(session, tmp_path / "m.pdf", sample=str(out)))
    assert caught.value.row == 2
    assert not (tmp_path / "m.pdf").exists()


def test_that_a_sample_of_another_seed_or_no_sample_is_refused(
    store: Store, delivery: Path, tmp_path: Path
) -> None:
    session, out = committed(store, delivery), tmp_path / "r.xlsx"
    report_census(store, ReportCensus(session, out, sample_size=3))
    with pytest.raises(Refused, match="not in the sample"):
        report_census(
            store, ReportCensus(session, tmp_path / "m.xlsx", sample=str(out), sample_size=3, seed=9)
        )
    for name, content in (("a.xlsx", b"PK\x03\x04broken"), ("b.xlsx", random.Random(1).randbytes(500))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Refused, match="cannot be read as a workbook"):
            report_census(store, ReportCensus(session, tmp_path / "m.xlsx", sample=str(tmp_path / name)))


def test_that_what_cannot_be_written_is_refused_and_leaves_nothing(
    store: Store, delivery: Path, tmp_path: Path
) -> None:
    session = committed(store, delivery)
    with pytest.raises(Refused, match="cannot end in"):
        report_census(store, ReportCensus(session, tmp_path / "r.docx"))
    with pytest.raises(Refused, match="no session"):
        report_census(store, ReportCensus(99, tmp_path / "r.pdf"))
    with pytest.raises(WrongUsage):
        report_census(store, ReportCensus(session, tmp_path / "r.pdf", sample_size=0))
    stopped = Watched(lambda share, *_: stopped.cancel() if share > 0.5 else None)
    with pytest.raises(Cancelled):
        report_census(store, ReportCensus(session, tmp_path / "r.pdf"), stopped)
    assert not list(tmp_path.glob("*r.*"))


def test_that_a_report_is_made_of_nothing_but_faults(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "空.csv"
    file.write_text("标识码,部件状态,x,y\n,好,0,0\n", encoding="utf-8")
    session = import_census(store, ImportCensus((str(file),))).session
    for ending in ("pdf", "xlsx"):
        assert report_census(store, ReportCensus(session, tmp_path / f"r.{ending}")).sampled == 0
