"""Cell codes: 15 digits, county 6 + street 3 + community 3 + sequence 3, and the order that sequences run in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
import shapely

from kernel.errors import Refused

COUNTY, STREET, COMMUNITY, CELL = 6, 9, 12, 15
CODE_FORM: Final = r"^[0-9]{15}$"
LAST_SEQUENCE: Final = 999
BAND_TOLERANCE: Final = 0.25

Array = np.ndarray


def has_form(codes: pd.Series, digits: int) -> pd.Series:
    """Which codes are text of exactly `digits` digits."""
    return codes.astype("str").str.fullmatch(rf"[0-9]{{{digits}}}").fillna(False).astype(bool)


def numbered(polygons: Array, community_codes: Array) -> Array:
    """Codes with three more digits: within each community north to south in bands, west to east within a band.

    Raises `Refused` where a community would need more than 999 numbers. Communities in a street and streets in a
    county are numbered likewise.
    """
    community_codes = np.asarray(community_codes, dtype=str)
    names, community = np.unique(community_codes, return_inverse=True)
    counts = np.bincount(community, minlength=len(names))
    _refuse_overflow(names, counts)
    position, x = band_position(polygons, community)
    order = np.lexsort((x, np.floor(position), community))
    sequence = np.empty(len(polygons), dtype=np.int64)
    sequence[order] = np.arange(len(polygons)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    return np.char.add(community_codes, np.char.zfill(sequence.astype(str), 3))


def band_position(polygons: Array, community: Array) -> tuple[Array, Array]:
    """How many bands each cell lies south of its community's northernmost, and its x in metres.

    Rule G6: cells stand at their representative points; a band is as high as the community's median cell; a cell up
    to a quarter of a band further south still counts to the band above, so the whole part of the position is the
    band.
    """
    points = shapely.point_on_surface(polygons)
    x, y = shapely.get_x(points), shapely.get_y(points)
    south, north = shapely.bounds(polygons)[:, [1, 3]].T
    cells = pd.DataFrame({"y": y, "height": north - south}).groupby(np.asarray(community))
    top, height = cells["y"].transform("max").to_numpy(), cells["height"].transform("median").to_numpy()
    return (top - y) / np.maximum(height, 1e-9) + BAND_TOLERANCE, x


def out_of_order(polygons: Array, codes: Array) -> Array:
    """Numbers of the cells that stand before their predecessor's place in reading order.

    Each cell is compared with the one that has the next lower sequence in its community. Within `BAND_TOLERANCE` of
    a band's edge a cell may count to either band; cells of equal place are in order.
    """
    codes = np.asarray(codes, dtype=str)
    order = np.argsort(codes, kind="stable")
    community = codes.astype(f"U{COMMUNITY}")
    position, x = band_position(polygons, community)
    first, second = order[:-1], order[1:]
    together = community[first] == community[second]
    first, second = first[together], second[together]
    highest = np.floor(position[first] - BAND_TOLERANCE)
    lowest = np.floor(position[second] + BAND_TOLERANCE)
    return second[(highest > lowest) | ((highest == lowest) & (x[first] > x[second]))]


def holes_in_sequence(codes: Array, retired_codes: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(community, missing sequences as "003, 007-009") where numbers from 001 to the highest are not all used.

    The numbers of `retired_codes` are not given again, so they are not missing.
    """
    gone: dict[str, list[int]] = {}
    for code in retired_codes:
        if len(code) == CELL and code.isdigit():
            gone.setdefault(code[:COMMUNITY], []).append(int(code[COMMUNITY:]))
    codes = np.asarray(codes, dtype=str)
    frame = pd.DataFrame(
        {"community": codes.astype(f"U{COMMUNITY}"), "sequence": [int(c[COMMUNITY:]) for c in codes]}
    )
    found: list[tuple[str, str]] = []
    for community, sequences in frame.groupby("community")["sequence"]:
        used = [*sequences, *gone.get(str(community), ())]
        missing = np.setdiff1d(np.arange(1, sequences.max() + 1), used)
        if len(missing):
            found.append((str(community), _ranges(missing)))
    return found


def _ranges(numbers: Array) -> str:
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return ", ".join(f"{run[0]:03d}" if len(run) == 1 else f"{run[0]:03d}-{run[-1]:03d}" for run in runs)


def _refuse_overflow(communities: Array, counts: Array) -> None:
    full = np.flatnonzero(counts > LAST_SEQUENCE)
    if len(full):
        raise Refused(
            "{community} would have {count} parts; three digits number 999.",
            remedy="Divide it in two, or choose larger cells (--target-m2).",
            community=communities[full[0]],
            count=int(counts[full[0]]),
        )
