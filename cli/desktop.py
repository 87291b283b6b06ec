"""`desktop`: the window, or a picture of a page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.session import Session
from kernel.errors import WrongUsage

if TYPE_CHECKING:
    from cli.app import Desktop

PAGES = ("map", "grid", "census", "records", "facilities", "surveys", "hotspots")


def register(app: typer.Typer, means: Desktop) -> None:
    """Hang the verb on `app`; `means` opens the window or draws a page."""

    @app.command()
    def desktop(
        ctx: typer.Context,
        page: str = typer.Option("map", help=f"One of {', '.join(PAGES)}."),
        screenshot: Path | None = typer.Option(
            None, help="Draw the page into this PNG and end; needs no display."
        ),
        size: str = typer.Option("1920x1080", help="Width x height of the picture."),
        theme: str = typer.Option("", help="light or dark; default: as last chosen."),
    ) -> int:
        """Open the window."""
        session: Session = ctx.obj
        _require_page(page)
        if theme and theme not in ("light", "dark"):
            raise WrongUsage("There is no theme {theme}.", remedy="Use one of: {themes}.", theme=theme,
                             themes="light, dark")  # fmt: skip
        wishes = {"store_url": session.store_url, "page": page, "theme": theme, "lang": session.globals.lang,
                  "actor": session.actor}  # fmt: skip
        if screenshot is None:
            return means.open_window(**wishes)
        width, height = _size(size)
        means.draw_page(**wishes, file=screenshot, width=width, height=height)
        session.answer({"file": str(screenshot)}, human=lambda values: values["file"])
        return 0


def _require_page(page: str) -> None:
    if page not in PAGES:
        raise WrongUsage(
            "There is no page {page}.", remedy="Use one of: {pages}.", page=page, pages=", ".join(PAGES)
        )


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{3,5})[x×*](\d{3,5})", text.strip().lower())
    if not match:
        raise WrongUsage("{size} is not a size.", remedy="Write it like 1920x1080.", size=text)
    return int(match[1]), int(match[2])
