"""Which cells responsibility areas hold after the grid has changed: memberships go the way of the ground."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import pandas as pd

MEMBER_COLUMNS: Final = ("area_code", "cell_code")
HANDOVER_COLUMNS: Final = ("cell_code", "from_area", "to_area")
MOSTLY: Final = 0.5


def carried_members(
    held: pd.DataFrame, succession: pd.DataFrame, stood: Collection[str], *, exclusive: bool
) -> pd.DataFrame:
    """`held` (`MEMBER_COLUMNS`) of one kind as it is after the changes in `succession` (see `gis.grid.lineage`).

    `stood`: codes of the cells that stood before. A cell without a row keeps its areas, also where a neighbour left it a
    sliver. Any other belongs to the areas that had at least half of its ground; where the kind is exclusive, to the one
    area that had most of it, of two with as much to the first by code. Cells that ended are in no area.
    """
    changed = set(succession["predecessor"])
    open_ = succession["successor"].isin(changed) | ~succession["successor"].isin(list(stood))
    came = succession[open_ & (succession["successor"] != "")]
    ground = held.merge(came, left_on="cell_code", right_on="predecessor")
    had = ground.groupby(["successor", "area_code"], as_index=False)[["area_m2"]].sum()
    if exclusive:
        had = had.sort_values(["successor", "area_m2", "area_code"], ascending=[True, False, True])
        had = had.drop_duplicates("successor")
    else:
        whole = had["successor"].map(came.groupby("successor")["area_m2"].sum()).astype("f8")
        had = had[had["area_m2"] >= MOSTLY * whole]
    fresh = had.rename(columns={"successor": "cell_code"})[list(MEMBER_COLUMNS)]
    kept = held[~held["cell_code"].isin(changed)][list(MEMBER_COLUMNS)]
    joined = pd.concat([kept, fresh]).astype("str").drop_duplicates()
    return joined.sort_values(list(MEMBER_COLUMNS), ignore_index=True)


def handed_over(before: pd.DataFrame, after: pd.DataFrame, succession: pd.DataFrame) -> pd.DataFrame:
    """`HANDOVER_COLUMNS`: cells of which less than half stayed with their area; `to_area` has most, "" where none has.

    `before`, `after`: members of one exclusive kind.
    """
    ways = before.merge(succession, left_on="cell_code", right_on="predecessor")
    now = ways["successor"].map(after.set_index("cell_code")["area_code"].groupby(level=0).first()).fillna("")
    shares = ways.assign(to_area=now).groupby(["cell_code", "area_code", "to_area"], as_index=False)
    most = shares[["share_of_predecessor"]].sum().sort_values("share_of_predecessor", ascending=False)
    stays = most[most["area_code"] == most["to_area"]].set_index("cell_code")["share_of_predecessor"]
    gone = most[most["cell_code"].map(stays).astype("f8").fillna(0.0) < MOSTLY]
    gone = gone[gone["area_code"] != gone["to_area"]].drop_duplicates("cell_code")
    named = gone.rename(columns={"area_code": "from_area"})[list(HANDOVER_COLUMNS)]
    return named.astype("str").sort_values("cell_code", ignore_index=True)
