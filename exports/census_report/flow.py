"""Blocks that flow over pages of A4 in portrait: measured first, drawn when their page is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from exports.atlas.paper import Paper, new_paper, width_mm
from exports.census_report.content import CensusReport

WIDTH_MM: Final = 210.0
HEIGHT_MM: Final = 297.0
LEFT_MM, RIGHT_MM = 24.0, 194.0
ROOM_MM: Final = RIGHT_MM - LEFT_MM
TOP_MM, BOTTOM_MM = 276.0, 22.0
_FOOT_MM: Final = 12.0
_HEAD_MM: Final = 285.0


@dataclass(frozen=True)
class Block:
    """Something `high_mm` high that `draw(paper, top)` draws.

    `head` is drawn again above it where it begins a page; `keep`: it stays on one page with the next block; `breaks`: it
    begins a page.
    """

    high_mm: float
    draw: Callable[[Paper, float], None]
    head: Block | None = None
    keep: bool = False
    breaks: bool = False


Page = list[tuple[Block, float]]


def laid_out(blocks: Iterable[Block]) -> list[Page]:
    """The blocks on pages, each with the height of its upper edge in millimetres."""
    pages: list[Page] = []
    y = 0.0
    for group in _groups(blocks):
        need = sum(block.high_mm for block in group)
        if not pages or group[0].breaks or y - need < BOTTOM_MM:
            pages.append([])
            y = TOP_MM
            head = group[0].head
            if head is not None:
                pages[-1].append((head, y))
                y -= head.high_mm
        for block in group:
            pages[-1].append((block, y))
            y -= block.high_mm
    return pages


def _groups(blocks: Iterable[Block]) -> list[list[Block]]:
    """Runs of blocks that stay together."""
    groups: list[list[Block]] = []
    joined = False
    for block in blocks:
        if joined:
            groups[-1].append(block)
        else:
            groups.append([block])
        joined = block.keep
    return groups


def draw_page(report: CensusReport, page: Page, number: int, pages: int) -> Any:
    """The figure of one page with its head and foot."""
    paper = new_paper(report.palette.card, WIDTH_MM, HEIGHT_MM)
    _edges(paper, report, number, pages)
    for block, top in page:
        block.draw(paper, top)
    return paper.figure


def _edges(paper: Paper, report: CensusReport, number: int, pages: int) -> None:
    quiet, rule = report.palette.secondary, report.palette.line
    paper.text(LEFT_MM, _HEAD_MM, report.words("Component census report"), 8.0, quiet)
    paper.text(RIGHT_MM, _HEAD_MM, about(report), 8.0, quiet, ha="right")
    paper.line((LEFT_MM, RIGHT_MM), (_HEAD_MM - 2.6, _HEAD_MM - 2.6), rule, 0.5)
    foot(paper, report, number, pages)


def foot(paper: Paper, report: CensusReport, number: int, pages: int) -> None:
    """The mark of made-up data and the page number along the lower edge."""
    quiet = report.palette.secondary
    said = report.words("Synthetic data, not a real city") if report.synthetic else "WanGrid"
    paper.text(LEFT_MM, _FOOT_MM, said, 7.5, report.palette.late if report.synthetic else quiet)
    page = report.words("Page {page} of {pages}", page=number, pages=pages)
    paper.text(RIGHT_MM, _FOOT_MM, page, 7.5, quiet, ha="right")


def about(report: CensusReport) -> str:
    """City, session and date of the print in one line."""
    city = report.city or report.words("Unnamed city")
    return " · ".join((city, session_words(report), report.printed))


def session_words(report: CensusReport) -> str:
    """The session by its number."""
    if not report.number:
        return report.words("at the import, before a session was kept")
    return report.words("Session {session}", session=report.number)


def wrapped(words: str, size_pt: float, room_mm: float, most: int = 99) -> Sequence[str]:
    """`words` in at most `most` lines of `room_mm`: broken at blanks, and between Chinese characters."""
    lines, line = [""], ""
    for piece in _pieces(words):
        if line and width_mm(line + piece.rstrip(), size_pt) > room_mm:
            lines.append("")
            line = piece.lstrip()
        else:
            line += piece
        lines[-1] = line
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip() + " …"]
    return [one.rstrip() for one in lines]


def _pieces(words: str) -> list[str]:
    """What a line may be broken between; a long word without blanks is broken anywhere."""
    pieces: list[str] = []
    for character in words:
        wide = ord(character) >= 0x2E80
        glued = pieces and not wide and not pieces[-1].endswith(" ") and ord(pieces[-1][-1]) < 0x2E80
        closing = pieces and character in "，。；：、！？）」》”’,.;:!?)"
        if (glued and len(pieces[-1]) < 28) or closing:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
