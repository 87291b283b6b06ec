"""Fields and words of a strange delivery, chosen in the window, imported, and remembered for the next one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.apart import Ask
from desktop.app import settle
from desktop.pages.census.census_options import IMPORT
from desktop.pages.census.census_page import CensusPage
from desktop.window import Window

Opener = Callable[..., Window]
HEADER = "F1,F2,F3,F4,F5,东,北\n"


def delivery(path: Path, first: int = 901, count: int = 8) -> Path:
    """Lamps in the small city whose headings say nothing; states are numbers."""
    rows = [
        f"11010101037{first + k:06d},路灯,甲,{'12'[k % 2]},2024-05-01,{500050 + 10 * k},{4418050 + 5 * k}"
        for k in range(count)
    ]
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="gbk")
    return path


def census(window: Window) -> CensusPage:
    page = window.pages["census"]
    assert isinstance(page, CensusPage)
    return page


FIELDS = {"东": "x", "北": "y"}


@pytest.fixture
def page(window: Window, tmp_path: Path) -> CensusPage:
    """The census page with the mapping of a delivery open."""
    window.go("census")
    assert settle(window)
    here = census(window)
    file = str(delivery(tmp_path / "甲公司.csv"))
    here.open_mapping(Ask.of(IMPORT, files=(file,), fields=FIELDS, mode="draft", actor="tester"))
    assert settle(window)
    return here


def column_of(page: CensusPage, field: str) -> str:
    layer = page.mapping.layer
    assert layer is not None
    return next(each.column for each in layer.fields if each.field == field)


def test_that_fields_are_shown_with_certainty_and_first_rows(page: CensusPage, window: Window) -> None:
    assert page.views.currentWidget() is page.mapping
    assert [column_of(page, name) for name in ("F1", "F2", "F3", "F4", "东")] == ["code", "name", "", "", "x"]
    assert page.mapping.fields.item(0, 3).text() == "70 %"
    assert page.mapping.rows.rowCount() == 8
    assert page.mapping.sketch.share_inside == 1.0
    assert len(page.mapping.preview.ground) == len(window.city.ground.cells)


def test_that_a_choice_is_tried_at_once_and_imported_and_remembered(
    page: CensusPage, window: Window, tmp_path: Path
) -> None:
    page.mapping.fields.combo("F4").choose("state")
    assert settle(window)
    assert column_of(page, "F4") == "state"
    assert [word.becomes for word in page.mapping.layer.words] == ["", ""]
    for word, becomes in (("1", "完好"), ("2", "破损")):
        page.mapping.words.combo(word).choose(becomes)
        assert settle(window)
    assert list(page.mapping.layer.first["state"]) == ["完好", "破损"] * 4
    page.mapping.supplier.setEditText("甲公司")
    page.mapping._import()
    assert settle(window)
    assert page.review.review.session["accepted"] == 8
    file = str(delivery(tmp_path / "第二批.csv", 950))
    page.open_mapping(Ask.of(IMPORT, files=(file,), supplier="甲公司", mode="draft", actor="tester"))
    assert settle(window)
    assert (column_of(page, "F4"), page.mapping.supplier.currentText()) == ("state", "甲公司")
    assert list(page.mapping.layer.first["state"]) == ["完好", "破损"] * 4


def test_that_a_column_belongs_to_one_field_only(page: CensusPage, window: Window) -> None:
    page.mapping.fields.combo("F3").choose("name")
    assert settle(window)
    assert [column_of(page, name) for name in ("F2", "F3")] == ["", "name"]


def test_that_escape_leads_back(page: CensusPage) -> None:
    assert page.back()
    assert page.views.currentWidget() is page.sessions


def test_that_a_mapping_left_in_an_empty_store_leads_back_to_its_first_steps(
    open_window: Opener, tmp_path: Path
) -> None:
    window = open_window(tmp_path / "empty.wangrid", page="census")
    page = census(window)
    file = str(delivery(tmp_path / "甲公司.csv"))
    page.open_mapping(Ask.of(IMPORT, files=(file,), fields=FIELDS, crs="4548", mode="draft", actor="tester"))
    assert settle(window)
    assert page.views.currentWidget() is page.mapping and not page.is_empty
    assert page.back() and settle(window)
    assert page.is_empty


def test_that_a_file_that_cannot_be_read_is_told_and_nothing_opens(window: Window, tmp_path: Path) -> None:
    window.go("census")
    assert settle(window)
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    here = census(window)
    here.open_mapping(Ask.of(IMPORT, files=(str(tmp_path / "a.csv"),)))
    assert settle(window)
    assert here.views.currentWidget() is here.sessions
    assert not here.bar.isHidden()
