"""Identity labels from the map: of the component that is chosen, else of all that lie in view."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from desktop.apart import Ask
from desktop.dialogs import choose_target
from desktop.formats import grouped
from desktop.models.city import City
from desktop.pages.base import Page
from desktop.pages.map.city_map import CityMap
from desktop.widgets.notices import Notice
from desktop.words import Text


def chosen_ids(page: Page, city: City, plan: CityMap) -> tuple[int, ...]:
    """The chosen component's id, or those of all in view."""
    selection = page.desk.state.selection
    if selection.kind == "component":
        return (int(selection.key),)
    working_set, view = city.working_set, plan.view
    if working_set is None:
        return ()
    rows = working_set.window(*view.extent).rows
    return tuple(int(key) for key in working_set.component_id[rows])


def choose_labels(page: Page, city: City, plan: CityMap) -> None:
    """Ask for the file of the labels, then print them."""
    ids = chosen_ids(page, city, plan)
    if not ids:
        page.say(Notice("information", Text("No component lies in view.")))
        return
    choose_target(page, page.desk.words, Text("Print identity labels…"), "pdf", "labels.pdf",
                  partial(print_labels, page, ids))  # fmt: skip


def print_labels(page: Page, ids: tuple[int, ...], target: Path) -> None:
    """Print the labels of these components into `target`; the window goes on meanwhile."""
    request = Ask.of("census.print_labels.PrintLabels", out=target, ids=ids, lang=page.desk.words.lang)
    page.desk.state.act("map.labels", Text("Printing {file}", file=target.name), "census.print_labels.print_labels",
                        request, lambda done: _tell(page, done), owner=page, on_failed=page.fail)  # fmt: skip


def _tell(page: Page, done: Any) -> None:
    said = Text(
        "{labels} labels on {pages} pages: {file}",
        labels=grouped(done.labels),
        pages=done.pages,
        file=done.file,
    )
    page.done.emit(Notice("done", said))
