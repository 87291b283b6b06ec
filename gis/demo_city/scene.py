"""What components are placed on: frontages, building ground, houses, bridges, all by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.demo_city.frontages import Frontages, frontages_of
from gis.demo_city.parcels import PAVEMENT_M, parcels
from gis.demo_city.plan import Array
from gis.demo_city.site import Site

BORDER_M: Final = 0.32
HOUSE_M: Final = 0.8  # from house walls and canal banks to the next component
RAMP_M: Final = 4.5


@dataclass(frozen=True)
class Placed:
    """Things of one class: the cell each is in, its point, its shape (None for points) and the frontage or -1."""

    cell: Array
    x: Array
    y: Array
    geometry: Array
    frontage: Array

    def __len__(self) -> int:
        return len(self.cell)

    def first(self, count: int) -> Placed:
        """At most the first `count`."""
        return self.at(slice(count))

    def at(self, rows: slice | Array) -> Placed:
        """Some of them."""
        return Placed(self.cell[rows], self.x[rows], self.y[rows], self.geometry[rows], self.frontage[rows])


def points(cell: Array, x: Array, y: Array, frontage: Array | None = None) -> Placed:
    """Things without a shape."""
    none = np.full(len(cell), None, dtype=object)
    return Placed(cell, x, y, none, np.full(len(cell), -1) if frontage is None else frontage)


def shapes(cell: Array, geometry: Array, frontage: Array | None = None) -> Placed:
    """Things with a shape; their point is the shape's representative point."""
    at = shapely.get_coordinates(shapely.point_on_surface(geometry)).reshape(-1, 2)
    return Placed(
        cell, at[:, 0], at[:, 1], geometry, np.full(len(cell), -1) if frontage is None else frontage
    )


def nothing() -> Placed:
    """No things."""
    return points(np.empty(0, int), np.empty(0), np.empty(0))


def together(parts: list[Placed]) -> Placed:
    """All parts after one another."""
    if not parts:
        return nothing()
    columns = zip(*((p.cell, p.x, p.y, p.geometry, p.frontage) for p in parts), strict=True)
    return Placed(*(np.concatenate(column) for column in columns))


@dataclass
class Scene:
    """The city as components see it. `taken` grows while areas are placed, so that they do not overlap."""

    cells: Array
    cores: Array  # cells without 0.3 m along their borders, where no component stands (rule G9)
    islands: Array  # what of the cores lies between the kerbs
    use: Array
    plots: Array  # between the pavements
    frontages: Frontages
    pavement_m: Array  # of each frontage
    houses: Array
    house_tree: shapely.STRtree  # of the houses with `HOUSE_M` around them
    house_cell: Array
    decks: Array
    deck_cell: Array
    deck_width_m: Array
    taken: list[shapely.STRtree]

    def free(self, geometry: Array) -> Array:
        """Which shapes keep off every house, by `HOUSE_M`, and off every area placed so far."""
        out = np.ones(len(geometry), dtype=bool)
        for tree in (self.house_tree, *self.taken):
            out[tree.query(geometry, predicate="intersects")[0]] = False
        return out

    def take(self, areas: Array) -> None:
        """Keep these areas free from now on."""
        self.taken.append(shapely.STRtree(areas))


def set_scene(site: Site) -> Scene:
    """The scene of a finished city; no component stands in a canal, on a ramp or on a sports field."""
    grid = site.grid
    frontages = frontages_of(grid)
    pavement = np.array(list(PAVEMENT_M.values()))[frontages.kind]
    ramps = np.array([ramp.buffer(RAMP_M) for ramp in site.ramps], dtype=object)
    cores = _without(
        shapely.buffer(grid.tiling.faces, -BORDER_M, join_style="mitre"),
        np.concatenate([shapely.buffer(site.canals, HOUSE_M), ramps]),
    )
    islands = shapely.intersection(cores, parcels(grid, beyond_kerb=0.0))
    houses = shapely.STRtree(shapely.buffer(site.houses.polygons, HOUSE_M, join_style="mitre"))
    return Scene(
        grid.tiling.faces, cores, islands, grid.use, site.plots, frontages, pavement, site.houses.polygons, houses,
        site.houses.cell, *_decks(site), [shapely.STRtree(ramps), shapely.STRtree(site.fields)],
    )  # fmt: skip


def _without(shapes: Array, obstacles: Array) -> Array:
    for k, row in zip(*shapely.STRtree(shapes).query(obstacles, predicate="intersects"), strict=True):
        shapes[row] = shapely.difference(shapes[row], obstacles[k])
    return shapes


def _decks(site: Site) -> tuple[Array, Array, Array]:
    """Decks of the bridges in the city, their cells, their widths."""
    decks, widths = site.ground.bridges, site.ground.bridge_width_m
    if not len(decks):
        return decks, np.empty(0, dtype=int), widths
    middle = shapely.line_interpolate_point(decks, 0.5, normalized=True)
    hit, cell = shapely.STRtree(site.grid.tiling.faces).query(middle, predicate="within")
    return decks[hit], cell, widths[hit]
