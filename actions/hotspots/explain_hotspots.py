"""Say in figures what a map of hot spots shows: where the hot clusters are, how much they hold, how it clusters at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from actions.hotspots.find_hotspots import FindHotspots, HotspotsFound, find_hotspots
from exports import result_file
from exports.result_file import ResultFile
from gis import neighbours
from gis.hotspots import LEVELS, GlobalMoran, discoveries, moran
from gis.neighbours import Weights
from kernel.progress import Part, Progress, Silent

if TYPE_CHECKING:
    from data.store import Store

HOT_95: Final = 2  # the class from which on a cell counts as hot
CLUSTER_COLUMNS: Final = ("number", "name", "cells", "area_m2", "value", "share", "z_max", "x", "y")
FEWEST_CELLS: Final = 3


@dataclass(frozen=True)
class ExplainHotspots:
    """n cells with the result rows of the same order (`value, z, class` of `gis.hotspots`).

    `weights`: queen, rook, knn:K or distance:M, as the result was made; `communities` name the clusters.
    """

    cells: gpd.GeoDataFrame
    result: pd.DataFrame
    weights: str = "queen"
    communities: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class HotspotsExplained:
    """`clusters` (`CLUSTER_COLUMNS`, the most valuable first): touching cells that are hot at 95 % or more.

    `scatter`: standardised `value` and the mean of its neighbours' `lag` per cell. `moran` is None where the values
    do not differ. `neighbours`: fewest, most, mean and how many cells have none.
    """

    clusters: pd.DataFrame
    hot_cells: int
    hot_area_share: float
    hot_value: float
    hot_share: float
    moran: GlobalMoran | None
    scatter: pd.DataFrame
    neighbours: tuple[int, int, float, int]


@dataclass(frozen=True)
class AnalyseHotspots:
    """Find and explain in one go; `find.out` names the Parquet file that an export takes afterwards.

    `corrected`: a cell is of the class 90, 95 or 99 % only where it stands up to false-discovery control at 10, 5 or
    1 %, so that many tests do not make hot spots of chance; the file then carries these classes.
    """

    find: FindHotspots
    corrected: bool = True


@dataclass(frozen=True)
class HotspotsAnalysed:
    """`result` has a row per cell (`value, z, p, class`) in the order of the store's cells."""

    found: HotspotsFound
    result: pd.DataFrame
    explained: HotspotsExplained


def analyse_hotspots(
    store: Store, request: AnalyseHotspots, progress: Progress | None = None
) -> HotspotsAnalysed:
    """Find hot spots on the store's cells and explain them. Raises as `find_hotspots`."""
    progress = progress or Silent()
    found = find_hotspots(store, request.find, Part(progress, 0.0, 0.7))
    out = Path(request.find.out)
    written = result_file.read(out)
    result = pd.DataFrame(written.areas.drop(columns="geometry"))
    if request.corrected:
        result["class"] = corrected(result["z"].to_numpy(float), result["p"].to_numpy(float))
        areas = written.areas.assign(**{"class": result["class"].to_numpy()})
        parameters = written.parameters | {"classes": "Benjamini-Hochberg at 10, 5 and 1 %"}
        result_file.write(ResultFile(areas, parameters), out)
    progress.report(0.8, "Explaining the hot spots")
    explain = ExplainHotspots(store.load_cells(), result, request.find.weights, store.load_areas("community"))
    return HotspotsAnalysed(found, result, explain_hotspots(explain))


