"""Departments with codes that have valid check characters, and the roster of patrollers. All invented."""

from __future__ import annotations

from typing import Final

import pandas as pd

from gis.demo_city.names import table, words
from gis.demo_city.plan import COUNTY_CODE
from gis.frames import DEPARTMENT_COLUMNS, PATROLLER_COLUMNS

# GB 32100-2015, table of characters and weights 3**i mod 31; GB 11714 for the organisation code inside.
_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
CELLS_PER_PATROLLER: Final = 100


def credit_code(number: int) -> str:
    """A unified social credit code (18 characters) of the synthetic series 9xxxxxxx with both check characters."""
    body = f"{90_000_000 + number:08d}"
    check = (11 - sum(int(c) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True)) % 11) % 11
    first = f"11{COUNTY_CODE}{body}{'X' if check == 10 else check}"
    total = sum(_CHARACTERS.index(c) * pow(3, k, 31) for k, c in enumerate(first))
    return first + _CHARACTERS[(31 - total % 31) % 31]


def department_codes() -> dict[str, tuple[str, str]]:
    """(code, name) of each department by its key in `resources/names/departments.csv`."""
    return {row["key"]: (credit_code(k), row["name"]) for k, row in enumerate(table("departments"), start=1)}


def departments() -> pd.DataFrame:
    """The city's departments: `code, name`."""
    return pd.DataFrame(list(department_codes().values()), columns=list(DEPARTMENT_COLUMNS))


def roster(cells: int) -> pd.DataFrame:
    """Patrollers, about one for a hundred cells, in teams of ten; the first of every team leads it."""
    count = max(3, round(cells / CELLS_PER_PATROLLER))
    companies = words("company")
    width = max(2, len(str(count)))
    rows = [
        (
            k + 1,
            f"JD{k + 1:04d}",
            f"{'督导员' if k % 10 == 0 else '监督员'}{k + 1:0{width}d}",
            companies[k // 10 % len(companies)],
            f"第{k // 10 + 1}组",
            "督导" if k % 10 == 0 else "监督员",
        )
        for k in range(count)
    ]
    return pd.DataFrame(rows, columns=list(PATROLLER_COLUMNS))
