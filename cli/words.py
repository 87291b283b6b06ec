"""How words become arguments: numbers of sessions and the like, lists with commas, FIELD=TEXT."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import typer

from kernel.errors import WrongUsage

LAST_ID: Final = 2**31 - 1  # both stores count in 32 bits


def number(metavar: str = "ID", help: str = "") -> Any:
    """The argument of a verb about one numbered thing."""
    return typer.Argument(..., metavar=metavar, min=1, max=LAST_ID, help=help or None)


def session() -> Any:
    """The argument of a verb about one session of the census."""
    return number("ID", "Number of the session; `census sessions` lists them.")


def parts(words: Sequence[str], option: str) -> tuple[str, ...]:
    """Values that are repeated or stand with commas between them, also Chinese ones; blanks around them are no part.

    Raises `WrongUsage` where `option` was given and nothing behind it: that is not the same as to leave it out.
    """
    split = (part.strip() for word in words for part in word.replace("，", ",").split(","))
    out = tuple(part for part in split if part)
    if words and not out:
        raise WrongUsage("{option} needs a value.", remedy="Write it behind the option.", option=option)
    return out


def pairs(words: Sequence[str], example: str) -> dict[str, str]:
    """The texts by field of FIELD=TEXT; a text may be empty and may hold further `=`.

    Raises `WrongUsage`, with `example` for how to write it, where a field or the sign is missing.
    """
    out = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or not name.strip():
            raise WrongUsage("{word} is not FIELD=TEXT.", remedy="Write it like --set {example}.", word=word,
                             example=example)  # fmt: skip
        out[name.strip()] = text.strip()
    return out
