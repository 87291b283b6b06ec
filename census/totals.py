"""What a delivery adds up to: components by class, by street and community, by department, beside those in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

ROLES: Final = ("authority", "owner", "maintainer")
COUNTED_COLUMNS: Final = (
    "class_code", "cell_code", "accuracy", *(f"{role}_{part}" for role in ROLES for part in ("code", "name")),
)  # fmt: skip
STREET_DIGITS: Final = 9
COMMUNITY_DIGITS: Final = 12


@dataclass(frozen=True)
class Totals:
    """Counts of one delivery of n rows; every frame's `delivered` adds up to n, `stored` to the store's components.

    `classes`: `major_code, major_name, code, name, delivered, stored`; `streets` and `communities`: `code, name,
    delivered, stored`, "" for components outside every cell; `departments`: `code, name, authority, owner, maintainer`
    (of the delivery), each role adding up to n.
    """

    classes: pd.DataFrame
    streets: pd.DataFrame
    communities: pd.DataFrame
    departments: pd.DataFrame


def by_class(delivered: pd.Series, stored: pd.Series, classes: pd.DataFrame) -> pd.DataFrame:
    """Counts by class code; `classes`: `code, name, major_code, major_name` of the edition.

    A class that is not in the list keeps its code and has no name.
    """
    counts = _beside(delivered, stored)
    known = classes.set_index("code")[["name", "major_code", "major_name"]]
    out = counts.join(known, on="code").fillna({"name": "", "major_name": ""})
    out["major_code"] = out["major_code"].fillna(out["code"].str.slice(0, 2))
    order = ["major_code", "major_name", "code", "name", "delivered", "stored"]
    return out[order].sort_values(["major_code", "code"], ignore_index=True)


def by_area(delivered: pd.Series, stored: pd.Series, areas: pd.DataFrame, digits: int) -> pd.DataFrame:
    """Counts by the first `digits` of the cell code; `areas` (`code, name`) gives the names."""
    counts = _beside(_cut(delivered, digits), _cut(stored, digits))
    names = dict(zip(areas["code"], areas["name"], strict=True))
    counts.insert(1, "name", [names.get(code, "") for code in counts["code"]])
    return counts


def by_department(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts by department in each of the three roles, the busiest first; rows without one stand under ""."""
    counts = [
        rows.groupby([f"{role}_code", f"{role}_name"], observed=True).size().rename_axis(["code", "name"]).rename(role)
        for role in ROLES
    ]  # fmt: skip
    plain = [count.set_axis(_plain(count.index)) for count in counts]
    out = pd.concat(plain, axis=1).fillna(0).astype("int64")
    out = out.rename_axis(["code", "name"]).reset_index()
    return out.sort_values([*ROLES, "code"], ascending=[False] * 3 + [True], ignore_index=True)


def _plain(index: pd.Index) -> pd.MultiIndex:
    """(code, name) as texts, whatever categories they came from."""
    return pd.MultiIndex.from_tuples([(str(code), str(name)) for code, name in index], names=["code", "name"])


def _beside(delivered: pd.Series, stored: pd.Series) -> pd.DataFrame:
    """`code, delivered, stored`, sorted by code."""
    counts = {"delivered": _counted(delivered), "stored": _counted(stored)}
    out = pd.DataFrame(counts).fillna(0).astype("int64").rename_axis("code").reset_index()
    return out.sort_values("code", ignore_index=True)


def _counted(codes: pd.Series) -> pd.Series:
    """Rows of each code that has any; a categorical is counted by its numbers."""
    counts = codes.value_counts()
    counts = counts[counts > 0]
    return (
        pd.Series(counts.to_numpy(), index=[str(code) for code in counts.index], dtype="int64")
        .groupby(level=0)
        .sum()
    )


def _cut(codes: pd.Series, digits: int) -> pd.Series:
    """The first digits of each code, cut once per distinct code; `""` where there is none."""
    if not isinstance(codes.dtype, pd.CategoricalDtype):
        codes = codes.astype("category")
    short: Sequence[str] = [
        *(str(code)[:digits] for code in codes.cat.categories),
        "",
    ]  # -1, for none, is the last
    kinds, uniques = pd.factorize(pd.Series(short, dtype="str"))
    numbers = codes.cat.codes.to_numpy()
    return pd.Series(pd.Categorical.from_codes(kinds[numbers], pd.Index(uniques, dtype="str")))
