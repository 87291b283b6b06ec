"""The first page: whose census, what was read and accepted, who answers for it, and where the components stand."""

from __future__ import annotations

from typing import Any, Final

from exports.atlas import edging
from exports.atlas.paper import Paper, clipped, new_paper, width_mm
from exports.census_report.city_map import draw_city
from exports.census_report.content import CensusReport
from exports.census_report.flow import (
    HEIGHT_MM,
    LEFT_MM,
    RIGHT_MM,
    ROOM_MM,
    WIDTH_MM,
    foot,
    session_words,
)

_MAP_MM: Final = 88.0
_FIGURES: Final = ("read", "accepted", "quarantined", "new", "changed", "unchanged", "missing")


def draw_cover(report: CensusReport, pages: int) -> Any:
    """The figure of the first page of a report of so many pages."""
    paper = new_paper(report.palette.card, WIDTH_MM, HEIGHT_MM)
    colours = report.palette
    paper.box(LEFT_MM, 277, 18, 2.0, colours.focus)
    paper.text(LEFT_MM, 264, report.city or report.words("Unnamed city"), 15, colours.secondary)
    paper.text(
        LEFT_MM - 0.5, 248.5, report.words("Component census report"), 30, colours.text, weight="medium"
    )
    named = clipped(f"{session_words(report)} · {report.session['label']}", 11, ROOM_MM)
    paper.text(LEFT_MM, 239, named, 11, colours.secondary)
    _chips(paper, report)
    _figures(paper, report, 214.0)
    y = _facts(paper, report, 200.0)
    _hash(paper, report, y - 1.0)
    if report.bounds is not None:
        draw_city(paper, report, (LEFT_MM, 22.0, ROOM_MM, _MAP_MM))
    foot(paper, report, 1, pages)
    return paper.figure


def _chips(paper: Paper, report: CensusReport) -> None:
    """The session's state, and the mark of made-up data."""
    colours = report.palette
    chips = [
        (report.status(), colours.done if report.session["status"] == "committed" else colours.secondary)
    ]
    if report.synthetic:
        chips.append((report.words("Synthetic data, not a real city"), colours.late))
    x = LEFT_MM
    for words, colour in chips:
        wide = width_mm(words, 9.5) + 7
        paper.box(x, 228.5, wide, 6.6, "none", colour, 0.9)
        paper.text(x + wide / 2, 231.8, words, 9.5, colour, ha="center", va="center_baseline")
        x += wide + 4


def _figures(paper: Paper, report: CensusReport, y: float) -> None:
    """The counts of the session in one row."""
    words = {
        "read": report.words("Rows read"), "accepted": report.words("Accepted"), "quarantined": report.words("Refused"),
        "new": report.words("New"), "changed": report.words("Changed"), "unchanged": report.words("Unchanged"),
        "missing": report.words("Not delivered"),
    }  # fmt: skip
    step = ROOM_MM / len(_FIGURES)
    for place, name in enumerate(_FIGURES):
        x = LEFT_MM + place * step
        figure = f"{int(report.session[name]):,}"
        size = min(15.0, 15.0 * (step - 2) / width_mm(figure, 15.0))
        alarming = name == "quarantined" and int(report.session[name]) > 0
        paper.text(
            x, y, figure, size, report.palette.alarm if alarming else report.palette.text, weight="medium"
        )
        paper.text(x, y - 5.4, clipped(words[name], 8.0, step - 1), 8.0, report.palette.secondary)
    paper.line((LEFT_MM, RIGHT_MM), (y - 8.6, y - 8.6), report.palette.line, 0.6)


def facts(report: CensusReport) -> list[tuple[str, str]]:
    """What a reader must know about the session, a name and a value each."""
    session = report.session
    return [
        (report.words("Read and checked by"), _stamp(session, "drafted")),
        (report.words("Submitted by"), _stamp(session, "submitted")),
        (report.words("Decided by"), _stamp(session, "decided")),
        (report.words("Files"), report.words("files: {files}  layers: {layers}", files=len(report.delivered),
                                             layers=len(report.layers))),
        (report.words("Edition of the class codes"), str(session["standard"])),
        (report.words("Encoding found"), str(session["encoding"]) or "–"),
        (report.words("Reference system found"), str(session["source_crs"]) or "–"),
        (report.words("City's plane"), edging.system(report)),
    ]  # fmt: skip


def _facts(paper: Paper, report: CensusReport, y: float) -> float:
    """The facts one below the other; the y below them."""
    for words, value in facts(report):
        paper.text(LEFT_MM, y, words, 8.8, report.palette.secondary)
        paper.text(LEFT_MM + 46, y, clipped(value, 9.4, ROOM_MM - 46), 9.4, report.palette.text)
        paper.line((LEFT_MM, RIGHT_MM), (y - 2.3, y - 2.3), report.palette.line, 0.4)
        y -= 7.6
    return y


def _hash(paper: Paper, report: CensusReport, y: float) -> None:
    rows, digest = report.content
    colours = report.palette
    paper.text(LEFT_MM, y, report.words("Hash of what was committed"), 8.8, colours.secondary)
    if not digest:
        paper.text(
            LEFT_MM + 46, y, report.words("Nothing of this session is in the store."), 9.4, colours.text
        )
        return
    paper.text(
        LEFT_MM + 46, y, "SHA-256 · " + report.words("{rows} components", rows=f"{rows:,}"), 9.4, colours.text
    )
    grouped = [digest[k : k + 8] for k in range(0, 64, 8)]
    for line in range(2):
        paper.text(
            LEFT_MM + 46,
            y - 5.4 * (line + 1),
            "  ".join(grouped[line * 4 : line * 4 + 4]),
            10.5,
            colours.text,
        )


def _stamp(session: Any, step: str) -> str:
    """Who and when, a dash where it has not happened."""
    who, when = str(session.get(f"{step}_by") or ""), str(session.get(f"{step}_at") or "")
    return f"{who} · {when[:16].replace('T', ' ')}" if who or when else "–"
