"""A census report as a PDF: the cover, then the sections as they flow; the hash also stands in the file's keywords."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from exports.census_report import flow
from exports.census_report.content import CensusReport
from exports.census_report.cover import draw_cover
from exports.census_report.sections import blocks_of
from exports.pages import Draw, write_pages
from kernel.progress import Progress

# How a report names its session and content, in a PDF's keywords and in a workbook's.
MARK: Final = "wangrid-census session={session} sha256={digest}"
MARKED: Final = re.compile(rb"wangrid-census session=(\d+) sha256=([0-9a-f]{64})")


def pages_of(report: CensusReport) -> list[Draw]:
    """All pages in order, none drawn yet."""
    body = flow.laid_out(blocks_of(report))
    return [lambda _, pages: draw_cover(report, pages), *(_page(report, page) for page in body)]


def write_book(report: CensusReport, target: Path, progress: Progress) -> int:
    """Write the PDF; returns its number of pages. Cancel is heard between pages and leaves no file."""
    metadata = {
        "Title": f"{report.words('Component census report')} · {flow.about(report)}",
        "Creator": "WanGrid",
        "Keywords": mark(report),
    }
    return write_pages(pages_of(report), target, metadata, progress)


def mark(report: CensusReport) -> str:
    """The session and its hash for the file's keywords, "" before anything was committed."""
    digest = report.content[1]
    return MARK.format(session=report.number, digest=digest) if digest else ""


def _page(report: CensusReport, page: flow.Page) -> Draw:
    return lambda number, pages: flow.draw_page(report, page, number, pages)
