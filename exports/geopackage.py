"""Frames as GeoPackage, GeoParquet, CSV or shapefile, read back before they get their name."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from exports.finished import finished
from kernel.errors import Defect, Refused

FORMS = (".gpkg", ".parquet", ".csv", ".shp", ".geojson")


def write_layer(frame: gpd.GeoDataFrame, target: Path, layer: str) -> Path:
    """Write `frame` in the form that `target`'s ending names; the row count is read back.

    CSV gets `x` and `y` of a representative point and `wkt` where a geometry is no point. Raises `Refused` for an
    ending that is not in `FORMS`.
    """
    ending = target.suffix.lower()
    if ending not in FORMS:
        raise Refused("{file}: files ending in {ending} cannot be written.",
                      remedy="Use one of: {forms}.", file=target, ending=ending or "–", forms=", ".join(FORMS))  # fmt: skip
    if ending == ".shp":
        return _write_shapefile(frame, target)
    with finished(target, lambda path: _verify(path, len(frame))) as path:
        if ending == ".parquet":
            frame.to_parquet(path, compression="zstd")
        elif ending == ".csv":
            _plain(frame).to_csv(path, index=False, encoding="utf-8-sig")
        else:
            pyogrio.write_dataframe(
                frame, path, layer=layer, driver="GPKG" if ending == ".gpkg" else "GeoJSON"
            )
    return target


def _plain(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    point = frame.geometry.representative_point()
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    plain["x"], plain["y"] = point.x.round(3), point.y.round(3)
    if not (frame.geom_type == "Point").all():
        plain["wkt"] = frame.geometry.to_wkt(rounding_precision=3)
    return plain


def _write_shapefile(frame: gpd.GeoDataFrame, target: Path) -> Path:
    """A shapefile is several files: all are written in a waiting folder, then moved, the .shp last."""
    import tempfile

    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".waiting-") as folder:
        waiting = Path(folder) / target.name
        pyogrio.write_dataframe(frame, waiting, driver="ESRI Shapefile", encoding="UTF-8")
        _verify(waiting, len(frame))
        parts = sorted(Path(folder).iterdir(), key=lambda part: part.suffix == ".shp")
        for part in parts:
            part.replace(target.with_suffix(part.suffix))
    return target


def _verify(path: Path, rows: int) -> None:
    if path.suffix == ".parquet":
        found = len(gpd.read_parquet(path, columns=["geometry"]))
    elif path.suffix == ".csv":
        found = len(pd.read_csv(path, usecols=[0], dtype=str))
    else:
        found = pyogrio.read_info(path, force_feature_count=True)["features"]
    if found != rows:
        raise Defect(
            "{file}: {rows} rows were written, {found} read back.", file=path.name, rows=rows, found=found
        )
