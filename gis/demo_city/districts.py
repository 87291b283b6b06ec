"""What stands where: the character of every superblock, its streets, and the use of every block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.demo_city.cutting import cut_to_size
from gis.demo_city.ground import Ground
from gis.demo_city.lines import Line
from gis.demo_city.plan import EAST_STRETCH, Array, Plan, stage_rng
from gis.demo_city.waters import CANAL_LEVEL

# Size of a street block by the character of its superblock, in square metres; what is not named here stays whole.
BLOCK_M2: Final = {
    "old": 15_000.0, "centre": 23_000.0, "cbd": 24_000.0, "estate": 46_000.0, "new": 58_000.0, "industry": 70_000.0,
    "campus": 95_000.0, "civic": 30_000.0,
}  # fmt: skip
WHOLE_M2: Final = 1e12

# Blocks of a use per hundred residential blocks, and their size range in square metres.
SPECIAL_USES: Final = {
    "hospital": (1.6, 12_000, 46_000), "school": (6.0, 12_000, 42_000), "pocket_park": (5.0, 4_000, 60_000),
    "market": (5.0, 8_000, 60_000), "offices": (6.0, 8_000, 60_000), "site": (2.5, 12_000, 80_000),
}  # fmt: skip


@dataclass(frozen=True)
class Blocks:
    """Street blocks: polygon and use; and the streets between them as new lines."""

    polygons: Array
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
        Line(
            "tertiary" if w else "minor",
            cut,
            f"{'hutong' if character[owner] == 'old' else 'street'}:{owner}:{k}",
        )
        for k, (cut, owner, w) in enumerate(zip(pieces.cuts, pieces.cut_owner, wide, strict=True))
    )
    use = _uses(plan, pieces.polygons, character[pieces.owner])
    return Blocks(pieces.polygons, use, streets)


def _characters(plan: Plan, ground: Ground) -> Array:
    """The character of each superblock by where it lies on the plan."""
    faces = ground.tiling.faces
    at = plan.unplace(shapely.get_coordinates(shapely.point_on_surface(faces)))
    level = plan.ring_level(at)
    east, north = (at / plan.rings_m[0]).T
    out = np.where(level < CANAL_LEVEL, np.where(east < 0.05, "old", "centre"), "estate").astype(object)
    recent = stage_rng(plan.seed, "districts").random(len(faces)) < 0.65
    out[(level > 1.0 + 0.35 * (north < 0)) & recent] = "new"
    out[(level > 0.95) & (north > -0.2) & (north < 1.9) & (east > 1.6)] = "industry"
    land = ground.kind == "land"
    out[~land] = ground.kind[~land]
    area = shapely.area(faces)
    free = land.copy()
    for name, place, count in _landmarks(plan):
        if free.sum() <= max(2, 0.4 * land.sum()):
            break
        out[_nearest(at, place, free, area, count)] = name
        free &= out != name
    return out


def _landmarks(plan: Plan) -> list[tuple[str, tuple[float, float], int]]:
    """(character, place on the plan, superblocks) of what a city has once; large cities have more parks and campuses."""
    core, gap, far = plan.rings_m[0], plan.gap_m, plan.radius_m
    out = [
        ("park", (-(EAST_STRETCH * core + 0.72 * gap), 0.22 * core), 1),
        ("civic", (0.12 * core, 0.08 * core), 1),
        ("cbd", (0.9 * core, plan.river_y_m + 0.45 * gap), 4 if plan.cells > 1_500 else 2),
        ("campus", (-0.52 * (core + gap), 0.72 * (core + gap)), 1),
    ]
    rng = stage_rng(plan.seed, "landmarks")
    for k in range(round(plan.cells / 2_500)):
        turn = 2 * np.pi * (k * 0.618 + rng.uniform(0, 0.1)) + 0.9
        reach = far * np.sqrt(rng.uniform(0.35, 0.8))
        place = (1.1 * reach * float(np.cos(turn)), 0.9 * reach * float(np.sin(turn)))
        out.append(("campus" if k % 4 == 3 else "park", place, 1))
    return out


def _nearest(at: Array, place: tuple[float, float], free: Array, area: Array, count: int) -> Array:
    """The free superblocks nearest to a place on the plan, roomy ones preferred."""
    cost = np.hypot(*(at - place).T) + np.where(area < 0.6 * np.median(area[free]), np.sqrt(area.max()), 0.0)
    return np.argsort(np.where(free, cost, np.inf), kind="stable")[:count]


def _uses(plan: Plan, polygons: Array, character: Array) -> Array:
    rng = stage_rng(plan.seed, "uses")
    use = character.copy()
    area = shapely.area(polygons)
    compact = 4 * np.pi * area / shapely.length(polygons) ** 2 > 0.5
    use[(~compact) & (area < 9_000) & np.isin(character, ("estate", "new", "centre", "industry"))] = (
        "pocket_park"
    )
    civic = np.flatnonzero(use == "civic")
    heart = plan.place(np.zeros((1, 2)))[0]
    off = np.hypot(*(shapely.get_coordinates(shapely.centroid(polygons[civic])) - heart).T)
    use[civic[np.argsort(off)[: 1 + len(civic) // 4]]] = "square"
    _single_blocks(plan, polygons, use, compact)
    homes = np.isin(use, ("estate", "new", "old", "centre"))
    for name, (per_hundred, low, high) in SPECIAL_USES.items():
        fits = np.isin(use, ("estate", "new", "centre")) & compact & (area > low) & (area < high)
        want = max(1, round(homes.sum() * per_hundred / 100))
        use[_spread(shapely.get_coordinates(shapely.centroid(polygons)), np.flatnonzero(fits), want, rng)] = (
            name
        )
    return use


def _single_blocks(plan: Plan, polygons: Array, use: Array, compact: Array) -> None:
    """The station beside the railway near the axis, the stadium on the other side of town: the best block for each."""
    area = shapely.area(polygons)
    at = plan.unplace(shapely.get_coordinates(shapely.centroid(polygons)))
    open_use = np.isin(use, ("estate", "new", "industry")) & compact
    half_m = 0.5 * np.sqrt(area)
    off_rail = np.abs(at[:, 1] - plan.rail_y_m) - half_m
    for name, cost, low, high in (
        ("station", np.abs(at[:, 0]) + 6 * np.maximum(off_rail, 0), 22_000, 49_000),
        (
            "stadium",
            np.hypot(at[:, 0] - 0.5 * plan.radius_m, at[:, 1] - 1.35 * plan.river_y_m),
            38_000,
            49_500,
        ),
    ):
        fits = open_use & (area > low) & (area < high) & (use != "station")
        if fits.any():
            use[np.argmin(np.where(fits, cost, np.inf))] = name


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
