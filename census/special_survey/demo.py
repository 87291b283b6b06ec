"""What collectors of the demo city have found so far: a synthetic half of a survey."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from census.special_survey.frames import found_frame

DAYS: Final = 12  # how long the survey has been running
DONE_SHARE: Final = (0.35, 0.75)  # of a collector's cells
# Of a hundred known components so many are not there, are damaged, or stand elsewhere.
LOST, DAMAGED, MOVED = 0.02, 0.03, 0.03
NEW_SHARE: Final = 0.02
BEGUN: Final = 5  # cells of a collector in which points are collected, but which are not done


def collected(
    known: pd.DataFrame, plan: pd.DataFrame, today: date, seed: int
) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Points, `FOUND_COLUMNS`, and the cells that are done by day; the same for the same arguments.

    `known`: `KNOWN_COLUMNS`, `plan`: `CELL_COLUMNS`.
    """
    random = np.random.default_rng((seed, 7))
    day_of: dict[str, str] = {}
    begun: set[str] = set()
    for _, own in plan.groupby("collector"):
        done = own["cell_code"].tolist()[: int(len(own) * random.uniform(*DONE_SHARE))]
        for place, code in enumerate(done):
            day_of[code] = (today - timedelta(days=DAYS - 1 - place * DAYS // max(len(done), 1))).isoformat()
        begun |= set(done[-BEGUN:])
    days: dict[str, list[str]] = {}
    for code, day in day_of.items():
        if code in begun:
            continue
        days.setdefault(day, []).append(code)
    mine = known[known["cell_code"].isin(day_of)].reset_index(drop=True)
    return _points(mine, plan, day_of, random), dict(sorted(days.items()))


def _points(
    known: pd.DataFrame, plan: pd.DataFrame, day_of: dict[str, str], random: np.random.Generator
) -> pd.DataFrame:
    lot = random.random(len(known))
    there = known[lot >= LOST].reset_index(drop=True)
    lot = lot[lot >= LOST] - LOST
    away = np.where(
        (lot >= DAMAGED) & (lot < DAMAGED + MOVED),
        random.uniform(3.0, 8.0, len(lot)),
        random.uniform(0.0, 0.8, len(lot)),
    )
    angle = random.uniform(0.0, 2 * np.pi, len(lot))
    fresh = there[random.random(len(there)) < NEW_SHARE]
    of_cell = dict(zip(plan["cell_code"], plan["collector"], strict=True))
    parts = (
        there.assign(state=np.where(lot < DAMAGED, "破损", there["state"]), x=there["x"] + away * np.cos(angle),
                     y=there["y"] + away * np.sin(angle)),
        fresh.assign(code="", state="完好", x=fresh["x"] + 12.0, y=fresh["y"] + 9.0),
    )  # fmt: skip
    points = pd.concat(parts, ignore_index=True)
    points["collector"] = [of_cell[code] for code in points["cell_code"]]
    points["day"] = [day_of[code] for code in points["cell_code"]]
    names = ("code", "class_code", "state", "cell_code", "collector", "day", "x", "y")
    return found_frame(
        {name: points[name].round(3) if name in ("x", "y") else points[name] for name in names}, len(points)
    )
