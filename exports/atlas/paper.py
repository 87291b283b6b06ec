"""A sheet of paper, A3 in landscape if nothing else is said, measured in millimetres from its lower left corner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import shapely
from matplotlib import patheffects
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from resources import fonts

WIDTH_MM: Final = 420.0
HEIGHT_MM: Final = 297.0
LEFT_MM, RIGHT_MM, TOP_MM, BOTTOM_MM = (
    18.0,
    408.0,
    286.0,
    10.0,
)  # the printed area; the left is for the binding
MM_PT: Final = 72 / 25.4
INCH_MM: Final = 25.4
HALO_PT: Final = 2.2


@dataclass(frozen=True)
class Paper:
    """One page: a figure and axes over all of it whose unit is the millimetre."""

    figure: Figure
    axes: Any
    width_mm: float = WIDTH_MM
    height_mm: float = HEIGHT_MM

    def text(self, x: float, y: float, words: str, size_pt: float, colour: str, **style: Any) -> Any:
        """Write at a place; `ha`, `va`, `weight`, `rotation` as matplotlib has them."""
        style = {"va": "baseline", "zorder": 10.0} | style
        return self.axes.text(x, y, printable(words), fontsize=round(size_pt, 1), color=colour, **style)

    def line(self, xs: tuple[float, float], ys: tuple[float, float], colour: str, width_pt: float) -> None:
        """Draw a straight line."""
        self.axes.add_line(Line2D(xs, ys, color=colour, lw=width_pt, solid_capstyle="butt", zorder=9.0))

    def box(self, left: float, bottom: float, width: float, height: float, fill: str, edge: str = "none",
            width_pt: float = 0.0, zorder: float = 5.0) -> None:  # fmt: skip
        """Draw a rectangle."""
        self.axes.add_patch(
            Rectangle(
                (left, bottom), width, height, facecolor=fill, edgecolor=edge, lw=width_pt, zorder=zorder
            )
        )

    def map(self, left: float, bottom: float, width: float, height: float, window: Any, ground: str) -> Any:
        """Axes for a map: `window` (xmin, ymin, xmax, ymax on the plane) fills the rectangle exactly."""
        wide, high = self.width_mm, self.height_mm
        place = (left / wide, bottom / high, width / wide, height / high)
        axes = self.figure.add_axes(place, facecolor=ground, zorder=0)
        axes.set_xlim(window[0], window[2])
        axes.set_ylim(window[1], window[3])
        axes.set_xticks([])
        axes.set_yticks([])
        for side in axes.spines.values():
            side.set_visible(False)
        return axes


def new_paper(ground: str, wide_mm: float = WIDTH_MM, high_mm: float = HEIGHT_MM) -> Paper:
    """An empty page of that size."""
    figure = Figure(figsize=(wide_mm / INCH_MM, high_mm / INCH_MM), facecolor=ground)
    FigureCanvasPdf(figure)
    axes = figure.add_axes((0, 0, 1, 1), facecolor="none", zorder=2)
    axes.set_xlim(0, wide_mm)
    axes.set_ylim(0, high_mm)
    axes.axis("off")
    return Paper(figure, axes, wide_mm, high_mm)


def haloed(axes: Any, x: float, y: float, words: str, size_pt: float, colour: str, ground: str,
           **style: Any) -> None:  # fmt: skip
    """Write with a rim in the colour of the ground.

    The rim is drawn apart, as outlines, so that the text itself stays text in a PDF and can be searched.
    """
    style = {"ha": "center", "va": "center_baseline", "zorder": 8.0} | style
    rim = [patheffects.Stroke(linewidth=HALO_PT, foreground=ground)]
    style |= {"fontsize": round(size_pt, 1)}  # matplotlib looks the typeface up anew for every size
    axes.text(x, y, words, color=ground, path_effects=rim, **style)
    axes.text(x, y, words, color=colour, **style)


def width_mm(words: str, size_pt: float) -> float:
    """How wide `words` stand on paper, by the advances of the bundled typeface."""
    return sum(advance_em(character) for character in words) * size_pt / MM_PT


def printable(words: str) -> str:
    """`words` with a box for every character that the bundled typeface lacks, as in text that lost its meaning."""
    return "".join(character if glyph_of(character) else "□" for character in words)


@cache
def glyph_of(character: str) -> int:
    """The number of the character's glyph in the bundled typeface, 0 where the typeface lacks it."""
    return int(get_font(fonts.file()).get_char_index(ord(character)))


@cache
def advance_em(character: str) -> float:
    """How far `character` moves the pen, in sizes of type."""
    font = get_font(fonts.file())
    return (
        float(font.load_glyph(glyph_of(character), flags=LoadFlags.NO_SCALE).horiAdvance) / font.units_per_EM
    )


def clipped(words: str, size_pt: float, room_mm: float) -> str:
    """`words`, cut with an ellipsis where they are wider than `room_mm`."""
    if width_mm(words, size_pt) <= room_mm:
        return words
    while words and width_mm(words + "…", size_pt) > room_mm:
        words = words[:-1]
    return words + "…"


class Taken:
    """Places on a map that hold a name already, in millimetres of the paper."""

    def __init__(self) -> None:
        self._boxes: list[Any] = []

    def take(self, box: Any) -> bool:
        """Take the place of `box` (a polygon) if it is free; whether it was."""
        if self._boxes and shapely.intersects(self._boxes, box).any():
            return False
        self._boxes.append(box)
        return True
