"""A result of an analysis as a map to take away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from exports import result_file
from exports.figure import write_figure
from exports.geopackage import write_layer
from exports.heatmap import HeatMap, amount_fills, gi_fills
from exports.offline_page import write_page
from exports.raster import write_raster
from gis.frames import BASE_KINDS, COMPONENT_STATES
from kernel.clock import local_today
from kernel.errors import Refused
from kernel.progress import Progress, Silent
from resources import catalogues
from resources.texts import words

if TYPE_CHECKING:
    from data.store import Store

_WRITERS: dict[str, Callable[[HeatMap, Path], Path]] = {
    ".png": write_figure,
    ".pdf": write_figure,
    ".svg": write_figure,
    ".html": write_page,
    ".tif": write_raster,
    ".gpkg": lambda heat, target: write_layer(heat.areas, target, "result"),
}
_TITLES = {
    "gistar": "Hot spots of {what}",
    "gi": "Hot spots of {what} around each place",
    "moran": "Clusters of {what}",
    "density": "Density of {what}",
}
_METHODS = {
    "gistar": "Getis-Ord Gi*",
    "gi": "Getis-Ord Gi",
    "moran": "Moran's I",
    "density": "Gaussian kernel, {bandwidth} m, per km²",
}


@dataclass(frozen=True)
class ExportHeatmap:
    """`result`: a file of `find_hotspots`; `out`: its ending says the form; `title`: "" for one made from the result."""

    result: Path | str
    out: Path
    title: str = ""
    lang: str = "en"


@dataclass(frozen=True)
class HeatmapExported:
    """The finished file, read back (`verified`) before it got its name."""

    file: str
    bytes: int
    verified: bool


def export_heatmap(
    store: Store | None, request: ExportHeatmap, progress: Progress | None = None
) -> HeatmapExported:
    """Draw the result over the store's base layers, where the store lies in the same place.

    Raises `Refused` for a result that is none, an ending that is not known, or a folder that cannot be written to.
    """
    progress = progress or Silent()
    out = Path(request.out)
    writer = _WRITERS.get(out.suffix.lower())
    if writer is None:
        raise Refused("{file}: maps ending in {ending} cannot be written.", remedy="Use one of: {forms}.", file=out,
                      ending=out.suffix or "–", forms=", ".join(_WRITERS))  # fmt: skip
    result = result_file.read(Path(request.result))
    progress.report(0.2, "Writing {file}", file=out.name)
    writer(heat_map(store, result, request), out)
    progress.report(1.0, "Writing {file}", file=out.name)
    return HeatmapExported(str(out), out.stat().st_size, True)


def heat_map(store: Store | None, result: result_file.ResultFile, request: ExportHeatmap) -> HeatMap:
    """The result with its colours, its words and the base layers under it."""
    told, lang = result.parameters, request.lang
    if told.get("method") in ("density", "moran"):
        fills, edges, legend = amount_fills(result.areas["value"].to_numpy(float), lang)
    else:
        fills, edges, legend = gi_fills(result.areas["class"].to_numpy(int), lang)
    base, communities = _surroundings(store, result.areas)
    return HeatMap(
        areas=result.areas,
        fills=fills,
        edges=edges,
        legend=legend,
        title=request.title or _title(told, store, lang),
        subtitle=_subtitle(told, len(result.areas), lang),
        source=_source(told, store, lang),
        lang=lang,
        base=base,
        communities=communities,
    )


def _surroundings(
    store: Store | None, areas: gpd.GeoDataFrame
) -> tuple[dict[str, gpd.GeoDataFrame], gpd.GeoDataFrame | None]:
    """Base layers and communities near the areas; none where the store lies elsewhere or in another plane."""
    plane = store.info(with_hash=False).crs if store is not None else 0
    if store is None or not plane or areas.crs is None or areas.crs.to_epsg() != plane:
        return {}, None
    window = shapely.box(*areas.total_bounds).buffer(300)
    base = {kind: _near(store.load_base(kind), window) for kind in BASE_KINDS}
    return {kind: frame for kind, frame in base.items() if len(frame)}, _near(
        store.load_areas("community"), window
    )


def _near(frame: gpd.GeoDataFrame, window: Any) -> gpd.GeoDataFrame:
    if not len(frame):
        return frame
    return frame[shapely.intersects(frame.geometry.values, window)].reset_index(drop=True)


def _title(told: dict[str, Any], store: Store | None, lang: str) -> str:
    place = store.setting("city") if store is not None else ""
    heading = words(
        lang, _TITLES.get(str(told.get("method")), "Hot spots of {what}"), what=_what(told, store, lang)
    )
    return f"{place} · {heading}" if place else heading


def _what(told: dict[str, Any], store: Store | None, lang: str) -> str:
    """What was counted: classes and states in words, or the file's name."""
    if told.get("source") != "components":
        return Path(str(told.get("source", ""))).stem or words(lang, "points")
    comma = words(lang, ", ")
    states = comma.join(_state(state, lang) for state in told.get("states") or ())
    codes = list(told.get("class_codes") or ())
    edition = store.info(with_hash=False).standard if store is not None else catalogues.DEFAULT
    names = catalogues.load(edition, store.load_extensions() if store is not None else None)
    what = comma.join(names.name_of(code) or code for code in codes[:4]) or words(
        lang, "components of every class"
    )
    return words(lang, "{states} {what}", states=states, what=what) if states else what


def _state(state: str, lang: str) -> str:
    """A component state in the reader's language; the store speaks the standard's."""
    english = dict(zip(COMPONENT_STATES, ("sound", "damaged", "lost", "abandoned", "removed"), strict=True))
    return state if lang == "zh_CN" else english.get(state, state)


def _subtitle(told: dict[str, Any], areas: int, lang: str) -> str:
    bandwidth = told.get("bandwidth_m")
    method = words(lang, _METHODS.get(str(told.get("method")), "{method}"), method=told.get("method"),
                   bandwidth=f"{bandwidth:,.0f}" if bandwidth else "–")  # fmt: skip
    parts = [
        words(
            lang, "{events} points on {areas} areas", events=f"{told.get('events', 0):,}", areas=f"{areas:,}"
        ),
        method,
    ]
    if told.get("weights"):
        parts.append(words(lang, "neighbours: {weights}", weights=told["weights"]))
    return " · ".join(parts)


def _source(told: dict[str, Any], store: Store | None, lang: str) -> str:
    """Where the figures come from and how to make them again; synthetic data says so."""
    origin = str(told.get("source", ""))
    if origin == "components" and store is not None:
        origin = store.setting("city") or store.place
    synthetic = store is not None and store.setting("synthetic") == "1"
    parts = [
        words(lang, "Source: {source}", source=Path(origin).name),
        words(lang, "synthetic data") if synthetic else "",
        f"EPSG:{told.get('crs')}",
        words(lang, "data version {version}", version=told.get("data_version") or "–"),
        words(lang, "hash {digest}", digest=told.get("data_hash", "–")),
        f"{local_today():%Y-%m-%d}",
        "WanGrid",
    ]
    return " · ".join(part for part in parts if part)
