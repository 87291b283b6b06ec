"""Actions in a process of their own: answers, errors, progress, cancel, an end in the middle."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from data import store as stores
from desktop.apart import Apart, Ask, Deed, asked, plain
from kernel.errors import Cancelled, Defect, Refused
from kernel.progress import Silent, Watched


def check_of(city: Path) -> Deed:
    """Checking the small city's grid."""
    return Deed(
        "grid.check_stored_grid.check_stored_grid",
        Ask.of("grid.check_stored_grid.CheckStoredGrid"),
        str(city),
        "tester",
    )


def test_that_a_response_comes_back_as_plain_values(apart: Apart, city_file: Path) -> None:
    checked = apart.run(check_of(city_file), Silent())
    assert isinstance(checked, SimpleNamespace)
    assert checked.cells == 48


def test_that_progress_comes_back_while_the_work_goes_on(apart: Apart, city_file: Path) -> None:
    seen: list[tuple[float, str]] = []
    apart.run(check_of(city_file), Watched(lambda share, words, _: seen.append((share, words))))
    assert [share for share, _ in seen] == sorted(share for share, _ in seen)
    assert "Checking borders" in [words for _, words in seen]


def test_that_a_refusal_keeps_its_template_places_and_remedy(
    apart: Apart, city_file: Path, tmp_path: Path
) -> None:
    request = Ask.of("grid.import_grid.ImportGrid", file=str(tmp_path / "none.gpkg"))
    deed = Deed("grid.import_grid.import_grid", request, str(city_file))
    with pytest.raises(Refused) as caught:
        apart.run(deed, Silent())
    assert caught.value.remedy
    assert "none.gpkg" in str(caught.value)


def test_that_a_bug_comes_back_with_its_report_id(apart: Apart, city_file: Path) -> None:
    with pytest.raises(Defect) as caught:
        apart.run(Deed("grid.check_stored_grid.no_such_action", None, str(city_file)), Silent())
    assert len(caught.value.report_id) == 8


def test_that_cancelled_work_ends_and_the_helper_takes_the_next(apart: Apart, city_file: Path) -> None:
    progress = Watched(lambda *_: None)
    progress.cancel()
    with pytest.raises(Cancelled):
        apart.run(check_of(city_file), progress)
    assert apart.run(check_of(city_file), Silent()).cells == 48


def test_that_a_helper_that_dies_in_the_middle_is_a_defect_and_is_replaced(
    city_file: Path, tmp_path: Path
) -> None:
    helpers, empty = Apart(), tmp_path / "empty.wangrid"
    stores.create(empty).close()
    long = Deed("build_demo.build_demo", Ask.of("build_demo.BuildDemo"), str(empty))

    def kill(*_: object) -> None:
        for process in multiprocessing.active_children():
            if process.name == "wangrid-apart" and process.pid not in others:
                process.kill()

    others = {process.pid for process in multiprocessing.active_children()}
    try:
        with pytest.raises(Defect):
            helpers.run(long, Watched(kill))
        with stores.open(empty) as store:
            assert store.info(with_hash=False).cells == 0
        assert helpers.run(check_of(city_file), Silent()).cells == 48
    finally:
        helpers.close()


def test_that_requests_are_made_from_their_names() -> None:
    request = asked(Ask.of("grid.import_grid.ImportGrid", file="a.gpkg").changed(layer="cells"))
    assert (type(request).__name__, request.file, request.layer) == ("ImportGrid", "a.gpkg", "cells")


@pytest.mark.parametrize("value", [3, "text", None, [1, (2, 3)], {"a": [1]}])
def test_that_plain_values_stay_what_they_are(value: object) -> None:
    assert plain(value) == value


def test_that_closing_leaves_no_process(city_file: Path) -> None:
    helpers = Apart()
    helpers.warm()
    process = helpers._idle[0]._process
    pid: int = process.pid
    helpers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
