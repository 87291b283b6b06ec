"""Components of the store as a file that other programs read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from exports.geopackage import write_layer
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent

if TYPE_CHECKING:
    import pandas as pd

    from data.store import Store


@dataclass(frozen=True)
class ExportComponents:
    """Where to, and which classes (empty: all)."""

    out: Path
    class_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComponentsExported:
    """`rows` written to `file` and read back (`verified`)."""

    rows: int
    file: str
    verified: bool


def export_components(
    store: Store, request: ExportComponents, progress: Progress | None = None
) -> ComponentsExported:
    """Write components with their geometry in the store's plane; where codes were changed, the one before stands in
    `former_code`. Raises `Refused` when there are none."""
    progress = progress or Silent()
    classes = list(request.class_codes) or None
    frame = store.load_components(class_codes=classes, progress=Part(progress, 0.0, 0.6))
    if not len(frame):
        raise Refused(
            "There are no components to export.", remedy="Import a census first, or choose other classes."
        )
    progress.report(0.6, "Writing {file}", file=request.out.name)
    former = store.former_codes().drop_duplicates("component_id", keep="last")
    if len(former):
        frame = frame.merge(former.rename(columns={"former": "former_code"}), on="component_id", how="left")
        frame["former_code"] = frame["former_code"].fillna("")
    layer = with_geometry(frame, store.info(with_hash=False).crs)
    write_layer(layer, request.out, "components")
    progress.report(1.0, "Writing {file}", file=request.out.name)
    return ComponentsExported(len(layer), str(request.out), True)


def with_geometry(frame: pd.DataFrame, crs: int) -> gpd.GeoDataFrame:
    """Points from x and y; lines and areas as they are. Categories become text, which every format knows."""
    shapes = frame["geometry"].to_numpy(dtype=object).copy()
    bare = shapely.is_missing(shapes)
    shapes[bare] = shapely.points(frame["x"].to_numpy()[bare], frame["y"].to_numpy()[bare])
    plain = frame.drop(columns=["component_id", "x", "y", "geometry"])
    columns = {name: np.asarray(plain[name].astype(str), dtype=object) for name in plain.columns}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
