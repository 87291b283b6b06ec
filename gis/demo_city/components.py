"""Components of every class on their places, with codes, keepers, states that cluster, dates and accuracy."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.demo_city.people import department_codes
from gis.demo_city.places import PLACES, along_bank, along_street
from gis.demo_city.plan import COUNTY_CODE, Array, stage_rng
from gis.demo_city.rules import Rule, rules_for, shares
from gis.demo_city.scene import Placed, Scene, nothing, together
from gis.frames import COMPONENT_STATES, components_frame
from kernel.errors import Refused
from kernel.progress import Progress

NOTE: Final = "合成"
APART_M: Final = 0.6
SOURCES: Final = (("实测", 0.90), ("地形图", 0.08), ("其他", 0.02))
# Where much is damaged: share of all components in bad state far from and in the middle of such places.
DAMAGE_FAR, DAMAGE_NEAR, DAMAGE_REACH_M = 0.02, 0.30, 230.0
CELLS_PER_DAMAGED_PLACE: Final = 420
CELLS_PER_SURVEY: Final = 23  # cells that were surveyed on one day
BAD_STATES: Final = ((1, 0.66), (2, 0.22), (3, 0.12))  # index in COMPONENT_STATES


def furnish(
    scene: Scene,
    classes: pd.DataFrame,
    count: int,
    seed: int,
    cell_codes: Array,
    places: Array,
    progress: Progress,
) -> pd.DataFrame:
    """Exactly `count` components as a components frame, ordered by class and code.

    `places` are words for where a component stands: one for each frontage, then one for each cell.
    """
    rules = rules_for(classes)
    placed = _place_all(scene, rules, count, seed, progress)
    number = np.array([len(p) for p in placed])
    which = np.repeat(np.arange(len(rules)), number)
    whole = together(placed)
    progress.report(0.8, "Writing the component table")
    columns: dict[str, object] = {**_keepers(rules, which), **_states(whole, scene, seed)}
    columns |= {
        "code": _codes(rules, number),
        "class_code": _coded(which, [rule.class_code for rule in rules]),
        "name": _coded(which, [rule.name for rule in rules]),
        "accuracy": _coded(which, [rule.accuracy for rule in rules]),
        "cell_code": _category(whole.cell, list(cell_codes)),
        "location": places[
            np.where(whole.frontage >= 0, whole.frontage, len(scene.frontages.cell) + whole.cell)
        ],
        "note": NOTE,
        "x": np.round(whole.x, 3),
        "y": np.round(whole.y, 3),
        "geometry": whole.geometry,
    }
    return components_frame(columns, len(whole))


def _place_all(scene: Scene, rules: list[Rule], count: int, seed: int, progress: Progress) -> list[Placed]:
    """Things of every class, areas first. What finds no room becomes more of the commonest classes along streets."""
    want = shares(rules, count)
    placed = [nothing()] * len(rules)
    elastic = sorted(
        (k for k, rule in enumerate(rules) if rule.place == "street"), key=lambda k: -rules[k].weight
    )
    rest = [k for k in range(len(rules)) if k != elastic[0]]
    order = [*sorted(rest, key=lambda k: rules[k].geometry != "area"), elastic[0]]
    for done, k in enumerate(order):
        progress.report(0.75 * done / len(order), "Placing {name}", name=rules[k].name)
        if k == elastic[0]:
            want[k] = count - sum(len(p) for p in placed)
        placed[k] = _place(scene, rules[k], int(want[k]), stage_rng(seed, f"place {rules[k].class_code}"))
    for k in elastic[1:]:
        missing = count - sum(len(p) for p in placed)
        if missing:
            more = len(placed[k]) + missing
            placed[k] = _place(scene, rules[k], more, stage_rng(seed, f"place {rules[k].class_code}"))
    if sum(len(p) for p in placed) < count:
        raise Refused(
            "{cells} cells have no room for {components} components.",
            remedy="Ask for more cells (--cells) or fewer components (--components).",
            cells=len(scene.cells),
            components=count,
        )
    return placed


def _place(scene: Scene, rule: Rule, count: int, rng: np.random.Generator) -> Placed:
    """Things on their place, else by a street, else by the water; those too near to a border are left out.

    What belongs on the pavement is also left out where it would come to stand on another street's carriageway.
    """
    room = scene.islands if rule.offset_m > 0 and rule.geometry == "point" else scene.cores
    for place in (PLACES[rule.place], along_street, along_bank):
        asked = count
        for _ in range(6):
            found = place(scene, rule, asked, rng)
            placed = found.at(np.flatnonzero(shapely.contains_xy(room[found.cell], found.x, found.y)))
            placed = placed.at(_apart(placed))
            if len(placed) >= count or len(found) < asked:
                break
            asked += 2 * (count - len(placed))
        if len(placed):
            return placed.at(np.round(np.linspace(0, len(placed) - 1, min(count, len(placed)))).astype(int))
    return placed


def _apart(placed: Placed) -> Array:
    """Rows without those that stand nearer than `APART_M` to an earlier one: they would read as duplicates (rule C7)."""
    pairs = cKDTree(np.column_stack([placed.x, placed.y])).query_pairs(APART_M, output_type="ndarray")
    return np.setdiff1d(np.arange(len(placed)), pairs.max(axis=1, initial=-1) if len(pairs) else pairs)


def _codes(rules: list[Rule], number: Array) -> Array:
    """Component ids: county, class, number; numbers from 1 in every class."""
    out = [
        [f"{COUNTY_CODE}{rule.class_code}{k:06d}" for k in range(1, n + 1)]
        for rule, n in zip(rules, number, strict=True)
    ]
    return np.array([code for codes in out for code in codes], dtype=object)


def _coded(which: Array, values: list[str]) -> pd.Categorical:
    """A categorical of `values[which]`; equal values become one category."""
    names, index = np.unique(np.array(values, dtype=object), return_inverse=True)
    return _category(index[which], list(names))


def _category(codes: Array, names: list[str]) -> pd.Categorical:
    dtype = pd.CategoricalDtype(names)
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), dtype=dtype)


def _keepers(rules: list[Rule], which: Array) -> dict[str, pd.Categorical]:
    known = department_codes()
    out = {}
    for k, role in enumerate(("authority", "owner", "maintainer")):
        out[f"{role}_code"] = _coded(which, [known[rule.keepers[k]][0] for rule in rules])
        out[f"{role}_name"] = _coded(which, [known[rule.keepers[k]][1] for rule in rules])
    return out


def _states(placed: Placed, scene: Scene, seed: int) -> dict[str, pd.Categorical]:
    """State, dates and source. Damage clusters around a few places, so that hot spots are there to be found."""
    rng = stage_rng(seed, "states")
    count = len(placed)
    bad = rng.random(count) < DAMAGE_FAR + (DAMAGE_NEAR - DAMAGE_FAR) * _nearness(placed, scene, rng)
    kinds, weights = np.array(BAD_STATES).T
    state = np.where(bad, rng.choice(kinds.astype(int), count, p=weights), 0)
    surveyed = np.arange("2024-03-04", "2025-10-27", 21, dtype="datetime64[D]").astype(str)
    changed = np.arange("2026-01-05", "2026-11-14", 3, dtype="datetime64[D]").astype(str)
    turn = rng.integers(0, len(surveyed), len(scene.cells) // CELLS_PER_SURVEY + 1)
    change = np.where(bad, rng.integers(1, len(changed) + 1, count), 0)
    names = [name for name, _ in SOURCES]
    parts = [part for _, part in SOURCES]
    return {
        "state": _category(state, list(COMPONENT_STATES)),
        "initial_date": _category(turn[placed.cell // CELLS_PER_SURVEY], list(surveyed)),
        "change_date": _category(change, ["", *changed]),
        "source": _category(rng.choice(len(names), count, p=parts), names),
    }


def _nearness(placed: Placed, scene: Scene, rng: np.random.Generator) -> Array:
    """From 0 far from all damaged places to 1 in the middle of one."""
    candidates = np.flatnonzero(scene.use != "bridge")
    places = rng.choice(candidates, max(2, round(len(candidates) / CELLS_PER_DAMAGED_PLACE)), replace=False)
    middles = shapely.get_coordinates(shapely.centroid(scene.cells[places]))
    off_m, _ = cKDTree(middles).query(np.column_stack([placed.x, placed.y]))
    return np.asarray(np.exp(-(off_m**2) / (2 * DAMAGE_REACH_M**2)))
