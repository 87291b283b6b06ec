"""Divide an area into unit grid cells, write them, and on request put them into the store."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from actions.grid.edit_grid import handed_over
from actions.grid.feature_layers import read_features
from actions.grid.import_grid import adopted_plane, remember_county
from actions.read_layers import read_layer
from census.reading.locating import parts_of
from census.rules.findings import worded
from exports.finished import finished, require_target
from gis import crs
from gis.division import Division, Ground, features, lattice
from gis.grid.grid_codes import COUNTY
from gis.grid.grid_rules_findings import ERROR
from gis.grid.lineage import with_stable_codes
from kernel.errors import Defect, Refused, WrongUsage
from kernel.progress import Part, Progress, Silent

if TYPE_CHECKING:
    from data.store import Store

LATTICE: Final = "lattice"
FEATURES: Final = "features"
METHODS: Final = (LATTICE, FEATURES)
# The layers of a request, and whether they must have polygons.
ROLES: Final = {"area": True, "streets": True, "communities": True, "exclude": True, "roads": False, "railways": False,
                "water": False, "buildings": True, "compounds": True}  # fmt: skip
OUT_ENDINGS: Final = (".gpkg",)
REPORT_ENDINGS: Final = (".csv", ".xlsx")
COUNTY_FIELDS: Final = (
    "code",
    "adcode",
    "county_code",
    "pac",
    "xzqdm",
    "编码",
    "代码",
    "区划代码",
    "行政区划代码",
)


@dataclass(frozen=True)
class DivideGrid:
    """What to divide and how: files as a user names them, "" where there is none.

    Without `area`, all communities (or streets) together are the area.

    `features`: one file or several with other lines and areas that a border may follow.
    `method`: one of `METHODS`; "" takes features where roads are given, else the lattice.
    `out`: a GeoPackage to write; `report`: a table of the findings (.csv or .xlsx); `accept`: also put the cells into
    the store; `lang`: of the findings in both files.
    """

    area: str = ""
    out: str = ""
    streets: str = ""
    communities: str = ""
    exclude: str = ""
    roads: str = ""
    railways: str = ""
    water: str = ""
    buildings: str = ""
    compounds: str = ""
    features: str | tuple[str, ...] = ()
    method: str = ""
    target_m2: float = 10_000.0
    district: str = ""
    accept: bool = False
    report: str = ""
    lang: str = "en"


@dataclass(frozen=True)
class GridDivided:
    """The figures of `gis.division.Figures`, findings by code, and what was done with the cells.

    `errors`: findings that block publishing; `accepted`: cells that the store now has; `file`: what was written.
    """

    method: str
    cells: int
    area_m2: float
    divided_m2: float
    mean_m2: float
    share_5000_20000: float
    gap_m2: float
    overlap_m2: float
    buildings: int | None
    buildings_cut: int | None
    boundary_on_features_share: float | None
    compactness_median: float
    findings: dict[str, int]
    errors: int
    accepted: int
    file: str
    seconds: float
    details: pd.DataFrame
    handed_over: tuple[
        dict[str, str], ...
    ] = ()  # cells that went to another responsibility area of an exclusive kind


def divide_grid(store: Store | None, request: DivideGrid, progress: Progress | None = None) -> GridDivided:
    """Divide the area of `request`. `store` is needed only to accept the cells.

    Raises `Refused` for unusable layers, `WrongUsage` for an unknown method, and `Refused`, when the cells are to be accepted, for
    cells with errors: then the file is written and the store is as it was.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    method = _method(request)
    _require_targets(request)
    layers = _layers(request, Part(progress, 0.0, 0.2))
    plane = _plane(store, layers["area"]) if request.accept else None
    division = _divided(method, request, layers, plane, Part(progress, 0.2, 0.8))
    if request.accept and store is not None:
        division = _continued(division, store)
    errors = int((division.findings["severity"] == ERROR).sum())
    progress.report(0.8, "Writing the cells")
    if request.out:
        write_division(division, Path(request.out), request.lang)
    if request.report:
        write_findings(division.findings, Path(request.report), request.lang)
    accepted, handed = (0, ())
    if request.accept:
        accepted, handed = _accept(store, division, errors, Part(progress, 0.85, 1.0))
    return GridDivided(
        **asdict(division.figures),
        findings=division.finding_counts,
        errors=errors,
        accepted=accepted,
        file=request.out,
        seconds=round(time.perf_counter() - began, 3),
        details=division.findings,
        handed_over=handed,
    )


def write_division(division: Division, target: Path, lang: str = "en") -> None:
    """Write layers cells, communities, streets, county and findings into one GeoPackage, cells first."""
    layers = {
        "cells": division.cells,
        "communities": division.communities,
        "streets": division.streets,
        "county": division.counties,
        "findings": _as_points(division, lang),
    }
    layers = {name: frame for name, frame in layers.items() if len(frame)}
    with finished(target, lambda path: _verify(path, layers)) as path:
        for name, frame in layers.items():
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG")


def write_findings(findings: pd.DataFrame, target: Path, lang: str = "en") -> None:
    """Write the findings, messages filled in, as .csv or .xlsx."""
    table = worded(findings, lang)
    with finished(target) as path:
        if target.suffix.lower() == ".csv":
            table.to_csv(path, index=False, encoding="utf-8-sig")
        else:
            table.to_excel(path, index=False, sheet_name="findings")


