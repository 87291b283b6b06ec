"""Pages of the census report for the manual: drawn from the dirty synthetic delivery as the PDF draws them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import pytest

from actions.census.census_sessions import submit_session
from actions.census.report_census import ReportCensus, gather
from data import store as stores
from exports import typeface
from exports.census_report import book
from exports.census_report.content import CensusReport
from tests.visual.test_visual_pictures import build_survey, keep_or_compare

pytestmark = [pytest.mark.visual, pytest.mark.xdist_group("visual")]

A4_AT_100_DPI = (826, 1169)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> CensusReport:
    """The report of the delivery, committed."""
    path = tmp_path_factory.mktemp("report") / "survey.wangrid"
    build_survey(path)
    with stores.open(path, actor="审核组") as store:
        store.set_setting("self_approval", "1")
        submit_session(store, 1)
        return gather(store, ReportCensus(1, path.with_suffix(".pdf"), lang="zh_CN"))


@pytest.mark.parametrize(("name", "page"), [("report-cover-zh", 1), ("report-findings-zh", 7)])
def test_that_the_manual_shows_the_report_as_it_is(
    report: CensusReport, tmp_path: Path, name: str, page: int
) -> None:
    pages: list[Callable[[int, int], object]] = book.pages_of(report)
    with mpl.rc_context(typeface.settings()):
        pages[page - 1](page, len(pages)).savefig(tmp_path / f"{name}.png", dpi=100)  # type: ignore[attr-defined]
    keep_or_compare(tmp_path / f"{name}.png", A4_AT_100_DPI)
