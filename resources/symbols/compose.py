"""Composing a symbol: the shape of its major class, the glyph of its name."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from resources import catalogues
from resources.catalogues.catalogue import plain_name
from resources.symbols import glyphs
from resources.symbols.paths import NOTHING, Path2D, area, drawn, moved, operations, stroke, svg_data

BOX: Final = 16.0
MARK_BOX: Final = 10.0  # marks are drawn in a box of 10
STROKE: Final = 1.5  # pixels at 16 px
STROKE_LEAST: Final = 1.0  # no detail under one pixel
FOLDER: Final = Path(__file__).parent
LAST_RANK: Final = 5


@dataclass(frozen=True)
class Symbol:
    """What is drawn for a class, in a box of 16: `shape` filled with the hue of the major, `glyph` with ink on it.

    Both paths have their holes wound the other way, so that either fill rule draws them. `rank` orders symbols on the
    map: 1 rare and public … 5 trees and lids, which become dots first.
    """

    shape: Path2D
    glyph: Path2D
    rank: int


@cache
def symbol(class_code: str, standard: str, name: str = "", kind: str = "component") -> Symbol:
    """The symbol of a class. `name` is asked for a city's own classes; national ones are known by their code."""
    shape, frame, mark = glyph_of(class_code, standard, name, kind)
    glyph = glyphs.kept(shape, frame, mark) or drawn_glyph(shape, frame, mark)
    return Symbol(outline(shape), glyph, class_rank(class_code, standard, name, kind))


def glyph_of(class_code: str, standard: str, name: str = "", kind: str = "component") -> tuple[str, str, str]:
    """What a class's glyph is composed of: the names of its shape, its frame and its mark."""
    known = name or _national_names(standard, kind).get(class_code, "")
    return shape_of(class_code, kind), *_recipe(known, kind)[:2]


def drawn_glyph(shape_name: str, frame: str, mark: str) -> Path2D:
    """The glyph composed anew, fitted to its shape."""
    shape = _shapes()[shape_name]
    fit = affinity.affine_transform(
        _glyph(frame, mark),
        (shape.scale, 0, 0, shape.scale, shape.x - 8 * shape.scale, shape.y - 8 * shape.scale),
    )
    return operations(fit)


def rank(name: str, kind: str = "component") -> int:
    """The rank of a class by its name: 1 is drawn first, 5 last."""
    return _recipe(name, kind)[2]


def class_rank(class_code: str, standard: str, name: str = "", kind: str = "component") -> int:
    """The rank of `symbol(…)` without drawing it."""
    return rank(name or _national_names(standard, kind).get(class_code, ""), kind)


def shape_of(class_code: str, kind: str = "component") -> str:
    """The name of the shape of a major class, by its number; events of every major are bubbles."""
    if kind == "event":
        return "bubble"
    for name, shape in _shapes().items():
        if shape.majors == class_code[:2]:
            return name
    return "ticket"


def outline(shape_name: str) -> Path2D:
    """A shape by its name: disc, square, shield, leaf, diamond, hexagon, house, ticket, plate."""
    return drawn(_shapes()[shape_name].outline)


def placed_mark(mark_name: str, size: float) -> BaseGeometry:
    """A mark of `motifs.csv` in the middle of the box of 16, `size` wide."""
    return _mark(_motifs()[mark_name], _Frame("", BOX / 2, BOX / 2, size, cuts=False))


def svg(of: Symbol, fill: str, ink: str, size: float = BOX, halo: str = "") -> str:
    """The symbol as an SVG document of `size` pixels; `halo` is a colour for one pixel of ground around it."""
    data = svg_data(of.shape)
    margin = 1 if halo else 0
    ring = (
        f'<path d="{data}" fill="none" stroke="{halo}" stroke-width="2" stroke-linejoin="round"/>'
        if halo
        else ""
    )
    side = BOX + 2 * margin
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size:g}" height="{size:g}" '
        f'viewBox="{-margin} {-margin} {side:g} {side:g}">{ring}<path d="{data}" fill="{fill}"/>'
        f'<path d="{svg_data(of.glyph)}" fill="{ink}"/></svg>'
    )


@dataclass(frozen=True)
class _Shape:
    outline: str
    x: float
    y: float
    scale: float
    majors: str


