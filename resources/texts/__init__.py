"""What the program says, in the reader's language. The English template is the key, so code reads as it speaks.

Every room and part has a CSV of its own in this folder (columns `en,zh_CN`, UTF-8), so that two people rarely touch
one file. Named places (`{file}`) stay as they are in the translation. A text that has no translation is shown in
English; `tests/resources/test_resources_texts.py` names every such text.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

from kernel.errors import Defect, WanGridError, fill

LANGUAGES: Final = ("zh_CN", "en")
FOLDER: Final = Path(__file__).parent


def words(lang: str, template: str, /, **places: object) -> str:
    """`template` in the language `lang` with its places filled; English where there is no translation."""
    return fill(translated(lang, template), places)


def explain(lang: str, error: BaseException) -> tuple[str, str]:
    """The message and the remedy of `error` in the language `lang`, places filled.

    An error that is not ours (a bug nobody caught) is told as such, with its own words.
    """
    if not isinstance(error, WanGridError):
        return (
            words(
                lang, "A bug in WanGrid stopped this: {name}: {what}", name=type(error).__name__, what=error
            ),
            words(lang, "Please report this; the log has the details."),
        )
    return (
        fill(translated(lang, error.template), error.places),
        fill(translated(lang, error.remedy), error.places) if error.remedy else "",
    )


def translated(lang: str, template: str) -> str:
    """`template` in the language `lang`, places still open."""
    if lang not in LANGUAGES:
        raise ValueError(f"no such language: {lang}")
    return template if lang == "en" else _zh_CN().get(template, template)


def read(path: Path) -> list[tuple[str, str]]:
    """The rows (English, Chinese) of one file. Raises `Defect` when it has not the two columns."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if not rows or rows[0] != ["en", "zh_CN"] or any(len(row) != 2 for row in rows):
        raise Defect("{file} is not a table with the columns en,zh_CN.", file=path.name)
    return [(english, chinese) for english, chinese in rows[1:]]


def files() -> list[Path]:
    """The text files, in the order of their names."""
    return sorted(FOLDER.glob("*.csv"))


@cache
def _zh_CN() -> dict[str, str]:
    return {english: chinese for path in files() for english, chinese in read(path) if chinese}
