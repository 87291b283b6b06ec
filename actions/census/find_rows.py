"""Rows of a draft by the surveyor's own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kernel.errors import Refused

if TYPE_CHECKING:
    from data.store import Store


def find_rows(store: Store, session: int, named: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
    """(file, layer, record) of rows given as `FILE:ROW`. Raises `Refused` for one that is not there."""
    if not named:
        return ()
    draft = store.draft_rows(session)
    places = {}
    for frame in (draft.origins, draft.quarantined):
        for file, layer, row, record in zip(*(frame[name].tolist() for name in ("file", "layer", "row", "record")),
                                            strict=True):  # fmt: skip
            places[f"{file}:{row}"] = (file, layer, int(record))
    missing = [name for name in named if name not in places]
    if missing:
        raise Refused("Session {session} has no row {row}.", remedy="Write FILE:ROW as `census show ID --findings` does.",
                      session=session, row=missing[0])  # fmt: skip
    return tuple(places[name] for name in named)
