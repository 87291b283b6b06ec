"""The names of an answer's parts as people say them (`resources/answers.csv`): `drafted_by` is "drafted by" or 起草人.

The keys themselves are a contract with scripts and never change; these words may.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from resources.list_fields import read_rows

FOLDER: Final = Path(__file__).parent


def heading(lang: str, key: str) -> str:
    """What the part `key` is called; a key without a Chinese word is shown as it is, with blanks."""
    chinese = _chinese("answers", "key").get(key) if lang == "zh_CN" else None
    return chinese or key.replace("_", " ")


def spoken(lang: str, word: str) -> str:
    """A word of ours that stands as a value (`resources/answer_values.csv`), such as a status."""
    words = _chinese("answer_values", "value") if lang == "zh_CN" else {}
    return words.get(word, word.replace("_", " "))


@cache
def _chinese(table: str, column: str) -> dict[str, str]:
    return {row[column]: row["zh_CN"] for row in read_rows(FOLDER / f"{table}.csv")}
