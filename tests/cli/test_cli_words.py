"""The command line's own laws: global options anywhere, one JSON object, honest exit codes."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import words
from cli.app import Desktop, run
from cli.session import Globals, as_json, split_globals
from data import store as stores
from kernel.errors import WrongUsage
from tests.data.small_city import CRS, cells, communities, components, draft, findings

ROOT = Path(__file__).resolve().parents[2]


def main(
    *words: object, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Call `main.py` as a user would."""
    command = [sys.executable, str(ROOT / "main.py"), *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


@given(
    st.permutations([["--json"], ["--store", "a b.wangrid"], ["--lang=en"], ["census", "import", "f.shp"]])
)
def test_that_global_options_stand_before_and_after_the_verb(groups: list[list[str]]) -> None:
    options, rest = split_globals([word for group in groups for word in group])
    assert options == Globals(store="a b.wangrid", json=True, lang="en")
    assert rest == ["census", "import", "f.shp"]


def test_that_a_list_is_repeated_or_stands_with_commas() -> None:
    assert words.parts(["0101, 0102", " 0103，0104,"], "--class") == ("0101", "0102", "0103", "0104")
    assert words.parts([], "--class") == ()
    with pytest.raises(WrongUsage, match="--class needs a value"):
        words.parts(["", " , "], "--class")


def test_that_a_field_takes_a_text_that_may_be_empty() -> None:
    assert words.pairs(["state = 破损", "note=a=b", "name="], "state=破损") == {
        "state": "破损", "note": "a=b", "name": "",
    }  # fmt: skip
    for wrong in ("state", "=破损", ""):
        with pytest.raises(WrongUsage):
            words.pairs([wrong], "state=破损")


def test_that_an_export_takes_several_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place, out = tmp_path / "city.wangrid", tmp_path / "井盖.csv"
    with stores.create(place, "2013", CRS) as store:
        store.replace_grid(cells(), communities=communities())
        for kind, count in (("0101", 3), ("0102", 2), ("0103", 4)):
            store.commit_census(draft(components(count, class_code=kind)))
    call = ["--json", "--store", str(place), "census", "export", "--out", str(out)]
    desktop = Desktop(*[lambda *_, **__: 0] * 3)
    for chosen in (["--class", "0101, 0102"], ["--class", "0101", "--class", "0102"]):
        assert run([*call, *chosen], desktop) == 0
        assert json.loads(capsys.readouterr().out)["rows"] == 5
    assert run([*call, "--class", " "], desktop) == 2


def test_that_every_list_is_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "city.wangrid"
    with stores.create(place, "2013", CRS) as store:
        store.replace_grid(cells(), communities=communities())
        store.commit_census(draft(components(3), findings=findings()))
    desktop = Desktop(*[lambda *_, **__: 0] * 3)
    answers = {}
    for name, verb in (
        ("sessions", ["sessions"]),
        ("mappings", ["mappings"]),
        ("records", ["record", "list"]),
    ):
        assert run(["--json", "--store", str(place), "census", *verb], desktop) == 0
        answers[name] = json.loads(capsys.readouterr().out)[name]
    (session,) = answers["sessions"]
    assert (session["session"], session["status"], session["findings"]) == (1, "committed", {"C5": 1})
    assert (answers["mappings"], answers["records"]) == ([], [])


def test_that_json_never_holds_nan() -> None:
    assert as_json({"a": math.nan, "b": (1.5, math.inf), "c": {"d": None}}) == {
        "a": None, "b": [1.5, None], "c": {"d": None},
    }  # fmt: skip


def test_that_wrong_usage_ends_2_with_one_json_object() -> None:
    done = main("--json", "census", "imprt")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "usage"


@pytest.mark.parametrize(("lang", "word"), [("en", "no page"), ("zh_CN", "没有")])
def test_that_a_page_nobody_built_ends_2_in_the_language_asked_for(lang: str, word: str) -> None:
    done = main("desktop", "--page", "wallpaper", "--json", "--lang", lang)
    assert done.returncode == 2
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "usage"
    assert word in error["message"]
    assert error["remedy"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["frobnicate"], "没有命令 frobnicate。"),
        (["census", "import"], "缺少 files。"),
        (["census", "show", "eleven"], "ID 不接受这个值"),
        (["store", "info", "--nonsense"], "没有选项 --nonsense。"),
        (["store", "info", "again"], "多余的词：again。"),
        (["store", "backup", "--store"], "--store 后面需要一个值。"),
    ],
)
def test_that_wrong_usage_is_told_in_chinese(words: list[str], message: str) -> None:
    done = main("--json", "--lang", "zh_CN", *words)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["kind"]) == (2, "usage")
    assert message in error["message"]


@pytest.mark.parametrize("words", [["--store"], ["--store="], ["--store", ""], ["--store", "--yes"]])
def test_that_an_empty_store_option_is_not_the_default_store(words: list[str]) -> None:
    done = main("store", "info", *words)
    assert done.returncode == 2
    assert "--store needs a value" in done.stderr


def test_that_an_unknown_language_ends_2_without_a_traceback() -> None:
    done = main("store", "info", "--lang", "xx")
    assert done.returncode == 2
    assert "xx" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize("display", ["", ":987"])
def test_that_no_display_ends_3_and_names_the_way_out(tmp_path: Path, display: str) -> None:
    bare = {key: value for key, value in os.environ.items()
            if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}  # fmt: skip
    done = main("--store", tmp_path / "s.wangrid", "desktop", "--json", env=bare | {"DISPLAY": display})
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["remedy"]


def test_that_ctrl_c_before_any_work_is_told_as_cancelled(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(**wishes: object) -> int:
        raise KeyboardInterrupt

    assert run(["--json", "desktop"], Desktop(interrupted, interrupted, list)) == 130
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "cancelled"


def test_that_a_refusal_leaves_no_store_where_there_was_none(tmp_path: Path) -> None:
    done = main("--store", tmp_path / "new.wangrid", "--json", "census", "import", tmp_path / "missing.shp")
    assert done.returncode == 3
    assert list(tmp_path.iterdir()) == []


def test_that_an_impossible_session_number_is_wrong_usage(tmp_path: Path) -> None:
    done = main("--store", tmp_path / "s.wangrid", "--json", "census", "approve", "99999999999999999999")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "usage"
