"""Wrong usage in our words: the parser's own messages speak English only."""

from __future__ import annotations

import re
from typing import Any

from kernel.errors import WrongUsage

# The parser tells these two by their message alone.
_UNKNOWN_VERB = re.compile(r"No such command '(.+)'")
_EXTRA_WORDS = re.compile(r"unexpected extra argument\S* \((.+)\)")


def wrong_usage(error: Any) -> WrongUsage:
    """What the parser complains of, as an error of ours with the usage line as its remedy."""
    usage = error.ctx.get_usage().removeprefix("Usage: ") if getattr(error, "ctx", None) else "main.py --help"
    template, places = _complaint(error)
    return WrongUsage(template, remedy="Usage: {usage}", usage=usage, **places)


def _complaint(error: Any) -> tuple[str, dict[str, str]]:
    message = error.format_message()
    if verb := _UNKNOWN_VERB.search(message):
        return "There is no verb {name}.", {"name": verb[1]}
    if words := _EXTRA_WORDS.search(message):
        return "There are words too many: {words}.", {"words": words[1]}
    match type(error).__name__:
        case "MissingParameter":
            return "{name} is missing.", {"name": _name(error)}
        case "NoSuchOption":
            return "There is no option {name}.", {"name": error.option_name}
        case "BadOptionUsage":
            return "{option} needs a value.", {"option": error.option_name}
        case "BadParameter":
            return "{name} does not take this value: {what}", {"name": _name(error), "what": error.message}
    return "{what}", {"what": message}


def _name(error: Any) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    return str(error.param.get_error_hint()).strip("'")
