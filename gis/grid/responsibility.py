"""Responsibility areas on top of the grid: which cells they hold, how large they are, what contradicts.

An areas frame has the columns `RESPONSIBILITY_COLUMNS`; `cell_codes` is a tuple of cell codes per row, `geometry` a
polygon, a line or None. Lengths are metres and areas square metres of the city's plane; NaN means "not given".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.frames import FINDING_COLUMNS, empty_findings
from gis.grid.grid_rules_findings import ERROR, WARNING, Saying
from resources.responsibility import AREA, CELLS, LINE, Kind, fields

TEXT_COLUMNS: Final = (
    "code",
    "name",
    "company",
    "team",
    "person",
    "department",
    "layer",
    "start",
    "end",
    "note",
)
NUMBER_COLUMNS: Final = ("population", "length_m", "width_m", "area_m2", "swept_m2")
RESPONSIBILITY_COLUMNS: Final = (*TEXT_COLUMNS, *NUMBER_COLUMNS, "cell_codes", "geometry")
TOLERANCE: Final = 0.05  # by which a given area or length may differ from the computed one without a word

Shapes = NDArray[np.object_]

NO_CODE: Final = Saying("R1", ERROR, "The area has no code.", "Give every area a code of its own.")
REPEATED: Final = Saying("R1", ERROR, "The code {value} stands in an earlier row already.",
                         "Give every area a code of its own.")  # fmt: skip
UNKNOWN_CELL: Final = Saying("R2", ERROR, "There is no unit grid cell {value}.",
                             "Use codes of the grid in the store; a redivision may have changed them.")  # fmt: skip
TWICE: Final = Saying("R3", ERROR, "A cell belongs to another area of this kind already: {value}.",
                      "Leave each cell in one area; this kind shares none.")  # fmt: skip
NO_SHAPE: Final = Saying("R4", ERROR, "The area has neither cells nor a shape of its kind.",
                         "Name its cells, or draw it.")  # fmt: skip
NO_NUMBER: Final = Saying("R5", ERROR, "{field}: {value} is not a number of zero or more.", "Write the number alone, without a unit.")  # fmt: skip
NOWHERE: Final = Saying("R6", WARNING, "The cell {value} belongs to no area of this kind.",
                        "Add it to the area that is responsible for it.")  # fmt: skip
DIFFERS: Final = Saying(
    "R7", WARNING, "{field} is given and measured: {value}.", "Measure again; the computed figure is stored."
)


def areas_frame(columns: dict[str, Any], rows: int, crs: Any) -> gpd.GeoDataFrame:
    """An areas frame of `rows` rows; text that is not given is "", numbers NaN, cells none."""
    out: dict[str, Any] = {
        name: pd.array(columns.get(name, [""] * rows), dtype="str") for name in TEXT_COLUMNS
    }
    out |= {name: np.asarray(columns.get(name, np.full(rows, np.nan)), float) for name in NUMBER_COLUMNS}
    codes = np.empty(rows, object)
    codes[:] = [tuple(each) for each in columns.get("cell_codes", [()] * rows)]
    shapes = columns.get("geometry", np.full(rows, None, object))
    frame = gpd.GeoDataFrame(out | {"cell_codes": codes}, geometry=shapes, crs=crs)
    return frame[list(RESPONSIBILITY_COLUMNS)]


def altered(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Which rows of `after` do not stand in `before` exactly so, by code: fields, cells in any order, shape."""
    known = _records(before)
    return np.array([known.get(code) != row for code, row in _records(after).items()], bool)


def membership(areas: pd.DataFrame) -> pd.DataFrame:
    """`area_code, cell_code, row`: one line per cell of each area, `row` the area's place in the frame."""
    counts = [len(codes) for codes in areas["cell_codes"]]
    return pd.DataFrame(
        {
            "area_code": np.repeat(areas["code"].to_numpy(object), counts),
            "cell_code": [code for codes in areas["cell_codes"] for code in codes],
            "row": np.repeat(np.arange(len(areas)), counts),
        }
    )


