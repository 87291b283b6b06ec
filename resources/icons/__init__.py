"""Icons of the rail and the tools: own strokes of 1.5 in a box of 20, round caps (`icons.csv`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from resources.list_fields import read_rows

BOX: Final = 20
STROKE: Final = 1.5
FILE: Final = Path(__file__).parent / "icons.csv"


def names() -> list[str]:
    """The names of all icons, in the order of the file."""
    return list(_icons())


def svg(name: str, colour: str, size: int = BOX) -> str:
    """The icon `name` as an SVG document of `size` pixels drawn in `colour`. Raises `KeyError` for another name."""
    strokes, fills = _icons()[name]
    drawn = f'<path d="{strokes}"/>' if strokes else ""
    filled = f'<path d="{fills}" fill="{colour}" stroke="none"/>' if fills else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {BOX} {BOX}" '
        f'fill="none" stroke="{colour}" stroke-width="{STROKE}" stroke-linecap="round" stroke-linejoin="round">'
        f"{drawn}{filled}</svg>"
    )


@cache
def _icons() -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["strokes"], row["fills"]) for row in read_rows(FILE)}
