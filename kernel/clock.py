"""The one clock: freshness, ages and stamps are computed from here, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC, to the microsecond."""
    return datetime.now(UTC)


def local_today(clock: Clock = system_clock) -> date:
    """Today's date where the user sits."""
    return clock().astimezone().date()


def stamp(moment: datetime) -> str:
    """ISO form in UTC with whole seconds, as every table stores it: `2026-11-21T06:32:05Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age_s(moment: datetime, clock: Clock = system_clock) -> float:
    """Seconds since `moment`; never below zero."""
    return max(0.0, (clock() - moment).total_seconds())