def completed(areas: gpd.GeoDataFrame, kind: Kind, cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`areas` with what follows from the rest: shapes from cells, cells from drawn shapes, and the measures.

    An area of a kind made of cells has exactly the outline of its cells, whatever was drawn.
    """
    out = areas.copy()
    if kind.made_of != LINE:
        drawn = _cells_inside(out.geometry.to_numpy(), cells)
        codes = np.empty(len(out), object)
        codes[:] = [own or inside for own, inside in zip(out["cell_codes"], drawn, strict=True)]
        out["cell_codes"] = codes
        outlines = _outlines(codes.tolist(), cells)
        bare = shapely.is_missing(out.geometry.to_numpy())
        from_cells = np.ones(len(out), bool) if kind.made_of == CELLS else bare
        out = out.set_geometry(
            gpd.GeoSeries(np.where(from_cells, outlines, out.geometry.to_numpy()), out.index, crs=areas.crs)
        )
    return measured(out, kind)


def measured(areas: gpd.GeoDataFrame, kind: Kind) -> gpd.GeoDataFrame:
    """`areas` with area, length and swept area computed on the plane; what has no shape keeps the given figures.

    Swept area of a road is its length times its width; a given one stays where the width is not known.
    """
    out = areas.copy()
    shapes = out.geometry.to_numpy()
    there = ~shapely.is_missing(shapes)
    if kind.made_of == LINE:
        out["length_m"] = np.where(there, shapely.length(shapes), out["length_m"])
        swept = out["length_m"] * out["width_m"]
        out["swept_m2"] = swept.where(swept.notna(), out["swept_m2"])
    else:
        out["area_m2"] = np.where(there, shapely.area(shapes), out["area_m2"])
    return out


def check(areas: gpd.GeoDataFrame, kind: Kind, cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """Findings R1 … R4 about rows of `areas`, completed; `record` is the row's place in the frame.

    The order of rows decides: of two areas that hold one cell of an exclusive kind the later is at fault.
    """
    found = [*_codes(areas), *_shapes(areas, kind)]
    found += _cells(areas, kind, cells)
    return as_findings(found)


def uncovered(areas: pd.DataFrame, kind: Kind, cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """R6 for each cell in no area of an exclusive kind; none for other kinds."""
    if not kind.exclusive:
        return empty_findings()
    lost = cells[~cells["code"].isin(set(membership(areas)["cell_code"]))]
    points = shapely.point_on_surface(lost.geometry.to_numpy())
    places = zip(lost["code"], shapely.get_x(points), shapely.get_y(points), strict=True)
    return as_findings([(NOWHERE, -1, "cell_codes", code, x, y) for code, x, y in places])


def differing(given: pd.DataFrame, computed: pd.DataFrame) -> pd.DataFrame:
    """R7 where a given area or length is more than `TOLERANCE` off the computed one."""
    found: list[tuple[Any, ...]] = []
    for field in ("area_m2", "length_m", "swept_m2"):
        was, now = given[field].to_numpy(float), computed[field].to_numpy(float)
        with np.errstate(invalid="ignore"):
            off = np.flatnonzero(np.abs(was - now) > TOLERANCE * np.maximum(now, 1.0))
        found += [(DIFFERS, row, field, f"{was[row]:,.0f} → {now[row]:,.0f}") for row in off.tolist()]
    return as_findings(found)


def as_findings(found: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Findings frame of `(saying, record, field, value[, x, y])`; fields are called as a list's headings call them."""
    if not found:
        return empty_findings()
    headings = {name: known.zh for name, known in fields().items()}
    rows = [
        dict.fromkeys(FINDING_COLUMNS, "")
        | {"code": said.code, "severity": said.severity, "message": said.message, "remedy": said.remedy,
           "record": record, "row": record + 1 if record >= 0 else -1, "field": headings.get(field, field), "value": str(value),
           "x": place[0] if place else np.nan, "y": place[1] if place else np.nan}
        for said, record, field, value, *place in found
    ]  # fmt: skip
    return pd.DataFrame(rows)[list(FINDING_COLUMNS)]


def _records(areas: gpd.GeoDataFrame) -> dict[Any, tuple[Any, ...]]:
    """What each area says, by code; a code that stands again by its row."""
    plain = pd.DataFrame(areas[[*TEXT_COLUMNS, *NUMBER_COLUMNS]]).astype(object)
    rows = plain.where(plain.notna(), None).itertuples(index=False, name=None)
    shapes = shapely.to_wkb(areas.geometry.to_numpy())
    out: dict[Any, tuple[Any, ...]] = {}
    for place, (row, cells, shape) in enumerate(zip(rows, areas["cell_codes"], shapes, strict=True)):
        out[row[0] if row[0] not in out else (row[0], place)] = (*row, tuple(sorted(cells)), shape)
    return out


def _codes(areas: pd.DataFrame) -> list[tuple[Any, ...]]:
    empty = np.flatnonzero((areas["code"] == "").to_numpy())
    repeated = np.flatnonzero(((areas["code"] != "") & areas["code"].duplicated()).to_numpy())
    return [(NO_CODE, row, "code", "") for row in empty.tolist()] + [
        (REPEATED, row, "code", areas["code"].iloc[row]) for row in repeated.tolist()
    ]


def _shapes(areas: gpd.GeoDataFrame, kind: Kind) -> list[tuple[Any, ...]]:
    """Rows without what their kind is made of; a road may be a line in a list only."""
    dimension = shapely.get_dimensions(areas.geometry.to_numpy())  # -1 where there is none
    if kind.made_of == LINE:
        wrong = (dimension != 1) & (dimension != -1)
    else:
        has_cells = np.array([len(codes) > 0 for codes in areas["cell_codes"]], bool)
        wrong = np.where(dimension == -1, ~has_cells, dimension != 2)
    return [
        (NO_SHAPE, row, "wkt" if kind.made_of in (LINE, AREA) else "cell_codes", "")
        for row in np.flatnonzero(wrong).tolist()
    ]


def _cells(areas: pd.DataFrame, kind: Kind, cells: pd.DataFrame) -> list[tuple[Any, ...]]:
    of = membership(areas)
    known = set(cells["code"].to_numpy(object))
    unknown = of[np.array([code not in known for code in of["cell_code"].to_numpy(object)], bool)]
    found: list[tuple[Any, ...]] = [
        (UNKNOWN_CELL, int(row), "cell_codes", code)
        for code, row in zip(unknown["cell_code"], unknown["row"], strict=True)
    ]
    if kind.exclusive:
        first = of.drop_duplicates("cell_code").set_index("cell_code")
        again = of[of.duplicated("cell_code")]
        for code, row in zip(again["cell_code"], again["row"], strict=True):
            said = f"{code!s} → {first.at[code, 'area_code']!s}"
            found.append((TWICE, int(row), "cell_codes", said))
    return found


def _cells_inside(shapes: Shapes, cells: gpd.GeoDataFrame) -> list[tuple[str, ...]]:
    """Codes of the cells of which a point well inside lies in each shape; () for None."""
    points = shapely.point_on_surface(cells.geometry.to_numpy())
    codes = cells["code"].to_numpy(object)
    tree = shapely.STRtree(points)
    areal = shapely.get_dimensions(shapes) == 2
    out: list[tuple[str, ...]] = [()] * len(shapes)
    for row in np.flatnonzero(areal).tolist():
        out[row] = tuple(sorted(codes[tree.query(shapes[row], predicate="intersects")].tolist()))
    return out


def _outlines(codes: Sequence[Sequence[str]], cells: gpd.GeoDataFrame) -> Shapes:
    """The union of each row's cells, snapped to a millimetre; None where there are none."""
    by_code = dict(zip(cells["code"], cells.geometry.to_numpy(), strict=True))
    out = np.full(len(codes), None, object)
    for row, own in enumerate(codes):
        out[row] = outline([by_code[code] for code in own if code in by_code])
    return out


def outline(polygons: Sequence[shapely.Geometry]) -> shapely.Geometry | None:
    """The union of cells, snapped to a millimetre, the same to the last bit in whatever order; None without cells."""
    return shapely.normalize(shapely.union_all(polygons, grid_size=0.001)) if len(polygons) else None
