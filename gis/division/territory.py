"""What is to be divided: the area, its streets and its communities, in one metric plane, with their codes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis import crs, topology
from gis.division import sayings, seams, squares
from gis.division.merging import merged
from gis.division.spikes import blunted
from gis.frames import AREA_COLUMNS
from gis.grid import grid_codes
from gis.grid.grid_rules_findings import about_layer, at_places
from kernel.errors import Refused

WEB_MERCATOR: Final = 3857
UNKNOWN_COUNTY: Final = "000000"
SMALLEST_FAULT_M2: Final = 0.5
# A provisional community is a block of this many squares each way; with its ragged border it stays below 999 cells.
BLOCK_SQUARES: Final = 25

Array = np.ndarray
NOBODY: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Territory:
    """The area to divide.

    `boundary` is one Polygon or MultiPolygon; `communities`, `streets`, `counties` have the columns of
    `gis.frames.AREA_COLUMNS`; all in the plane `crs`. `findings`: what was noticed about the input.
    `is_provisional`: no communities were given.
    """

    crs: pyproj.CRS
    boundary: shapely.Geometry
    communities: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    counties: gpd.GeoDataFrame
    findings: list[pd.DataFrame] = field(default_factory=list)
    is_provisional: bool = False


def survey(
    area: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None = None,
    communities: gpd.GeoDataFrame | None = None,
    exclude: gpd.GeoDataFrame | None = None,
    *,
    district: str = "",
    side_m: float = 100.0,
    whole_m2: float | None = None,
    plane: crs.System | None = None,
) -> Territory:
    """Bring the layers into one plane and find the communities to divide.

    The plane is `plane`, else the area's own when that is metric, else a fitting one. Communities are those of `communities`, else
    those of `area` when its rows have unique 12-digit codes, else every street as one, else the whole; without
    communities what is larger than `whole_m2` (by default a block of the lattice) is cut into provisional ones. `exclude` is taken out of all. Faults between the layers are findings and are
    left as they are. Raises `Refused` for empty layers, layers without reference system, invalid polygons.
    """
    onto = plane_of(area) if plane is None else crs.system(plane)
    field_of_codes = _code_field(area, grid_codes.COMMUNITY)
    if communities is None and field_of_codes and area[field_of_codes].is_unique:
        communities = area
    found: list[pd.DataFrame] = []
    layers = {"area": area, "streets": streets, "communities": communities, "exclude": exclude}
    laid = {name: _laid(frame, name, onto, found) for name, frame in layers.items() if frame is not None}
    boundary = shapely.union_all(laid["area"].geometry.values)
    if "exclude" in laid:
        boundary = shapely.difference(boundary, shapely.union_all(laid["exclude"].geometry.values))
    county = _county(district, laid, found)
    street_frame = _streets(laid.get("streets"), county, found)
    if "communities" in laid:
        community_frame = _communities(laid["communities"], street_frame, county, found)
    else:
        whole_m2 = BLOCK_SQUARES**2 * side_m**2 if whole_m2 is None else whole_m2
        community_frame = _provisional(boundary, street_frame, county, side_m, whole_m2, found)
    community_frame = _kept_inside(community_frame, boundary, found)
    boundary, community_frame = _tidied(boundary, community_frame, found)
    land = _territory(onto, boundary, community_frame, street_frame, district, found)
    return replace(land, is_provisional="communities" not in laid)


def plane_of(area: gpd.GeoDataFrame) -> pyproj.CRS:
    """The area's own system when that is a metric plane (Web Mercator is none), else one that fits its middle."""
    if not len(area):
        raise Refused("The layer {layer} is empty.", remedy="Choose a layer with polygons.", layer="area")
    if area.crs is None:
        raise _without_system("area")
    if crs.is_metric(area.crs) and area.crs.to_epsg() != WEB_MERCATOR:
        return area.crs
    west, south, east, north = area.to_crs(crs.WGS84).total_bounds
    return crs.system(crs.fitting_plane((west + east) / 2, (south + north) / 2))


