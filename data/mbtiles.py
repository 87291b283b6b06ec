"""MBTiles: a pyramid of map tiles in one SQLite file, read and never written.

The specification (github.com/mapbox/mbtiles-spec, 1.3) counts rows from the south; here they count from the north, as
in an XYZ address. Tiles are Web Mercator (EPSG:3857), 256 pixels unless the pictures say otherwise.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from kernel.errors import Refused

NOT_TILES = "{file} holds no map tiles."
VECTOR_TILES = "{file} holds vector tiles; only pictures (png, jpg, webp) can be shown."
PICTURES = ("png", "jpg", "jpeg", "webp")


class Mbtiles:
    """One open file. May be asked from any thread; raises `Refused` when the file is not what its name says."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._turn = threading.Lock()
        self._connection = self._open()
        self.metadata = self._metadata()
        if self.metadata.get("format", "png") not in PICTURES:
            self.close()
            raise Refused(VECTOR_TILES, remedy="Export the map as raster MBTiles.", file=self.path)

    @property
    def zooms(self) -> tuple[int, int]:
        """Least and greatest zoom level that has tiles."""
        least, greatest = self._ask("SELECT min(zoom_level), max(zoom_level) FROM tiles")[0]
        return (0, 0) if least is None else (int(least), int(greatest))

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees, None when the file does not say."""
        parts = self.metadata.get("bounds", "").split(",")
        try:
            west, south, east, north = map(float, parts)
        except ValueError:
            return None
        return west, south, east, north

    @property
    def credit(self) -> str:
        """Whose map it is, as the file says."""
        return self.metadata.get("attribution", "")

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The picture of a tile, row `y` counted from the north; None where there is none."""
        wanted = (z, x, (1 << z) - 1 - y)
        rows = self._ask(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?", wanted
        )
        return bytes(rows[0][0]) if rows and rows[0][0] is not None else None

    def close(self) -> None:
        """Let the file go."""
        with self._turn:
            self._connection.close()

    def _open(self) -> sqlite3.Connection:
        if not self.path.is_file():
            raise Refused("There is no file {file}.", remedy="Check the path.", file=self.path)
        address = f"{self.path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            connection.execute(
                "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles LIMIT 1"
            ).fetchall()
        except sqlite3.DatabaseError as error:
            connection.close()
            raise Refused(
                NOT_TILES, remedy="Choose a file in the MBTiles format.", file=self.path, detail=str(error)
            ) from error
        return connection

    def _metadata(self) -> dict[str, str]:
        try:
            return {str(name): str(value) for name, value in self._ask("SELECT name, value FROM metadata")}
        except sqlite3.DatabaseError:
            return {}  # the table is required, but tiles can be shown without it

    def _ask(self, words: str, values: tuple[object, ...] = ()) -> list[tuple]:
        with self._turn:
            return self._connection.execute(words, values).fetchall()
