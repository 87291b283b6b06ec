"""The city as built, before anything is made into frames: what every layer is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.demo_city.administration import Division, administer
from gis.demo_city.buildings import Houses, raise_houses
from gis.demo_city.cells import Grid, divide
from gis.demo_city.districts import lay_out
from gis.demo_city.ground import Ground, lay_ground
from gis.demo_city.interchanges import ramps
from gis.demo_city.landmarks import Landmarks, place_landmarks
from gis.demo_city.network import Network, draw_network
from gis.demo_city.parcels import KINDS, half_width_m, kind_of_pieces, parcels
from gis.demo_city.plan import Array, Plan
from kernel.progress import Progress


@dataclass(frozen=True)
class Site:
    """Long lines, ground, cells with their codes, building ground per cell, landmarks and houses."""

    plan: Plan
    network: Network
    ground: Ground
    grid: Grid
    division: Division
    plots: Array
    landmarks: Landmarks
    houses: Houses

    @property
    def canals(self) -> Array:
        """The canals' water."""
        return np.array(self.network.waters.canals, dtype=object)

    @property
    def fields(self) -> Array:
        """The sports fields."""
        return np.array([shape for shape, _, _ in self.landmarks.fields], dtype=object)

    @property
    def ramps(self) -> list[shapely.LineString]:
        """Of the interchanges that lie in the city."""
        border = self.ground.border
        inside = [one for one in self.ground.interchanges if border.contains(shapely.Point(one.x, one.y))]
        return [ramp for one in inside for ramp in ramps(one)]


def build_site(plan: Plan, progress: Progress) -> Site:
    """From the plan to the last house."""
    progress.report(0.0, "Drawing rivers and roads")
    network = draw_network(plan)
    ground = lay_ground(plan, network)
    progress.report(0.25, "Dividing blocks into cells")
    grid = divide(plan, ground, lay_out(plan, ground))
    division = administer(grid)
    progress.report(0.6, "Raising houses")
    plots = parcels(grid)
    landmarks = place_landmarks(grid, network, plots)
    houses = raise_houses(plan.seed, landmarks.ground(plots), grid.use, landmarks.houses)
    houses = houses.only(~_on_streets(houses.polygons, grid))
    return Site(plan, network, ground, grid, division, plots, landmarks, houses)


def _on_streets(houses: Array, grid: Grid) -> Array:
    """Houses that reach onto a wide street which their cell does not touch: it runs close behind a small one."""
    t = grid.tiling
    half_m = np.array([half_width_m(kind) for kind in KINDS])[kind_of_pieces(grid)]
    wide = np.flatnonzero(half_m >= half_width_m("tertiary"))
    pieces = shapely.linestrings(np.stack([t.start[wide], t.end[wide]], axis=1))
    out = np.zeros(len(houses), dtype=bool)
    out[shapely.STRtree(houses).query(pieces, predicate="dwithin", distance=half_m[wide])[1]] = True
    return out
