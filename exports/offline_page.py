"""The heat map as one self-contained HTML page: scripts, styles, fonts and data inside, nothing asked of the network."""

from __future__ import annotations

import base64
import html
import io
import re
from importlib.resources import files
from pathlib import Path

import branca.element
import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from jinja2 import Template

from exports.finished import finished
from exports.heatmap import HeatMap
from kernel.errors import Defect
from resources import fonts
from resources.texts import words

# What a browser would fetch by itself. Links that a reader may click are not among them.
_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio)[^>]+src=["']?(?:https?:)?//|<link[^>]+href=["']?(?:https?:)?//"""
    r"""|@import|url\(["']?(?:(?:https?:)?//|images/)|fetch\(["']?https?:|new XMLHttpRequest""",
    re.IGNORECASE,
)
PLACES = 6  # decimals of a degree: 0.1 m
_LIGHT_BASE_M = 4.0  # base lines and outlines are generalised to this, cells are not


def write_page(heat: HeatMap, target: Path) -> Path:
    """Write `heat` as one HTML file and verify that it fetches nothing; returns `target`."""
    text = render(heat)
    with finished(target, _verify) as path:
        path.write_text(text, encoding="utf-8")
    return target


def render(heat: HeatMap) -> str:
    """The whole page as text."""
    page = folium.Map(tiles=None, prefer_canvas=True, attribution_control=False, zoom_snap=0.25)
    page.default_js = []
    page.default_css = []
    root = page.get_root()
    root.title = heat.title
    _inline_assets(root, heat)
    _add_base(page, heat, ("green", "water", "buildings", "roads"))
    _add_areas(page, heat)
    _add_communities(page, heat)
    page.add_child(_MetricScale())
    folium.LayerControl(position="topright", collapsed=False).add_to(page)
    page.fit_bounds(_bounds(heat))
    root.html.add_child(branca.element.Element(_words(heat)))
    return str(root.render())


class _MetricScale(branca.element.MacroElement):
    """A scale bar in metres; folium's own adds feet."""

    _template = Template(
        "{% macro script(this, kwargs) %}L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )


def _inline_assets(root: branca.element.Figure, heat: HeatMap) -> None:
    leaflet = files("resources") / "leaflet"
    css = (leaflet / "leaflet.css").read_text(encoding="utf-8")
    css = re.sub(r"url\(images/[^)]*\)", "none", css)
    script = (leaflet / "leaflet.js").read_text(encoding="utf-8")
    licence = (leaflet / "LICENSE").read_text(encoding="utf-8").replace("*/", "")
    parts = [
        f"<style>/* Leaflet\n{licence}*/\n{css}</style>",
        f"<style>{_font_face(heat)}{_STYLE}</style>",
        f"<script>{script}</script>",
    ]
    for number, part in enumerate(parts):
        root.header.add_child(branca.element.Element(part), name=f"inline_{number}")


def _font_face(heat: HeatMap) -> str:
    """The characters this page uses, cut out of the bundled font: a machine without Chinese fonts shows them too."""
    from fontTools import subset, ttLib

    font = ttLib.TTFont(fonts.files()[0])
    options = subset.Options(layout_features=[], notdef_outline=True, hinting=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=_characters(heat))
    cutter.subset(font)
    font.flavor = "woff"
    buffer = io.BytesIO()
    font.save(buffer)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f"@font-face{{font-family:'Page';src:url(data:font/woff;base64,{data}) format('woff')}}"


def _characters(heat: HeatMap) -> str:
    texts = [_words(heat), heat.title, heat.subtitle, *map(str, range(10)), *_layer_words(heat.lang).values()]
    texts += [words(heat.lang, name) for name in _TOOLTIP.values()]
    texts += [entry.words for entry in heat.legend]
    for frame in (*heat.base.values(), heat.communities):
        if frame is not None and "name" in frame.columns:
            texts += frame["name"].dropna().unique().tolist()
    ascii_letters = "".join(chr(code) for code in range(32, 127))
    return "".join(sorted(set("".join(map(str, texts)) + ascii_letters)))


_TOOLTIP = {"code": "Code", "value": "Value", "z": "z score", "p": "p value"}


def _layer_words(lang: str) -> dict[str, str]:
    names = {"green": "Green", "water": "Water", "buildings": "Buildings", "roads": "Roads",
             "areas": "Areas", "communities": "Communities"}  # fmt: skip
    return {key: words(lang, name) for key, name in names.items()}


def _add_base(page: folium.Map, heat: HeatMap, kinds: tuple[str, ...]) -> None:
    colours = heat.palette
    styles = {
        "green": {"fillColor": colours.park, "fillOpacity": 1, "weight": 0},
        "water": {"fillColor": colours.water, "fillOpacity": 1, "color": colours.shore, "weight": 0.6},
        "buildings": {
            "fillColor": colours.building,
            "fillOpacity": 1,
            "color": colours.building_edge,
            "weight": 0.4,
        },
        "roads": {"color": colours.road_casing, "weight": 1.6, "fill": False},
    }
    for kind in kinds:
        frame = heat.base.get(kind)
        if frame is not None and len(frame):
            light = gpd.GeoDataFrame(
                {"name": frame["name"].to_numpy() if "name" in frame.columns else ""},
                geometry=shapely.simplify(
                    frame.geometry.values, _LIGHT_BASE_M if kind != "buildings" else 1.0
                ),
                crs=frame.crs,
            )
            _layer(
                page,
                light,
                styles[kind],
                _layer_words(heat.lang)[kind],
                show=kind != "buildings",
                tooltip=False,
            )


def _add_areas(page: folium.Map, heat: HeatMap) -> None:
    """One layer for each fill of the legend, so that a style is written once and not once an area."""
    by_fill: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(heat.fills.tolist(), heat.edges.tolist(), strict=True)):
        by_fill.setdefault(key, []).append(row)
    named = {(entry.fill or "", entry.edge or ""): entry.words for entry in heat.legend}
    for key, rows in by_fill.items():
        fill, edge = key
        style = {"fillColor": fill or "#ffffff", "fillOpacity": 0.78 if fill else 0.0,
                 "color": edge or heat.palette.cell_line, "weight": 1.4 if edge else 0.4}  # fmt: skip
        frame = heat.areas.iloc[np.array(rows)]
        _layer(
            page,
            frame,
            style,
            named.get(key, named.get((fill, ""), "")),
            show=True,
            tooltip=True,
            lang=heat.lang,
        )


