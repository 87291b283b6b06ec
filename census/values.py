"""Words that surveys use for states, sources, accuracy, and for nothing at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

from census.profiles import ValueMaps
from census.rules.rules_table import word_set
from gis.frames import COMPONENT_TEXT_COLUMNS
from kernel.errors import Refused
from resources import fields

_MARKS: Final = re.compile(r"[\s。．.,，、;；:：!！?？'\"“”‘’()（）\[\]]+")

_LONGEST_NOTHING: Final = 8  # longer texts say something; spares the folding of every cell code


@cache
def _known(column: str) -> Mapping[str, str]:
    table = fields.values()
    rows = table[table["column"] == column]
    return {
        str(alias).casefold(): str(value) for alias, value in zip(rows["alias"], rows["value"], strict=True)
    }


def folded(text: str) -> str:
    """`text` without blanks and marks, widths and case made one."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def known_value(column: str, text: str) -> str | None:
    """Our value for the survey's `text` in `column` (state, source, accuracy), None when nobody knows it."""
    known = _known(column)
    return (
        known.get(text.casefold())
        or known.get(unicodedata.normalize("NFKC", text).casefold().strip())
        or known.get(folded(text))
    )


def is_nothing(text: str) -> bool:
    """Whether `text` is empty, blank of any width, or a word for nothing (无, NULL, 不详 …)."""
    if len(text.strip()) > _LONGEST_NOTHING:
        return False
    bare = folded(text)
    return bare == "" or bare in word_set("nothing_words")


def require_known_words(values: ValueMaps) -> None:
    """Raise `Refused` where a map of words leads to a column or, in a column with a domain, a word that does not exist."""
    for column, words in values.items():
        if column not in COMPONENT_TEXT_COLUMNS:
            raise Refused(
                "The mapping turns words of {column}, which is no column of a component.",
                remedy="Use the column names that the manual lists: code, class_code, name, owner_name …",
                column=column,
            )
        domain = _known(column)
        for text, ours in words.items() if domain else ():
            if ours not in domain.values():
                raise Refused(
                    "The mapping turns {value} of {column} into {word}, which is none of {words}.",
                    remedy="Correct the mapping.",
                    value=text,
                    column=column,
                    word=ours,
                    words=", ".join(dict.fromkeys(domain.values())),
                )
