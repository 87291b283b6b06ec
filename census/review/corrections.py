"""What a person corrects in a draft.

Corrections are a log: a value set, a point moved, a row dropped. The rows they touch are taken as they were read, every
correction that stands is applied in order, and all of them are checked once more (`census.review.rechecking`). So taking a correction back is
nothing but leaving it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Final

import pandas as pd

from gis.frames import COMPONENT_TEXT_COLUMNS
from kernel.errors import Refused

ACCEPTED, REFUSED, DROPPED = "accepted", "refused", "dropped"
BESIDE: Final = "beside"  # stays what it is, but its findings of C7 changed with a neighbour
SET, MOVE, DROP = "set", "move", "drop"
TAKE = "take"  # each row gets the value that was proposed for it
KINDS: Final = (SET, MOVE, DROP, TAKE)
ROW: Final = ["file", "layer", "record"]
# Rows that corrections touched: `place` among the components as read (-1 for a refused row), what became of them.
TOUCHED_COLUMNS: Final = ("file", "layer", "row", "record", "place", "status", "finding_codes")


@dataclass(frozen=True)
class Correction:
    """One wish: `set` the column `field` to `value`, `move` to `value` (`x, y` on the city's plane), or `drop`.

    `take` sets the column `field` ("": moves) to what was proposed for each row because of the finding `value`.
    """

    kind: str
    field: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such correction: {self.kind}")
        if (self.kind == SET or self.field) and self.field not in COMPONENT_TEXT_COLUMNS:
            raise Refused(
                "{field} is no column of a component.",
                remedy="Use one of: {columns}.",
                field=self.field,
                columns=", ".join(COMPONENT_TEXT_COLUMNS),
            )
        if self.kind == MOVE:
            place_of(self.value)

    @property
    def moves(self) -> bool:
        """Whether it is the place that changes."""
        return self.kind == MOVE or (self.kind == TAKE and not self.field)


def place_of(text: str) -> tuple[float, float]:
    """Easting and northing in metres. Raises `Refused`."""
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = float("nan")
    if not (isfinite(x) and isfinite(y)):
        raise Refused("{value} is no place.", remedy="Write easting and northing in metres: 448123.5,4424010.2",
                      value=text)  # fmt: skip
    return x, y


@dataclass(frozen=True)
class Rebuilt:
    """What corrections made of the rows they touch; components stand in the order of the accepted ones of `touched`."""

    touched: pd.DataFrame
    components: pd.DataFrame
    findings: pd.DataFrame
