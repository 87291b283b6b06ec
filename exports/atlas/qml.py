"""Styles in QGIS's own language (QML 3.22 and later): the same colours, widths and symbols as on paper."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, Final
from xml.etree import ElementTree as Tree

from exports.atlas.base_map import CELL_PT, COMMUNITY_PT
from exports.atlas.content import Atlas
from resources import symbols
from resources.styles import Palette

VERSION: Final = "3.22.0"
FAMILY: Final = (
    "Noto Sans CJK SC"  # ours is not installed where QGIS runs; without this one QGIS takes the system's
)
_BOLD: Final = ("cells", "communities", "sheets")  # layers with names in bold type
_OUTLINED: Final = ("streets", "communities", "cells", "sheets")  # areas of which the outline alone is drawn


def style(atlas: Atlas, layer: str) -> str:
    """The default style of one layer of the GeoPackage, as a QML document."""
    root = Tree.Element("qgis", version=VERSION, styleCategories="Symbology|Labeling")
    colours = atlas.palette
    if layer == "components":
        _classes(root, atlas)
    elif layer == "roads":
        _roads(root, colours)
    else:
        _single(root, _plain(layer, colours), "fill" if layer in _OUTLINED else "")
    labels = {"cells": ("right(\"code\", 3)", 15.0, colours.focus), "communities": ('"name"', 11.0, colours.text),
              "sheets": ('"number"', 12.0, colours.secondary), "roads": ('"name"', 9.0, colours.map_text),
              "water": ('"name"', 10.0, colours.water_text)}  # fmt: skip
    root.set("labelsEnabled", str(int(layer in labels)))
    if layer in labels:
        _labels(root, *labels[layer], colours.card, curved=layer == "roads", bold=layer in _BOLD)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + Tree.tostring(
        root, encoding="unicode"
    )


def _plain(layer: str, colours: Palette) -> list[tuple[str, dict[str, Any]]]:
    """Symbol layers (class, options) of a layer with one symbol."""
    recipes = {
        "green": [_fill(colours.park)],
        "water": [_fill(colours.water, colours.shore, 0.5)],
        "buildings": [_fill(colours.building, colours.building_edge, 0.3)],
        "railways": [_line(colours.secondary, 2.0), _line(colours.card, 1.3, "6;6")],
        "streets": [_line(colours.text, 1.8)],
        "communities": [_line(colours.text, COMMUNITY_PT, "7;2;1.5;2")],
        "cells": [_line(colours.focus, CELL_PT)],
        "sheets": [_line(colours.secondary, 0.5, "4;2")],
    }
    return recipes[layer]


def _fill(colour: str, edge: str = "", width_pt: float = 0.0) -> tuple[str, dict[str, Any]]:
    return "SimpleFill", {
        "color": _rgba(colour), "style": "solid", "outline_style": "solid" if edge else "no",
        "outline_color": _rgba(edge or colour), "outline_width": width_pt, "outline_width_unit": "Point",
    }  # fmt: skip


def _line(colour: str, width_pt: float, dash: str = "") -> tuple[str, dict[str, Any]]:
    options: dict[str, Any] = {
        "line_color": _rgba(colour), "line_width": width_pt, "line_width_unit": "Point", "line_style": "solid",
        "capstyle": "flat" if dash else "round", "joinstyle": "round",
    }  # fmt: skip
    if dash:
        scaled = ";".join(f"{float(part) * width_pt:g}" for part in dash.split(";"))
        options |= {"use_custom_dash": 1, "customdash": scaled, "customdash_unit": "Point"}
    return "SimpleLine", options


def _single(root: Any, layers: list[tuple[str, dict[str, Any]]], kind: str) -> None:
    renderer = Tree.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0")
    _symbol(Tree.SubElement(renderer, "symbols"), "0", layers, kind=kind)


def _roads(root: Any, colours: Palette) -> None:
    """Casing below, fill above, at the width in metres that each road has; main roads over the others."""
    renderer = Tree.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="1", enableorderby="0")
    rules = Tree.SubElement(renderer, "rules", key="roads")
    drawn = Tree.SubElement(renderer, "symbols")
    kinds = (("rank\" > 3", colours.road, colours.road_casing), ("rank\" <= 3", colours.main_road, colours.main_road_casing))  # fmt: skip
    for number, (test, fill, casing) in enumerate(kinds):
        Tree.SubElement(rules, "rule", key=f"road{number}", symbol=str(number), filter=f'"{test}')
        usual = 'coalesce(nullif("width_m", 0), 16 - 2 * "rank")'
        layers = [_line(casing, 1.0), _line(fill, 1.0)]
        symbol = _symbol(drawn, str(number), layers, levels=(2 * number, 2 * number + 1))
        for layer, width in zip(symbol.findall("layer"), (f"{usual} + 1", usual), strict=True):
            _defined(layer, "outlineWidth", width)
            for option in layer.findall("Option/Option[@name='line_width_unit']"):
                option.set("value", "RenderMetersInMapUnits")


def _classes(root: Any, atlas: Atlas) -> None:
    """One category per class that occurs, drawn with our own symbol as an embedded SVG."""
    assert atlas.components is not None, "only the component base atlas has components"
    renderer = Tree.SubElement(root, "renderer-v2", type="categorizedSymbol", attr="class_code", symbollevels="0",
                               enableorderby="0")  # fmt: skip
    categories = Tree.SubElement(renderer, "categories")
    drawn = Tree.SubElement(renderer, "symbols")
    texts = (
        atlas.components[["class_code", "name"]]
        .astype(str)
        .drop_duplicates("class_code")
        .sort_values("class_code")
    )
    edition = atlas.catalogue.standard if atlas.catalogue else ""
    for number, (code, name) in enumerate(texts.itertuples(index=False)):
        Tree.SubElement(
            categories,
            "category",
            value=code,
            symbol=str(number),
            label=f"{code} {name}",
            render="true",
            type="string",
        )
        picture = symbols.svg(symbols.symbol(code, edition, name), atlas.palette.major(code[:2]), atlas.palette.symbol_ink,
                              halo=atlas.palette.land)  # fmt: skip
        coded = base64.b64encode(picture.encode()).decode()
        marker = (
            "SvgMarker",
            {"name": f"base64:{coded}", "size": 3.4, "size_unit": "MM", "outline_style": "no"},
        )
        _symbol(drawn, str(number), [marker])


def _symbol(
    parent: Any,
    name: str,
    layers: Iterable[tuple[str, dict[str, Any]]],
    levels: tuple[int, ...] = (),
    kind: str = "",
) -> Any:
    listed = list(layers)
    kind = kind or {"SimpleFill": "fill", "SvgMarker": "marker", "SimpleLine": "line"}[listed[0][0]]
    symbol = Tree.SubElement(parent, "symbol", name=name, type=kind, alpha="1", clip_to_extent="1",
                             force_rhr="0")  # fmt: skip
    for number, (drawn, options) in enumerate(listed):
        level = str(levels[number]) if levels else "0"
        layer = Tree.SubElement(
            symbol, "layer", {"class": drawn, "enabled": "1", "locked": "0", "pass": level}
        )
        _options(layer, options)
    return symbol


def _options(parent: Any, options: dict[str, Any]) -> Any:
    whole = Tree.SubElement(parent, "Option", type="Map")
    for name, value in options.items():
        Tree.SubElement(whole, "Option", name=name, value=str(value), type="QString")
    return whole


def _defined(layer: Any, name: str, expression: str) -> None:
    """A width that each feature has of its own."""
    own = Tree.SubElement(Tree.SubElement(layer, "data_defined_properties"), "Option", type="Map")
    Tree.SubElement(own, "Option", name="name", value="", type="QString")
    each = Tree.SubElement(
        Tree.SubElement(own, "Option", name="properties", type="Map"), "Option", name=name, type="Map"
    )
    Tree.SubElement(each, "Option", name="active", value="true", type="bool")
    Tree.SubElement(each, "Option", name="expression", value=expression, type="QString")
    Tree.SubElement(each, "Option", name="type", value="3", type="int")
    Tree.SubElement(own, "Option", name="type", value="collection", type="QString")


def _labels(
    root: Any, expression: str, size_pt: float, colour: str, rim: str, *, curved: bool, bold: bool
) -> None:
    labeling = Tree.SubElement(root, "labeling", type="simple")
    settings = Tree.SubElement(labeling, "settings")
    text = Tree.SubElement(settings, "text-style", {
        "fieldName": expression, "isExpression": "1", "fontSize": str(size_pt), "fontSizeUnit": "Point",
        "fontFamily": FAMILY, "namedStyle": "Bold" if bold else "Regular", "fontWeight": "75" if bold else "50",
         "textColor": _rgba(colour), "textOpacity": "1",
    })  # fmt: skip
    Tree.SubElement(text, "text-buffer", {
        "bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferColor": _rgba(rim),
        "bufferOpacity": "1",
    })  # fmt: skip
    # Placement 3 sets a name along its line (curved), 4 across the place of an area (horizontal). Areas that are obstacles
    # would push their own labels out: cells fill communities, communities fill sheets.
    Tree.SubElement(settings, "placement", placement="3" if curved else "4", priority="5", centroidInside="1")
    Tree.SubElement(settings, "rendering", obstacle="0", scaleVisibility="1", scaleMin="500", scaleMax="10000", drawLabels="1")  # fmt: skip


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"
