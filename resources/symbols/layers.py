"""What is painted, in order, for a component in its state and for a person or vehicle on patrol.

A layer is a path of the box of 16 with its colours already chosen, so that the map, a legend, a print and a page all
show the same. Rings and badges reach beyond the box: `EXTENT` says how far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from resources.styles import Palette, mix
from resources.symbols.compose import Symbol, outline, placed_mark
from resources.symbols.paths import Path2D, area, drawn, operations, stroke, svg_data

EXTENT: Final = (-4.0, -4.0, 20.0, 20.0)  # xmin, ymin, xmax, ymax of everything that may be painted
DASH: Final = (2.4, 1.6)

TRIANGLE: Final = "M14.6 -2.3 L18.2 3.9 H11 Z"
OCTAGON: Final = "M12.7 -2.2 H15.7 L17.8 -0.1 V2.9 L15.7 5 H12.7 L10.6 2.9 V-0.1 Z"
OCTAGON_SIGN: Final = "M14.2 -0.9 V1.6 M14.2 3.35 V3.4"
CLOCK: Final = (
    "M17.8 1.6 C17.8 3.48 16.28 5 14.4 5 C12.52 5 11 3.48 11 1.6 C11 -0.28 12.52 -1.8 14.4 -1.8 "
    "C16.28 -1.8 17.8 -0.28 17.8 1.6 Z"
)
CLOCK_HANDS: Final = "M14.4 -0.3 V1.8 H16"
STRIKE: Final = "M2.6 13.4 L13.4 2.6"

# A component's state, then what hangs on it (look: ring and badge stand outside the shape, never over the glyph).
STATES: Final = ("完好", "破损", "丢失", "废弃", "移除")
CONCERNS: Final = ("待核实", "案件超期", "选中")

# Role → shape, mark, hue (a major's number, or a role of the palette).
ROLES: Final = {
    "监督员": ("disc", "bust", "01"),
    "处置员": ("disc", "helmet", "02"),
    "督导": ("disc", "star", "text"),
    "巡查车": ("plate", "car", "01"),
    "渣土车": ("plate", "dump_truck", "03"),
    "清扫车": ("plate", "sweeper", "04"),
}
RIMS: Final = {
    "disc": (7.0, 7.0),
    "plate": (7.3, 5.2),
}  # half width and height of the rim that a wedge stands on
MOVING, STANDING, OFFLINE, OUTSIDE, SOS = "moving", "standing", "offline", "outside", "sos"


@dataclass(frozen=True)
class Layer:
    """One path to paint: filled, or stroked with a width in box units and a dash pattern."""

    path: Path2D
    fill: str = ""
    stroke: str = ""
    width: float = 0.0
    dash: tuple[float, ...] = ()


def component_layers(of: Symbol, fill: str, palette: Palette, state: str = "完好") -> tuple[Layer, ...]:
    """What to paint for a component of the hue `fill`; `state` is one of `STATES` or `CONCERNS`."""
    if state in ("丢失", "废弃", "移除"):
        return _emptied(
            of, palette.late if state == "丢失" else palette.stale, palette, dashed=state == "丢失"
        )
    role = {
        "破损": palette.late,
        "待核实": palette.warning,
        "案件超期": palette.alarm,
        "选中": palette.focus,
    }.get(state)
    body = (Layer(of.shape, fill=fill), Layer(of.glyph, fill=palette.symbol_ink))
    if role is None:
        return (_halo(of.shape, palette), *body)
    ring = (
        Layer(of.shape, stroke=palette.land, width=7.4),
        Layer(of.shape, stroke=role, width=5.4),
        Layer(of.shape, stroke=palette.land, width=2.6),
    )
    badge = {"破损": _triangle, "待核实": _hollow_triangle, "案件超期": _octagon}.get(state)
    return (*ring, *body, *(badge(palette) if badge else ()))


def patrol_layers(role: str, status: str, palette: Palette, heading_deg: float = 45.0) -> tuple[Layer, ...]:
    """What to paint for someone of `ROLES`; `heading_deg` runs clockwise from north and shows while moving or outside."""
    shape_name, mark, hue = ROLES[role]
    shape, glyph = outline(shape_name), operations(placed_mark(mark, 8.6))
    if status == SOS:
        return _sos(palette)
    if status == OFFLINE:
        return _emptied(Symbol(shape, glyph, 1), palette.stale, palette, dashed=True, struck=True)
    fill = palette.text if hue == "text" else palette.major(hue)
    body: tuple[Layer, ...] = (
        _halo(shape, palette), Layer(shape, fill=fill), Layer(glyph, fill=palette.symbol_ink),
    )  # fmt: skip
    if status in (MOVING, OUTSIDE):
        wedge = _wedge(heading_deg, shape_name)
        body = (Layer(wedge, stroke=palette.land, width=2.0), Layer(wedge, fill=fill), *body)
    if status == STANDING:
        body += (
            Layer(drawn(CLOCK), stroke=palette.land, width=3.0),
            Layer(drawn(CLOCK), fill=palette.card, stroke=fill, width=1.1),
            Layer(drawn(CLOCK_HANDS), stroke=fill, width=1.1),
        )  # fmt: skip
    return body + (_triangle(palette) if status == OUTSIDE else ())


def layers_svg(layers: tuple[Layer, ...], size: float = 24.0) -> str:
    """`layers` as an SVG document of `size` pixels, rings and badges included."""
    xmin, ymin, xmax, ymax = EXTENT
    paths = "".join(
        f'<path d="{svg_data(layer.path)}" fill="{layer.fill or "none"}"'
        + (f' stroke="{layer.stroke}" stroke-width="{layer.width:g}"' if layer.stroke else "")
        + (f' stroke-dasharray="{" ".join(f"{dash:g}" for dash in layer.dash)}"' if layer.dash else "")
        + ' stroke-linejoin="round" stroke-linecap="round"/>'
        for layer in layers
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size:g}" height="{size:g}" '
        f'viewBox="{xmin:g} {ymin:g} {xmax - xmin:g} {ymax - ymin:g}">{paths}</svg>'
    )


def _halo(shape: Path2D, palette: Palette) -> Layer:
    return Layer(shape, stroke=palette.land, width=2.0)


def _emptied(
    of: Symbol, role: str, palette: Palette, *, dashed: bool, struck: bool | None = None
) -> tuple[Layer, ...]:
    """A symbol that is there no more: ground inside, outline and glyph in the colour of its state."""
    layers: tuple[Layer, ...] = (
        _halo(of.shape, palette),
        Layer(of.shape, fill=palette.land, stroke=role, width=1.4, dash=DASH if dashed else ()),
        Layer(of.glyph, fill=role),
    )
    if struck if struck is not None else not dashed:
        layers += (
            Layer(drawn(STRIKE), stroke=palette.land, width=2.6),
            Layer(drawn(STRIKE), stroke=role, width=1.2),
        )
    return layers


def _triangle(palette: Palette) -> tuple[Layer, ...]:
    path = drawn(TRIANGLE)
    return Layer(path, stroke=palette.land, width=2.4), Layer(path, fill=palette.late)


def _hollow_triangle(palette: Palette) -> tuple[Layer, ...]:
    path = drawn(TRIANGLE)
    return (
        Layer(path, stroke=palette.land, width=3.6),
        Layer(path, fill=palette.land, stroke=palette.warning, width=1.5),
    )


def _octagon(palette: Palette) -> tuple[Layer, ...]:
    path = drawn(OCTAGON)
    return (
        Layer(path, stroke=palette.land, width=2.4),
        Layer(path, fill=palette.alarm),
        Layer(operations(stroke(OCTAGON_SIGN, 1.5)), fill=palette.on_alarm),
    )


def _sos(palette: Palette) -> tuple[Layer, ...]:
    """The alarm octagon with one ring, the same for every role; the words stand beside it."""
    octagon = drawn("M5 0.8 H11 L15.2 5 V11 L11 15.2 H5 L0.8 11 V5 Z")
    sign = operations(stroke("M8 4.2 V8.6 M8 11.7 V11.8", 1.9))
    ring = operations(area("O8 8 11").difference(area("O8 8 10.2")))
    return (
        Layer(octagon, stroke=palette.land, width=2.0), Layer(ring, fill=mix(palette.alarm, palette.land, 0.4)),
        Layer(octagon, fill=palette.alarm), Layer(sign, fill=palette.on_alarm),
    )  # fmt: skip


@cache
def _wedge(heading_deg: float, shape_name: str) -> Path2D:
    """A wedge at the rim pointing where someone goes."""
    turn = math.radians(heading_deg)
    ahead_x, ahead_y = math.sin(turn), -math.cos(turn)
    half_width, half_height = RIMS[shape_name]
    reach = (abs(ahead_x) / half_width, abs(ahead_y) / half_height)
    round_rim = shape_name == "disc"
    rim = 1 / (math.hypot(*reach) if round_rim else max(reach))
    foot, aside = (rim - 2, 4.4) if round_rim else (rim + 0.2, 3.4)

    def point(forward: float, side: float) -> tuple[str, float, float]:
        x, y = 8 + ahead_x * forward - ahead_y * side, 8 + ahead_y * forward + ahead_x * side
        return "L" if side else "M", round(x, 3), round(y, 3)

    return point(rim + 4.4, 0), point(foot, -aside), point(foot, aside), ("Z",)
