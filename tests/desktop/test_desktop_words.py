"""Words, settings, keys: what can be said, remembered and pressed."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.actions_list import ACTIONS, clashes, keys_are_allowed, keys_of
from desktop.formats import plane_name, spaced
from desktop.settings import BaseMapSettings, Settings, WindowSettings
from desktop.words import Text, Words
from resources import texts

ROOT = Path(__file__).resolve().parents[2]


def templates() -> list[tuple[str, str]]:
    """Every literal `Text("…")` of the room, with its file."""
    found = []
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Text"
                and node.args
            ):
                argument = node.args[0]
                if isinstance(argument, ast.Constant) and argument.value:
                    found.append((str(path.relative_to(ROOT)), argument.value))
    return found


def test_that_every_text_of_the_window_is_translated_with_its_places() -> None:
    def places(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    chinese = {english: translated for path in texts.files() for english, translated in texts.read(path)}
    missing = [(file, text) for file, text in templates() if text not in chinese]
    assert missing == []
    assert [text for _, text in templates() if places(text) != places(chinese[text])] == []


def test_that_a_kept_text_follows_the_language(qtbot: QtBot) -> None:
    words, label = Words("en"), QLabel()
    qtbot.addWidget(label)
    words.keep(label, "setText", Text("Layers"))
    assert label.text() == "Layers"
    with qtbot.waitSignal(words.changed):
        words.set_language("zh_CN")
    assert label.text() == "图层"


def test_that_places_are_translated_too() -> None:
    assert Words("zh_CN")(Text("Local store {latency}", latency=Text("under 1 ms"))) == "本机库 不足 1 ms"


def test_that_settings_come_back_typed(tmp_path: Path) -> None:
    Settings(tmp_path).save(BaseMapSettings(kind="xyz", url="https://t/{z}/{x}/{y}.png", key="k", gcj02=True))
    Settings(tmp_path).change(WindowSettings, theme="dark")
    again = Settings(tmp_path)
    assert again.load(BaseMapSettings).gcj02 is True
    assert again.load(BaseMapSettings).url.endswith("{y}.png")
    assert again.load(WindowSettings).theme == "dark"


def test_that_keys_of_the_user_come_before_the_defaults(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.set_shortcut("map.list", "Ctrl+Alt+L")
    assert keys_of(Settings(tmp_path).shortcuts())["map.list"] == "Ctrl+Alt+L"
    settings.set_shortcut("map.list", None)
    assert keys_of(Settings(tmp_path).shortcuts())["map.list"] == "Ctrl+L"


@pytest.mark.parametrize("record", ACTIONS, ids=lambda record: record.id)
def test_that_no_key_fires_while_typing_and_none_is_taken_twice(record) -> None:  # type: ignore[no-untyped-def]
    assert keys_are_allowed(record.keys)
    assert clashes(keys_of({}), record.id, record.keys) == []


@pytest.mark.parametrize(
    ("keys", "allowed"), [("A", False), ("Shift+A", False), ("Ctrl+A", True), ("F8", True), ("", True)]
)
def test_that_single_letters_are_refused_as_keys(keys: str, allowed: bool) -> None:
    assert keys_are_allowed(keys) is allowed


@pytest.mark.parametrize(
    ("code", "shown"),
    [("110101018001029", "110101018 001 029"), ("1101010137000613", "110101 0137 000613"),
     ("11010101037000613", "110101 01037 000613"), ("A-17", "A-17"), ("", "")],
)  # fmt: skip
def test_that_codes_are_spaced_by_what_they_are(code: str, shown: str) -> None:
    assert spaced(code) == shown


def test_that_the_plane_is_named_by_its_meridian() -> None:
    assert Words("zh_CN")(plane_name(4548)) == "CGCS2000 / 3° 带 117°E（EPSG:4548）"
