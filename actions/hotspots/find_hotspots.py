"""Find hot and cold spots of the store's components or of any file's points and areas."""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from actions.hotspots import hotspot_areas, hotspot_points
from actions.hotspots.hotspot_areas import Areas
from actions.hotspots.hotspot_points import OUTSIDE, WITHOUT_COORDINATES, WITHOUT_VALUE, Points
from exports import result_file
from exports.result_file import ResultFile
from gis import density, hotspots, neighbours
from gis.hotspots import DEFAULT_FDR, GlobalMoran
from gis.neighbours import Weights
from kernel.errors import Refused, WrongUsage
from kernel.progress import Progress, Silent

if TYPE_CHECKING:
    from data.store import Store

METHODS: Final = ("gistar", "gi", "moran", "density")
_TOUCHED: Final = {"gistar": hotspots.gi_star, "gi": hotspots.gi, "moran": hotspots.local_moran}


@dataclass(frozen=True)
class FindHotspots:
    """The question. `source`: components, or a file; `crs`: the plane, and the system of x/y or of a file that names
    none; `on`: cells, features, SIZE_M, hex:SIZE_M; `fdr`: share of false discoveries (default 0.05); `out`: gpkg,
    parquet or csv, `""` for none."""

    source: str = "components"
    crs: str = ""
    layer: str = ""
    class_codes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    values: str = ""
    on: str = "cells"
    area: str = ""
    method: str = "gistar"
    weights: str = "queen"
    fdr: float | None = None
    bandwidth_m: float | None = None
    out: str = ""


@dataclass(frozen=True)
class HotspotsFound:
    """The answer. `events` points (or features) on `areas` areas; `hot`, `cold`: areas per confidence class;
    `hot_fdr`: hot areas with the false discoveries controlled; `moran`: global Moran's I, None for a density."""

    areas: int
    events: int
    left_out: dict[str, int]
    extent: dict[str, Any]
    hot: dict[str, int]
    cold: dict[str, int]
    hot_fdr: int
    max_z: float
    min_z: float
    moran: GlobalMoran | None
    method: str
    data_hash: str
    file: str
    seconds: float

    def answer(self) -> dict[str, Any]:
        """The answer under the stable names of the command line: `moran` is called `global` there."""
        told = asdict(self)
        found = told.pop("moran") or dict.fromkeys(("i", "z_randomisation", "z_normality", "p"))
        names = {"I": "i", "z_randomisation": "z_randomisation", "z_normality": "z_normality", "p": "p"}
        return told | {"global": {name: found[key] for name, key in names.items()}}