def _without_system(layer: str) -> Refused:
    return Refused(
        "The layer {layer} does not say its reference system.",
        remedy="Ask for its .prj file, or assign the system in a GIS first.",
        layer=layer,
    )


def _laid(
    frame: gpd.GeoDataFrame, name: str, plane: pyproj.CRS, found: list[pd.DataFrame]
) -> gpd.GeoDataFrame:
    """`frame` in the plane, polygons only."""
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty].reset_index(drop=True)
    if not len(frame):
        raise Refused("The layer {layer} is empty.", remedy="Choose a layer with polygons.", layer=name)
    if frame.crs is None:
        raise _without_system(name)
    flat = frame.set_geometry(shapely.force_2d(frame.geometry.values))
    for row in np.flatnonzero(~frame.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()):
        raise Refused("The layer {layer} has a {type} in row {row}; areas must be polygons.",
                      remedy="Choose a layer with polygons.", layer=name, type=frame.geom_type.iloc[row],
                      row=int(row) + 1)  # fmt: skip
    for row in np.flatnonzero(~flat.is_valid.to_numpy()):
        raise Refused("The polygon in row {row} of the layer {layer} is not valid: {reason}.",
                      remedy="Repair it in a GIS, then divide again.", layer=name, row=int(row) + 1,
                      reason=shapely.is_valid_reason(flat.geometry.iloc[row]))  # fmt: skip
    if frame.crs != plane:
        if name != "area":
            found.append(about_layer(sayings.OTHER_SYSTEM, value=name))
        flat = crs.to_plane(flat, None, plane)
    return flat


def _code_field(frame: gpd.GeoDataFrame | None, digits: int) -> str:
    """Name of the field that holds a code of `digits` digits in every row, unique ones first; "" when there is none."""
    if frame is None:
        return ""
    texts = {str(name): frame[name].astype("str") for name in frame.columns.drop(frame.geometry.name)}
    formed = [name for name, values in texts.items() if bool(grid_codes.has_form(values, digits).all())]
    return next((name for name in formed if texts[name].is_unique), formed[0] if formed else "")


def _county(district: str, laid: dict[str, gpd.GeoDataFrame], found: list[pd.DataFrame]) -> str:
    """The six digits that made-up codes begin with: as given, else those that the layers' own codes begin with."""
    if district:
        if not (len(district) == grid_codes.COUNTY and district.isdigit()):
            raise Refused("{district} is not a district code of six digits.",
                          remedy="Give the county's code of GB/T 2260, for example 110101.", district=district)  # fmt: skip
        return district
    for name, digits in (("communities", grid_codes.COMMUNITY), ("streets", grid_codes.STREET), ("area", 6)):
        code_field = _code_field(laid.get(name), digits)
        if code_field:
            return str(laid[name][code_field].astype("str").str[:6].min())
    found.append(about_layer(sayings.NO_COUNTY, value=UNKNOWN_COUNTY))
    return UNKNOWN_COUNTY


def _streets(
    frame: gpd.GeoDataFrame | None, county: str, found: list[pd.DataFrame]
) -> gpd.GeoDataFrame | None:
    if frame is None:
        return None
    code_field = _code_field(frame, grid_codes.STREET)
    if code_field:
        frame, codes = _one_each(frame, code_field, "streets", found)
    else:
        codes = _made_up(frame, pd.Series(county, index=frame.index))
        found.append(about_layer(sayings.PROVISIONAL_CODES, value="streets"))
    return _areas(frame, codes, codes.str[:6])


def _communities(
    frame: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None, county: str, found: list[pd.DataFrame]
) -> gpd.GeoDataFrame:
    code_field = _code_field(frame, grid_codes.COMMUNITY)
    if code_field:
        frame, codes = _one_each(frame, code_field, "communities", found)
    else:
        codes = _made_up(frame, _street_of(frame, streets, county))
        found.append(about_layer(sayings.PROVISIONAL_CODES, value="communities"))
    communities = _areas(frame, codes, codes.str[:9])
    found.append(_overlapping(communities))
    return communities