@dataclass(frozen=True)
class _Frame:
    fill: str
    x: float
    y: float
    size: float
    cuts: bool  # the mark is cut out of the frame, or else added to it
    cut_stroke: str = ""
    more_stroke: str = ""


@dataclass(frozen=True)
class _Motif:
    fill: str
    stroke: str
    width: float
    cut: str
    cut_stroke: str
    cut_width: float


def _recipe(name: str, kind: str) -> tuple[str, str, int]:
    """Frame, mark and rank of a class name: its own line, else its family's, else a dot."""
    found = _classes().get((kind, plain_name(name))) if name else None
    if found is None and kind == "event":
        found = _classes().get(("component", plain_name(name.replace("异常", ""))))
    if found:
        return found
    for word, recipe in _families():
        if word in name:
            return recipe
    return "bare", "dot", LAST_RANK


@cache
def _glyph(frame_name: str, mark_name: str) -> BaseGeometry:
    """The glyph in the box of 16 before it is fitted into a shape."""
    frame = _frames()[frame_name]
    mark = _mark(_motifs()[mark_name], frame)
    body = area(frame.fill) if frame.fill else NOTHING
    whole = body.difference(mark) if frame.cuts else body.union(mark)
    if frame.cut_stroke:
        whole = whole.difference(_gap(frame.cut_stroke))
    if frame.more_stroke:
        whole = whole.union(stroke(frame.more_stroke, STROKE))
    return whole.simplify(0.01)


def _gap(words: str) -> BaseGeometry:
    """What a frame takes away from its mark: a crack, or the room for a sign beside it."""
    return area(words) if words.startswith("O") else stroke(words, 1.2)


def _mark(motif: _Motif, frame: _Frame) -> BaseGeometry:
    """A motif in the slot of a frame; strokes shrink less than the drawing does, so that they stay visible."""
    scale = frame.size / MARK_BOX
    dx, dy = frame.x - 5 * scale, frame.y - 5 * scale

    def placed(words: str) -> str:
        return moved(words, scale, dx, dy)

    def width(drawn_width: float) -> float:
        return max(STROKE_LEAST * 0.9, drawn_width * scale)

    filled = [area(placed(motif.fill))] if motif.fill else []
    lines = [stroke(placed(motif.stroke), width(motif.width))] if motif.stroke else []
    whole = shapely.union_all(filled + lines)
    if motif.cut:
        whole = whole.difference(area(placed(motif.cut)))
    if motif.cut_stroke:
        whole = whole.difference(stroke(placed(motif.cut_stroke), width(motif.cut_width)))
    return whole


@cache
def _national_names(standard: str, kind: str) -> dict[str, str]:
    catalogue = catalogues.load(standard)
    return dict(catalogue.component_names if kind == "component" else catalogue.event_names)


@cache
def _classes() -> dict[tuple[str, str], tuple[str, str, int]]:
    return {
        (row["kind"], plain_name(row["name"])): (row["frame"], row["mark"], int(row["rank"]))
        for row in _rows("classes.csv")
    }


@cache
def _families() -> tuple[tuple[str, tuple[str, str, int]], ...]:
    return tuple(
        (row["word"], (row["frame"], row["mark"], int(row["rank"]))) for row in _rows("families.csv")
    )


@cache
def _shapes() -> dict[str, _Shape]:
    return {
        row["shape"]: _Shape(
            row["outline"], float(row["slot_x"]), float(row["slot_y"]), float(row["slot_scale"]), row["for"]
        )
        for row in _rows("shapes.csv")
    }


@cache
def _frames() -> dict[str, _Frame]:
    return {
        row["frame"]: _Frame(
            row["fill"],
            float(row["slot_x"]),
            float(row["slot_y"]),
            float(row["slot_size"]),
            row["mark"] == "cut",
            row["cut_stroke"],
            row["more_stroke"],
        )
        for row in _rows("frames.csv")
    }


@cache
def _motifs() -> dict[str, _Motif]:
    return {
        row["motif"]: _Motif(
            row["fill"], row["stroke"], float(row["width"] or STROKE), row["cut"], row["cut_stroke"],
            float(row["cut_width"] or 1),
        )
        for row in _rows("motifs.csv")
    }  # fmt: skip


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
