"""Identity labels (身份码): sheets of A4 with a QR code for each component, to be cut along the marks and stuck on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import segno
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from exports.atlas.paper import Paper, clipped, new_paper, width_mm
from exports.label_sizes import SHEET_MM, Size
from exports.pages import write_pages
from kernel.progress import Progress

MARK_MM: Final = 4.0  # length of a cut mark, outside the labels
QUIET: Final = 4  # modules of white around a QR code: ISO/IEC 18004
PAD_MM: Final = 2.0
SEAM: Final = 0.02  # dark rows overlap by this share of a module, so that no viewer shows seams between them
INK, GREY, WHITE = "#000000", "#5a5a5a", "#ffffff"
LINE: Final = 1.3  # height of a line of text, in sizes of type


@dataclass(frozen=True)
class Label:
    """What stands on one label: `content` in the QR code, `code` in groups under it, `title` and `lines` beside it."""

    content: str
    code: str
    title: str
    lines: tuple[str, ...]


def write_labels(labels: Sequence[Label], size: Size, target: Path, title: str, progress: Progress) -> int:
    """Write the sheets as a PDF that is read back; the number of its pages."""
    parts = [labels[first : first + size.per_sheet] for first in range(0, len(labels), size.per_sheet)]
    pages = [lambda _page, _pages, part=part: draw_sheet(part, size) for part in parts]
    return write_pages(pages, target, {"Title": title, "Creator": "WanGrid"}, progress)


def draw_sheet(labels: Sequence[Label], size: Size) -> Any:
    """The figure of one sheet, filled from the upper left in reading order."""
    paper = new_paper(WHITE, *SHEET_MM)
    left = (SHEET_MM[0] - size.across * size.width_mm) / 2
    top = SHEET_MM[1] - (SHEET_MM[1] - size.down * size.height_mm) / 2
    _cut_marks(paper, size, left, top)
    dark: list[tuple[float, float, float, float]] = []
    for place, label in enumerate(labels):
        row, column = divmod(place, size.across)
        x, y = left + column * size.width_mm, top - (row + 1) * size.height_mm
        dark += _modules(label.content, size, x, y)
        _words(paper, label, size, x, y)
    _fill(paper, dark)
    return paper.figure


def _modules(content: str, size: Size, x: float, y: float) -> list[tuple[float, float, float, float]]:
    """The dark runs of the QR code: left, bottom, width, height in millimetres of the sheet."""
    rows = segno.make(content, error="m", micro=False, boost_error=True).matrix
    module = size.qr_mm / (len(rows) + 2 * QUIET)
    west = x + PAD_MM / 2 + QUIET * module
    north = y + size.height_mm - PAD_MM / 2 - QUIET * module
    out = []
    for number, row in enumerate(rows):
        bottom = north - (number + 1) * module
        start = -1
        for column, bit in enumerate([*row, 0]):
            if bit and start < 0:
                start = column
            elif not bit and start >= 0:
                out.append((west + start * module, bottom, (column - start) * module, module * (1 + SEAM)))
                start = -1
    return out


def _fill(paper: Paper, boxes: list[tuple[float, float, float, float]]) -> None:
    """All boxes of a sheet as one shape."""
    corners, codes = [], []
    for left, bottom, width, height in boxes:
        right, above = left + width, bottom + height
        corners += [(left, bottom), (right, bottom), (right, above), (left, above), (left, bottom)]
        codes += [Outline.MOVETO, *[Outline.LINETO] * 3, Outline.CLOSEPOLY]
    if corners:
        dark = PathPatch(Outline(corners, codes), facecolor=INK, edgecolor="none", antialiased=False)
        paper.axes.add_artist(dark)  # as a patch it would be measured corner by corner


def _words(paper: Paper, label: Label, size: Size, x: float, y: float) -> None:
    """The code under the QR code over the whole width; title and lines beside it."""
    room = size.width_mm - 2 * PAD_MM
    foot = (size.height_mm - size.qr_mm - PAD_MM / 2) / 2
    code_pt = min(size.code_pt, size.code_pt * room / max(width_mm(label.code, size.code_pt), 0.01))
    paper.text(x + size.width_mm / 2, y + foot, label.code, code_pt, INK, ha="center", va="center_baseline")
    left = x + PAD_MM / 2 + size.qr_mm
    beside = size.width_mm - size.qr_mm - PAD_MM * 1.5
    lines = [(words, size.title_pt, INK) for words in wrapped(label.title, size.title_pt, beside, 2)]
    for line in label.lines:
        lines += [(words, size.text_pt, GREY) for words in wrapped(line, size.text_pt, beside, 2)]
    at = y + size.height_mm - PAD_MM
    floor = y + size.height_mm - size.qr_mm - PAD_MM / 2
    for words, points, colour in lines:
        at -= points * 0.3528 * LINE
        if at < floor:
            return
        paper.text(left, at, words, points, colour)


def wrapped(words: str, size_pt: float, room_mm: float, most: int) -> list[str]:
    """`words` in at most `most` lines of `room_mm`, the last one cut with an ellipsis where they do not fit.

    Lines break at blanks where that leaves more than half a line, else anywhere, as Chinese does.
    """
    out: list[str] = []
    rest = words.strip()
    while rest and len(out) < most - 1 and width_mm(rest, size_pt) > room_mm:
        end = next((n for n in range(len(rest), 1, -1) if width_mm(rest[:n], size_pt) <= room_mm), 1)
        blank = rest.rfind(" ", 0, end + 1)
        end = blank if blank > end / 2 else end
        out.append(rest[:end].strip())
        rest = rest[end:].strip()
    return [*out, clipped(rest, size_pt, room_mm)] if rest else out


def _cut_marks(paper: Paper, size: Size, left: float, top: float) -> None:
    """Short lines outside the labels, at every edge between two of them."""
    right, bottom = left + size.across * size.width_mm, top - size.down * size.height_mm
    marks = []
    for column in range(size.across + 1):
        x = left + column * size.width_mm
        marks += [[(x, top + 1), (x, top + 1 + MARK_MM)], [(x, bottom - 1), (x, bottom - 1 - MARK_MM)]]
    for row in range(size.down + 1):
        y = top - row * size.height_mm
        marks += [[(left - 1, y), (left - 1 - MARK_MM, y)], [(right + 1, y), (right + 1 + MARK_MM, y)]]
    paper.axes.add_collection(LineCollection(marks, colors=GREY, linewidths=0.4))
