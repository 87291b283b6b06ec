"""A kind of finding as a block: what it means, what to do, examples in the surveyor's own rows, and where they are."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from census.rules.findings import worded
from exports.atlas.paper import Paper, clipped, width_mm
from exports.census_report.city_map import draw_places
from exports.census_report.content import CensusReport, Kind
from exports.census_report.flow import LEFT_MM, RIGHT_MM, ROOM_MM, Block, wrapped

_MAP_MM: Final = (60.0, 45.0)
_TEXT_MM: Final = ROOM_MM - _MAP_MM[0] - 6.0
_LINE_MM: Final = 4.6
_LEAST_MM: Final = _MAP_MM[1] + 5.0


def kind_block(report: CensusReport, kind: Kind) -> Block:
    """One kind; it is never cut by a page's end."""
    room = _TEXT_MM if len(kind.places) else ROOM_MM
    title = wrapped(report.meaning(kind), 10.0, room - 4, most=3)
    remedy = wrapped(report.words(kind.remedy) if kind.remedy else "–", 8.4, room - 4, most=3)
    lines = _examples(report, kind.examples)
    high = 7.0 + 5.4 * len(title) + 4.6 * len(remedy) + 5.4 + _LINE_MM * len(lines) + 4.0

    def draw(paper: Paper, top: float) -> None:
        y = _draw_words(paper, report, kind, top, title, remedy)
        _draw_examples(paper, report, lines, y, room)
        if len(kind.places):
            left = RIGHT_MM - _MAP_MM[0]
            place = (left, top - _MAP_MM[1] - 2.0, *_MAP_MM)
            draw_places(paper, report, place, kind, colour_of(report, kind.severity))

    return Block(max(high, _LEAST_MM if len(kind.places) else 0.0), draw)


def colour_of(report: CensusReport, severity: str) -> str:
    """The colour of a severity, as on the screen."""
    colours = report.palette
    return {"error": colours.alarm, "warning": colours.warning, "information": colours.stale}[severity]


def _draw_words(paper: Paper, report: CensusReport, kind: Kind, top: float, title: Any, remedy: Any) -> float:
    colours = report.palette
    colour = colour_of(report, kind.severity)
    paper.box(LEFT_MM, top - 5.0, 1.4, 4.4, colour)
    head = f"{report.severity(kind.severity)} · {kind.number:,}"
    paper.text(LEFT_MM + 4, top - 4.6, head, 9.0, colour, weight="medium")
    right = LEFT_MM + 4 + width_mm(head, 9.0) + 4
    paper.text(right, top - 4.6, kind.code, 7.6, colours.secondary)
    y = top - 5.4
    for line in title:
        y -= 5.4
        paper.text(LEFT_MM + 4, y, line, 10.0, colours.text, weight="medium")
    for line in remedy:
        y -= 4.6
        paper.text(LEFT_MM + 4, y, line, 8.4, colours.secondary)
    return y


def _draw_examples(
    paper: Paper, report: CensusReport, lines: list[tuple[str, str]], y: float, room: float
) -> None:
    if not lines:
        return
    colours = report.palette
    y -= 5.4
    split = min(max(width_mm(where, 7.8) for where, _ in lines) + 4, (room - 4) * 0.5)
    paper.text(LEFT_MM + 4, y, report.words("Examples: file, row"), 7.2, colours.secondary)
    paper.text(LEFT_MM + 4 + split, y, report.words("field and value"), 7.2, colours.secondary)
    for number, (where, what) in enumerate(lines, start=1):
        at = y - _LINE_MM * number
        paper.text(LEFT_MM + 4, at, clipped(where, 7.8, split - 2), 7.8, colours.text)
        paper.text(LEFT_MM + 4 + split, at, clipped(what, 7.8, room - 6 - split), 7.8, colours.text)


def _examples(report: CensusReport, examples: pd.DataFrame) -> list[tuple[str, str]]:
    """`(file and row, field = value)` of each example; what has neither field nor value says its message."""
    lines = []
    for row in worded(examples, report.lang).to_dict("records"):
        where = f"{row['file']}:{row['row']}" if row["row"] >= 0 else str(row["file"])
        lines.append((where, " ".join(_said(report, row).split())))
    return lines


def _said(report: CensusReport, row: dict[str, Any]) -> str:
    """Field and value; the place where the geometry is meant, the message where there is neither."""
    field, value = str(row["field"]), str(row["value"])
    if value:
        return f"{field} = {value}" if field not in ("", "geometry") else value
    if field and field != "geometry":
        return report.words("{field} is empty", field=field)
    x, y = row["x"], row["y"]
    return f"x {x:,.2f}   y {y:,.2f}" if x == x and y == y else str(row["message"])
