"""Changes travel, state does not: every write of the store answers with one `Changes`."""

from __future__ import annotations

from dataclasses import dataclass, field

CELLS = "cells"
AREAS = "areas"
RESPONSIBILITY = "responsibility"
BASE = "base"
COMPONENTS = "components"
SESSIONS = "sessions"
DEPARTMENTS = "departments"
CLASSES = "classes"
FIXES = "fixes"
PATROLLERS = "patrollers"
CASES = "cases"
SETTINGS = "settings"
HOLDS = "holds"
RECORDS = "records"
FACILITIES = "facilities"
SURVEYS = "surveys"


@dataclass(frozen=True)
class Changes:
    """What kinds of thing a commit touched.

    `keys` narrows it where that is cheap (session ids, base kinds); empty means "any of that kind". `source` names
    who wrote, so that a page can leave out what it started itself. `version` is the store's data version after it.
    """

    kinds: frozenset[str]
    keys: tuple[str, ...] = ()
    source: str = ""
    version: int = 0
    counts: dict[str, int] = field(default_factory=dict, compare=False)

    def touches(self, *kinds: str) -> bool:
        """Whether any of `kinds` changed."""
        return not self.kinds.isdisjoint(kinds)


NOTHING = Changes(frozenset())
