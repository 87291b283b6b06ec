"""How far a survey has come, by collector and by day; what its result is, by outcome and by department."""

from __future__ import annotations

from typing import Final

import pandas as pd

from census.special_survey.frames import NOT_FOUND, OUTCOMES

ROLES: Final = ("owner", "maintainer", "authority")
FAULTS: Final = {"破损": "damaged", "废弃": "abandoned"}
MISSING: Final = "missing"


def by_collector(cells: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """One row per collector: `collector, cells, cells_done, known, known_done, found, last_day`.

    `known_done` are the known components of the cells that are done. Collectors who have points but no cell count too.
    """
    done = cells["done_on"] != ""
    figures = cells.assign(
        cells=1, cells_done=done.astype("int64"), known_done=cells["known"].where(done, 0)
    ).groupby("collector")[["cells", "cells_done", "known", "known_done"]].sum()  # fmt: skip
    points = found.groupby("collector").agg(found=("found_id", "size"), last_found=("day", "max"))
    whole = figures.join(points, how="outer")
    last_done = cells[done].groupby("collector")["done_on"].max().reindex(whole.index).fillna("")
    last_found = whole.pop("last_found").fillna("").astype(str)
    counts = whole.fillna(0).astype("int64")
    days = [max(pair) for pair in zip(last_done.tolist(), last_found.tolist(), strict=True)]
    return counts.assign(last_day=pd.array(days, dtype="str")).rename_axis("collector").reset_index()


def by_day(cells: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """One row per day on which something was done: `day, cells_done, found`."""
    done = cells.loc[cells["done_on"] != "", "done_on"].value_counts().rename("cells_done")
    points = found.loc[found["day"] != "", "day"].value_counts().rename("found")
    whole = pd.concat([done, points], axis=1).fillna(0).astype("int64").sort_index()
    return whole.rename_axis("day").reset_index()


def by_outcome(outcomes: pd.DataFrame) -> dict[str, int]:
    """How many components and new points have each outcome."""
    counts = outcomes["outcome"].value_counts()
    return {outcome: int(counts.get(outcome, 0)) for outcome in OUTCOMES}


def by_class(outcomes: pd.DataFrame) -> pd.DataFrame:
    """One row per class: `class_code`, then a column per outcome."""
    table = pd.crosstab(outcomes["class_code"].to_numpy(object), outcomes["outcome"].to_numpy(object))
    table = table.reindex(columns=list(OUTCOMES), fill_value=0)
    return table.rename_axis("class_code").rename_axis(None, axis=1).reset_index()


def faults(outcomes: pd.DataFrame, role: str = "owner") -> pd.DataFrame:
    """What departments must see to: outcomes that are missing, damaged or abandoned, with `department` and `fault`.

    `role`: owner, maintainer or authority; where it is not known the next of them stands in. "" where none is.
    """
    if role not in ROLES:
        raise ValueError(f"no such role: {role}")
    fault = outcomes["state"].map(FAULTS).where(outcomes["outcome"] != NOT_FOUND, MISSING)
    told = outcomes[fault.notna() & (outcomes["outcome"] != "pending")]
    department = told[f"{role}_name"]
    for other in ROLES:
        department = department.where(department != "", told[f"{other}_name"])
    out = told.assign(department=department, fault=fault[told.index])
    return out.sort_values(["department", "fault", "cell_code", "code"], ignore_index=True)
