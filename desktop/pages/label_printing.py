"""Identity labels: ask for the file and the size, print apart, say where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from desktop.apart import Ask
from desktop.dialogs import choose_target
from desktop.formats import grouped
from desktop.pages.base import Page
from desktop.widgets.notices import Notice
from desktop.words import Text
from exports.label_sizes import SIZES

USUAL: Final = "60x40"


def choose_labels(page: Page, ids: tuple[int, ...] = (), codes: tuple[str, ...] = ()) -> None:
    """Ask for the file of the labels of these components, its type is their size; then print them."""
    if not ids and not codes:
        page.say(Notice("information", Text("No component is chosen, and none lies in view.")))
        return
    words = page.desk.words
    kinds = {f"{words(size_words(name))} (*.pdf)": name for name in SIZES}
    dialog = choose_target(page, words, Text("Print identity labels…"), "pdf", "labels.pdf",
                           lambda target: print_labels(page, target, kinds[dialog.selectedNameFilter()], ids, codes))  # fmt: skip
    dialog.setNameFilters(list(kinds))
    dialog.selectNameFilter(next(kind for kind, name in kinds.items() if name == USUAL))


def size_words(name: str) -> Text:
    """`60 × 40 mm, 21 on a sheet`."""
    size = SIZES[name]
    return Text("{width} × {height} mm, {count} on a sheet", width=f"{size.width_mm:g}", height=f"{size.height_mm:g}",
                count=size.per_sheet)  # fmt: skip


def print_labels(
    page: Page, target: Path, size: str = USUAL, ids: tuple[int, ...] = (), codes: tuple[str, ...] = ()
) -> None:
    """Print the labels of these components into `target`; the window goes on meanwhile."""
    request = Ask.of("census.print_labels.PrintLabels", out=target, ids=ids, codes=codes, size=size,
                     lang=page.desk.words.lang)  # fmt: skip
    page.act("labels", Text("Printing {file}", file=target.name), "census.print_labels.print_labels", request,
             lambda done: _tell(page, done))  # fmt: skip


def _tell(page: Page, done: Any) -> None:
    said = Text(
        "{labels} labels on {pages} pages: {file}",
        labels=grouped(done.labels),
        pages=done.pages,
        file=done.file,
    )
    page.done.emit(Notice("done", said))
