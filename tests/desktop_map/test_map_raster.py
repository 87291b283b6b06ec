"""A GeoTIFF on the plane."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from desktop.map.canvas import MapCanvas
from desktop.map.layers.raster import RasterLayer
from desktop.map.tiles.raster_feed import RasterFeed
from gis.crs import to_plane
from kernel.errors import Refused
from resources.styles import palette

CRS = 4548
EAST, NORTH = 448_700.0, 4_418_400.0


def write(
    path: Path, bands: np.ndarray, crs: str | None, west: float, north: float, step: float, **more: object
) -> Path:
    profile = {
        "driver": "GTiff", "count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2],
        "dtype": bands.dtype, "crs": crs, "transform": from_origin(west, north, step, step), **more,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(bands)
    return path


def chequered(size: int = 400, square: int = 40) -> np.ndarray:
    column, row = np.meshgrid(np.arange(size) // square, np.arange(size) // square)
    light = ((column + row) % 2 * 200 + 30).astype(np.uint8)
    return np.stack([light, 255 - light, np.full_like(light, 60)])


@pytest.fixture
def shown(canvas: MapCanvas):
    feeds: list[RasterFeed] = []

    def show(path: Path) -> MapCanvas:
        feeds.append(RasterFeed(path, CRS))
        canvas.set_scale_bar(False)
        canvas.set_layers([RasterLayer(feeds[-1])])
        canvas.centre_on(EAST, NORTH, 4_000)
        assert canvas.wait_until_idle()
        return canvas

    yield show
    for feed in feeds:
        feed.close()


def test_that_a_raster_of_the_plane_lies_on_its_pixel(shown, tmp_path: Path) -> None:
    path = write(tmp_path / "plane.tif", chequered(), f"EPSG:{CRS}", EAST - 400, NORTH + 400, 2.0)
    canvas = shown(path)
    image, view = canvas.picture(), canvas.view
    for x, y in ((EAST - 39, NORTH + 41), (EAST + 41, NORTH + 41), (EAST + 121, NORTH - 39)):
        column, row = int((x - EAST + 400) // 80), int((NORTH + 400 - y) // 80)
        light = (column + row) % 2 * 200 + 30
        px, py = view.to_screen(x, y)
        assert image.pixelColor(int(px), int(py)).red() == pytest.approx(light, abs=2)
    px, py = view.to_screen(EAST, NORTH + 20)
    border = [image.pixelColor(int(px) + step, int(py)).red() for step in (-3, 3)]
    assert abs(border[0] - border[1]) > 150


def test_that_a_raster_in_degrees_is_turned_onto_the_plane(shown, tmp_path: Path) -> None:
    lon, lat = (float(v[0]) for v in to_plane(([EAST], [NORTH]), CRS, 4326))
    path = write(tmp_path / "degrees.tif", chequered(), "EPSG:4326", lon - 0.004, lat + 0.004, 2e-5)
    canvas = shown(path)
    image, view = canvas.picture(), canvas.view
    for dx, dy in ((0.0006, 0.0003), (-0.0010, 0.0011), (0.0013, -0.0007)):
        x, y = (float(v[0]) for v in to_plane(([lon + dx], [lat + dy]), 4326, CRS))
        column, row = int((dx + 0.004) / 8e-4), int((0.004 - dy) / 8e-4)
        px, py = view.to_screen(x, y)
        assert image.pixelColor(int(px), int(py)).red() == pytest.approx((column + row) % 2 * 200 + 30, abs=3)


def test_that_outside_the_raster_is_bare_land(shown, tmp_path: Path) -> None:
    path = write(tmp_path / "small.tif", chequered(40, 4), f"EPSG:{CRS}", EAST - 40, NORTH + 40, 2.0)
    image = shown(path).picture()
    assert image.pixelColor(20, 20).name() == palette("light").land


def test_that_grey_values_of_16_bits_are_stretched(shown, tmp_path: Path) -> None:
    ramp = np.linspace(1000, 3000, 400 * 400).reshape(1, 400, 400).astype(np.uint16)
    path = write(tmp_path / "grey.tif", ramp, f"EPSG:{CRS}", EAST - 400, NORTH + 400, 2.0)
    canvas = shown(path)
    image, view = canvas.picture(), canvas.view
    _, top = view.to_screen(EAST, NORTH + 150)
    _, bottom = view.to_screen(EAST, NORTH - 150)
    dark, light = image.pixelColor(320, int(top)), image.pixelColor(320, int(bottom))
    assert light.red() - dark.red() > 60 and light.red() == light.green() == light.blue()


def test_that_a_raster_without_a_reference_system_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "nowhere.tif", chequered(40, 4), None, 0, 0, 1.0)
    with pytest.raises(Refused, match="reference system") as refused:
        RasterFeed(path, CRS)
    assert refused.value.remedy


def test_that_a_file_that_is_no_raster_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.tif"
    path.write_text("words")
    with pytest.raises(Refused, match="not a raster map"):
        RasterFeed(path, CRS)