def _add_communities(page: folium.Map, heat: HeatMap) -> None:
    if heat.communities is None or not len(heat.communities):
        return
    lines = heat.communities[["name", "geometry"]].copy()
    lines["geometry"] = lines.geometry.boundary
    style = {"color": heat.palette.community_line, "weight": 1.4, "dashArray": "10 4 3 4", "fill": False}
    _layer(page, lines, style, _layer_words(heat.lang)["communities"], show=True, tooltip=False)


def _layer(
    page: folium.Map,
    frame: gpd.GeoDataFrame,
    style: dict,
    name: str,
    *,
    show: bool,
    tooltip: bool,
    lang: str = "en",
) -> None:
    shown = frame.to_crs(4326)
    shown["geometry"] = shapely.set_precision(shown.geometry.values, 10.0**-PLACES)
    shown = shown[~shown.geometry.is_empty]
    if not len(shown):
        return
    fields = [column for column in _TOOLTIP if column in shown.columns] if tooltip else []
    shown = shown[[*fields, "geometry"]].copy()
    for column in fields:
        if pd.api.types.is_float_dtype(shown[column]):
            shown[column] = shown[column].round(6)
    hint = (
        folium.GeoJsonTooltip(fields, [words(lang, _TOOLTIP[f]) for f in fields], sticky=True)
        if fields
        else None
    )
    layer = folium.GeoJson(shown.to_json(drop_id=True), name=name, style_function=lambda _: style, tooltip=hint,
                           show=show, smooth_factor=0.0 if tooltip else 0.5, embed=True)  # fmt: skip
    layer.add_to(page)


def _bounds(heat: HeatMap) -> list[list[float]]:
    west, south, east, north = (float(v) for v in heat.areas.to_crs(4326).total_bounds)
    return [[south, west], [north, east]]


def _words(heat: HeatMap) -> str:
    rows = "".join(
        f'<tr><td><i style="background:{entry.fill or "transparent"};border-color:{entry.edge or "#b9c2ca"}"></i></td>'
        f"<td>{html.escape(entry.words)}</td><td class=n>{entry.count:,}</td></tr>"
        for entry in heat.legend
    )
    north = "N" if heat.lang == "en" else "北"
    return (
        f"<header><h1>{html.escape(heat.title)}</h1><p>{html.escape(heat.subtitle)}</p></header>"
        f"<div id=legend><b>{words(heat.lang, 'Legend')}</b><table>{rows}</table></div>"
        f"<div id=north>▲<br>{north}</div><footer>{html.escape(heat.source)}</footer>"
    )


_STYLE = """
html,body{margin:0;height:100%;font:13px/1.5 'Page','Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;
color:#1b242c}
.folium-map{position:absolute!important;top:64px!important;bottom:28px!important;height:auto!important;
background:#f6f4ee;font:inherit}
.leaflet-container{font:inherit!important}
header{position:absolute;top:0;left:0;right:0;height:64px;padding:8px 16px;box-sizing:border-box;background:#fff;
border-bottom:1px solid #d5dbe1}
h1{font-size:18px;margin:0;font-weight:500}
header p{margin:0;color:#55626e}
#legend{position:absolute;z-index:900;left:16px;bottom:76px;background:#fff;border:1px solid #d5dbe1;
border-radius:6px;padding:8px 12px}
#legend i{display:inline-block;width:22px;height:14px;border:1px solid;vertical-align:-2px;margin-right:4px}
#legend td.n{text-align:right;padding-left:16px}
#north{position:absolute;z-index:900;left:56px;top:76px;text-align:center;line-height:1.1}
footer{position:absolute;bottom:0;left:0;right:0;height:28px;line-height:28px;padding:0 16px;background:#fff;
color:#55626e;font-size:12px;border-top:1px solid #d5dbe1;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
"""


def _verify(path: Path) -> None:
    """The page holds its map and fetches nothing by itself."""
    text = path.read_text(encoding="utf-8")
    found = _FETCHED.search(text)
    if found or "L.map(" not in text or "L.geoJson(" not in text:
        raise Defect("The page {file} was written but is not self-contained: {what}.", file=path.name,
                     what=found.group(0)[:80] if found else "no map")  # fmt: skip
