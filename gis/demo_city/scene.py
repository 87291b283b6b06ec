"""What components are placed on: frontages, building ground, houses, bridges, all by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.demo_city.buildings import Houses
from gis.demo_city.cells import Grid
from gis.demo_city.frontages import Frontages, frontages_of
from gis.demo_city.ground import Ground
from gis.demo_city.parcels import PAVEMENT_M, parcels
from gis.demo_city.plan import Array

BORDER_M: Final = 0.32


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
    house_tree: shapely.STRtree
    house_cell: Array
    decks: Array
    deck_cell: Array
    deck_width_m: Array
    taken: list[Array]

    def free(self, geometry: Array, distance_m: float) -> Array:
        """Which shapes keep `distance_m` from every house and every area placed so far."""
        out = np.ones(len(geometry), dtype=bool)
        for tree in (self.house_tree, *(shapely.STRtree(areas) for areas in self.taken)):
            out[tree.query(geometry, predicate="dwithin", distance=distance_m)[0]] = False
        return out


def set_scene(
    grid: Grid, ground: Ground, plots: Array, houses: Houses, canals: Array, ramps: Array, fields: Array
) -> Scene:
    """The scene of a finished city; no component stands in `canals`, on `ramps` (polygons) or on sports `fields`."""
    frontages = frontages_of(grid)
    pavement = np.array(list(PAVEMENT_M.values()))[frontages.kind]
    deck_cell = np.empty(0, dtype=int)
    decks, widths = ground.bridges, ground.bridge_width_m
    if len(decks):
        middle = shapely.line_interpolate_point(decks, 0.5, normalized=True)
        hit, cell = shapely.STRtree(grid.tiling.faces).query(middle, predicate="within")
        decks, widths, deck_cell = decks[hit], widths[hit], cell
    cores = shapely.buffer(grid.tiling.faces, -BORDER_M, join_style="mitre")
    wet = shapely.buffer(canals, 0.8)
    for k, cell in zip(
        *shapely.STRtree(cores).query(np.concatenate([wet, ramps]), predicate="intersects"), strict=True
    ):
        cores[cell] = shapely.difference(cores[cell], wet[k] if k < len(wet) else ramps[k - len(wet)])
    islands = shapely.intersection(cores, parcels(grid, beyond_kerb=0.0))
    return Scene(
        grid.tiling.faces, cores, islands, grid.use, plots, frontages, pavement, houses.polygons,
        shapely.STRtree(houses.polygons), houses.cell, decks, deck_cell, widths, [shapes for shapes in (ramps, fields) if len(shapes)],
    )  # fmt: skip
