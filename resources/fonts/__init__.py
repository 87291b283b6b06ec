"""The bundled typeface: Chinese on a machine that has no Chinese font, digits that align by themselves.

A subset of Noto Sans CJK SC in three weights under a family name of its own (licence: `OFL.txt`, made by
`make_subset.py`). Regular and Medium have GB 2312, the 8,105 characters of the general standard table, those of all
division names of 2021 and the usual signs; Bold has digits, Latin and units only, for the one figure of a wall card.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

FAMILY: Final = "Noto Sans SC WanGrid"
WEIGHTS: Final = {"Regular": 400, "Medium": 500, "Bold": 700}
FOLDER: Final = Path(__file__).parent


def files() -> list[Path]:
    """The font files, Regular first. Register all of them; ask for `FAMILY` in the weights 400, 500 and 700."""
    return [file(style) for style in WEIGHTS]


def file(style: str = "Regular") -> Path:
    """The file of one style, for writers that take a path (matplotlib's `FontProperties(fname=…)`)."""
    return FOLDER / f"NotoSansSCWanGrid-{style}.ttf"
