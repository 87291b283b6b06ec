"""The rules of `resources/names/placement.csv`: where things of a class stand, how many, and who cares for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gis.demo_city.names import table
from gis.demo_city.plan import Array


@dataclass(frozen=True)
class Rule:
    """One class's rule. `on` are kinds of street or uses of land; `size_m` length and depth of lines and areas."""

    class_code: str
    name: str
    geometry: str
    accuracy: str
    place: str
    on: tuple[str, ...]
    offset_m: float
    size_m: tuple[float, float]
    weight: float
    keepers: tuple[str, str, str]  # keys of authority, owner, maintainer


def rules_for(classes: pd.DataFrame) -> list[Rule]:
    """A rule for every class that has a name, in order of class codes; `classes` is `Catalogue.components`."""
    by_name = {name: row for row in table("placement") for name in row["name"].split("|")}
    out = []
    for cls in classes.sort_values("code").itertuples():
        if cls.name:
            row = by_name.get(str(cls.name), by_name["*"])
            out.append(
                Rule(
                    class_code=str(cls.code),
                    name=str(cls.name),
                    geometry=str(cls.geometry) or "point",
                    accuracy=str(cls.accuracy),
                    place=row["place"],
                    on=tuple(row["on"].split()),
                    offset_m=float(row["offset_m"] or 0),
                    size_m=(float(row["length_m"] or 10), float(row["depth_m"] or 2)),
                    weight=float(row["weight"]),
                    keepers=(row["authority"], row["owner"], row["maintainer"]),
                )
            )
    return out


def shares(rules: list[Rule], total: int) -> Array:
    """How many of each class, `total` together: one of each while they suffice, the rest by weight."""
    weight = np.array([rule.weight for rule in rules])
    count = np.zeros(len(rules), dtype=int)
    count[np.argsort(-weight, kind="stable")[:total]] = 1
    ideal = weight / weight.sum() * (total - count.sum())
    count += np.floor(ideal).astype(int)
    count[np.argsort(np.floor(ideal) - ideal, kind="stable")[: total - count.sum()]] += 1
    return count
