"""What a person corrects in a draft, and the same rules asked again about the rows that it touches."""

from __future__ import annotations

from typing import Final

ACCEPTED, REFUSED, DROPPED = "accepted", "refused", "dropped"
# Rows that corrections touched: `place` among the components as read (-1 for a refused row), what became of them.
TOUCHED_COLUMNS: Final = ("file", "layer", "row", "record", "place", "status", "finding_codes")
