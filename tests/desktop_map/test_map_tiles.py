"""Raster maps on the plane: right to a pixel, only from where the user said, patient with what does not come."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pyproj
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from data.mbtiles import Mbtiles
from desktop.map.canvas import MapCanvas
from desktop.map.layers.tiles import TileLayer
from desktop.map.tiles.feed import TileFeed
from desktop.map.tiles.grid import DEGREES, MERCATOR, Tile, TileGrid
from desktop.map.tiles.mbtiles_feed import MbtilesFeed
from desktop.map.tiles.network_feed import NetworkFeed, TileService, tianditu
from desktop.map.view import View
from gis.crs import wgs84_to_gcj02
from kernel.errors import Refused
from resources.styles import palette

CRS = 4548
EAST, NORTH = 448_700.0, 4_418_400.0
LEVEL = 15


def coded(tile: Tile) -> QImage:
    """A tile whose colours say which of its pixels is which: red the column, green the row, blue the tile."""
    column, row = np.meshgrid(np.arange(256), np.arange(256))
    blue = (tile.x * 7 + tile.y * 13) % 200
    pixels = (0xFF000000 | column << 16 | row << 8 | blue).astype(np.uint32)
    return QImage(pixels.data, 256, 256, 1024, QImage.Format.Format_RGB32).copy()


def png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return data.data()


def write_mbtiles(path: Path, tiles: list[Tile], **metadata: str) -> Path:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE metadata (name text, value text)")
        file.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        file.executemany("INSERT INTO metadata VALUES (?, ?)", {"format": "png", **metadata}.items())
        rows = [(t.z, t.x, (1 << t.z) - 1 - t.y, png(coded(t))) for t in tiles]
        file.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    file.close()
    return path


@pytest.fixture
def mbtiles(tmp_path: Path, fonts: object) -> Path:
    view = View(EAST, NORTH, 1.0, 1400, 1200).at_scale(12_000)
    return write_mbtiles(
        tmp_path / "city.mbtiles", TileGrid(CRS).tiles(view.extent, LEVEL), attribution="© test"
    )


@pytest.fixture
def quiet(canvas: MapCanvas) -> Iterator[MapCanvas]:
    canvas.set_scale_bar(False)
    yield canvas
    for layer in canvas.layers:
        if layer.feed is not None:
            layer.feed.close()


@cache
def transformer(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def expected_pixel(
    x: float, y: float, kind: str = MERCATOR, shifted: bool = False
) -> tuple[Tile, float, float]:
    """The tile of `LEVEL` at a place of the plane and the place within it, by the textbook formulas."""
    lon, lat = transformer(CRS, 4326).transform(x, y)
    if shifted:
        lon, lat = (float(v) for v in wgs84_to_gcj02(lon, lat))
    across = (lon + 180.0) / 360.0 * (1 << LEVEL)
    if kind == MERCATOR:
        north = transformer(4326, 3857).transform(lon, lat)[1]
        down = (0.5 - north / (2 * 20037508.342789244)) * (1 << LEVEL)
    else:
        down = (90.0 - lat) / 360.0 * (1 << LEVEL)
    tile = Tile(LEVEL, int(across), int(down))
    return tile, (across - tile.x) * 256, (down - tile.y) * 256


@pytest.mark.parametrize("dpr_view", [12_000.0, 7_000.0, 18_000.0])
def test_that_web_mercator_comes_onto_the_plane_right_to_a_pixel(
    quiet: MapCanvas, mbtiles: Path, dpr_view: float
) -> None:
    feed = MbtilesFeed(mbtiles)
    quiet.set_layers([TileLayer(feed, TileGrid(CRS))])
    quiet.centre_on(EAST, NORTH, dpr_view)
    quiet.set_view(quiet.view)
    image = quiet.picture()
    view, rng, seen = quiet.view, np.random.default_rng(5), 0
    for column, row in rng.integers(40, (600, 440), size=(300, 2)).tolist():
        tile, u, v = expected_pixel(*view.to_plane(column + 0.5, row + 0.5))
        if not 3 < u < 253 or not 3 < v < 253:
            continue
        colour = image.pixelColor(column, row)
        assert abs(colour.red() + 0.5 - u) <= 1.0 and abs(colour.green() + 0.5 - v) <= 1.0
        assert abs(colour.blue() - (tile.x * 7 + tile.y * 13) % 200) <= 1
        seen += 1
    assert seen > 200
    feed.close()


class LastMoment(TileFeed):
    """Its tiles come in the very moment in which somebody asks whether more is to come."""

    zooms = (LEVEL, LEVEL)
    wanted: tuple[Tile, ...] = ()

    @property
    def busy(self) -> bool:
        wanted, self.wanted = self.wanted, ()
        for tile in wanted:
            self._keep(tile, png(coded(tile)))
        if wanted:
            self.arrived.emit()
        return False

    def want(self, tiles: Sequence[Tile]) -> None:
        self.wanted = tuple(tiles)


def test_that_a_tile_that_comes_at_the_last_moment_is_on_the_picture(quiet: MapCanvas) -> None:
    quiet.set_layers([TileLayer(LastMoment(), TileGrid(CRS))])
    quiet.centre_on(EAST, NORTH, 12_000)
    image = quiet.picture()
    land = palette("light").land
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    assert middle.name() != land, "the ground is still bare"


def test_that_tiles_meet_without_a_seam(quiet: MapCanvas, mbtiles: Path) -> None:
    feed = MbtilesFeed(mbtiles)
    quiet.set_layers([TileLayer(feed, TileGrid(CRS))])
    quiet.centre_on(EAST, NORTH, 12_000)
    image = quiet.picture()
    land = palette("light").land
    assert not any(image.pixelColor(x, y).name() == land for x in range(0, 640, 2) for y in range(0, 480, 2))
    feed.close()


def test_that_a_shifted_service_is_shifted_back_for_display(fonts: object) -> None:
    plain, shifted = TileGrid(CRS), TileGrid(CRS, shifted=True)
    tile, u, v = expected_pixel(EAST, NORTH, shifted=True)
    x, y = shifted.corners(tile, 256)
    where = int(v), int(u)
    assert np.hypot(x[where] - EAST, y[where] - NORTH) < 6.0
    x, y = plain.corners(tile, 256)
    assert 300 < np.hypot(x[where] - EAST, y[where] - NORTH) < 800


@pytest.mark.parametrize(("kind", "metres"), [(MERCATOR, 5.0), (DEGREES, 6.0)])
def test_that_corners_agree_with_the_textbook_formulas(kind: str, metres: float) -> None:
    grid = TileGrid(CRS, kind)
    tile, u, v = expected_pixel(EAST + 321.0, NORTH - 123.0, kind)
    x, y = grid.corners(tile, 256)
    assert np.hypot(x[int(v), int(u)] - EAST - 321.0, y[int(v), int(u)] - NORTH + 123.0) < metres
    assert tile in grid.tiles((EAST, NORTH - 500, EAST + 500, NORTH), LEVEL)


def test_that_pieces_of_a_large_tile_are_parallelograms_to_a_tenth_of_a_pixel() -> None:
    grid = TileGrid(CRS)
    tile, _, _ = expected_pixel(EAST, NORTH)
    coarse = tile.parent(5)
    pieces = grid.pieces(coarse)
    x, y = grid.corners(coarse, pieces)
    for column in (x, y):
        bent = column[1:, 1:] + column[:-1, :-1] - column[1:, :-1] - column[:-1, 1:]
        assert np.abs(bent).max() / (x[0, 1] - x[0, 0]) * (256 / pieces) < 0.1


def test_that_an_mbtiles_file_answers_by_rows_from_the_north(mbtiles: Path) -> None:
    file = Mbtiles(mbtiles)
    tile = TileGrid(CRS).tiles((EAST, NORTH, EAST + 1, NORTH + 1), LEVEL)[0]
    data = file.tile(tile.z, tile.x, tile.y)
    assert data is not None and QImage.fromData(data).size() == coded(tile).size()
    assert file.tile(tile.z, tile.x, 0) is None
    assert file.zooms == (LEVEL, LEVEL) and file.credit == "© test" and file.bounds is None
    file.close()


def test_that_an_mbtiles_file_is_never_written(mbtiles: Path) -> None:
    file = Mbtiles(mbtiles)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        file._ask("DELETE FROM tiles")
    file.close()


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be looked at" * 30])
def test_that_a_file_that_is_no_mbtiles_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "false.mbtiles"
    path.write_bytes(content)
    with pytest.raises(Refused, match="no map tiles") as refused:
        Mbtiles(path)
    assert refused.value.remedy and refused.value.file == str(path)


def test_that_vector_tiles_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="vector tiles"):
        Mbtiles(write_mbtiles(tmp_path / "v.mbtiles", [], format="pbf"))
    with pytest.raises(Refused, match="no file"):
        Mbtiles(tmp_path / "nowhere.mbtiles")


# -- services ----------------------------------------------------------------------------------------------------


class Service:
    """A map service on this machine that writes down what it is asked."""

    def __init__(self, status: int = 200) -> None:
        asked = self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                z, x, y = (int(part.split(".")[0]) for part in self.path.split("?")[0].strip("/").split("/"))
                self.send_response(status)
                self.send_header("Cache-Control", "max-age=3600")
                self.end_headers()
                self.wfile.write(png(coded(Tile(z, x, y))) if status == 200 else b"no")

            def log_message(self, *words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/{{z}}/{{x}}/{{y}}.png"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.close()


def test_that_tiles_come_from_a_configured_service_and_stay_on_disk(
    quiet: MapCanvas, service: Service, tmp_path: Path
) -> None:
    for again in (False, True):
        asked = len(service.asked)
        feed = NetworkFeed(TileService(service.address + "?tk={key}", key="mine"), tmp_path / "cache")
        quiet.set_layers([TileLayer(feed, TileGrid(CRS))])
        quiet.centre_on(EAST, NORTH, 12_000)
        image = quiet.picture()
        tile, _, _ = expected_pixel(*quiet.view.to_plane(320.5, 240.5))
        assert abs(image.pixelColor(320, 240).blue() - (tile.x * 7 + tile.y * 13) % 200) <= 1
        assert (len(service.asked) == asked) == again
        feed.close()
    assert service.asked and all(path.endswith("tk=mine") for path in service.asked)


def test_that_nothing_is_asked_of_a_network_without_a_configured_service(
    quiet: MapCanvas, service: Service
) -> None:
    quiet.centre_on(EAST, NORTH, 12_000)
    assert quiet.wait_until_idle()
    assert service.asked == []


def test_that_a_refused_key_is_told_once_and_not_tried_again_and_again(quiet: MapCanvas) -> None:
    service = Service(status=403)
    feed = NetworkFeed(TileService(service.address))
    problems: list[Refused] = []
    feed.problem.connect(problems.append)
    quiet.set_layers([TileLayer(feed, TileGrid(CRS))])
    quiet.centre_on(EAST, NORTH, 12_000)
    assert quiet.wait_until_idle()
    asked = len(service.asked)
    quiet.set_view(quiet.view.moved(3, 0))
    quiet.set_theme("dark")
    assert quiet.wait_until_idle()
    assert len(problems) == 1 and "key" in str(problems[0]) and asked > 0
    assert len(service.asked) <= asked + 4
    feed.close()
    service.close()


def test_that_a_service_that_is_away_leaves_the_map_usable(quiet: MapCanvas) -> None:
    feed = NetworkFeed(TileService("http://127.0.0.1:9/{z}/{x}/{y}"))
    problems: list[object] = []
    feed.problem.connect(problems.append)
    quiet.set_layers([TileLayer(feed, TileGrid(CRS))])
    quiet.centre_on(EAST, NORTH, 12_000)
    assert quiet.wait_until_idle()
    assert len(problems) == 1
    feed.close()


def test_that_a_coarser_tile_stands_in_until_the_fine_one_comes(quiet: MapCanvas, tmp_path: Path) -> None:
    view = View(EAST, NORTH, 1.0, 1400, 1200).at_scale(12_000)
    feed = MbtilesFeed(write_mbtiles(tmp_path / "c.mbtiles", TileGrid(CRS).tiles(view.extent, LEVEL)))
    feed.zooms = (LEVEL, LEVEL + 2)
    quiet.set_layers([TileLayer(feed, TileGrid(CRS))])
    quiet.centre_on(EAST, NORTH, 12_000)
    assert quiet.wait_until_idle()
    quiet.centre_on(EAST, NORTH, 4_000)
    image = quiet.picture()
    tile, u, _ = expected_pixel(*quiet.view.to_plane(320.5, 240.5))
    assert abs(image.pixelColor(320, 240).blue() - (tile.x * 7 + tile.y * 13) % 200) <= 1
    assert abs(image.pixelColor(320, 240).red() + 0.5 - u) <= 1.0
    feed.close()


def test_that_addresses_are_filled_in() -> None:
    service = TileService("https://t{s}.example/{z}/{x}/{-y}?k={key}", key="abc")
    assert service.url(Tile(3, 2, 1)).toString() == "https://t3.example/3/2/6?k=abc"
    national = tianditu("img", "abc", DEGREES).url(Tile(10, 843, 141)).toString()
    assert "img_c/wmts" in national and "TILEMATRIX=10&TILEROW=141&TILECOL=843&tk=abc" in national


@pytest.mark.parametrize(
    ("address", "key"), [("https://example/tiles", ""), ("https://e/{z}/{x}/{y}?k={key}", "")]
)
def test_that_an_address_without_its_parts_is_refused(address: str, key: str) -> None:
    with pytest.raises(Refused) as refused:
        TileService(address, key)
    assert refused.value.remedy


def test_that_an_unknown_layer_of_the_national_service_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="streets"):
        tianditu("streets", "abc")
