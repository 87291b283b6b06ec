"""The sheet of symbols that the manual shows, drawn by the same rule that the map uses: look at `out/symbols.png`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QImage, QPainter, QPainterPath, QPen

from resources import catalogues, fonts, styles, symbols

OUT = Path(__file__).resolve().parents[2] / "out"
WIDTH, MARGIN, COLUMNS, ROW = 1500, 24, 7, 40
NAMES = 92  # from the first symbol of a class to its name
STATUSES = {"移动": "moving", "驻留": "standing", "离线": "offline", "越界": "outside", "求助": "sos"}


def qt_path(path: symbols.Path2D) -> QPainterPath:
    out = QPainterPath()
    out.setFillRule(Qt.FillRule.WindingFill)
    for name, *n in path:
        numbers = [float(number) for number in n]
        if name == "M":
            out.moveTo(*numbers)
        elif name == "L":
            out.lineTo(*numbers)
        elif name == "C":
            out.cubicTo(*numbers)
        else:
            out.closeSubpath()
    return out


class Sheet:
    """A page in one theme: headings, symbols in three sizes, states, people."""

    def __init__(self, theme: str, height: int) -> None:
        self.palette = styles.palette(theme)
        self.image = QImage(WIDTH, height, QImage.Format.Format_RGB32)
        self.image.fill(QColor(self.palette.land))
        self.painter = QPainter(self.image)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def write(self, x: float, y: float, words: str, role: str = "text", px: int = 13) -> None:
        font = QFont(fonts.FAMILY)
        font.setPixelSize(px)
        self.painter.setFont(font)
        self.painter.setPen(QColor(getattr(self.palette, role)))
        self.painter.drawText(QPointF(x, y), words)

    def paint(self, layers: tuple[symbols.Layer, ...], x: float, y: float, size: float) -> None:
        self.painter.save()
        self.painter.translate(x - size / 2, y - size / 2)
        self.painter.scale(size / 16, size / 16)
        for layer in layers:
            pen = QPen(QColor(layer.stroke or "#000000"), layer.width)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap if layer.dash else Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            if layer.dash:
                pen.setDashPattern([dash / layer.width for dash in layer.dash])
            self.painter.setPen(pen if layer.stroke else Qt.PenStyle.NoPen)
            self.painter.setBrush(QColor(layer.fill) if layer.fill else Qt.BrushStyle.NoBrush)
            self.painter.drawPath(qt_path(layer.path))
        self.painter.restore()

    def classes(self, y: float) -> float:
        catalogue = catalogues.load()
        named = catalogue.components
        for index, row in enumerate(named.itertuples()):
            left = MARGIN + (index % COLUMNS) * (WIDTH - 2 * MARGIN) / COLUMNS
            top = y + (index // COLUMNS) * ROW
            of = symbols.symbol(row.code, catalogue.standard)
            layers = symbols.component_layers(of, self.palette.major(row.major_code), self.palette)
            for offset, size in ((8, 16), (34, 24), (68, 32)):
                self.paint(layers, left + offset, top, size)
            self.write(left + NAMES, top - 1, shortened(row.name), px=12)
            self.write(left + NAMES, top + 14, row.code, "secondary", 11)
        return y + -(-len(named) // COLUMNS) * ROW

    def states(self, y: float) -> float:
        for index, state in enumerate((*symbols.STATES, *symbols.CONCERNS)):
            left = MARGIN + index * (WIDTH - 2 * MARGIN) / 8
            for offset, size, code in (
                (12, 16, "01037"),
                (46, 24, "01037"),
                (92, 24, "03005"),
                (138, 24, "04001"),
            ):
                of = symbols.symbol(code, "2026")
                layers = symbols.component_layers(of, self.palette.major(code[:2]), self.palette, state)
                self.paint(layers, left + offset, y, size)
            self.write(left, y + 34, state, "secondary")
        return y + 60

    def people(self, y: float) -> float:
        for row, role in enumerate(symbols.ROLES):
            left, top = MARGIN + (row % 3) * (WIDTH - 2 * MARGIN) / 3, y + (row // 3) * 56
            self.write(left, top + 5, role)
            for column, status in enumerate(STATUSES.values()):
                layers = symbols.patrol_layers(role, status, self.palette, 45 + 70 * column)
                self.paint(layers, left + 80 + column * 84, top, 16)
                self.paint(layers, left + 116 + column * 84, top, 32)
        return y + 112


def shortened(name: str) -> str:
    return name if len(name) <= 9 else name[:8] + "…"


def sheet(theme: str) -> QImage:
    page = Sheet(theme, 1290)
    page.write(MARGIN, 40, "部件符号 · " + ("浅色底" if theme == "light" else "深色底"), px=18)
    page.write(
        MARGIN,
        62,
        "外形 = 大类 · 图形 = 小类 · 外圈与角标 = 状态 · 同一规则生成 153 类；16 / 24 / 32 px",
        "secondary",
        12,
    )
    y = page.classes(100)
    page.write(MARGIN, y + 6, "状态", px=15)
    y = page.states(y + 44)
    page.write(MARGIN, y + 6, "人员与车辆", px=15)
    page.write(MARGIN + 100, y + 6, " · ".join(STATUSES), "secondary", 12)
    page.people(y + 46)
    page.painter.end()
    return page.image


@pytest.mark.visual
def test_that_the_sheet_of_symbols_can_be_looked_at(qapp: object) -> None:
    for path in fonts.files():
        QFontDatabase.addApplicationFont(str(path))
    pages = [sheet(theme) for theme in styles.THEMES]
    whole = QImage(2 * WIDTH, pages[0].height(), QImage.Format.Format_RGB32)
    painter = QPainter(whole)
    for index, page in enumerate(pages):
        painter.drawImage(index * WIDTH, 0, page)
    painter.end()
    OUT.mkdir(exist_ok=True)
    assert whole.save(str(OUT / "symbols.png"))
    for theme, page in zip(styles.THEMES, pages, strict=True):
        pixels = np.frombuffer(page.constBits(), np.uint32)
        hues = {int(colour[1:], 16) for code, colour in styles.palette(theme).majors.items() if code <= "05"}
        assert hues <= set(np.unique(pixels & 0xFFFFFF).tolist())
