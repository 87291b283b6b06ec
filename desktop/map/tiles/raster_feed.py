"""A GeoTIFF, read window by window in the resolution of the screen and turned onto the city's plane by GDAL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT
from shiboken6 import isValid

from desktop.map.lane import Lane
from desktop.map.tiles.feed import Feed
from desktop.map.view import Extent, View
from kernel.errors import Refused

Array = np.ndarray

SAMPLE_PX: Final = 512  # the overview from which the range of values is read
CUT: Final = (2.0, 98.0)  # per cent of the values that become black and white


@dataclass(frozen=True)
class RasterPicture:
    """Pixels of a view: premultiplied ARGB."""

    view: View
    image: QImage


class RasterFeed(Feed):
    """Raises `Refused` when the file is no raster or does not say where it lies."""

    def __init__(self, path: Path, crs: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path, self._crs = Path(path), crs
        try:
            with rasterio.open(self._path) as source:
                if source.crs is None:
                    raise Refused(
                        "{file} does not say in which reference system it is.",
                        remedy="Save it as GeoTIFF with its reference system.",
                        file=self._path,
                    )
                self._range = None if source.dtypes[0] == "uint8" else _value_range(source)
                with WarpedVRT(source, crs=f"EPSG:{crs}") as warped:
                    self.extent: Extent = tuple(warped.bounds)
        except RasterioError as error:
            raise Refused(
                "{file} is not a raster map.", remedy="Choose a GeoTIFF.", file=self._path, detail=str(error)
            ) from error
        self._picture: RasterPicture | None = None
        self._lane: Lane[View] = Lane("wangrid-raster", self._read)

    @property
    def busy(self) -> bool:
        return self._lane.busy

    @property
    def picture(self) -> RasterPicture | None:
        """The newest picture, of the view that was wanted last or before."""
        return self._picture

    def want(self, view: View) -> None:
        """Read this view next. Any thread."""
        self._lane.submit(view)

    def close(self) -> None:
        self._lane.close()

    def _read(self, view: View, check: Callable[[], None]) -> None:
        width, height = view.size_px
        transform = from_origin(view.left, view.top, view.m_per_pixel, view.m_per_pixel)
        with (
            rasterio.open(self._path) as source,
            WarpedVRT(
                source, crs=f"EPSG:{self._crs}", transform=transform, width=width, height=height,
                resampling=Resampling.bilinear, add_alpha=ColorInterp.alpha not in source.colorinterp,
            ) as warped,
        ):  # fmt: skip
            check()
            pixels = _argb(warped, self._range)
        check()
        image = QImage(
            pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied
        ).copy()
        self._picture = RasterPicture(view, image)
        if isValid(self):
            self.arrived.emit()


def _argb(source: WarpedVRT, span: tuple[float, float] | None) -> Array:
    """Premultiplied ARGB numbers, (height, width), of one grey or three colour bands and alpha."""
    alpha = source.read(source.count).astype(np.uint32)
    if source.colorinterp[0] == ColorInterp.palette:
        bands = _through_palette(source.read(1), source.colormap(1))
    else:
        chosen = (1, 2, 3) if source.count >= 4 else (1, 1, 1)
        bands = [_as_bytes(source.read(band), span) for band in chosen]
    opaque = alpha.max(initial=1)
    red, green, blue = (band.astype(np.uint32) * alpha // opaque for band in bands)
    return np.ascontiguousarray((alpha * 255 // opaque << 24) | (red << 16) | (green << 8) | blue)


def _as_bytes(band: Array, span: tuple[float, float] | None) -> Array:
    if span is None:
        return band
    low, high = span
    scaled = (band.astype(np.float32) - low) * (255.0 / max(high - low, 1e-9))
    return np.nan_to_num(scaled).clip(0, 255).astype(np.uint8)


def _through_palette(band: Array, colours: dict[int, tuple[int, int, int, int]]) -> list[Array]:
    table = np.zeros((256, 3), np.uint8)
    for value, colour in colours.items():
        table[value] = colour[:3]
    return [table[band, channel] for channel in range(3)]


def _value_range(source: rasterio.DatasetReader) -> tuple[float, float]:
    shape = (min(SAMPLE_PX, source.height), min(SAMPLE_PX, source.width))
    sample = source.read(1, out_shape=shape, masked=True).compressed().astype(float)
    sample = sample[np.isfinite(sample)]
    low, high = np.percentile(sample, CUT) if len(sample) else (0.0, 1.0)
    return float(low), float(high)
