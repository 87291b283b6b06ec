"""The file of an analysis: one row per area, and how it was made, to be drawn, kept and computed with again.

GeoPackage (layer `result`, table `parameters` of key and value), GeoParquet (parameters in the file's metadata) or CSV
(geometry as WKT, parameters in `<name>.json` beside it). Numbers keep their full precision in all three.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from exports.finished import finished
from kernel.errors import Defect, Refused

LAYER: Final = "result"
PARAMETERS: Final = "parameters"
FORMS: Final = (".gpkg", ".parquet", ".csv")
COLUMNS: Final = ("code", "value", "z", "p", "class", "fdr")
_METADATA: Final = b"wangrid_result"


@dataclass(frozen=True, eq=False)
class ResultFile:
    """`areas`: columns `COLUMNS` and more, geometry in a metric plane, in the order of the analysis. `parameters`: plain
    values by name (`method`, `weights`, `source`, `on`, `data_hash` …)."""

    areas: gpd.GeoDataFrame
    parameters: dict[str, Any] = field(default_factory=dict)


def require_form(target: Path) -> None:
    """Raise `Refused` when `target` ends in nothing that `write` can write: asked before the work is done."""
    if target.suffix.lower() not in FORMS:
        raise Refused(
            "{file}: results ending in {ending} cannot be written.",
            remedy="Use one of: {forms}.",
            file=target,
            ending=target.suffix or "–",
            forms=", ".join(FORMS),
        )


def write(result: ResultFile, target: Path) -> Path:
    """Write `result` in the form that the ending of `target` names, read it back, then give it its name."""
    require_form(target)
    writer = {".gpkg": _write_geopackage, ".parquet": _write_parquet, ".csv": _write_csv}[
        target.suffix.lower()
    ]
    with finished(target, lambda path: _verify(path, result)) as path:
        writer(result, path)
    if target.suffix.lower() == ".csv":
        with finished(_beside(target)) as path:
            path.write_text(_text(result), encoding="utf-8")
    return target


def read(source: Path) -> ResultFile:
    """The result in `source`. Raises `Refused` when it is no file of `write`."""
    reader = {".gpkg": _read_geopackage, ".parquet": _read_parquet, ".csv": _read_csv}.get(
        source.suffix.lower()
    )
    if not source.exists():
        raise Refused("{file} does not exist.", remedy="Check the path of the file.", file=source)
    try:
        result = reader(source) if reader else None
    except (DataSourceError, DataLayerError, OSError, ValueError, KeyError) as error:
        raise _no_result(source) from error
    if result is None or not set(COLUMNS) <= set(result.areas.columns):
        raise _no_result(source)
    return result


def _no_result(source: Path) -> Refused:
    return Refused(
        "{file} is not a result of an analysis.",
        remedy="Give a file that was written with: hotspot … --out F.gpkg (or .parquet, .csv).",
        file=source,
    )


def _write_geopackage(result: ResultFile, path: Path) -> None:
    pyogrio.write_dataframe(result.areas, path, layer=LAYER, driver="GPKG")
    rows = pd.DataFrame(
        {"key": list(result.parameters), "value": [_json(v) for v in result.parameters.values()]}
    )
    pyogrio.write_dataframe(rows, path, layer=PARAMETERS, driver="GPKG", append=True)


def _read_geopackage(path: Path) -> ResultFile:
    areas = pyogrio.read_dataframe(path, layer=LAYER)
    areas["fdr"] = areas["fdr"].astype(bool)
    rows = pyogrio.read_dataframe(path, layer=PARAMETERS)
    return ResultFile(
        areas, {key: json.loads(value) for key, value in zip(rows["key"], rows["value"], strict=True)}
    )


def _write_parquet(result: ResultFile, path: Path) -> None:
    result.areas.to_parquet(path, compression="zstd")
    table = pq.read_table(path)
    told = {**(table.schema.metadata or {}), _METADATA: _text(result).encode()}
    pq.write_table(table.replace_schema_metadata(told), path, compression="zstd")


def _read_parquet(path: Path) -> ResultFile:
    told = (pq.read_schema(path).metadata or {})[_METADATA]
    return ResultFile(gpd.read_parquet(path), json.loads(told))


def _write_csv(result: ResultFile, path: Path) -> None:
    plain = pd.DataFrame(result.areas.drop(columns=result.areas.geometry.name))
    plain["wkt"] = shapely.to_wkt(result.areas.geometry.to_numpy(), rounding_precision=-1)
    plain.to_csv(path, index=False, encoding="utf-8")


def _read_csv(path: Path) -> ResultFile:
    plain = pd.read_csv(path, dtype={"code": str}, keep_default_na=False, na_values={"value": [""], "z": [""], "p": [""]},
                        float_precision="round_trip")  # fmt: skip
    parameters = json.loads(_beside(path).read_text(encoding="utf-8"))
    shapes = shapely.from_wkt(plain.pop("wkt").to_numpy(dtype=object))
    return ResultFile(gpd.GeoDataFrame(plain, geometry=shapes, crs=parameters.get("crs")), parameters)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _verify(path: Path, result: ResultFile) -> None:
    """Read the figures back: every score must be the one that was written."""
    figures: dict[str, Callable[[], pd.DataFrame]] = {
        ".gpkg": lambda: pyogrio.read_dataframe(path, layer=LAYER, columns=["z"], read_geometry=False),
        ".parquet": lambda: pd.read_parquet(path, columns=["z"]),
        ".csv": lambda: pd.read_csv(path, usecols=["z"], float_precision="round_trip"),
    }
    z = figures[path.suffix.lower()]()["z"].to_numpy(dtype=float)
    if not np.array_equal(z, result.areas["z"].to_numpy(dtype=float), equal_nan=True):
        raise Defect("{file}: the figures read back are not those written.", file=path.name)


def _text(result: ResultFile) -> str:
    return json.dumps(result.parameters, ensure_ascii=False, indent=1, default=_plain)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Numbers of numpy as those of Python."""
    return value.item() if hasattr(value, "item") else str(value)
