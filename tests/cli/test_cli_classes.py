"""Which edition a store uses, and what is said about components that have codes of another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.app import Desktop, run
from data import store as stores
from tests.data.small_city import CRS, cells, communities, components, draft


def test_that_the_answer_names_the_way_from_2013_to_2026(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "city.wangrid"
    with stores.create(place, "2013", CRS) as store:
        store.set_setting("self_approval", "1")
        store.replace_grid(cells(), communities=communities())
        store.commit_census(draft(components(3)))
    told = {}
    for edition in ("2013", "2026"):
        words = ["--json", "--lang", "zh_CN", "--store", str(place), "classes", "use", edition]
        assert run(words, Desktop(*[lambda *_, **__: 0] * 3)) == 0
        told[edition] = json.loads(capsys.readouterr().out)
    assert "advice" not in told["2013"] and told["2013"]["other_codes"] == 0
    assert told["2026"]["other_codes"] == 3 and "census recode --to 2026" in told["2026"]["advice"]
