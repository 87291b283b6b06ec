"""Survey files become drafts: `read` what is there, `check` it against the city, nothing is stored yet.

The readers of all formats are heavy to import, and who only looks at a stored draft needs none of them: a name is
imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from census.checking import check
    from census.context import Context
    from census.draft import Draft
    from census.options import CheckOptions, ReadOptions
    from census.reading.sources import read
    from census.reading.tables import Reading

__all__ = ["CheckOptions", "Context", "Draft", "ReadOptions", "Reading", "check", "read"]

_HOMES = {"check": "checking", "Context": "context", "Draft": "draft", "CheckOptions": "options",
          "ReadOptions": "options", "read": "reading.sources", "Reading": "reading.tables"}  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name of the room."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
