"""How many facilities there are: by street and community, kind and running state."""

from __future__ import annotations

from typing import Final

import pandas as pd

from census.facilities.upkeep import overdue
from resources.facilities import kinds, states

BY: Final = ("street", "community", "kind", "state")
_COLUMN: Final = {"street": "street_code", "community": "community_code"}


def counted(facilities: pd.DataFrame, areas: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row per street, community, kind or state: `key, name, total, overdue`, then a column per running state and per kind.

    `facilities`: placed and with upkeep. `areas`: code and name of the streets or communities; those without a
    facility count 0, and facilities in no cell stand in a last row with the key "". Facilities taken down count in
    their state's column, not in `total`.
    """
    if by not in BY:
        raise ValueError(f"no such way to count: {by}")
    keys = facilities[_COLUMN.get(by, by)].astype(str)
    names = _names(areas, by)
    for key in sorted(set(keys) - set(names)):
        names[key] = ""
    present = facilities["state"] != "拆除"
    columns = {"total": present, "overdue": present & overdue(facilities)}
    columns |= {state: facilities["state"] == state for state in states()}
    columns |= {kind: present & (facilities["kind"] == kind) for kind in kinds()}
    flags = pd.DataFrame({name: flag.astype("int64") for name, flag in columns.items()})
    sums = flags.groupby(keys.to_numpy(object)).sum().reindex(list(names), fill_value=0)
    heads = pd.DataFrame({"key": list(names), "name": list(names.values())}, dtype="str")
    return pd.concat([heads, sums.reset_index(drop=True)], axis=1)


def _names(areas: pd.DataFrame, by: str) -> dict[str, str]:
    if by in _COLUMN:
        ordered = areas.sort_values("code")
        return dict(zip(ordered["code"].tolist(), ordered["name"].tolist(), strict=True))
    return (
        {key: kind.name_zh for key, kind in kinds().items()}
        if by == "kind"
        else {key: key for key in states()}
    )
