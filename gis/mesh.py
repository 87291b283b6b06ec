"""Regular meshes over a rectangle: squares and hexagons, in rows from the south-west."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from kernel.errors import Refused

Bounds = tuple[float, float, float, float]

_MOST_AREAS: Final = 4_000_000


@dataclass(frozen=True)
class SquareMesh:
    """`columns` × `rows` squares of side `size_m` whose corners lie on multiples of `size_m`.

    Square k has column k % columns and row k // columns, counted from the south-west, where the square with the corner
    (`first_column` · size, `first_row` · size) stands. A point on a border belongs to the square east and north of it.
    """

    size_m: float
    first_column: int
    first_row: int
    columns: int
    rows: int

    @classmethod
    def around(cls, bounds: Bounds, size_m: float) -> SquareMesh:
        """The whole squares that cover `bounds` (xmin, ymin, xmax, ymax). Raises `Refused` for too many of them."""
        first = [int(np.floor(side / size_m)) for side in bounds[:2]]
        last = [int(np.floor(side / size_m)) for side in bounds[2:]]
        columns, rows = (b - a + 1 for a, b in zip(first, last, strict=True))
        _require_bearable(columns * rows, size_m)
        return cls(size_m, first[0], first[1], columns, rows)

    def __len__(self) -> int:
        return self.columns * self.rows

    @property
    def bounds(self) -> Bounds:
        """xmin, ymin, xmax, ymax of all squares."""
        x, y = self._lines()
        return float(x[0]), float(y[0]), float(x[-1]), float(y[-1])

    def polygons(self) -> NDArray[np.object_]:
        """The squares, row by row from the south; neighbours share exactly equal corners."""
        x, y = self._lines()
        j, i = np.divmod(np.arange(len(self)), self.columns)
        return np.asarray(shapely.box(x[i], y[j], x[i + 1], y[j + 1]))

    def locate(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.int64]:
        """Number of the square of each point, -1 outside."""
        i = np.floor(np.asarray(x, dtype=np.float64) / self.size_m) - self.first_column
        j = np.floor(np.asarray(y, dtype=np.float64) / self.size_m) - self.first_row
        inside = (i >= 0) & (i < self.columns) & (j >= 0) & (j < self.rows)
        number = np.where(inside, j, 0) * self.columns + np.where(inside, i, 0)
        return np.where(inside, number, -1).astype(np.int64)

    def _lines(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Eastings and northings of the lines between the squares."""
        x = np.arange(self.first_column, self.first_column + self.columns + 1, dtype=np.float64)
        y = np.arange(self.first_row, self.first_row + self.rows + 1, dtype=np.float64)
        return x * self.size_m, y * self.size_m


@dataclass(frozen=True)
class HexMesh:
    """Regular hexagons, `size_m` across from flat side to flat side, points to the north and south.

    Rows are `size_m` · √3/2 apart, every other row set off by half a hexagon to the east. Hexagon k has column
    k % columns and row k // columns, counted from the south-west.
    """

    size_m: float
    west: float
    south: float
    columns: int
    rows: int
    first_row: int

    @classmethod
    def around(cls, bounds: Bounds, size_m: float) -> HexMesh:
        """Hexagons that cover `bounds`; centres lie on one lattice for all meshes of a size."""
        rise = size_m * 3**0.5 / 2
        first_column, last_column = (int(np.floor(side / size_m)) for side in (bounds[0], bounds[2]))
        first_row, last_row = int(np.floor(bounds[1] / rise)), int(np.ceil(bounds[3] / rise))
        columns, rows = last_column - first_column + 2, last_row - first_row + 1
        _require_bearable(columns * rows, size_m)
        return cls(size_m, first_column * size_m, first_row * rise, columns, rows, first_row)

    def __len__(self) -> int:
        return self.columns * self.rows

    @property
    def bounds(self) -> Bounds:
        """xmin, ymin, xmax, ymax of all hexagons."""
        half, corner = self.size_m / 2, self.size_m / 3**0.5
        east = self.west + self.columns * self.size_m + (half if self.rows > 1 else 0.0) - half
        north = self.south + (self.rows - 1) * self.size_m * 3**0.5 / 2 + corner
        return self.west - half, self.south - corner, east, north

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and y of the hexagons' centres."""
        row, column = np.divmod(np.arange(len(self)), self.columns)
        offset = ((row + self.first_row) % 2) * 0.5
        return self.west + (column + offset) * self.size_m, self.south + row * self.size_m * 3**0.5 / 2

    def polygons(self) -> NDArray[np.object_]:
        """The hexagons; corners are taken from one table, so that neighbours share exactly equal ones."""
        row, column = np.divmod(np.arange(len(self)), self.columns)
        half = 2 * column + (row + self.first_row) % 2  # position of the centre in half hexagons
        x_of = self.west + np.arange(-1, 2 * self.columns + 3) * (self.size_m / 2)
        y_of = self.south + np.arange(-2, 3 * self.rows + 3) * (self.size_m / (2 * 3**0.5))
        steps = ((0, -2), (1, -1), (1, 1), (0, 2), (-1, 1), (-1, -1))
        corners = [(x_of[half + i + 1], y_of[3 * row + j + 2]) for i, j in steps]
        return np.asarray(
            shapely.polygons(np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1))
        )


def _require_bearable(areas: int, size_m: float) -> None:
    if areas > _MOST_AREAS:
        raise Refused(
            "Cells of {size} m over this extent would be {count}; that is too many.",
            remedy="Choose larger cells, or bound the analysis with --area.",
            size=f"{size_m:g}",
            count=areas,
        )
