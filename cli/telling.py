"""An answer in words for a person at a terminal: headings in their language, tables in columns, times of their clock.

Scripts read the JSON; nothing here changes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from resources.answers import heading, spoken
from resources.texts import words

WIDEST: Final = 48  # columns of text that a part of a table may take
BROADEST: Final = 110  # columns of a line
MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NOTHING: Final = "–"
SAID: Final = frozenset({"encoding_evidence", "crs_evidence"})  # parts whose values are sentences of ours
OUTCOMES: Final = "outcomes"  # the part whose own parts are named by words of ours
WORDED: Final = frozenset({"status", "severity", "outcome", "deed"})  # parts whose values are words of ours


def told(values: Any, lang: str) -> str:
    """The lines of an answer: one for each part, tables where a part is a list; what is empty is left out."""
    if isinstance(values, list):
        return _table(values, lang)
    if not isinstance(values, dict):
        return _said(values, "", lang)
    parts = {
        heading(lang, key): (key, part) for key, part in values.items() if part not in (None, "", [], {})
    }
    margin = max((width(name) for name in parts), default=0) + 2
    lines = []
    for name, (key, part) in parts.items():
        if isinstance(part, list):
            lines += ["", name, _indented(_table(part, lang))]
        else:
            lines.append(_filled(name, margin) + _broken(_said(part, key, lang), margin))
    return "\n".join(lines) or NOTHING


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _table(rows: Sequence[Any], lang: str) -> str:
    """Rows below their headings; columns in which nothing stands are left out."""
    if not rows:
        return NOTHING
    if not all(isinstance(row, dict) for row in rows):
        return "\n".join(_said(row, "", lang) for row in rows)
    keys = [key for key in dict.fromkeys(key for row in rows for key in row)
            if any(row.get(key) not in (None, "", [], {}) for row in rows)]  # fmt: skip
    lines = [[heading(lang, key) for key in keys]]
    lines += [[_cut(_said(row.get(key), key, lang)) for key in keys] for row in rows]
    margins = [max(width(line[place]) for line in lines) + 2 for place in range(len(keys))]
    right = [all(_is_number(row.get(key)) for row in rows) for key in keys]
    return "\n".join(_aligned(line, margins, right) for line in lines)


def _aligned(line: list[str], margins: list[int], right: list[bool]) -> str:
    parts = (
        " " * (margin - 2 - width(text)) + text + "  " if to_the_right else _filled(text, margin)
        for text, margin, to_the_right in zip(line, margins, right, strict=True)
    )
    return "".join(parts).rstrip()


def _is_number(item: Any) -> bool:
    return item is None or (isinstance(item, (int, float)) and not isinstance(item, bool))


def _said(item: Any, key: str, lang: str) -> str:
    """One value on one line."""
    if item is None or item in ("", [], {}):
        return NOTHING
    if isinstance(item, bool):
        return spoken(lang, "yes" if item else "no")
    if isinstance(item, dict):
        named = (spoken(lang, name) if key == OUTCOMES else name for name in item)
        return "  ".join(
            f"{name} {_said(part, name, lang)}" for name, part in zip(named, item.values(), strict=True)
        )
    if isinstance(item, list):
        return ", ".join(_said(part, key, lang) for part in item)
    if isinstance(item, float):
        return f"{item:,.3f}".rstrip("0").rstrip(".")
    text = words(lang, str(item)) if key in SAID else str(item)
    if MOMENT.fullmatch(text):
        return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"
    return spoken(lang, text) if key in WORDED else text


def _cut(text: str) -> str:
    """`text` no wider than a column may be; what is cut off is shown by an ellipsis."""
    if width(text) <= WIDEST:
        return text
    kept, taken = "", 1
    for sign in text:
        taken += width(sign)
        if taken > WIDEST:
            break
        kept += sign
    return kept.rstrip() + "…"


def _broken(text: str, margin: int) -> str:
    """`text` on as many lines as it needs, broken between its parts, below one another from `margin` on."""
    lines = [""]
    for part in re.split(r"(?<=  )|(?<=, )", text):
        if lines[-1] and width(lines[-1]) + width(part.rstrip()) > BROADEST - margin:
            lines.append("")
        lines[-1] += part
    return ("\n" + " " * margin).join(line.rstrip() for line in lines)


def _filled(text: str, columns: int) -> str:
    return text + " " * max(columns - width(text), 1)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
