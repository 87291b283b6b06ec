"""The heat map as a GeoTIFF: value, z, p and class as bands, for other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.features import rasterize
from rasterio.transform import from_origin

from exports.finished import finished
from exports.heatmap import HeatMap
from kernel.errors import Defect

BANDS = ("value", "z", "p", "class")
PIXELS = 2048  # of the longer side


def write_raster(heat: HeatMap, target: Path) -> Path:
    """Write the areas' figures as a float32 GeoTIFF in the areas' plane, NaN outside; returns `target`."""
    xmin, ymin, xmax, ymax = heat.areas.total_bounds
    step_m = max(xmax - xmin, ymax - ymin) / PIXELS
    shape = (int(np.ceil((ymax - ymin) / step_m)), int(np.ceil((xmax - xmin) / step_m)))
    place = from_origin(xmin, ymax, step_m, step_m)
    bands = [band for band in BANDS if band in heat.areas.columns]
    number = rasterize(
        zip(heat.areas.geometry.values, range(1, len(heat.areas) + 1), strict=True),
        shape,
        transform=place,
        dtype="int32",
    )
    with finished(target, lambda path: _verify(path, len(bands))) as path:
        with rasterio.open(path, "w", driver="GTiff", width=shape[1], height=shape[0], count=len(bands), dtype="float32",
                           crs=heat.areas.crs, transform=place, nodata=np.nan, compress="deflate") as out:  # fmt: skip
            for band, name in enumerate(bands, start=1):
                values = np.r_[np.nan, heat.areas[name].to_numpy(float)].astype("float32")
                out.write(values[number], band)
                out.set_band_description(band, name)
    return target


def _verify(path: Path, bands: int) -> None:
    with rasterio.open(path) as read:
        if read.count != bands or read.crs is None:
            raise Defect("The raster {file} was written but does not read back.", file=path.name)
