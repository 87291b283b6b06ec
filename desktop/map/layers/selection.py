"""What is selected: the cell's outline and its code on a chip, the component's symbol with a ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import shapely
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPen

from desktop.map.atlas import SELECTED, ComponentSign, sprite
from desktop.map.frame import Frame
from desktop.map.furniture import Margins, draw_chip
from desktop.map.layer import Layer, LayerBase, Located, Sheet
from desktop.map.layers.cells import CellsLayer
from desktop.map.paths import fills, strokes
from desktop.map.shapes import Shapes
from desktop.map.style import ink
from resources.styles import SIZES

OUTLINE_PX: Final = 2.2
FILL_OPACITY: Final = 0.08
SYMBOL_PX: Final = 22.0
LEADER_PX: Final = 22.0  # between the cell and its chip
CLEAR_PX: Final = 8.0  # between the cell's highest point and the chip
CHIP_PX: Final = 26.0
RING_PX: Final = 11.0  # around what has no symbol of its own


@dataclass(frozen=True, eq=False)
class SelectionLayer(LayerBase):
    """Things selected together: usually a component and its cell. Chips keep out of the `covered` edges."""

    located: tuple[Located, ...] = ()
    covered: Margins = (0, 0, 0, 0)
    key: str = "selection"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.SELECTION, Sheet.MARKS)

    def shows(self, located: Sequence[Located], covered: Margins) -> bool:
        """Whether it marks just these things, so that it need not be drawn again."""
        return self.covered == covered and _names(self.located) == _names(located)

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Areas below the symbols; rings, selected symbols and chips above everything."""
        for thing in self.located:
            if thing.area is None:
                if sheet is Sheet.MARKS:
                    _draw_mark(frame, thing)
            elif sheet is Sheet.SELECTION:
                _draw_area(frame, Shapes.of([thing.area]))
            elif thing.kind == "cell":
                _draw_code(frame, thing, self.covered)


def located_together(layers: Sequence[Layer], wanted: Sequence[tuple[str, str]]) -> tuple[Located, ...]:
    """Where the things of these kinds and keys are; a thing that is not a cell brings the cell it stands in."""
    found: list[Located] = []
    for kind, key in wanted:
        places = [
            place for layer in layers if layer.visible and (place := layer.locate(kind, key)) is not None
        ]
        if places and kind != "cell":
            found += _cell_around(layers, places[0])
        found += places
    return tuple(found)


def _cell_around(layers: Sequence[Layer], thing: Located) -> list[Located]:
    cells = (layer for layer in layers if isinstance(layer, CellsLayer))
    codes = ((layer, layer.code_at(thing.x, thing.y)) for layer in cells)
    return [cell for layer, code in codes if code and (cell := layer.locate("cell", code)) is not None]


def _names(things: Sequence[Located]) -> list[tuple[object, ...]]:
    return [(thing.kind, thing.key, thing.x, thing.y, thing.sign, id(thing.area)) for thing in things]


def _draw_area(frame: Frame, area: Shapes) -> None:
    painter, focus = frame.painter, frame.style.palette.focus
    seen = area.cut(frame.extent(OUTLINE_PX))
    painter.setBrush(ink(focus, FILL_OPACITY))
    for path in fills(seen, frame.view):
        painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink(focus), OUTLINE_PX * frame.unit, j=Qt.PenJoinStyle.RoundJoin))
    for path in strokes(seen, frame.view):
        painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)


def _draw_mark(frame: Frame, thing: Located) -> None:
    px, py = frame.view.to_pixels(thing.x, thing.y)
    painter, palette, unit = frame.painter, frame.style.palette, frame.unit
    if isinstance(thing.sign, ComponentSign):
        image = sprite(replace(thing.sign, state=SELECTED), SYMBOL_PX, frame.style.theme, unit)
        half = image.width() / 2.0
        painter.drawImage(round(px - half), round(py - half), image)
        return
    for colour, width in ((palette.land, 5.0), (palette.focus, 2.0)):
        painter.setPen(QPen(ink(colour), width * unit))
        painter.drawEllipse(QPointF(px, py), RING_PX * unit, RING_PX * unit)
    painter.setPen(Qt.PenStyle.NoPen)


def _draw_code(frame: Frame, cell: Located, covered: Margins) -> None:
    """The whole code above the cell (below where there is no room), tied to its edge by a leader."""
    unit, focus = frame.unit, frame.style.palette.focus
    foot_x, foot_y, middle_y = _stand(frame, cell, covered)
    painter = frame.painter
    painter.save()
    painter.scale(unit, unit)
    painter.setPen(QPen(ink(focus), 1.5))
    painter.drawLine(QPointF(foot_x, foot_y), QPointF(foot_x, middle_y))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(focus))
    painter.drawEllipse(QPointF(foot_x, foot_y), 2.6, 2.6)
    draw_chip(painter, QPointF(foot_x, middle_y), spaced_code(cell.key), frame.style, SIZES.desk["title"])
    painter.restore()


def _stand(frame: Frame, cell: Located, covered: Margins) -> tuple[float, float, float]:
    """Where the leader meets the cell's edge (x, y), and the height of the chip's middle; logical pixels."""
    view = frame.view
    _, ymin, _, ymax = shapely.bounds(cell.area).tolist()
    line = shapely.LineString([(cell.x, ymin - 1.0), (cell.x, ymax + 1.0)])
    cut = shapely.bounds(shapely.intersection(cell.area, line)).tolist()
    x, highest = view.to_screen(cell.x, ymax)
    above = min(view.to_screen(cell.x, cut[3])[1] - LEADER_PX, highest - CLEAR_PX) - CHIP_PX / 2.0
    if above - CHIP_PX >= covered[1]:
        return x, view.to_screen(cell.x, cut[3])[1], above
    lowest = view.to_screen(cell.x, ymin)[1]
    foot = view.to_screen(cell.x, cut[1])[1]
    return x, foot, max(foot + LEADER_PX, lowest + CLEAR_PX) + CHIP_PX / 2.0


def spaced_code(code: str) -> str:
    """A cell's code as it is read out: county and street, community, cell."""
    return f"{code[:9]} {code[9:12]} {code[12:]}" if len(code) == 15 else code
