"""The layer of streets: centre lines from the cells' borders, joined over bridges, each street with one name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from gis.demo_city.base_frame import frame
from gis.demo_city.cells import Grid, roads_of
from gis.demo_city.ground import Ground
from gis.demo_city.lines import ROAD_RANK, ROAD_WIDTH_M, Line
from gis.demo_city.names import CANAL_NAME, RING_NAMES, RIVER_NAME, stems
from gis.demo_city.network import Network
from gis.demo_city.site import Site

SIDE_NAMES: Final = {"north": "北", "south": "南", "east": "东", "west": "西"}
SAME_END_M = 1.0  # a deck and the street that leads to it


def roads(site: Site, further: Sequence[Line], names: dict[str, str]) -> gpd.GeoDataFrame:
    """Centre lines, one row for each stretch of a street between its ends; bridges and `further` lines included."""
    lines = [*_streets(site.network, site.ground, site.grid), *further]
    kind = np.array([line.kind for line in lines])
    return frame({
        "name": [names[line.role] for line in lines],
        "subtype": np.where(kind == "ramp", "minor", kind).astype(object),
        "rank": np.array([ROAD_RANK[line.kind] for line in lines]),
        "width_m": np.array([ROAD_WIDTH_M[line.kind] for line in lines]),
        "geometry": np.array([line.geometry for line in lines], dtype=object),
    })  # fmt: skip


def _streets(network: Network, ground: Ground, grid: Grid) -> list[Line]:
    sources: dict[str, list[shapely.LineString]] = {}
    for line in network.lines:
        if line.kind in ROAD_RANK:
            sources.setdefault(line.role, []).append(line.geometry)
    pieces: dict[tuple[str, str], list[shapely.LineString]] = {}
    for k, kept in roads_of(grid).items():
        pieces.setdefault((grid.lines[k].kind, grid.lines[k].role), []).extend(kept)
    out = []
    for (kind, role), parts in pieces.items():
        links = [link for source in sources.get(role, []) for link in _links(parts, source, ground)]
        whole = shapely.line_merge(shapely.multilinestrings([*parts, *links]))
        out += [Line(kind, part, role) for part in shapely.get_parts(whole)]
    return out


def _links(
    parts: list[shapely.LineString], source: shapely.LineString, ground: Ground
) -> list[shapely.LineString]:
    """The decks on the street `source`, their ends moved onto the ends of the street's parts on both banks."""
    ends = np.concatenate([shapely.get_coordinates(part)[[0, -1]] for part in parts])
    out = []
    for k in np.flatnonzero(shapely.dwithin(ground.bridges, source, 0.01)) if len(ground.bridges) else ():
        xy = shapely.get_coordinates(ground.bridges[k])
        off = [np.hypot(*(ends - tip).T) for tip in (xy[0], xy[-1])]
        if max(o.min() for o in off) < SAME_END_M:
            xy[0], xy[-1] = ends[off[0].argmin()], ends[off[1].argmin()]
            out.append(shapely.LineString(xy))
    return out


def street_names(seed: int, lines: Sequence[Line]) -> dict[str, str]:
    """The name of every role: rings by number and side, streets along water by it, others from parts."""
    source = stems(seed, "roads")
    known: dict[str, str] = {}
    for line in lines:
        if line.role not in known:
            fixed = _fixed_name(line)
            known[line.role] = next(source) + _suffix(line) if fixed is None else fixed
    return known


def _fixed_name(line: Line) -> str | None:
    """The name that the role gives; "" for lanes without a name, None where one is to be invented."""
    what, *rest = line.role.split(":")
    if line.kind in ("service", "path", "ramp") or what == "village":
        return ""
    if what == "ring":
        return f"{SIDE_NAMES[rest[1]]}{_ring_name(int(rest[0]))}环路"
    if what == "embankment":
        return f"{RIVER_NAME[:2]}{SIDE_NAMES[rest[0]]}路"
    if what == "canal":
        return f"{'内' if rest[1] == 'inner' else '外'}{CANAL_NAME[:2]}{'' if rest[0] == '0' else rest[0]}路"
    return None


def _ring_name(level: int) -> str:
    return RING_NAMES[level] if level < len(RING_NAMES) else f"十{RING_NAMES[(level - 9) % 9]}"


def _suffix(line: Line) -> str:
    x0, y0, x1, y1 = line.geometry.bounds
    north_south = y1 - y0 > x1 - x0
    if line.kind in ("expressway", "main"):
        return "大道" if north_south else "大街"
    if line.role.startswith("hutong"):
        return "巷" if north_south else "胡同"
    if line.kind == "minor":
        return "支路" if north_south else "横街"
    return "路" if north_south else "街"
