"""What is said of responsibility areas after the grid changed under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.formats import grouped
from desktop.words import Text


def with_handover(said: Text, handed_over: Sequence[Mapping[str, str]]) -> Text:
    """`said`, and how many cells went from their area to another or to none; `handed_over` as `GridEdited` has it."""
    if not handed_over:
        return said
    cells = {row["cell_code"] for row in handed_over}
    areas = {
        (row["kind"], row[side]) for row in handed_over for side in ("from_area", "to_area") if row[side]
    }
    return Text("{said} Cells that left their responsibility area: {cells}; areas concerned: {areas}.",
                said=said, cells=grouped(len(cells)), areas=grouped(len(areas)))  # fmt: skip
