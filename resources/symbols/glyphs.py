"""Glyphs drawn ahead: composing those of a whole catalogue takes a third of a second, reading them a hundredth.

`python -c "from resources.symbols import glyphs; glyphs.write()"` writes `glyphs.json` anew after a change of the tables
or of the drawing; a test says when that was forgotten. A glyph that is not there is composed as before.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from resources.symbols.paths import Path2D

FOLDER: Final = Path(__file__).parent
FILE: Final = FOLDER / "glyphs.json"
SOURCES: Final = (
    "classes.csv",
    "families.csv",
    "frames.csv",
    "motifs.csv",
    "shapes.csv",
    "compose.py",
    "paths.py",
)


def kept(shape: str, frame: str, mark: str) -> Path2D | None:
    """The glyph of `mark` in `frame` on `shape`, None where it was not drawn ahead."""
    found = _read()["glyphs"].get(f"{shape} {frame} {mark}")
    return None if found is None else tuple(tuple(operation) for operation in found)


def is_fresh() -> bool:
    """Whether the glyphs were drawn from the tables and by the code that are here now."""
    return bool(_read()["drawn_from"] == _digest())


def write() -> int:
    """Draw the glyphs of all classes of all editions; how many there are."""
    from resources import catalogues
    from resources.symbols import compose

    glyphs = {}
    for standard in ("2007", "2013", "2026"):
        known = catalogues.load(standard).components
        for code, name in zip(known["code"], known["name"], strict=True):
            recipe = compose.glyph_of(code, standard, name)
            glyphs[" ".join(recipe)] = compose.drawn_glyph(*recipe)
    text = json.dumps({"drawn_from": _digest(), "glyphs": glyphs}, separators=(",", ":"), sort_keys=True)
    FILE.write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8", newline="\n")
    return len(glyphs)


@cache
def _read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def _digest() -> str:
    whole = hashlib.sha256()
    for name in SOURCES:
        whole.update((FOLDER / name).read_text(encoding="utf-8").encode())
    return whole.hexdigest()
