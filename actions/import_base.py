"""Base layers (roads, water, buildings …) and administrative areas from any vector file into the store."""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from actions.read_layers import read_layer
from census.placing import City, place
from census.reading.tables import VECTOR, Flags, SourceTable
from census.rules.rules_table import FOLDER
from gis.frames import AREA_COLUMNS, BASE_COLUMNS, BASE_KINDS
from kernel.errors import Refused, WrongUsage
from kernel.progress import Part, Progress, Silent, last_chance

if TYPE_CHECKING:
    from data.store import Store

# Administrative areas: the store's level, the digits of its codes and of the level above.
LEVELS: Final = {"streets": ("street", 9, 6), "communities": ("community", 12, 9)}
KINDS: Final = (*LEVELS, *BASE_KINDS)
_LINES: Final = ("LineString", "MultiLineString")
_AREAS: Final = ("Polygon", "MultiPolygon")
_FITTING: Final = {"roads": _LINES, "railways": _LINES, "water": _LINES + _AREAS}
_PLAIN_ROAD: Final = (5, 8.0)  # rank and width of a road whose class nothing tells
_SHOWN_ROWS: Final = 100


@dataclass(frozen=True)
class ImportBase:
    """Files of one kind; `layer` and `crs` where the files do not say."""

    files: tuple[str, ...]
    kind: str
    layer: str = ""
    crs: str = ""


@dataclass(frozen=True)
class BaseImported:
    """`read` = `accepted` + `quarantined`; `findings` counts by code, `rows` names the first refused features."""

    kind: str
    read: int
    accepted: int
    quarantined: int
    findings: dict[str, int]
    rows: tuple[dict[str, object], ...]
    crs: str
    seconds: float


def import_base(store: Store, request: ImportBase, progress: Progress | None = None) -> BaseImported:
    """Put the features of some files in the place of the store's layer of that kind, in one transaction.

    Features without geometry, with an invalid one, or of a type that the kind cannot have are left out and said; areas
    also need a code of 9 (streets) or 12 digits (communities), each once. Raises `Refused` for files that cannot be
    used, or when nothing is left; then the store is as it was.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    if request.kind not in KINDS:
        raise WrongUsage(
            "There is no base layer of the kind {kind}.",
            remedy="Use one of: {kinds}.",
            kind=request.kind,
            kinds=", ".join(KINDS),
        )
    features, system, plane, notes = _read(store, request, Part(progress, 0.0, 0.7))
    faults = _faults(features, request.kind)
    accepted = features[faults == ""].reset_index(drop=True)
    if not len(accepted):
        raise _nothing_left(request, features, faults)
    progress.report(0.7, "Writing {rows} features", rows=len(accepted))
    with last_chance(progress):
        _write(store, request.kind, accepted, plane)
    refused = features[faults != ""].assign(fault=faults[faults != ""])
    return BaseImported(
        kind=request.kind,
        read=len(features),
        accepted=len(accepted),
        quarantined=len(refused),
        findings=_counts(refused, notes),
        rows=_rows(refused),
        crs=system,
        seconds=round(time.perf_counter() - began, 3),
    )


def _counts(refused: gpd.GeoDataFrame, notes: list[str]) -> dict[str, int]:
    codes = [*refused["fault"].tolist(), *notes]
    return {code: codes.count(code) for code in dict.fromkeys(codes)}


# ---------------------------------------------------------------- reading


def _read(
    store: Store, request: ImportBase, progress: Progress
) -> tuple[gpd.GeoDataFrame, str, int, list[str]]:
    """All features on the store's plane (or a fitting one), the systems believed, the plane, what placing remarked."""
    plane = store.info(with_hash=False).crs
    bounds = _bounds(store)
    parts: list[gpd.GeoDataFrame] = []
    systems: list[str] = []
    notes: list[str] = []
    for number, file in enumerate(request.files):
        progress.report(number / len(request.files), "Reading {file}", file=file)
        frame = read_layer(file, request.kind, name=request.layer)
        placed = place(_as_table(frame, file), City(plane, bounds if plane else None), request.crs)
        plane = plane or placed.plane
        shapes = placed.shapes if placed.shapes is not None else shapely.points(placed.x, placed.y)
        own = frame.drop(columns=frame.geometry.name)
        own = own.assign(_file=file, _row=np.arange(1, len(frame) + 1))
        parts.append(gpd.GeoDataFrame(own, geometry=shapes, crs=plane))
        systems.append(placed.system.name if placed.system else "–")
        notes += [note.rule for note in placed.notes]
    return pd.concat(parts, ignore_index=True), ", ".join(dict.fromkeys(systems)), plane, notes


def _bounds(store: Store) -> tuple[float, float, float, float] | None:
    for frame in (store.load_cells(), store.load_areas("community")):
        if len(frame):
            low_x, low_y, high_x, high_y = frame.total_bounds
            return float(low_x), float(low_y), float(high_x), float(high_y)
    return None


def _as_table(frame: gpd.GeoDataFrame, file: str) -> SourceTable:
    """What placing needs of a layer: its geometries, a point of each, its declared system."""
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    bounds = shapely.bounds(shapes)
    return SourceTable(
        file=file,
        path=file,
        layer="",
        family=VECTOR,
        columns={},
        records=np.arange(len(frame)),
        rows=np.arange(1, len(frame) + 1),
        x=(bounds[:, 0] + bounds[:, 2]) / 2,
        y=(bounds[:, 1] + bounds[:, 3]) / 2,
        shapes=shapes,
        declared_crs="" if frame.crs is None else frame.crs.to_wkt(),
    )


