"""Rules on codes: G4 form and place, G5 unique, G6 reading order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.grid import grid_codes
from gis.grid.grid_rules_findings import ERROR, WARNING, Saying, about_rows, at_places

FORM: Final = Saying(
    "G4",
    ERROR,
    "Row {row}: “{value}” is not a code of 15 digits.",
    "Write county 6 + street 3 + community 3 + number 3.",
)
ZERO: Final = Saying("G4", ERROR, "Row {row}: {value} ends in 000.", "Numbers of cells run from 001 to 999.")
UNKNOWN: Final = {
    "counties": Saying(
        "G4", ERROR, "Row {row}: {value} belongs to no known county.", "Correct the code, or add the county."
    ),
    "streets": Saying(
        "G4", ERROR, "Row {row}: {value} belongs to no known street.", "Correct the code, or add the street."
    ),
    "communities": Saying(
        "G4",
        ERROR,
        "Row {row}: {value} belongs to no known community.",
        "Correct the code, or add the community.",
    ),
}
ELSEWHERE: Final = Saying(
    "G4",
    ERROR,
    "Row {row}: the cell does not lie in the community of its code ({value}).",
    "Give it a code of its community.",
)
DUPLICATE: Final = Saying(
    "G5", ERROR, "Row {row}: the code {value} is given more than once.", "Give each cell its own code."
)
RETIRED: Final = Saying(
    "G5", ERROR, "Row {row}: {value} is the code of a retired cell.", "Give a number that was never used."
)
ORDER: Final = Saying(
    "G6", WARNING, "Row {row}: {value} is out of the reading order.",
    "Number the community from north to south in bands, west to east.",
)  # fmt: skip
HOLES: Final = Saying(
    "G6", WARNING, "Numbers are missing in community {value}.", "Use the numbers from 001 on without holes."
)

Array = np.ndarray
Areas: TypeAlias = gpd.GeoDataFrame | None


def check(
    cells: gpd.GeoDataFrame,
    polygons: Array,
    codes: Array,
    communities: Areas,
    streets: Areas,
    counties: Areas,
    retired_codes: Iterable[str] = (),
) -> list[pd.DataFrame]:
    """Findings of G4, G5 and G6; the numbers of `retired_codes` are not missing."""
    formed = grid_codes.has_form(pd.Series(codes), grid_codes.CELL).to_numpy()
    malformed = np.flatnonzero(~formed)
    zero = np.flatnonzero(formed & (np.char.endswith(codes, "000")))
    found = [about_rows(FORM, malformed, polygons, codes[malformed], field="code")]
    found.append(about_rows(ZERO, zero, polygons, codes[zero], field="code"))
    lists = {"counties": counties, "streets": streets, "communities": communities}
    for level, areas in lists.items():
        if areas is not None and len(areas):
            found.append(_unknown(UNKNOWN[level], codes, formed, polygons, areas))
    if communities is not None:
        found.append(_elsewhere(codes, formed, polygons, communities))
    return [
        *found,
        *_repeated(cells, polygons, codes, formed),
        *_order(polygons, codes, formed, retired_codes),
    ]


def _unknown(
    saying: Saying, codes: Array, formed: Array, polygons: Array, areas: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Cells whose code does not begin with that of one of `areas`."""
    known = areas["code"].to_numpy(dtype=str)
    rows = np.flatnonzero(formed & ~np.isin(codes.astype(f"U{len(known[0])}"), known))
    return about_rows(saying, rows, polygons, codes[rows], field="code")


def _elsewhere(codes: Array, formed: Array, polygons: Array, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cells whose representative point lies in another community than the code says."""
    rows = np.flatnonzero(formed & (shapely.area(polygons) > 0))
    known = communities["code"].to_numpy(dtype=str)
    tree = shapely.STRtree(communities.geometry.values)
    at, area = tree.query(shapely.point_on_surface(polygons[rows]), predicate="intersects")
    right = codes[rows[at]].astype("U12") == known[area]
    somewhere = np.bincount(at, minlength=len(rows)) > 0
    agrees = np.bincount(at[right], minlength=len(rows)) > 0
    wrong = rows[somewhere & ~agrees & np.isin(codes[rows].astype("U12"), known)]
    return about_rows(ELSEWHERE, wrong, polygons, codes[wrong], field="code")


def _repeated(cells: gpd.GeoDataFrame, polygons: Array, codes: Array, formed: Array) -> list[pd.DataFrame]:
    retired = np.zeros(len(codes), dtype=bool)
    if "end_date" in cells.columns:
        retired = cells["end_date"].fillna("").astype("str").to_numpy() != ""
    live = pd.Series(np.where(formed & ~retired, codes, ""))
    twice = np.flatnonzero((live != "") & live.duplicated(keep=False))
    again = np.flatnonzero((live != "").to_numpy() & np.isin(codes, codes[retired]))
    return [
        about_rows(DUPLICATE, twice, polygons, codes[twice], field="code"),
        about_rows(RETIRED, again, polygons, codes[again], field="code"),
    ]


def _order(polygons: Array, codes: Array, formed: Array, retired_codes: Iterable[str]) -> list[pd.DataFrame]:
    unique = ~pd.Series(codes).duplicated(keep=False).to_numpy()
    rows = np.flatnonzero(formed & unique & (shapely.area(polygons) > 0))
    if not len(rows):
        return []
    wrong = rows[grid_codes.out_of_order(polygons[rows], codes[rows])]
    complete = np.flatnonzero(formed)
    holes = grid_codes.holes_in_sequence(codes[complete], retired_codes)
    first = {code[:12]: row for row, code in zip(complete[::-1], codes[complete][::-1], strict=True)}
    places = polygons[[first[community] for community, _ in holes]] if holes else polygons[:0]
    return [
        about_rows(ORDER, wrong, polygons, codes[wrong], field="code"),
        at_places(HOLES, places, [f"{community}: {missing}" for community, missing in holes]),
    ]