def _method(request: DivideGrid) -> str:
    method = request.method or (FEATURES if request.roads else LATTICE)
    if method not in METHODS:
        raise WrongUsage("There is no method {method}.", remedy="Use one of: {methods}.", method=method,
                         methods=", ".join(METHODS))  # fmt: skip
    return method


def _require_targets(request: DivideGrid) -> None:
    """Raise `Refused` for files that could not be written after the work, so that none is left half done."""
    sources = [str(parts_of(source)[0]) for role in ROLES if (source := getattr(request, role))]
    for target, endings in ((request.out, OUT_ENDINGS), (request.report, REPORT_ENDINGS)):
        if target:
            require_target(Path(target), endings, made_from=sources)


def _layers(request: DivideGrid, progress: Progress) -> dict[str, gpd.GeoDataFrame]:
    given = {role: source for role in ROLES if (source := getattr(request, role))}
    out: dict[str, gpd.GeoDataFrame] = {}
    for number, (role, source) in enumerate(given.items()):
        progress.report(number / len(given), "Reading {file}", file=source)
        out[role] = read_layer(source, role, areal=ROLES[role])
    others = read_features(request.features)
    if others is not None:
        out["features"] = others
    boundary = next((out[role] for role in ("area", "communities", "streets") if role in out), None)
    if boundary is None:
        raise Refused(
            "No area to divide was given.", remedy="Give --area, or the city's --communities or --streets."
        )
    _refuse_all_excluded(boundary, out.get("exclude"))
    return {"area": boundary} | out


def _refuse_all_excluded(area: gpd.GeoDataFrame, exclude: gpd.GeoDataFrame | None) -> None:
    if exclude is None or area.crs is None or exclude.crs is None or not area.geometry.is_valid.all():
        return
    gone = shapely.union_all(shapely.make_valid(exclude.to_crs(area.crs).geometry.to_numpy()))
    if shapely.is_empty(shapely.difference(shapely.union_all(area.geometry.to_numpy()), gone)):
        raise Refused("--exclude leaves nothing of the area to divide.",
                      remedy="Give only what shall have no cells, such as water and hills.")  # fmt: skip


def _district(request: DivideGrid, layers: dict[str, gpd.GeoDataFrame]) -> str:
    """The county's code as given, else the one that the area's only feature carries in a field called so.

    Communities of another county are then told by rule G4.
    """
    area = layers["area"]
    if request.district or len(area) != 1 or not request.area:
        return request.district
    for name in area.columns.drop(area.geometry.name):
        code = str(area[name].iloc[0]).strip()
        if str(name).lower() in COUNTY_FIELDS and len(code) == COUNTY and code.isdigit():
            return code
    return ""


def _divided(
    method: str,
    request: DivideGrid,
    layers: dict[str, gpd.GeoDataFrame],
    plane: int | None,
    progress: Progress,
) -> Division:
    ground = Ground(**{role: layers.get(role) for role in Ground.__dataclass_fields__})
    divide = features if method == FEATURES else lattice
    return divide(
        layers["area"],
        streets=layers.get("streets"),
        communities=layers.get("communities"),
        exclude=layers.get("exclude"),
        ground=ground,
        target_m2=request.target_m2,
        district=_district(request, layers),
        plane=plane,
        progress=progress,
    )


def _plane(store: Store | None, area: gpd.GeoDataFrame) -> int:
    """The store's plane, which accepted cells must have. Raises `Refused` when the area has another metric one."""
    if store is None:
        raise ValueError("cells can be accepted only into a store")
    if area.crs is None:
        raise Refused("The layer {layer} does not say its reference system.",
                      remedy="Ask for its .prj file, or assign the system in a GIS first.", layer="area")  # fmt: skip
    plane = adopted_plane(store, area)
    if crs.is_metric(area.crs) and area.crs != crs.system(plane):
        raise Refused("The area is in {found}, but the store's plane is EPSG:{plane}.",
                      remedy="Project the area onto the store's plane first, or leave --accept out.",
                      found=area.crs.name, plane=plane)  # fmt: skip
    return plane


def _continued(division: Division, store: Store) -> Division:
    """The division with the codes that the store's cells had for the same ground; no other code was ever given."""
    old = store.load_cells()
    if not len(old):
        return division
    retired = store.load_retired_cells()["code"]
    return replace(division, cells=with_stable_codes(division.cells, old, retired))


def _accept(
    store: Store | None, division: Division, errors: int, progress: Progress
) -> tuple[int, tuple[dict[str, str], ...]]:
    if errors or store is None:
        raise Refused("The cells have {errors} errors and were not put into the store.",
                      remedy="Mend what the findings name and divide again, or correct the written file and use: grid import.",
                      errors=errors)  # fmt: skip
    changes = store.replace_grid(
        division.cells,
        counties=division.counties,
        streets=division.streets,
        communities=division.communities,
        progress=progress,
    )
    remember_county(store, division.cells["code"])
    return len(division.cells), handed_over(store, changes)


def _as_points(division: Division, lang: str) -> gpd.GeoDataFrame:
    found = division.findings
    places = shapely.points(found["x"].to_numpy(), found["y"].to_numpy())
    table = worded(found, lang).drop(columns=["file", "layer"])
    return gpd.GeoDataFrame(table, geometry=places, crs=division.cells.crs)


def _verify(path: Path, layers: dict[str, gpd.GeoDataFrame]) -> None:
    for name, frame in layers.items():
        found = pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]
        if found != len(frame):
            raise Defect("{file}: {rows} rows were written, {found} read back.", file=f"{path.name} {name}",
                         rows=len(frame), found=found)  # fmt: skip
