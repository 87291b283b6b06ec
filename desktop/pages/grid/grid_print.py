"""Printing from the grid page: ask where to, print apart, say where it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from desktop.apart import Ask
from desktop.dialogs import choose_target
from desktop.pages.base import Page
from desktop.widgets.notices import Notice
from desktop.words import Text


def choose_atlas(page: Page, *, components: bool = False) -> None:
    """Ask for the file of the atlas, then print it."""
    title = Text("Print the component atlas…") if components else Text("Print the atlas…")
    name = "components.pdf" if components else "atlas.pdf"
    choose_target(
        page, page.desk.words, title, "pdf", name, partial(print_atlas, page, components=components)
    )


def print_atlas(page: Page, target: Path, *, components: bool = False) -> None:
    """Print the stored grid into `target`; the window goes on meanwhile, and the work can be cancelled."""
    request = Ask.of(
        "grid.print_atlas.PrintAtlas", out=target, components=components, lang=page.desk.words.lang
    )
    page.desk.state.act("grid.atlas", Text("Printing {file}", file=target.name), "grid.print_atlas.print_atlas", request,
                        lambda done: _tell(page, done), owner=page, on_failed=page.fail)  # fmt: skip


def _tell(page: Page, done: Any) -> None:
    said = Text(
        "{sheets} sheets on {pages} pages: {file}", sheets=done.sheets, pages=done.pages, file=done.file
    )
    page.done.emit(Notice("done", said))