def find_hotspots(
    store: Store | None, request: FindHotspots, progress: Progress | None = None
) -> HotspotsFound:
    """Gather the values, compare each area with its neighbours, write the result where asked.

    The store may be None for a file that is analysed on a mesh or on its own features. Raises `Refused` for wishes
    that cannot be met, before anything is written.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    _require(store, request)
    progress.report(0.0, "Reading what is to be analysed")
    points, areas = _gathered(store, request, progress)
    progress.report(0.4, "Gathering values on {count} areas", count=len(areas.frame))
    values, events, left_out = _values(points, areas)
    progress.report(0.6, "Comparing neighbours")
    result, moran = _analysed(request, points, areas.frame, values)
    frame = gpd.GeoDataFrame(
        {
            "code": areas.frame["code"].to_numpy(),
            **{name: result[name].to_numpy() for name in result.columns},
        },
        geometry=areas.frame.geometry.to_numpy(),
        crs=areas.frame.crs,
    )
    digest = _digest(frame)
    if request.out:
        progress.report(0.8, "Writing {file}", file=request.out)
        parameters = _parameters(request, result, areas, digest, events, store)
        result_file.write(ResultFile(frame, parameters), Path(request.out))
    progress.report(1.0)
    taken = time.perf_counter() - began
    return _found(request, result, moran, areas, events, left_out, digest, round(taken, 3))


def _require(store: Store | None, request: FindHotspots) -> None:
    """Refuse what cannot be done before reading anything."""
    if request.method not in METHODS:
        raise WrongUsage(
            "The method {method} is not there.",
            remedy="Choose one of: {methods}.",
            method=request.method,
            methods=", ".join(METHODS),
        )
    if request.source == "cases":
        raise Refused(
            "There are no cases in the store yet.",
            remedy="Analyse components, or give a file of cases as --source.",
        )
    hotspot_areas.require_spec(request.on)
    if request.fdr is not None and not 0 < request.fdr < 1:
        raise Refused(
            "A share of false discoveries of {share} makes no sense.",
            remedy="Give a share between 0 and 1, for example --fdr 0.05.",
            share=request.fdr,
        )
    if request.bandwidth_m is not None and not 0 < request.bandwidth_m < inf:
        raise Refused(
            "A bandwidth of {bandwidth} m makes no sense.",
            remedy="Give a length in metres above zero, for example --bandwidth 300.",
            bandwidth=f"{request.bandwidth_m:g}",
        )
    if request.on == "features" and (request.source == "components" or not request.values):
        raise Refused(
            "Features are analysed by one of their own fields.",
            remedy="Give a file as --source and name the field with --values.",
        )
    if store is None and (request.source == "components" or request.on == "cells"):
        raise ValueError("components and cells need a store")
    if request.out:
        result_file.require_form(Path(request.out))


def _gathered(store: Store | None, request: FindHotspots, progress: Progress) -> tuple[Points, Areas]:
    if store is not None and request.on == "cells":
        areas = hotspot_areas.of_cells(store, request.area)
        plane = areas.frame.crs
    else:
        areas, plane = None, None
    if store is not None and request.source == "components":
        points = hotspot_points.of_components(store, request, progress)
    else:
        points = hotspot_points.of_file(request, plane)
    if areas is None and request.on == "features":
        areas = hotspot_areas.of_features(points)
    elif areas is None:
        areas = hotspot_areas.of_mesh(points, request.on, request.area)
    return points, areas


def _values(points: Points, areas: Areas) -> tuple[NDArray[np.float64], int, dict[str, int]]:
    """Value of each area (NaN: none), number of things that count, and what was left out."""
    count = len(areas.frame)
    if points.shapes is not None and points.values is not None:
        values = np.where(shapely.is_missing(points.shapes), np.nan, points.values)
        bare = int(shapely.is_missing(points.shapes).sum())
        events = int(np.isfinite(values).sum())
        left_out = {WITHOUT_COORDINATES: bare, WITHOUT_VALUE: count - events - bare}
        return values, events, {reason: n for reason, n in left_out.items() if n}
    number = areas.locate(points.x, points.y)
    inside = number >= 0
    weights = None if points.values is None else points.values[inside]
    values = np.bincount(number[inside], weights=weights, minlength=count).astype(np.float64)
    kept = points.only(inside, OUTSIDE)
    return values, len(kept), kept.left_out


def _analysed(
    request: FindHotspots, points: Points, areas: gpd.GeoDataFrame, values: NDArray[np.float64]
) -> tuple[pd.DataFrame, GlobalMoran | None]:
    """The result frame of all areas (those without a value have no score), and global Moran's I."""
    if request.method == "density":
        return _density(request, points, areas, values), None
    known = np.isfinite(values)
    weights = neighbours.by_rule(request.weights, np.asarray(areas.geometry.values, dtype=object)[known])
    share = DEFAULT_FDR if request.fdr is None else request.fdr
    found = _TOUCHED[request.method](values[known], weights, share)
    moran = _global(values[known], weights, needed=request.method == "moran")
    if known.all():
        return found, moran
    whole = found.reindex(np.cumsum(known) - 1).reset_index(drop=True)
    for name, empty in (("value", np.nan), ("z", np.nan), ("p", np.nan), ("class", 0), ("fdr", False)):
        whole.loc[~known, name] = empty
    whole = whole.astype(found.dtypes.to_dict())
    whole.attrs = found.attrs
    return whole, moran


