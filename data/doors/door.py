"""What every part of the door stands on: the engine, who acts, and one way to write."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from data import schema
from data.engines.engine import Engine
from data.journal import Work
from data.watch import Watch
from kernel.clock import stamp, system_clock
from kernel.errors import NotAllowed


class Door:
    """A store that is open."""

    def __init__(self, engine: Engine, *, actor: str, read_only: bool) -> None:
        self._engine = engine
        self._read_only = read_only
        self._watches: list[Watch] = []
        self.actor = actor
        # Names this very object in `Changes.source`, so that a page can tell what it started itself.
        self.source = secrets.token_hex(6)

    @contextmanager
    def _writing(self, *, appends: bool = False) -> Iterator[Work]:
        """One transaction; watches of this process are told at once when it is committed.

        One that only appends fixes is stamped by this machine's clock: a gateway commits every second, and each question
        to a server costs a journey.
        """
        if self._read_only:
            raise NotAllowed(
                "{file} was opened for reading only.", remedy="Open it for writing.", file=self._engine.place
            )
        with self._engine.appending() if appends else self._engine.writing() as db:
            if not appends:
                schema.refuse_newer(schema.number_of(db), self._engine.place)
            now = system_clock() if appends else self._engine.now(db)
            yield Work(db, self._engine, self.actor, self.source, stamp(now))
        for watch in self._watches:
            watch.poke()
