"""Icons of the rail and the tools."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from resources import icons

pytest.importorskip("PySide6")
WANTED = [
    "map",
    "grid",
    "census",
    "hotspot",
    "patrol",
    "cases",
    "evaluation",
    "wall",
    "settings",
    "search",
    "layers",
    "eye",
    "eye-off",
    "zoom-in",
    "zoom-out",
    "locate",
    "measure-length",
    "measure-area",
    "close",
    "undo",
    "warning",
    "error",
    "tick",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "chevron-down",
    "import",
    "export",
    "print",
    "play",
    "pause",
    "home",
    "extent",
    "download",
    "trash",
    "filter",
    "table",
    "list",
    "theme",
    "language",
    "keyboard",
    "help",
]


@pytest.mark.parametrize("name", icons.names())
def test_that_every_icon_is_svg_in_one_colour(name: str) -> None:
    text = icons.svg(name, "#0b63b0", 40)
    root = ElementTree.fromstring(text)
    assert (root.get("width"), root.get("viewBox")) == ("40", "0 0 20 20")
    assert set(re.findall("#[0-9a-f]{6}", text)) == {"#0b63b0"}


def test_that_the_rail_and_the_tools_have_theirs() -> None:
    assert set(WANTED) <= set(icons.names())
    with pytest.raises(KeyError):
        icons.svg("nothing", "#000000")


@pytest.mark.visual
def test_that_icons_stay_in_their_box_and_are_told_apart(qapp: object) -> None:
    pictures = {name: drawn(name) for name in icons.names()}
    twins = {("plus", "zoom-in"), ("minus", "zoom-out"), ("patrol", "person")}
    for name, picture in pictures.items():
        assert picture.sum() > 4, name
        assert max(picture[0].max(), picture[-1].max(), picture[:, 0].max(), picture[:, -1].max()) < 0.9, name
    for first, second in combinations(sorted(pictures), 2):
        if (first, second) not in twins:
            assert np.abs(pictures[first] - pictures[second]).sum() > 6, (first, second)


def drawn(name: str) -> np.ndarray:
    """The icon's coverage at 20 px, 0 … 1."""
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(20, 20, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    renderer = QSvgRenderer(icons.svg(name, "#ffffff").encode())
    assert renderer.isValid(), name
    renderer.render(painter, QRectF(0, 0, 20, 20))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(20, image.bytesPerLine())[:, :20] / 255.0
