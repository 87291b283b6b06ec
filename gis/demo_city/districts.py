"""What stands where: the character of every superblock, its streets, and the use of every block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.demo_city.cutting import cut_to_size
from gis.demo_city.ground import Ground
from gis.demo_city.network import Line
from gis.demo_city.plan import EAST_STRETCH, NORTH_STRETCH, Plan, stage_rng

Array = np.ndarray

# Size of a street block by the character of its superblock, in square metres; what is not named here stays whole.
BLOCK_M2: Final = {
    "old": 15_000.0, "centre": 23_000.0, "cbd": 24_000.0, "estate": 46_000.0, "new": 58_000.0, "industry": 70_000.0,
    "campus": 95_000.0,
}  # fmt: skip
WHOLE_M2: Final = 1e12

# Blocks of a use per hundred residential blocks, and their size range in square metres.
SPECIAL_USES: Final = {
    "hospital": (1.6, 12_000, 46_000), "school": (6.0, 12_000, 42_000), "pocket_park": (5.0, 4_000, 60_000),
    "market": (5.0, 8_000, 60_000), "offices": (6.0, 8_000, 60_000), "site": (4.0, 12_000, 80_000),
}  # fmt: skip


@dataclass(frozen=True)
class Blocks:
    """Street blocks: polygon, superblock, use; and the streets between them as new lines."""

    polygons: Array
    superblock: Array
    use: Array
    streets: tuple[Line, ...]


def lay_out(plan: Plan, ground: Ground) -> Blocks:
    """Cuts every superblock into blocks by streets, and gives each block its use."""
    character = _characters(plan, ground)
    target = np.array([BLOCK_M2.get(c, WHOLE_M2) for c in character])
    pieces = cut_to_size(ground.tiling.faces, target, stage_rng(plan.seed, "streets"))
    area = shapely.area(ground.tiling.faces)[pieces.cut_owner]
    wide = (area > 150_000) & (pieces.cut_depth == 0) & (character[pieces.cut_owner] != "old")
    streets = tuple(
        Line("tertiary" if w else "minor", cut, f"street:{owner}:{k}")
        for k, (cut, owner, w) in enumerate(zip(pieces.cuts, pieces.cut_owner, wide, strict=True))
    )
    use = _uses(plan, pieces.polygons, character[pieces.owner])
    return Blocks(pieces.polygons, pieces.owner, use, streets)


def _characters(plan: Plan, ground: Ground) -> Array:
    """The character of each superblock by where it lies on the plan."""
    faces, kind = ground.tiling.faces, ground.kind
    at = shapely.get_coordinates(shapely.point_on_surface(faces))
    core, gap = plan.rings_m[0], plan.rings_m[1] - plan.rings_m[0]
    centre = plan.place(np.zeros((1, 2)))[0]
    east, north = ((at - centre) / core).T
    far = np.maximum(np.abs(east) / EAST_STRETCH, np.abs(north) / NORTH_STRETCH)
    out = np.where(far < 1.0, np.where(east < 0.08, "old", "centre"), "estate").astype(object)
    out[far > (core + 1.35 * gap) / core] = "new"
    industrial = (far > (core + gap) / core) & (north > -0.3) & (east > 0.8)
    out[industrial] = "industry"
    out[kind != "land"] = kind[kind != "land"]
    area = shapely.area(faces)
    free = kind == "land"
    for name, x, y, count in (
        ("cbd", 0.85 * core, plan.river_y_m + 0.45 * gap, 3),
        ("park", -(EAST_STRETCH * core + 0.5 * gap), 0.25 * core, 1),
        ("campus", -0.55 * (core + gap), 0.66 * (core + gap), 1),
        ("square", 0.12 * core, 0.10 * core, 1),
    ):
        out[_nearest(plan, at, (x, y), free, area, count)] = name
        free &= out != name
    return out


def _nearest(
    plan: Plan, at: Array, target: tuple[float, float], free: Array, area: Array, count: int
) -> Array:
    """The free superblocks nearest to a place on the plan, roomy ones preferred."""
    place = plan.place(np.array([target]))[0]
    cost = np.hypot(*(at - place).T) + np.where(area < 0.6 * np.median(area[free]), 0.5 * plan.radius_m, 0.0)
    return np.argsort(np.where(free, cost, np.inf), kind="stable")[:count]


def _uses(plan: Plan, polygons: Array, character: Array) -> Array:
    rng = stage_rng(plan.seed, "uses")
    use = character.copy()
    area = shapely.area(polygons)
    compact = 4 * np.pi * area / shapely.length(polygons) ** 2 > 0.5
    use[(~compact) & (area < 9_000) & np.isin(character, ("estate", "new", "centre", "industry"))] = (
        "pocket_park"
    )
    homes = np.isin(use, ("estate", "new", "old", "centre"))
    for name, (per_hundred, low, high) in SPECIAL_USES.items():
        fits = np.isin(use, ("estate", "new", "centre")) & compact & (area > low) & (area < high)
        want = max(1, round(homes.sum() * per_hundred / 100))
        use[_spread(shapely.get_coordinates(shapely.centroid(polygons)), np.flatnonzero(fits), want, rng)] = (
            name
        )
    return use


def _spread(at: Array, candidates: Array, count: int, rng: np.random.Generator) -> Array:
    """About `count` of the candidates, drawn so that they do not crowd: the best of a few draws, one by one."""
    chosen: list[int] = []
    pool = rng.permutation(candidates)
    for k in range(min(count, len(pool))):
        some = pool[(k * 5) % len(pool) :][:6]
        some = some[~np.isin(some, chosen)]
        if len(some):
            recent = at[chosen[-400:]] if chosen else at[some[:1]] + 1e6
            room = np.min(np.hypot(*(at[some][:, None] - recent[None]).transpose(2, 0, 1)), axis=1)
            chosen.append(int(some[np.argmax(room)]))
    return np.array(chosen, dtype=int)