def corrected(z: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Classes -3 … 3 with the false discoveries controlled at each level (Benjamini & Hochberg 1995)."""
    level = np.zeros(len(p), np.int8)
    for confidence, share in enumerate(LEVELS, start=1):
        level[discoveries(p, share)] = confidence
    return np.where(np.nan_to_num(z) < 0, -level, level).astype(np.int8)


def explain_hotspots(request: ExplainHotspots) -> HotspotsExplained:
    """Explain one result. Values are counts or amounts, never negative."""
    cells, result = request.cells, request.result
    value = result["value"].to_numpy(float)
    links = links_of(request.weights, cells)
    hot = result["class"].to_numpy(int) >= HOT_95
    area, total = cells["area_m2"].to_numpy(float), float(value.sum())
    lagged = scatter(value, links)
    around = links.cardinalities
    return HotspotsExplained(
        clusters=clusters(request, hot, total),
        hot_cells=int(hot.sum()),
        hot_area_share=float(area[hot].sum() / area.sum()) if len(area) else 0.0,
        hot_value=float(value[hot].sum()),
        hot_share=float(value[hot].sum() / total) if total else 0.0,
        moran=moran(value, links.standardised()) if len(value) > 3 and np.ptp(value) > 0 else None,
        scatter=lagged,
        neighbours=(int(around.min()), int(around.max()), float(around.mean()), len(links.islands)),
    )


def links_of(rule: str, cells: gpd.GeoDataFrame) -> Weights:
    """The neighbours that `rule` names."""
    name, _, number = rule.partition(":")
    if name == "rook":
        return neighbours.rook(cells.geometry)
    if name in ("knn", "distance"):
        middle = cells.geometry.centroid
        x, y = middle.x.to_numpy(), middle.y.to_numpy()
        return (
            neighbours.knn(x, y, int(number)) if name == "knn" else neighbours.distance(x, y, float(number))
        )
    return neighbours.queen(cells.geometry)


def scatter(value: np.ndarray, links: Weights) -> pd.DataFrame:
    """Standardised values and the means of their neighbours; the slope of one on the other is Moran's I."""
    spread = float(value.std())
    z = (value - value.mean()) / spread if spread else np.zeros_like(value)
    return pd.DataFrame({"value": z, "lag": links.standardised().matrix @ z})


def clusters(request: ExplainHotspots, hot: np.ndarray, total: float) -> pd.DataFrame:
    """Groups of touching hot cells with at least `FEWEST_CELLS`, the most valuable first."""
    at = np.flatnonzero(hot)
    if not len(at):
        return pd.DataFrame({name: [] for name in CLUSTER_COLUMNS})
    touching = neighbours.queen(request.cells.geometry).matrix[at][:, at]
    _, group = connected_components(touching, directed=False)
    cells = request.cells.iloc[at]
    middle = cells.geometry.centroid
    area = cells["area_m2"].to_numpy(float)
    frame = pd.DataFrame(
        {"group": group, "community": cells["community_code"].to_numpy(), "area_m2": area,
         "value": request.result["value"].to_numpy(float)[at], "z": request.result["z"].to_numpy(float)[at],
         "xa": middle.x.to_numpy() * area, "ya": middle.y.to_numpy() * area}
    )  # fmt: skip
    names = dict(zip(request.communities.get("code", ()), request.communities.get("name", ()), strict=True))
    rows = [_cluster(mine, names, total) for _, mine in frame.groupby("group") if len(mine) >= FEWEST_CELLS]
    if not rows:
        return pd.DataFrame({name: [] for name in CLUSTER_COLUMNS})
    out = pd.DataFrame(rows).sort_values(["value", "cells"], ascending=False, ignore_index=True)
    out.insert(0, "number", np.arange(1, len(out) + 1))
    return out[list(CLUSTER_COLUMNS)]


def _cluster(mine: pd.DataFrame, names: dict[str, str], total: float) -> dict[str, object]:
    """One row: named by the one or two communities that hold most of its cells."""
    most = mine["community"].value_counts().index[:2]
    area = float(mine["area_m2"].sum())
    return {
        "name": " · ".join(names.get(code, "") or str(code) for code in most),
        "cells": len(mine),
        "area_m2": area,
        "value": float(mine["value"].sum()),
        "share": float(mine["value"].sum() / total) if total else 0.0,
        "z_max": float(mine["z"].max()),
        "x": float(mine["xa"].sum() / area),
        "y": float(mine["ya"].sum() / area),
    }
