"""Which facility of the register a row of a list is, and what the row leaves as it was."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from census.facilities.frames import NUMBER_COLUMNS, TEXT_COLUMNS
from resources.facilities import RUNNING

SAME_PLACE_M: Final = 5.0


def matched(listed: pd.DataFrame, known: pd.DataFrame, components: pd.DataFrame, today: str) -> pd.DataFrame:
    """`listed` with numbers of known facilities, places of components, and what the list does not say kept as it is.

    A row without a number is the facility of the same component, else of the same kind and name within
    `SAME_PLACE_M`. A row without a place takes its component's. `registered` is `today` for new ones.
    """
    at = {row["code"]: (row["x"], row["y"]) for row in components.to_dict("records")}
    stored = {row["code"]: row for row in known.to_dict("records")}
    of_component = {row["component_code"]: code for code, row in stored.items() if row["component_code"]}
    named: dict[tuple[str, str], list[str]] = {}
    for code, row in stored.items():
        named.setdefault((row["kind"], row["name"]), []).append(code)
    rows = [dict(row) for row in listed.to_dict("records")]
    for row in rows:
        if np.isnan(row["x"]) and row["component_code"] in at:
            row["x"], row["y"] = at[row["component_code"]]
        if not row["code"]:
            near = [code for code in named.get((row["kind"], row["name"]), ()) if _near(row, stored[code])]
            row["code"] = of_component.get(row["component_code"]) or (near[0] if len(near) == 1 else "")
        _complete(row, stored.get(row["code"]), today)
    return pd.DataFrame(rows, columns=list(listed.columns)).astype(listed.dtypes.to_dict())


def _near(row: dict[Any, Any], other: dict[Any, Any]) -> bool:
    return bool(np.hypot(row["x"] - other["x"], row["y"] - other["y"]) <= SAME_PLACE_M)


def _complete(row: dict[Any, Any], stored: dict[Any, Any] | None, today: str) -> None:
    """An empty field of a known facility means "as it was"; a new one is registered today and runs."""
    if stored is None:
        row["registered"] = row["registered"] or today
        row["state"] = row["state"] or RUNNING
        return
    for name in TEXT_COLUMNS:
        row[name] = row[name] or stored[name]
    for name in NUMBER_COLUMNS:
        if np.isnan(row[name]):
            row[name] = stored[name]
