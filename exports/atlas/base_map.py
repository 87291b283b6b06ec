"""The map of a sheet: ground, water, green, buildings, roads at their true width, cells and communities."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from exports import drawing
from exports.atlas.content import Atlas
from exports.atlas.paper import MM_PT
from exports.atlas.sheets import Box, Sheet
from resources.styles import Palette, mix

# Width on paper where the layer gives none, by rank 1 (expressway) … 6 (path), and the least that is drawn.
_ROAD_MM: Final = {1: 3.2, 2: 2.4, 3: 1.9, 4: 1.4, 5: 1.0, 6: 0.5}
_CASING_MM: Final = 0.16
_MAIN_RANK: Final = 3
_AFAR_RANK: Final = 2  # less important roads are not drawn on maps of the whole city
CELL_PT: Final = 0.95
COMMUNITY_PT: Final = 2.4
DASH_DOT: Final = (0, (7.0, 2.0, 1.5, 2.0))


def draw(axes: Any, atlas: Atlas, sheet: Sheet, *, cells: str = "") -> None:
    """Draw the base, the sheet's own cells (in the colour `cells`) and border, and what lies around under a veil."""
    draw_base(axes, atlas, sheet.window, sheet.scale)
    own = atlas.communities["code"] == sheet.community_code
    shape = atlas.communities.geometry[own].iloc[0]
    colours = atlas.palette
    around = atlas.layer.within(sheet.window)
    foreign = around[around["community_code"] != sheet.community_code]
    drawing.lines(axes, foreign.geometry, mix(colours.cell_line, colours.land, 0.45), 0.45, zorder=3.0)
    drawing.lines(axes, _others(atlas, sheet), colours.community_line, 0.8, DASH_DOT, zorder=3.1, cap="butt")
    drawing.fill(axes, [shapely.box(*sheet.window).difference(shape)], colours.card, alpha=0.55, zorder=3.5)
    mine = around[around["community_code"] == sheet.community_code]
    drawing.lines(axes, mine.geometry, cells or colours.focus, CELL_PT, zorder=4.0)
    _border(axes, shape, sheet.window, colours)


def draw_afar(axes: Any, atlas: Atlas, road: str, road_pt: float, zorder: float = 1.0) -> None:
    """Draw what the whole city stands on: its land, green and water, and the main roads as plain lines."""
    colours = atlas.palette
    drawing.fill(axes, atlas.outlines, colours.land)
    for kind, colour in (("green", colours.park), ("water", colours.water)):
        if kind in atlas.base:
            drawing.fill(axes, atlas.base[kind].frame.geometry, colour)
    if "roads" in atlas.base:
        roads = atlas.base["roads"].frame
        main = roads[(roads["rank"] <= _AFAR_RANK) & roads.geom_type.str.contains("Line")]
        drawing.lines(axes, main.geometry, road, road_pt, zorder=zorder)


def draw_base(axes: Any, atlas: Atlas, window: Box, scale: int) -> None:
    """Draw what the city stands on."""
    colours = atlas.palette
    near = {kind: layer.within(window) for kind, layer in atlas.base.items()}
    if "green" in near:
        drawing.fill(axes, near["green"].geometry, colours.park, zorder=1.0)
    if "water" in near:
        drawing.fill(axes, near["water"].geometry, colours.water, colours.shore, 0.5, zorder=1.1)
        lines = near["water"][near["water"].geom_type.str.contains("Line")]
        drawing.lines(axes, lines.geometry, colours.water, 2.0, zorder=1.1)
    if "buildings" in near:
        drawing.fill(
            axes, near["buildings"].geometry, colours.building, colours.building_edge, 0.3, zorder=1.4
        )
    if "roads" in near:
        _roads(axes, near["roads"], scale, colours)
    if "railways" in near:
        _railways(axes, near["railways"], colours)


def road_mm(roads: gpd.GeoDataFrame, scale: int) -> np.ndarray:
    """Width on paper of each road: its true width, where that is known, but never thinner than half its rank's."""
    usual = roads["rank"].clip(1, 6).map(_ROAD_MM).to_numpy(float)
    true = roads["width_m"].fillna(0).to_numpy(float) * 1000 / scale
    return np.where(true > 0, np.maximum(true, usual / 2), usual)


def _roads(axes: Any, roads: gpd.GeoDataFrame, scale: int, colours: Palette) -> None:
    """Casings below all roads, then the roads, main roads on top; roads given as areas lie below the lines."""
    areal = roads[roads.geom_type.str.contains("Polygon")]
    drawing.fill(axes, areal.geometry, colours.road, colours.road_casing, 0.5, zorder=1.5)
    roads = roads[roads.geom_type.str.contains("Line")].sort_values("rank", ascending=False, kind="stable")
    if not len(roads):
        return
    width = road_mm(roads, scale)
    main = (roads["rank"] <= _MAIN_RANK).to_numpy()
    shapes = roads.geometry.to_numpy()
    kinds = (
        (~main, colours.road, colours.road_casing, 0.0),
        (main, colours.main_road, colours.main_road_casing, 0.2),
    )
    for chosen, _, casing, above in kinds:
        drawing.lines(
            axes, shapes[chosen], casing, (width[chosen] + 2 * _CASING_MM) * MM_PT, zorder=1.6 + above
        )
    for chosen, fill, _, above in kinds:
        drawing.lines(axes, shapes[chosen], fill, width[chosen] * MM_PT, zorder=1.7 + above)


def _railways(axes: Any, railways: gpd.GeoDataFrame, colours: Palette) -> None:
    """A dark line with white bars, as maps of China draw them."""
    drawing.lines(axes, railways.geometry, colours.secondary, 2.0, zorder=2.2, cap="butt")
    drawing.lines(axes, railways.geometry, colours.card, 1.3, (0, (6, 6)), zorder=2.3, cap="butt")


def _others(atlas: Atlas, sheet: Sheet) -> np.ndarray:
    other = atlas.communities[atlas.communities["code"] != sheet.community_code]
    shapes = other.geometry.to_numpy()
    return np.asarray(shapes[shapely.intersects(shapes, shapely.box(*sheet.window))])


def _border(axes: Any, shape: Any, window: Box, colours: Palette) -> None:
    """The community's border: a soft band outside, a strong dash-dot line on it."""
    metres = (window[2] - window[0]) * 0.0055
    drawing.fill(axes, [shape.buffer(metres).difference(shape)], colours.focus, alpha=0.16, zorder=3.8)
    drawing.lines(axes, [shape], colours.text, COMMUNITY_PT, DASH_DOT, zorder=4.2, cap="butt")