# ---------------------------------------------------------------- judging


def _faults(features: gpd.GeoDataFrame, kind: str) -> np.ndarray:
    """Per feature the code of what keeps it out, `""` for nothing."""
    geometry = features.geometry
    faults = np.full(len(features), "", dtype=object)
    fitting = geometry.geom_type.isin(_FITTING.get(kind, _AREAS)).to_numpy()
    faults[~fitting] = "geometry_type"
    faults[~geometry.is_valid.to_numpy()] = "invalid_geometry"
    with np.errstate(invalid="ignore"):
        faults[~np.isfinite(geometry.bounds.to_numpy()).all(axis=1)] = "bad_coordinate"
    faults[(geometry.isna() | geometry.is_empty).to_numpy()] = "null_geometry"
    if kind in LEVELS:
        codes = _codes(features, LEVELS[kind][1])
        faults[(faults == "") & (codes == "")] = "bad_code_form"
        good = faults == ""
        faults[np.flatnonzero(good)[_repeated(codes[good])]] = "duplicate_code"
    return faults


def _codes(features: gpd.GeoDataFrame, digits: int) -> np.ndarray:
    """Area codes from the field that holds most of them; `""` where there is none."""
    best = np.full(len(features), "", dtype=object)
    for name in features.columns.drop([features.geometry.name, "_file", "_row"]):
        texts = features[name].fillna("").astype(str).str.strip().to_numpy(dtype=object)
        found = np.array(
            [text if len(text) == digits and text.isdigit() else "" for text in texts], dtype=object
        )
        if (found != "").sum() > (best != "").sum():
            best = found
    return best


def _repeated(codes: np.ndarray) -> Flags:
    return pd.Series(codes).duplicated(keep="first").to_numpy()


def _rows(refused: gpd.GeoDataFrame) -> tuple[dict[str, object], ...]:
    shown = refused.head(_SHOWN_ROWS)
    return tuple(
        {"file": file, "row": int(row), "code": fault}
        for file, row, fault in zip(shown["_file"], shown["_row"], shown["fault"], strict=True)
    )


def _nothing_left(request: ImportBase, features: gpd.GeoDataFrame, faults: np.ndarray) -> Refused:
    first = str(faults[0]) if len(faults) else "null_geometry"
    return Refused(
        "{file}: none of {rows} features can be taken as {kind}; the first one because of {fault}.",
        remedy="Check that this is the right file and layer: areas need codes, roads need lines.",
        file=", ".join(request.files),
        rows=len(features),
        kind=request.kind,
        fault=first,
    )


# ---------------------------------------------------------------- writing


def _write(store: Store, kind: str, features: gpd.GeoDataFrame, plane: int) -> None:
    if not store.info(with_hash=False).crs:
        store.adopt_crs(plane)
    if kind in LEVELS:
        level, digits, parent = LEVELS[kind]
        codes = _codes(features, digits)
        frame = gpd.GeoDataFrame(
            {
                "code": codes,
                "name": _field(features, "name"),
                "parent_code": [code[:parent] for code in codes],
            },
            geometry=features.geometry.to_numpy(),
            crs=plane,
        )
        store.replace_areas(level, frame[list(AREA_COLUMNS)])
        return
    subtype = _field(features, "subtype")
    classes = [_road_class(word) if kind == "roads" else (1, 0.0) for word in subtype]
    widths = pd.to_numeric(pd.Series(_field(features, "width_m")), errors="coerce").to_numpy(float)
    frame = gpd.GeoDataFrame(
        {
            "name": _field(features, "name"),
            "subtype": subtype,
            "rank": [rank for rank, _ in classes],
            "width_m": np.where(np.isfinite(widths) & (widths > 0), widths, [width for _, width in classes]),
        },
        geometry=features.geometry.to_numpy(),
        crs=plane,
    )
    store.replace_base(kind, frame[list(BASE_COLUMNS)])


def _field(features: gpd.GeoDataFrame, column: str) -> list[str]:
    """Texts of the field that goes by one of the known names of `column`, `""` when there is none."""
    by_name = {str(name).strip().casefold(): name for name in features.columns}
    for alias in _aliases()[column]:
        if alias in by_name:
            return features[by_name[alias]].fillna("").astype(str).str.strip().tolist()
    return [""] * len(features)


@cache
def _aliases() -> Mapping[str, tuple[str, ...]]:
    with (FOLDER / "base_fields.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["column"], row["alias"].casefold()) for row in csv.DictReader(file)]
    return {column: tuple(alias for own, alias in rows if own == column) for column, _ in rows}


@cache
def _road_classes() -> Mapping[str, tuple[int, float]]:
    with (FOLDER / "road_classes.csv").open(encoding="utf-8", newline="") as file:
        return {row["word"]: (int(row["rank"]), float(row["width_m"])) for row in csv.DictReader(file)}


def _road_class(word: str) -> tuple[int, float]:
    """Rank and kerb-to-kerb width in metres (our own defaults) of a road by its class word."""
    plain = word.casefold().removesuffix("_link")
    return _road_classes().get(plain, _PLAIN_ROAD)
