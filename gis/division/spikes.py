"""Spikes: rule G1 allows no border that runs to a point and back.

Those of cells are handed over to the neighbour along one side; those of outlines that were given lose their point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

SPIKE_DEGREES: Final = 1.05  # a little more than the rule's one degree
ROUNDS: Final = 4
BLUNT_M: Final = (
    0.04  # width of a spike where it is cut off; well above the centimetre that lines are noded on
)
MOST_LOST_M2: Final = 0.5

Array = np.ndarray


@dataclass(frozen=True)
class Spike:
    """A corner `tip` of cell `row` between `before` and `after`, in the direction of its ring."""

    row: int
    before: Array
    tip: Array
    after: Array


def without_spikes(cells: Array) -> Array:
    """The same tiling; what of a spike cannot be handed over stays."""
    out = np.array(cells, dtype=object)
    for _ in range(ROUNDS):
        found = _spikes(out)
        if not sum(_handed_over(out, spike) for spike in found):
            break
    return out


def blunted(areas: Array) -> tuple[Array, int]:
    """Areas with the points of their spikes cut off where these are `BLUNT_M` wide, and how many that were.

    A shared border is changed alike on both sides. A point stays where that would take over `MOST_LOST_M2`, or where
    a third area ends on it.
    """
    parts, owner = shapely.get_parts(areas, return_index=True)
    parts = np.asarray(shapely.orient_polygons(parts), dtype=object)
    done = [_cut_off(parts, spike) for spike in _spikes(parts)]
    out = np.array(areas, dtype=object)
    for number in np.unique(owner) if any(done) else ():
        own = parts[owner == number]
        out[number] = own[0] if len(own) == 1 else shapely.multipolygons(own)
    return out, sum(done)


def _cut_off(parts: Array, spike: Spike) -> bool:
    """Replace the spike's tip by two vertices in all parts that have it; whether that worked."""
    back, on = spike.before - spike.tip, spike.after - spike.tip
    lengths = np.hypot(*back), np.hypot(*on)
    angle = abs(np.arctan2(back[0] * on[1] - back[1] * on[0], back @ on))
    reach = BLUNT_M / max(angle, 1e-12)
    if reach > 0.9 * min(lengths) or reach * BLUNT_M / 2 > MOST_LOST_M2:
        return False
    first, second = spike.tip + back * reach / lengths[0], spike.tip + on * reach / lengths[1]
    forth = (spike.before, spike.tip, spike.after), (spike.before, first, second, spike.after)
    changed = {}
    for number in np.flatnonzero(
        shapely.dwithin(shapely.boundary(parts), shapely.Point(spike.tip), 0.0)
    ).tolist():
        rings = _rings(parts[number])
        made = _replaced(rings, *forth) or _replaced(rings, forth[0][::-1], forth[1][::-1])
        if made is None or not made.is_valid:
            return False
        changed[number] = made
    for number, made in changed.items():
        parts[number] = made
    return bool(changed)


def _spikes(cells: Array) -> list[Spike]:
    rings, row = shapely.get_rings(shapely.orient_polygons(cells), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(xy):
        return []
    first = np.r_[True, ring[1:] != ring[:-1]]
    here = np.flatnonzero(~np.r_[first[1:], True])  # every vertex but the repeated last one of a ring
    before = here - 1
    starts = np.flatnonzero(first[here])
    before[starts] = here[np.r_[starts[1:], len(here)] - 1]
    back, on = xy[before] - xy[here], xy[here + 1] - xy[here]
    cosine = (back * on).sum(axis=1) / np.maximum(np.hypot(*back.T) * np.hypot(*on.T), 1e-12)
    sharp = np.flatnonzero(cosine > np.cos(np.radians(SPIKE_DEGREES)))
    return [
        Spike(int(row[ring[here[k]]]), xy[before[k]], xy[here[k]], xy[here[k] + 1]) for k in sharp.tolist()
    ]


def _handed_over(cells: Array, spike: Spike) -> bool:
    """Give the spike's triangle to the neighbour behind one of its sides; whether that worked."""
    tip = shapely.Point(spike.tip)
    beside = [k for k in np.flatnonzero(shapely.dwithin(cells, tip, 0.0)).tolist() if k != spike.row]
    mine = _rings(cells[spike.row])
    less = _replaced(mine, (spike.before, spike.tip, spike.after), (spike.before, spike.after))
    if less is None:
        return False
    for other in beside:
        its = _rings(cells[other])
        # The neighbour behind both sides loses the same corner; behind one side it gains the corner beyond.
        for old, new in (
            ((spike.after, spike.tip, spike.before), (spike.after, spike.before)),
            ((spike.after, spike.tip), (spike.after, spike.before, spike.tip)),
            ((spike.tip, spike.before), (spike.tip, spike.after, spike.before)),
        ):
            more = _replaced(its, old, new)
            if more is None:
                continue
            pair = np.array([cells[spike.row], cells[other]], dtype=object)
            if _is_better(pair, np.array([less, more], dtype=object)):
                cells[spike.row], cells[other] = less, more
                return True
    return False


def _is_better(before: Array, after: Array) -> bool:
    """Whether two cells cover the same ground with fewer spikes: a triangle handed over must not be the other's spike."""
    if (
        not shapely.is_valid(after).all()
        or abs(shapely.area(before).sum() - shapely.area(after).sum()) > 1e-6
    ):
        return False
    return len(_spikes(after)) < len(_spikes(before))


def _rings(cell: shapely.Polygon) -> list[Array]:
    return [shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(shapely.orient_polygons(cell))]


def _replaced(rings: list[Array], old: tuple[Array, ...], new: tuple[Array, ...]) -> shapely.Polygon | None:
    """The polygon with a run of vertices replaced; None where the run does not occur."""
    for number, ring in enumerate(rings):
        hits = np.flatnonzero((ring == old[0]).all(axis=1))
        for start in hits.tolist():
            turned = np.roll(ring, -start, axis=0)
            if len(turned) > len(old) and (turned[: len(old)] == np.array(old)).all():
                made = [
                    *rings[:number],
                    np.concatenate([np.array(new), turned[len(old) :]]),
                    *rings[number + 1 :],
                ]
                return None if len(made[number]) < 3 else shapely.Polygon(made[0], made[1:])
    return None
