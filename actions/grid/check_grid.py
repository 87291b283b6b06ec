"""Check any layer of cells by the grid rules."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd

from actions.grid.feature_layers import read_features
from actions.grid.grid_layers import GridFile, choose
from actions.grid.mend_grid import fixes_of
from actions.read_layers import read_layer, read_layers
from gis.division.ground import Ground
from gis.grid import grid_rules
from gis.grid.grid_figures import GridFigures, figures
from gis.grid.grid_rules import Surroundings
from gis.grid.grid_rules_findings import ERROR, counts
from gis.grid.grid_rules_system import in_one_plane
from kernel.progress import Part, Progress, Silent
from resources.texts import words


@dataclass(frozen=True)
class CheckGrid:
    """A layer of cells, and what else to check it against; "" where there is nothing.

    `fixes`: also look for a fix for each finding, said in `lang`.
    """

    file: str
    layer: str = ""
    id_field: str = ""
    buildings: str = ""
    compounds: str = ""
    roads: str = ""
    railways: str = ""
    water: str = ""
    components: str = ""
    fixes: bool = False
    lang: str = "en"
    features: str | tuple[str, ...] = ()


@dataclass(frozen=True)
class GridChecked:
    """`findings`: number by rule code; `errors`: how many of them block publishing; `details`: the findings frame.

    `figures`: see `gis.grid.grid_figures`. `fixes`: see `actions.grid.mend_grid.fixes_of`; None where none were asked for.
    """

    layer: str
    cells: int
    findings: dict[str, int]
    errors: int
    seconds: float
    details: pd.DataFrame
    figures: GridFigures | None = None
    fixes: list[dict[str, Any]] | None = None


def check_grid(request: CheckGrid, progress: Progress | None = None) -> GridChecked:
    """Check the grid in a file. Raises `Refused` when the file cannot be read or its grid is not plain."""
    progress = progress or Silent()
    began = time.perf_counter()
    progress.report(0.0, "Reading the layers")
    grid = choose(read_layers(request.file), request.layer, request.id_field)
    others = {
        role: read_layer(getattr(request, role), role, areal=True)
        for role in ("buildings", "compounds")
        if getattr(request, role)
    }
    findings = findings_of(grid, Part(progress, 0.3, 0.6), **others)
    fixes = None
    if request.fixes:
        fixes = fixes_of(grid, findings, Part(progress, 0.6, 1.0), partial(words, request.lang), **others)
    return GridChecked(
        layer=grid.layer,
        cells=len(grid.cells),
        findings=counts(findings),
        errors=int((findings["severity"] == ERROR).sum()),
        seconds=round(time.perf_counter() - began, 3),
        details=findings,
        figures=figures_of(request, grid, **others),
        fixes=fixes,
    )


def figures_of(request: CheckGrid, grid: GridFile, **areal: gpd.GeoDataFrame) -> GridFigures | None:
    """What the grid is like, measured on all layers that the request names. Raises `Refused` for one without system."""
    paths = {role: getattr(request, role) for role in ("roads", "railways", "water", "components")}
    layers = {role: read_layer(path, role) for role, path in paths.items() if path} | areal
    others = read_features(request.features)
    if others is not None:
        layers["features"] = others
    cells, _ = in_one_plane(grid.cells, Surroundings())
    if cells.crs is None:
        return figures(cells)
    components = layers.pop("components", None)
    laid = None if components is None else Ground(roads=components).in_plane(cells.crs).roads
    return figures(cells, Ground(**layers).in_plane(cells.crs), laid)


def findings_of(grid: GridFile, progress: Progress, **others: object) -> pd.DataFrame:
    """The findings of a grid file, with the file's and the layer's name."""
    known = {"counties": grid.counties, "streets": grid.streets, "communities": grid.communities} | others
    findings = grid_rules.check(grid.cells, **known, progress=progress)
    return findings.assign(file=grid.file, layer=grid.layer)