def _one_each(
    frame: gpd.GeoDataFrame, code_field: str, name: str, found: list[pd.DataFrame]
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """The areas and their codes; features that share a code are one area of several parts."""
    if not frame[code_field].is_unique:
        found.append(about_layer(sayings.SAME_CODE, value=name))
        frame = frame.dissolve(code_field, as_index=False)
    return frame, frame[code_field].astype("str")


def _street_of(frame: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None, county: str) -> pd.Series:
    """Code of the street in which each area's middle lies; street 001 where there is none."""
    out = pd.Series(f"{county}001", index=frame.index)
    if streets is not None:
        middles = shapely.point_on_surface(frame.geometry.values)
        area, street = shapely.STRtree(streets.geometry.values).query(middles, predicate="intersects")
        out.iloc[area] = streets["code"].to_numpy()[street]
    return out


def _made_up(frame: gpd.GeoDataFrame, parents: pd.Series) -> pd.Series:
    """Codes in reading order below each parent."""
    numbers = grid_codes.numbered(frame.geometry.values, parents.to_numpy(dtype=str))
    return pd.Series(numbers, index=frame.index)


def _areas(frame: gpd.GeoDataFrame, codes: pd.Series, parents: pd.Series) -> gpd.GeoDataFrame:
    """An areas frame; the name is the first text field that is not the code."""
    plain = frame.drop(columns=frame.geometry.name)
    texts = [
        c for c in plain.columns if pd.api.types.is_string_dtype(plain[c]) and not plain[c].equals(codes)
    ]
    named = next((c for c in texts if str(c).lower() in ("name", "名称", "mc")), texts[0] if texts else None)
    names = plain[named].fillna("").astype("str") if named is not None else pd.Series("", index=frame.index)
    columns = {"code": codes.to_numpy(), "name": names.to_numpy(), "parent_code": parents.to_numpy()}
    return gpd.GeoDataFrame(columns, geometry=frame.geometry.values, crs=frame.crs)[list(AREA_COLUMNS)]


def _overlapping(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Findings for areas that lie over one another."""
    pairs = topology.check(areas.geometry.values, tolerance_m2=SMALLEST_FAULT_M2).overlaps
    codes = areas["code"].to_numpy()
    values = [
        f"{codes[a]}, {codes[b]}: {size:.1f} m²" for a, b, size in pairs.iloc[:, :3].itertuples(index=False)
    ]
    return at_places(sayings.COMMUNITIES_OVERLAP, pairs["geometry"].to_numpy(), values)


def _provisional(
    boundary: shapely.Geometry,
    streets: gpd.GeoDataFrame | None,
    county: str,
    side_m: float,
    whole_m2: float,
    found: list[pd.DataFrame],
) -> gpd.GeoDataFrame:
    """Each street, or the whole area, as one community; what is too large in blocks of the lattice."""
    if streets is None:
        codes, names, polygons = (
            np.array([f"{county}001"]),
            np.array([""]),
            np.array([boundary], dtype=object),
        )
    else:
        codes, names, polygons = (streets[name].to_numpy() for name in ("code", "name", "geometry"))
    rows: list[tuple[str, str, str, shapely.Geometry]] = []
    for code, name, polygon in zip(codes, names, np.asarray(polygons, dtype=object), strict=True):
        blocks = [polygon] if shapely.area(polygon) <= whole_m2 else _blocks(polygon, side_m)
        rows += [(f"{code}{k:03d}", name, code, block) for k, block in enumerate(blocks, start=1)]
    found.append(about_layer(sayings.PROVISIONAL_COMMUNITIES, value=len(rows)))
    made = gpd.GeoDataFrame(rows, columns=list(AREA_COLUMNS), geometry="geometry")
    return made.set_crs(None if streets is None else streets.crs)


def _blocks(polygon: shapely.Geometry, side_m: float) -> Array:
    """`polygon` cut into blocks of the lattice in reading order; small rims join their neighbours."""
    block_m = side_m * BLOCK_SQUARES
    pieces = squares.cut(np.array([polygon], dtype=object), block_m)
    group = np.zeros(len(pieces), dtype=np.int64)
    blocks, _ = merged(pieces.geometry, group, least_m2=0.2 * block_m**2)
    position, x = grid_codes.band_position(blocks, np.zeros(len(blocks), dtype=np.int64))
    return blocks[np.lexsort((x, np.floor(position)))]


def _kept_inside(
    communities: gpd.GeoDataFrame, boundary: shapely.Geometry, found: list[pd.DataFrame]
) -> gpd.GeoDataFrame:
    """Communities without what lies outside the area; what of the area has no community is a finding."""
    polygons = np.asarray(communities.geometry.values, dtype=object)
    faces = topology.faces(polygons, within=np.array([boundary], dtype=object))
    shapely.prepare(boundary)
    inside = shapely.intersects(boundary, shapely.point_on_surface(faces.geometry))
    bare = _large_parts(faces.geometry[inside & (faces.cover == 0)])
    found.append(at_places(sayings.NO_COMMUNITY, bare, [f"{part.area:.1f} m²" for part in bare]))
    beyond = _large_parts(faces.geometry[~inside & (faces.cover > 0)])
    found.append(at_places(sayings.BEYOND_AREA, beyond, [f"{part.area:.1f} m²" for part in beyond]))
    near = shapely.STRtree(polygons).query(beyond, predicate="intersects")[1] if len(beyond) else NOBODY
    far = np.unique(near)
    kept = polygons.copy()
    kept[far] = shapely.intersection(polygons[far], boundary)
    out = communities.set_geometry(kept)
    return out[shapely.area(kept) > SMALLEST_FAULT_M2].reset_index(drop=True)


def _tidied(
    boundary: shapely.Geometry, communities: gpd.GeoDataFrame, found: list[pd.DataFrame]
) -> tuple[shapely.Geometry, gpd.GeoDataFrame]:
    """Area and communities without the repeated vertices and the spikes that rule G1 knows."""
    every = np.array([boundary, *communities.geometry.values], dtype=object)
    tidy, touched = seams.tidied(every)
    if touched:
        found.append(about_layer(sayings.TIDIED, value=touched))
    tidy, points = blunted(tidy)
    if points:
        found.append(about_layer(sayings.BLUNTED, value=points))
    return tidy[0], communities.set_geometry(tidy[1:])


def _large_parts(faces: Array) -> Array:
    """Faces joined where they lie side by side, without those too small to speak of."""
    parts = shapely.get_parts(shapely.union_all(faces)) if len(faces) else faces
    return parts[shapely.area(parts) > SMALLEST_FAULT_M2]


def _territory(
    plane: pyproj.CRS,
    boundary: shapely.Geometry,
    communities: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None,
    district: str,
    found: list[pd.DataFrame],
) -> Territory:
    if not len(communities):
        raise Refused("No community lies in the area.", remedy="Check that both layers are of the same city.")
    communities = communities.set_crs(plane, allow_override=True)
    if streets is None:
        grouped = communities.dissolve("parent_code", as_index=False)
        streets = _areas(grouped, grouped["parent_code"], grouped["parent_code"].str[:6]).assign(name="")
    return Territory(plane, boundary, communities, streets, _counties(streets, district, boundary), found)


def _counties(streets: gpd.GeoDataFrame, district: str, boundary: shapely.Geometry) -> gpd.GeoDataFrame:
    """The district that was asked for, else those that the streets' codes name."""
    if district or streets["parent_code"].nunique() == 1:
        codes, shapes = [district or streets["parent_code"].iloc[0]], [boundary]
    else:
        grouped = streets.dissolve("parent_code")
        codes, shapes = list(grouped.index), list(grouped.geometry.values)
    return gpd.GeoDataFrame({"code": codes, "name": "", "parent_code": ""}, geometry=shapes, crs=streets.crs)
