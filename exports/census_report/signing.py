"""The last page: what is signed for, the hash of what was committed, and room for three signatures."""

from __future__ import annotations

from typing import Final

from exports.atlas.paper import Paper
from exports.census_report.blocks import gap, heading, paragraph
from exports.census_report.content import CensusReport
from exports.census_report.flow import LEFT_MM, RIGHT_MM, ROOM_MM, Block

_BOX_MM: Final = 74.0
_LINES: Final = 5


def signatures(report: CensusReport) -> list[Block]:
    """The declaration and the boxes to sign in."""
    session = report.session
    said = report.words(
        "The undersigned have examined the census of session {session}: {read} rows read, {accepted} accepted, {refused} "
        "refused; {new} new and {changed} changed components.",
        session=report.number or "–", read=f"{int(session['read']):,}", accepted=f"{int(session['accepted']):,}",
        refused=f"{int(session['quarantined']):,}", new=f"{int(session['new']):,}", changed=f"{int(session['changed']):,}",
    )  # fmt: skip
    rows, digest = report.content
    out = [heading(report, report.words("Signatures"), breaks=True), paragraph(report, said, keep=True)]
    if digest:
        what = report.words("What was committed: {rows} components, SHA-256", rows=f"{rows:,}")
        how = report.words("census verify-report tells whether a report and the store still agree.")
        out += [gap(2.0), paragraph(report, what, keep=True), paragraph(report, digest, 9.6, keep=True),
                paragraph(report, how, 8.0, quiet=True)]  # fmt: skip
    else:
        out.append(paragraph(report, report.words("Nothing of this session is in the store."), quiet=True))
    return [*out, gap(6.0), _boxes(report)]


def parties(report: CensusReport) -> tuple[str, str, str]:
    """Who signs."""
    return report.words("Survey company"), report.words("Supervisor"), report.words("City")


def to_sign(report: CensusReport) -> tuple[str, ...]:
    """What each of them fills in."""
    return (report.words("Unit"), report.words("Full name"), report.words("Signature"), report.words("Date"),
            report.words("Seal"))  # fmt: skip


def _boxes(report: CensusReport) -> Block:
    wide = (RIGHT_MM - LEFT_MM - 10.0) / 3

    def draw(paper: Paper, top: float) -> None:
        colours = report.palette
        for place, party in enumerate(parties(report)):
            left = LEFT_MM + place * (wide + 5.0)
            paper.box(left, top - _BOX_MM, wide, _BOX_MM, "none", colours.secondary, 0.7)
            paper.text(left + 4, top - 8.0, party, 11, colours.text, weight="medium")
            for line, words in enumerate(to_sign(report)):
                y = top - 20.0 - line * 11.0
                paper.text(left + 4, y, words, 8.0, colours.secondary)
                if line < _LINES - 1:
                    paper.line((left + 19, left + wide - 4), (y - 1.2, y - 1.2), colours.line, 0.7)

    assert ROOM_MM > 3 * 40, "three boxes stand side by side"
    return Block(_BOX_MM, draw)
