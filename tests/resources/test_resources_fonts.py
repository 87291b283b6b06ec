"""The bundled typeface: Chinese without any font installed, no box in anything we say."""

from __future__ import annotations

import csv
import warnings
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from resources import catalogues, fonts

RESOURCES = Path(fonts.__file__).parents[1]


@cache
def characters(style: str) -> frozenset[int]:
    with TTFont(fonts.file(style), lazy=True) as font:
        return frozenset(font.getBestCmap())


def test_that_three_weights_of_one_family_come_along() -> None:
    for path, weight in zip(fonts.files(), fonts.WEIGHTS.values(), strict=True):
        with TTFont(path, lazy=True) as font:
            names = font["name"]
            assert (names.getDebugName(16) or names.getDebugName(1)) == fonts.FAMILY
            assert font["OS/2"].usWeightClass == weight
            assert "glyf" in font


def test_that_the_typeface_stays_small() -> None:
    assert sum(path.stat().st_size for path in fonts.files()) < 14_000_000


def test_that_the_licence_stands_beside_the_files() -> None:
    licence = (fonts.FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "2014-2021 Adobe" in licence
    assert "Source" not in fonts.FAMILY  # the name Adobe reserves


@pytest.mark.parametrize("style", ["Regular", "Medium"])
def test_that_gb2312_and_the_general_standard_table_are_covered(style: str) -> None:
    rows = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    hanzi = {ord(text) for text in (row.decode("gb2312", "ignore") for row in rows) if text}
    assert len(hanzi) == 6763
    assert hanzi <= characters(style)
    further = (fonts.FOLDER / "characters.txt").read_text(encoding="utf-8").splitlines()
    assert set(map(ord, "".join(line for line in further if not line.startswith("#")))) <= characters(style)


@pytest.mark.parametrize("style", ["Regular", "Medium"])
def test_that_nothing_we_say_is_a_box(style: str) -> None:
    missing: dict[str, set[str]] = {}
    for path in sorted(RESOURCES.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            said = {
                character
                for row in csv.reader(file)
                for cell in row
                for character in cell
                if character >= " "
            }
        gone = {character for character in said if ord(character) not in characters(style)}
        if gone:
            missing[str(path.relative_to(RESOURCES))] = gone
    assert missing == {}


def test_that_signs_for_screens_and_prints_are_there() -> None:
    wanted = "→←↑↓↗≤≥≠±×÷−°²³㎡㎞‰℃№①②③●○■□▲△▼◆★☆…—–“”‘’·、。《》〈〉【】（）！？：；％＋－＝１２３ＡＢＣ│─┌"
    assert {character for character in wanted if ord(character) not in characters("Regular")} == set()


def test_that_bold_sets_figures_with_their_units() -> None:
    wanted = "0123456789.,%+-/: ABCXYZabcxyz万个件处％"
    assert {character for character in wanted if ord(character) not in characters("Bold")} == set()


@pytest.mark.parametrize("style", list(fonts.WEIGHTS))
def test_that_columns_of_figures_align_by_themselves(style: str) -> None:
    with TTFont(fonts.file(style), lazy=True) as font:
        cmap = font.getBestCmap()
        assert len({font["hmtx"][cmap[ord(digit)]][0] for digit in "0123456789"}) == 1


@pytest.mark.parametrize("kind", ["png", "pdf", "svg", "ps"])
@pytest.mark.parametrize("embedding", [3, 42])
def test_that_prints_show_chinese_without_a_warning(tmp_path: Path, kind: str, embedding: int) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    figure = Figure(figsize=(3, 1))
    figure.text(
        0.1, 0.4, "网格化城市管理 箅垟塆 75.0 %", fontproperties=FontProperties(fname=fonts.file("Medium"))
    )
    target = tmp_path / f"page.{kind}"
    with (
        warnings.catch_warnings(),
        matplotlib.rc_context({"pdf.fonttype": embedding, "ps.fonttype": embedding}),
    ):
        warnings.simplefilter("error")
        figure.savefig(target)
    assert target.stat().st_size > 2000


@pytest.mark.visual
def test_that_the_window_finds_the_family_in_its_weights(qapp: object) -> None:
    from PySide6.QtGui import QFont, QFontDatabase, QFontInfo

    for path in fonts.files():
        assert fonts.FAMILY in QFontDatabase.applicationFontFamilies(
            QFontDatabase.addApplicationFont(str(path))
        )
    for weight in fonts.WEIGHTS.values():
        font = QFont(fonts.FAMILY)
        font.setWeight(QFont.Weight(weight))
        assert (QFontInfo(font).family(), QFontInfo(font).weight()) == (fonts.FAMILY, weight)


def test_that_class_names_are_covered_by_the_heading_weight() -> None:
    names = "".join(
        name for key in catalogues.STANDARDS for name in catalogues.load(key).component_names.values()
    )
    assert set(map(ord, names)) <= characters("Medium")
