"""The blocks a report is made of: headings, paragraphs, tables with bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exports.atlas.paper import Paper, clipped, width_mm
from exports.census_report.content import CensusReport
from exports.census_report.flow import LEFT_MM, RIGHT_MM, ROOM_MM, Block, wrapped
from resources.styles import mix

ROW_MM: Final = 5.0
HEAD_MM: Final = 8.0
SIZE_PT: Final = 8.4


@dataclass(frozen=True)
class Column:
    """One column `width_mm` wide; figures stand at its right end, texts `indent_mm` from its left one. `bar`: a bar of
    the row's share fills it.
    """

    head: str
    width_mm: float
    right: bool = False
    bar: bool = False
    indent_mm: float = 0.0
    size_pt: float = SIZE_PT

    @property
    def room_mm(self) -> float:
        """How wide its texts may be."""
        return self.width_mm - self.indent_mm - 1.2

    def place(self, left: float) -> tuple[float, str]:
        """Where its texts stand when it begins at `left`, and which end of them."""
        return (left + self.width_mm, "right") if self.right else (left + self.indent_mm, "left")


def heading(report: CensusReport, words: str, note: str = "", *, breaks: bool = False) -> Block:
    """The title of a section; stays with what follows."""

    def draw(paper: Paper, top: float) -> None:
        paper.box(LEFT_MM, top - 8.2, 1.6, 5.6, report.palette.focus)
        paper.text(LEFT_MM + 4, top - 7.6, words, 14, report.palette.text, weight="medium")
        right = LEFT_MM + 4 + width_mm(words, 14) + 5
        paper.text(right, top - 7.6, clipped(note, 8.4, RIGHT_MM - right), 8.4, report.palette.secondary)

    return Block(13.0, draw, keep=True, breaks=breaks)


def paragraph(report: CensusReport, words: str, size_pt: float = 9.0, *, quiet: bool = False,
              keep: bool = False) -> Block:  # fmt: skip
    """Text over the whole width."""
    lines = wrapped(words, size_pt, ROOM_MM)
    colour = report.palette.secondary if quiet else report.palette.text
    step = size_pt * 0.56

    def draw(paper: Paper, top: float) -> None:
        for number, line in enumerate(lines, start=1):
            paper.text(LEFT_MM, top - step * number + 0.6, line, size_pt, colour)

    return Block(step * len(lines) + 2.4, draw, keep=keep)


def gap(high_mm: float) -> Block:
    """Room between blocks."""
    return Block(high_mm, lambda _paper, _top: None)


def table(report: CensusReport, columns: Sequence[Column], rows: Sequence[Sequence[str]], *,
          strong: Sequence[bool] = (), bars: Sequence[float] = (), row_mm: float = ROW_MM) -> list[Block]:  # fmt: skip
    """A row per block under a head that every page repeats.

    `strong`: rows that are sums; `bars`: the share (0..1) that a bar column shows of each row.
    """
    head = Block(HEAD_MM, lambda paper, top: _draw_head(paper, report, columns, top), keep=True)
    if not rows:
        return [head, paragraph(report, report.words("None"), quiet=True)]
    sums = strong or [False] * len(rows)
    shares = bars or [0.0] * len(rows)
    body = [
        _row(report, columns, row, head, bold, bar, row_mm)
        for row, bold, bar in zip(rows, sums, shares, strict=True)
    ]
    return [head, *body, gap(5.0)]


def _draw_head(paper: Paper, report: CensusReport, columns: Sequence[Column], top: float) -> None:
    for column, left in zip(columns, _lefts(columns), strict=True):
        x, end = column.place(left)
        words = clipped(column.head, 7.6, column.room_mm)
        paper.text(x, top - 5.2, words, 7.6, report.palette.secondary, ha=end)
    paper.line((LEFT_MM, RIGHT_MM), (top - HEAD_MM + 0.8, top - HEAD_MM + 0.8), report.palette.text, 0.7)


def _row(report: CensusReport, columns: Sequence[Column], row: Sequence[str], head: Block, bold: bool, bar: float,
         row_mm: float) -> Block:  # fmt: skip
    def draw(paper: Paper, top: float) -> None:
        colours = report.palette
        if bold:
            paper.box(
                LEFT_MM, top - row_mm, ROOM_MM, row_mm, mix(colours.line, colours.card, 0.55), zorder=1.0
            )
        for column, left, words in zip(columns, _lefts(columns), row, strict=True):
            if column.bar and bar > 0:
                colour = mix(colours.focus, colours.card, 0.72)
                paper.box(
                    left, top - row_mm + 1.2, (column.width_mm - 3) * bar, row_mm - 2.4, colour, zorder=2.0
                )
            x, end = column.place(left)
            paper.text(x, top - row_mm / 2, clipped(words, column.size_pt, column.room_mm), column.size_pt,
                       colours.text, ha=end, va="center_baseline", weight="medium" if bold else "normal")  # fmt: skip
        paper.line((LEFT_MM, RIGHT_MM), (top - row_mm, top - row_mm), colours.line, 0.35)

    return Block(row_mm, draw, head=head)


def _lefts(columns: Sequence[Column]) -> list[float]:
    """Where each column begins."""
    lefts, x = [], LEFT_MM
    for column in columns:
        lefts.append(x)
        x += column.width_mm
    return lefts
