"""Take a finished grid into the store."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from actions.grid.check_grid import findings_of
from actions.grid.edit_grid import handed_over
from actions.grid.grid_layers import READABLE_CODE, GridFile, choose
from actions.read_layers import read_layers
from gis import crs
from gis.frames import as_cells
from gis.grid import grid_codes
from gis.grid.grid_rules_findings import ERROR, counts
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class ImportGrid:
    """A file with a finished grid; `layer` and `id_field` where they are not plain."""

    file: str
    layer: str = ""
    id_field: str = ""


@dataclass(frozen=True)
class GridImported:
    """As `GridChecked`; `accepted` cells are in the store, `streets` and `communities` came with them."""

    layer: str
    cells: int
    accepted: int
    streets: int
    communities: int
    findings: dict[str, int]
    errors: int
    seconds: float
    details: pd.DataFrame
    handed_over: tuple[
        dict[str, str], ...
    ] = ()  # cells that went to another responsibility area of an exclusive kind


def import_grid(store: Store, request: ImportGrid, progress: Progress | None = None) -> GridImported:
    """Check a finished grid and put it in the place of the store's; components are re-keyed.

    Rows without a valid polygon or without a code of 15 characters stay out and are found by the rules. Raises `Refused` when the
    grid is not plain, has no reference system, or repeats codes; then the store is as it was.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    progress.report(0.0, "Reading the layers")
    grid = choose(read_layers(request.file), request.layer, request.id_field)
    _require_system(grid)
    _require_codes(grid)
    findings = findings_of(_with_known_areas(store, grid), Part(progress, 0.2, 0.6))
    plane = adopted_plane(store, grid.cells)
    cells = _storable(grid, plane)
    areas = {name: _laid(frame, plane) for name, frame in _areas(grid).items() if frame is not None}
    changes = store.replace_grid(cells, **areas, progress=Part(progress, 0.6, 1.0))
    remember_county(store, cells["code"])
    return GridImported(
        layer=grid.layer,
        cells=len(grid.cells),
        accepted=len(cells),
        streets=len(areas.get("streets", ())),
        communities=len(areas.get("communities", ())),
        findings=counts(findings),
        errors=int((findings["severity"] == ERROR).sum()),
        seconds=round(time.perf_counter() - began, 3),
        details=findings,
        handed_over=handed_over(store, changes),
    )


def adopted_plane(store: Store, frame: gpd.GeoDataFrame) -> int:
    """EPSG number of the store's plane; a store without one takes the layer's, or one that fits it."""
    known = store.info(with_hash=False).crs
    if known:
        return known
    epsg = frame.crs.to_epsg() if crs.is_metric(frame.crs) else None
    if epsg is None:
        west, south, east, north = frame.to_crs(crs.WGS84).total_bounds
        epsg = crs.fitting_plane((west + east) / 2, (south + north) / 2)
    store.adopt_crs(epsg)
    return epsg


def remember_county(store: Store, codes: pd.Series) -> None:
    """Keep the county's code as a setting when the store has none and all cells agree on it."""
    counties = codes.str[: grid_codes.COUNTY].unique()
    if len(counties) == 1 and not store.setting("county_code"):
        store.set_setting("county_code", str(counties[0]))


def _require_system(grid: GridFile) -> None:
    if grid.cells.crs is None:
        raise Refused(
            "{layer} does not say its reference system, so its cells cannot be placed.",
            remedy="Ask for its .prj file, or assign the system in a GIS; cells belong on the city's CGCS2000 plane.",
            file=grid.file,
            layer=grid.layer,
        )


def _require_codes(grid: GridFile) -> None:
    if not grid.id_field:
        raise Refused(
            "{layer} has no field of 15-digit cell codes.",
            remedy="Name the field with --id-field, or divide the area with: grid divide.",
            file=grid.file,
            layer=grid.layer,
        )
    codes = grid.cells["code"]
    twice = np.flatnonzero((codes.duplicated() & codes.str.fullmatch(READABLE_CODE)).to_numpy())
    if len(twice):
        raise Refused(
            "Row {row}: the code {code} stands in the field {field} a second time.",
            remedy="Give each cell its own code; grid check lists all of them.",
            file=grid.file,
            row=int(twice[0]) + 1,
            field=grid.id_field,
            code=codes.iloc[twice[0]],
        )


def _with_known_areas(store: Store, grid: GridFile) -> GridFile:
    """The file's areas; where it has none, the store's."""
    levels = {"counties": "county", "streets": "street", "communities": "community"}
    known = {name: frame for name, frame in _areas(grid).items() if frame is not None}
    for name, level in levels.items():
        if name not in known and len(frame := store.load_areas(level)):
            known[name] = frame
    return GridFile(grid.layer, grid.file, grid.id_field, grid.cells,
                    known.get("counties"), known.get("streets"), known.get("communities"))  # fmt: skip


def _areas(grid: GridFile) -> dict[str, gpd.GeoDataFrame | None]:
    return {"counties": grid.counties, "streets": grid.streets, "communities": grid.communities}


def _storable(grid: GridFile, plane: int) -> gpd.GeoDataFrame:
    cells = grid.cells
    has_code = cells["code"].str.fullmatch(READABLE_CODE).to_numpy(dtype=bool)
    good = has_code & cells.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    good &= np.asarray(cells.geometry.is_valid)  # what lies in a polygon that crosses itself, nobody can say
    return as_cells(_laid(cells[good].drop(columns=["area_m2", "end_date"], errors="ignore"), plane))


def _laid(frame: gpd.GeoDataFrame, plane: int) -> gpd.GeoDataFrame:
    flat = frame.set_geometry(
        shapely.force_2d(np.asarray(frame.geometry.values, dtype=object)), crs=frame.crs
    )
    return crs.to_plane(flat, None, plane)
