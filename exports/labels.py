"""Identity labels (身份码): sheets of A4 with a QR code for each component, to be cut along the marks and stuck on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

import segno

from exports.atlas.paper import MM_PT, clipped, width_mm
from exports.label_sizes import SHEET_MM, Size
from exports.plain_pdf import Sheet, height_em, write_sheets
from kernel.progress import Progress

MARK_MM: Final = 4.0  # length of a cut mark, outside the labels
QUIET: Final = 4  # modules of white around a QR code: ISO/IEC 18004
PAD_MM: Final = 2.0
SEAM: Final = 0.02  # dark rows overlap by this share of a module, so that no viewer shows seams between them
MASK: Final = 0  # alternating modules
DARK: Final = re.compile(rb"\x01+")
INK, GREY = "#000000", "#5a5a5a"
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
    sheets = [partial(draw_sheet, part, size) for part in parts]
    return write_sheets(sheets, SHEET_MM, target, title, progress)


def draw_sheet(labels: Sequence[Label], size: Size, sheet: Sheet) -> None:
    """Fill one sheet from the upper left in reading order."""
    left = (SHEET_MM[0] - size.across * size.width_mm) / 2
    top = SHEET_MM[1] - (SHEET_MM[1] - size.down * size.height_mm) / 2
    _cut_marks(sheet, size, left, top)
    for place, label in enumerate(labels):
        row, column = divmod(place, size.across)
        x, y = left + column * size.width_mm, top - (row + 1) * size.height_mm
        _qr_code(sheet, label.content, size, x, y)
        _words(sheet, label, size, x, y)


def _qr_code(sheet: Sheet, content: str, size: Size, x: float, y: float) -> None:
    """The dark runs of the QR code's rows.

    Of its eight masks the best one is not looked for: a reader takes the mask from the code, whichever it is, and
    the search costs four times the rest.
    """
    rows = segno.make(content, error="m", micro=False, boost_error=True, mask=MASK).matrix
    module = size.qr_mm / (len(rows) + 2 * QUIET)
    boxes = " ".join(
        _run(*run.span(), number) for number, row in enumerate(rows) for run in DARK.finditer(row)
    )
    sheet.boxes(
        x + PAD_MM / 2 + QUIET * module, y + size.height_mm - PAD_MM / 2 - QUIET * module, module, boxes, INK
    )


@cache
def _run(start: int, end: int, row: int) -> str:
    """A dark run as a box, in modules from the upper left corner of the code."""
    return f"{start} {-row - 1} {end - start} {1 + SEAM} re"


def _words(sheet: Sheet, label: Label, size: Size, x: float, y: float) -> None:
    """The code under the QR code over the whole width; title and lines beside it."""
    room = size.width_mm - 2 * PAD_MM
    foot = (size.height_mm - size.qr_mm - PAD_MM / 2) / 2
    wide = width_mm(label.code, size.code_pt)
    code_pt = min(size.code_pt, size.code_pt * room / max(wide, 0.01))
    sheet.text(
        x + (size.width_mm - wide * code_pt / size.code_pt) / 2,
        y + foot - height_em("l") * code_pt / MM_PT / 2,
        label.code, code_pt, INK,
    )  # fmt: skip
    left = x + PAD_MM / 2 + size.qr_mm
    beside = size.width_mm - size.qr_mm - PAD_MM * 1.5
    lines = [(words, size.title_pt, INK) for words in wrapped(label.title, size.title_pt, beside, 2)]
    for line in label.lines:
        lines += [(words, size.text_pt, GREY) for words in wrapped(line, size.text_pt, beside, 2)]
    at = y + size.height_mm - PAD_MM
    floor = y + size.height_mm - size.qr_mm - PAD_MM / 2
    for words, points, colour in lines:
        at -= points / MM_PT * LINE
        if at < floor:
            return
        sheet.text(left, at, words, points, colour)


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


def _cut_marks(sheet: Sheet, size: Size, left: float, top: float) -> None:
    """Short lines outside the labels, at every edge between two of them."""
    right, bottom = left + size.across * size.width_mm, top - size.down * size.height_mm
    marks = []
    for column in range(size.across + 1):
        x = left + column * size.width_mm
        marks += [((x, top + 1), (x, top + 1 + MARK_MM)), ((x, bottom - 1), (x, bottom - 1 - MARK_MM))]
    for row in range(size.down + 1):
        y = top - row * size.height_mm
        marks += [((left - 1, y), (left - 1 - MARK_MM, y)), ((right + 1, y), (right + 1 + MARK_MM, y))]
    sheet.lines(marks, 0.4, GREY)
