"""Borders over open ground drawn anew: the cheapest cut between two neighbours takes the place of the one they have.

Pieces can only be joined along lines that were drawn before the cells were known. Here every straight line between two
places on the outline of two neighbouring cells is a cut, and so is every way along walls and from house to house,
judged by the prices that made the cells. Sizes and shapes do not get worse for it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from gis.division.cell_rings import CellRings, Edge, Ring
from gis.division.crossings import Field, straight
from gis.division.mosaic import FAINT_AS_WEAK, NEAR_M, features_near
from gis.division.solids import Solids
from gis.division.wall_routes import routed
from gis.division.ways import FAINT, STRONG, WEAK, Ways
from gis.division.weighing import Weights
from kernel.progress import Progress

LEAST_M: Final = 5.0  # pairs with less border over open ground are left as they are
PASSES: Final = 4

Array = np.ndarray


def recut(
    cells: Array, fixed: Array, ways: Ways, solids: Solids, weights: Weights, progress: Progress
) -> Array:
    """The cells of one community with shorter borders over open ground; those in `fixed` stay as they are."""
    work = _Recutting(CellRings(cells, fixed), ways, solids, weights)
    seen: set[tuple[int, ...]] = set()
    for _ in range(PASSES):
        changed = False
        for pair in work.pairs():
            progress.check()
            state = (*pair, *(work.cells.version[k] for k in pair))
            if state not in seen:
                seen.add(state)
                changed |= work.recut(*pair)
        if not changed:
            break
    made = work.cells.polygons()
    return made if shapely.is_valid(made).all() else cells


class _Recutting:
    """Cells with what their inner edges cost (`price`) and the metres of each over open ground (`off_m`)."""

    def __init__(self, cells: CellRings, ways: Ways, solids: Solids, weights: Weights) -> None:
        self.cells, self.solids, self.weights = cells, solids, weights
        self._solid_tree = shapely.STRtree(solids.polygons)
        self._walls = shapely.STRtree(shapely.get_exterior_ring(solids.polygons))
        edges = cells.inner_edges()
        ends = cells.xy[np.array(edges, dtype=np.int64).reshape(-1, 2)]
        length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        strength, at_wall = features_near(ends.mean(axis=1), ways, solids)
        off = (strength == 0) & ~at_wall
        weak = np.select([strength == WEAK, (strength == FAINT) & ~at_wall], [1.0, FAINT_AS_WEAK], 0.0)
        rate = weights.off_per_m * off + weights.weak_per_m * weak
        rate = rate - weights.strong_per_m * (strength == STRONG)
        self.price: dict[Edge, float] = dict(zip(edges, (rate * length).tolist(), strict=True))
        self.off_m: dict[Edge, float] = dict(zip(edges, (off * length).tolist(), strict=True))

    def pairs(self) -> list[tuple[int, int]]:
        """Neighbours with border over open ground, those with most of it first."""
        found: dict[tuple[int, int], float] = {}
        for (u, v), metres in self.off_m.items():
            a, b = self.cells.owner[u, v], self.cells.owner[v, u]
            pair = (min(a, b), max(a, b))
            found[pair] = found.get(pair, 0.0) + metres
        order = sorted(found, key=lambda pair: (-found[pair], pair))
        return [pair for pair in order if found[pair] > LEAST_M]

    def recut(self, a: int, b: int) -> bool:
        """Draw the border of two neighbours anew where that is cheaper; whether it was."""
        chains = self.cells.chains(a, b)
        if chains is None:
            return False
        mine, its, border = chains
        outline = mine + its[1:-1]
        field = self._field(a, b, outline, border)
        rival = straight(field)
        cut = routed(field, rival) or rival
        if cut is None:
            return False
        bends = self.cells.placed(cut.bends) if len(cut.bends) else []
        first = outline[cut.start : cut.end + 1] + bends[::-1]
        second = outline[cut.end :] + outline[: cut.start + 1] + bends
        # Each keeps its number on the side where most of it was.
        stays = min(cut.end, len(mine) - 1) - cut.start >= (cut.end - cut.start) / 2
        self.cells.replace(border, {a: first, b: second} if stays else {a: second, b: first})
        for edge in _each_once(border):
            del self.price[edge], self.off_m[edge]
        self._add([outline[cut.start], *bends, outline[cut.end]])
        return True

    def _field(self, a: int, b: int, outline: Ring, border: Ring) -> Field:
        xy = self.cells.xy
        both = shapely.Polygon(xy[outline])
        near = np.sort(self._solid_tree.query(both, predicate="intersects"))
        price = sum(self.price[edge] for edge in _each_once(border))
        rings = [xy[self.cells.rings[k]] for k in (a, b)]
        return Field(
            xy[outline],
            both,
            self.solids.polygons[near],
            self.weights,
            rings,
            price,
            self.cells.may_end(outline),
        )

    def _add(self, line: Ring) -> None:
        """Take the edges of a new border into the account."""
        for edge in _each_once(line):
            start, end = self.cells.xy[list(edge)]
            metres = float(np.hypot(*(end - start)))
            middle = shapely.Point((start + end) / 2)
            if len(line) > 2 and len(self._walls.query(middle, predicate="dwithin", distance=NEAR_M)):
                metres = 0.0
            self.off_m[edge], self.price[edge] = metres, self.weights.off_per_m * metres


def _each_once(line: Ring) -> list[Edge]:
    return [(min(edge), max(edge)) for edge in pairwise(line)]
