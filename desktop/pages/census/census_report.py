"""The report of a session from its page: ask where to, write apart, say where it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from desktop.apart import Ask
from desktop.dialogs import choose_target
from desktop.formats import grouped
from desktop.pages.base import Page
from desktop.widgets.notices import Notice
from desktop.words import Text

_REPORT = "census.report_census"


def choose_report(page: Page, session: int) -> None:
    """Ask for the file of a session's report, then write it."""
    choose_target(page, page.desk.words, Text("Write the report…"), "pdf", f"census-report-{session}.pdf",
                  partial(write_report, page, session), also=("xlsx",))  # fmt: skip


def write_report(page: Page, session: int, target: Path) -> None:
    """Write the report by `target`'s ending; the window goes on meanwhile, and the work can be cancelled."""
    request = Ask.of(f"{_REPORT}.ReportCensus", session=session, out=target, lang=page.desk.words.lang)
    page.desk.state.act("census.report", Text("Printing {file}", file=target.name), f"{_REPORT}.report_census", request,
                        lambda done: _tell(page, done), owner=page, on_failed=page.fail)  # fmt: skip


def _tell(page: Page, done: Any) -> None:
    if done.hash:
        said = Text("Report of {count} components with hash {hash}…: {file}", count=grouped(done.components),
                    hash=done.hash[:8], file=done.file)  # fmt: skip
    else:
        said = Text("Report of a session that is not in the store: {file}", file=done.file)
    page.done.emit(Notice("done", said))
