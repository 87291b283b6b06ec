"""Maintenance that is due: from the log, the interval of the facility or its kind, and today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from resources.facilities import kinds, states, works

UPKEEP_COLUMNS: Final = ("last_day", "last_work", "interval", "due", "days_late")


def with_upkeep(facilities: pd.DataFrame, log: pd.DataFrame, today: date) -> pd.DataFrame:
    """`facilities` with `UPKEEP_COLUMNS`.

    `due` is the next date that the last counting entry gives, else its day and the interval; a facility without such
    an entry is due one interval after it came into use, or was registered. It is "" where nothing falls due: the
    state says so, or there is neither. `days_late` counts from `due` to `today`, 0 while it is not late.
    `log`: entries with `LOG_COLUMNS`; withdrawn ones do not count.
    """
    out = facilities.reset_index(drop=True)
    last = _last_entries(log)
    rows = [_upkeep(row, last.get(row["code"]), today) for row in out.to_dict("records")]
    frame = pd.DataFrame(rows, columns=list(UPKEEP_COLUMNS))
    types: dict[str, str] = {
        "last_day": "str",
        "last_work": "str",
        "due": "str",
        "interval": "int64",
        "days_late": "int64",
    }
    return pd.concat([out, frame.astype(types)], axis=1)


def overdue(facilities: pd.DataFrame) -> pd.Series:
    """Which rows of `with_upkeep` are late."""
    return facilities["days_late"] > 0


def _last_entries(log: pd.DataFrame) -> dict[str, tuple[str, str, str]]:
    """Day, work and next date of each facility's last counting entry; of two on one day the later entry."""
    counting = {key for key, work in works().items() if work.counts}
    kept = log[log["work"].isin(counting) & (log["withdrawn_at"] == "")]
    kept = kept.sort_values(["day", "entry_id"], kind="stable")
    return {
        code: (day, work, due)
        for code, day, work, due in zip(
            kept["facility_code"], kept["day"], kept["work"], kept["next_due"], strict=True
        )
    }


def _upkeep(row: dict, last: tuple[str, str, str] | None, today: date) -> tuple[str, str, int, str, int]:
    own = row["interval_days"]
    interval = int(own) if np.isfinite(own) and own >= 1 else _interval_of(row["kind"])
    day, work, named = last or ("", "", "")
    begun = day or row["opened"] or row["registered"]
    state = states().get(row["state"])
    if not begun or (state is not None and not state.due):
        return day, work, interval, "", 0
    due = date.fromisoformat(named) if named else _after(date.fromisoformat(begun), interval)
    return day, work, interval, due.isoformat(), max(0, (today - due).days)


def _after(day: date, interval: int) -> date:
    """`interval` days later; the end of the calendar where it reaches beyond."""
    return day + timedelta(days=min(interval, (date.max - day).days))


def _interval_of(kind: str) -> int:
    return kinds()[kind].interval_days if kind in kinds() else 30
