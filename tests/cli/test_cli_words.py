"""The command line's own laws: global options anywhere, one JSON object, honest exit codes."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.session import Globals, as_json, split_globals

ROOT = Path(__file__).resolve().parents[2]


def main(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Call `main.py` as a user would."""
    command = [sys.executable, str(ROOT / "main.py"), *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


@given(
    st.permutations([["--json"], ["--store", "a b.wangrid"], ["--lang=en"], ["census", "import", "f.shp"]])
)
def test_that_global_options_stand_before_and_after_the_verb(groups: list[list[str]]) -> None:
    options, rest = split_globals([word for group in groups for word in group])
    assert options == Globals(store="a b.wangrid", json=True, lang="en")
    assert rest == ["census", "import", "f.shp"]


def test_that_json_never_holds_nan() -> None:
    assert as_json({"a": math.nan, "b": (1.5, math.inf), "c": {"d": None}}) == {
        "a": None, "b": [1.5, None], "c": {"d": None},
    }  # fmt: skip


def test_that_wrong_usage_ends_2_with_one_json_object() -> None:
    done = main("--json", "census", "imprt")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "usage"


@pytest.mark.parametrize(("lang", "word"), [("en", "no page"), ("zh_CN", "没有")])
def test_that_a_refusal_ends_3_in_the_language_asked_for(lang: str, word: str) -> None:
    done = main("desktop", "--page", "wallpaper", "--json", "--lang", lang)
    assert done.returncode == 3
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "refused"
    assert word in error["message"]
    assert error["remedy"]
    assert "Traceback" not in done.stderr