def _global(values: NDArray[np.float64], weights: Weights, *, needed: bool) -> GlobalMoran | None:
    try:
        return hotspots.moran(values, weights)
    except Refused:
        if needed:
            raise
        return None  # areas without any neighbour still have a Gi*, but nothing global


def _density(
    request: FindHotspots, points: Points, areas: gpd.GeoDataFrame, counts: NDArray[np.float64]
) -> pd.DataFrame:
    """Kernel density in events per km² at the middle of each area; no scores."""
    if not len(points):
        raise Refused("There is no point to measure a density of.", remedy="Check the filter.")
    bandwidth = request.bandwidth_m or density.default_bandwidth(points.x, points.y)
    middle = areas.geometry.centroid
    at_x, at_y = middle.x.to_numpy(), middle.y.to_numpy()
    margin = bandwidth / 4  # so that the outermost middles lie between nodes
    bounds = (
        np.nanmin(at_x) - margin,
        np.nanmin(at_y) - margin,
        np.nanmax(at_x) + margin,
        np.nanmax(at_y) + margin,
    )
    surface = density.kernel(points.x, points.y, bandwidth, bounds, weights=points.values)
    none = np.full(len(areas), np.nan)
    frame = pd.DataFrame(
        {"value": surface.at(at_x, at_y) * 1e6, "z": none, "p": none, "class": np.zeros(len(areas), dtype=np.int8),
         "fdr": np.zeros(len(areas), dtype=bool), "count": counts}
    )  # fmt: skip
    frame.attrs = {
        "method": "density",
        "parameters": {"bandwidth_m": bandwidth, "unit": "1/km²", "areas": len(areas)},
    }
    return frame


def _digest(frame: gpd.GeoDataFrame) -> str:
    """The same areas and values have the same 16 digits: SHA-256 over the values and the areas' WKB."""
    read = hashlib.sha256(frame["value"].to_numpy(dtype="<f8").tobytes())
    for wkb in shapely.to_wkb(np.asarray(frame.geometry.values, dtype=object), byte_order=1):
        read.update(wkb or b"")
    return read.hexdigest()[:16]


def _parameters(
    request: FindHotspots, result: pd.DataFrame, areas: Areas, digest: str, events: int, store: Store | None
) -> dict[str, Any]:
    """How the result was made: everything needed to make it again and to draw its legend."""
    told = {"method": request.method, "source": request.source, "layer": request.layer, "on": request.on,
            "class_codes": list(request.class_codes), "states": list(request.states), "values": request.values,
            "area": request.area, "events": events, "data_hash": digest}  # fmt: skip
    version = store.info(with_hash=False).data_version if store is not None else None
    return (
        told
        | result.attrs["parameters"]
        | {"extent": areas.extent, "crs": areas.extent["crs"], "data_version": version}
    )


def _found(
    request: FindHotspots,
    result: pd.DataFrame,
    moran: GlobalMoran | None,
    areas: Areas,
    events: int,
    left_out: dict[str, int],
    digest: str,
    seconds: float,
) -> HotspotsFound:
    level, z = result["class"].to_numpy(int), result["z"].to_numpy(float)
    known = z[np.isfinite(z)]
    return HotspotsFound(
        areas=len(result),
        events=events,
        left_out=left_out,
        extent=areas.extent,
        hot={name: int((level == k).sum()) for name, k in (("99", 3), ("95", 2), ("90", 1))},
        cold={name: int((level == -k).sum()) for name, k in (("99", 3), ("95", 2), ("90", 1))},
        hot_fdr=int((result["fdr"].to_numpy(bool) & (level >= 0) & (z > 0)).sum()),
        max_z=float(known.max()) if len(known) else float("nan"),
        min_z=float(known.min()) if len(known) else float("nan"),
        moran=moran,
        method=request.method,
        data_hash=digest,
        file=request.out,
        seconds=seconds,
    )
