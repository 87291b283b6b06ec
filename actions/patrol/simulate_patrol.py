"""Let the store's roster walk, and write its fixes as a gateway would."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

import pandas as pd

from kernel.clock import Clock, system_clock
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent
from patrol.simulation import STEP_S, simulate

if TYPE_CHECKING:
    from data.store import Store

AT_ONCE_ROWS: Final = 20_000
LOOK_UP_S: Final = 0.1  # how long a cancel may go unnoticed while waiting


@dataclass(frozen=True)
class SimulatePatrol:
    """`speed`: simulated seconds per second; 0 writes as fast as the store takes it. `start_s`: UTC seconds of the first
    fix, by default such that the walk ends now when unpaced, and begins now when paced."""

    minutes: float = 30.0
    speed: float = 1.0
    seed: int = 1
    start_s: float | None = None


@dataclass(frozen=True)
class PatrolSimulated:
    """`fixes` were sent, `accepted` of them are new in the store, the others were there (`rejected`)."""

    patrollers: int
    fixes: int
    accepted: int
    rejected: dict[str, int]
    seconds: float


def simulate_patrol(
    store: Store, request: SimulatePatrol, progress: Progress | None = None, clock: Clock = system_clock
) -> PatrolSimulated:
    """Walk the roster for `minutes` and append the fixes, in the pace of real time times `speed`.

    What was appended stays when the walk is cancelled. Raises `Refused` for a store without patrollers or cells.
    """
    if not 0 < request.minutes < inf:
        raise Refused("A patrol of {minutes} minutes makes no sense.", remedy="Give minutes above zero.",
                      minutes=f"{request.minutes:g}")  # fmt: skip
    progress = progress or Silent()
    began = time.perf_counter()
    patrollers, cells = store.load_patrollers(), store.load_cells()
    _require(patrollers, cells)
    length_s = round(request.minutes * 60 / STEP_S) * STEP_S
    now_s = clock().timestamp()
    start_s = (
        request.start_s if request.start_s is not None else now_s - (0.0 if request.speed > 0 else length_s)
    )
    batches = simulate(
        patrollers, cells, start_s, request.minutes, request.seed, roads=store.load_base("roads"),
        progress=Part(progress, 0.0, 0.2),
    )  # fmt: skip
    sent = _Sending(store, request.speed, start_s, length_s, Part(progress, 0.2, 1.0))
    for batch in batches:
        sent.take(batch)
    sent.flush()
    return PatrolSimulated(
        patrollers=len(patrollers),
        fixes=sent.fixes,
        accepted=sent.accepted,
        rejected={"repeated": sent.fixes - sent.accepted} if sent.fixes > sent.accepted else {},
        seconds=round(time.perf_counter() - began, 3),
    )


class _Sending:
    """Batches on their way into the store, in pace."""

    def __init__(
        self, store: Store, speed: float, start_s: float, length_s: float, progress: Progress
    ) -> None:
        self.fixes = 0
        self.accepted = 0
        self._store, self._speed, self._progress = store, speed, progress
        self._start_s, self._length_s = start_s, max(length_s, STEP_S)
        self._began = time.monotonic()
        self._waiting: list[pd.DataFrame] = []
        self._never = threading.Event()

    def take(self, batch: pd.DataFrame) -> None:
        """Send `batch` when its time has come; unpaced, when enough have gathered."""
        self._waiting.append(batch)
        last_s = float(batch["time_s"].max()) - self._start_s
        self._wait_until(last_s)
        if self._speed > 0 or sum(map(len, self._waiting)) >= AT_ONCE_ROWS:
            self.flush()
        self._progress.report(last_s / self._length_s, "Sending fixes")

    def flush(self) -> None:
        """Append what has gathered."""
        if self._waiting:
            gathered = pd.concat(self._waiting, ignore_index=True)
            self._waiting.clear()
            self.accepted += self._store.append_fixes(gathered).counts.get("added", 0)
            self.fixes += len(gathered)

    def _wait_until(self, shift_s: float) -> None:
        """Wait until the shift is `shift_s` old on the sped-up clock; a cancel ends the wait."""
        while self._speed > 0:
            self._progress.check()
            left_s = shift_s / self._speed - (time.monotonic() - self._began)
            if left_s <= 0:
                return
            self._never.wait(min(left_s, LOOK_UP_S))


def _require(patrollers: pd.DataFrame, cells: pd.DataFrame) -> None:
    if not len(cells):
        raise Refused(
            "The store has no cells to walk in.",
            remedy="Import or divide a grid first, or build the demo city.",
        )
    if not len(patrollers):
        raise Refused(
            "The store has no patrollers.",
            remedy="Build the demo city, or import tracks; both bring a roster.",
        )
