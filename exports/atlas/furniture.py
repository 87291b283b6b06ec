"""What stands around a map: frame, coordinates, neighbouring sheets, scale bar, north arrow."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from exports.atlas.content import Atlas
from exports.atlas.paper import Paper, haloed, width_mm
from exports.atlas.sheets import MAP_MM, Sheet, beside
from exports.drawing import round_length
from resources.styles import mix

LEFT, BOTTOM = 24.0, 27.0  # of the map's window on the page, mm
RIGHT, TOP = LEFT + MAP_MM[0], BOTTOM + MAP_MM[1]
BAND_MM: Final = 5.0  # between the inner and the outer frame: coordinates and neighbours stand there
_TICKS_MM: Final = 60.0  # about how far apart coordinates stand
_CROSS_MM: Final = 1.5


def frame(paper: Paper, atlas: Atlas, sheet: Sheet) -> None:
    """Inner and outer frame, ticks and crosses of the plane's grid, numbers of the sheets beyond the edges."""
    ink = atlas.palette.text
    paper.box(LEFT, BOTTOM, *MAP_MM, "none", ink, 0.6, zorder=9)
    paper.box(
        LEFT - BAND_MM, BOTTOM - BAND_MM, MAP_MM[0] + 2 * BAND_MM, MAP_MM[1] + 2 * BAND_MM, "none", ink, 1.6
    )
    used = _neighbour_tabs(paper, atlas, sheet)
    _coordinates(paper, atlas, sheet, used)


def scale_bar(
    paper: Paper, atlas: Atlas, x: float, y: float, denominator: float, *, width_mm: float = 70.0
) -> float:
    """A bar of a round length of at most `width_mm`, in four parts of which the first is halved; its right end, mm."""
    ink, ground = atlas.palette.text, atlas.palette.card
    length_m = round_length(width_mm / 1000 * denominator)
    mm = length_m * 1000 / denominator
    part = mm / 4
    edges = [x, x + part / 2, *(x + k * part for k in range(1, 5))]
    for k, (left, right) in enumerate(pairwise(edges)):
        paper.box(left, y, right - left, 1.5, ink if k % 2 == 0 else ground, ink, 0.5, zorder=9)
    for place, share in ((x, 0.0), (x + 2 * part, 0.5), (x + mm, 1.0)):
        unit, factor = ("km", 1000.0) if length_m >= 2000 else ("m", 1.0)
        words = f"{length_m * share / factor:,g}" + (f" {unit}" if share == 1 else "")
        paper.text(place, y + 2.4, words, 7.0, ink, ha="center")
    return x + mm


def north_arrow(paper: Paper, atlas: Atlas, x: float, y: float, size: float = 13.0) -> None:
    """An arrow to grid north, its foot at (x, y) mm, with a rim so that it may stand on the map."""
    from matplotlib.patches import Polygon

    ink, ground = atlas.palette.text, atlas.palette.card
    half = size * 0.27
    tip, notch = (x, y + size), (x, y + size * 0.24)
    whole = [tip, (x - half, y), notch, (x + half, y)]
    paper.axes.add_patch(Polygon(whole, facecolor=ground, edgecolor=ground, lw=3.5, zorder=8.5))
    for side, colour in ((-half, ink), (half, ground)):
        paper.axes.add_patch(
            Polygon([tip, (x + side, y), notch], facecolor=colour, edgecolor=ink, lw=0.6, zorder=9)
        )
    haloed(paper.axes, x, y + size + 2.6, atlas.words("N"), 11, ink, ground, weight="medium", zorder=9.5)


def _neighbour_tabs(paper: Paper, atlas: Atlas, sheet: Sheet) -> dict[str, list[tuple[float, float]]]:
    """Number of each sheet beyond an edge, where it meets the edge; returns the stretches used, by side, mm."""
    used: dict[str, list[tuple[float, float]]] = {side: [] for side in "WESN"}
    mm = 1000 / sheet.scale
    for index, side, x, y in beside(sheet, atlas.pieces):
        words = _pointing(side, atlas.words("Sheet {number}", number=atlas.sheets[index].number))
        half = width_mm(words, 8.0) / 2 + 2.0
        upright = side in "WE"
        along = (y - sheet.window[1]) * mm if upright else (x - sheet.window[0]) * mm
        if any(along - half < stop and along + half > start for start, stop in used[side]):
            continue
        used[side].append((along - half, along + half))
        px, py = _in_band(side, along)
        paper.text(px, py, words, 8.0, atlas.palette.focus, ha="center", va="center", weight="medium",
                   rotation={"W": 90, "E": -90}.get(side, 0))  # fmt: skip
    return used


def _pointing(side: str, words: str) -> str:
    """The words with an arrow outwards; on the upright edges the text itself is turned."""
    return {"N": f"↑ {words}", "S": f"↓ {words}", "W": f"↑ {words}", "E": f"↑ {words}"}[side]


def _in_band(side: str, along: float) -> tuple[float, float]:
    half = BAND_MM / 2
    return {"W": (LEFT - half, BOTTOM + along), "E": (RIGHT + half, BOTTOM + along),
            "S": (LEFT + along, BOTTOM - half), "N": (LEFT + along, TOP + half)}[side]  # fmt: skip


def _coordinates(
    paper: Paper, atlas: Atlas, sheet: Sheet, used: dict[str, list[tuple[float, float]]]
) -> None:
    """Ticks with plane coordinates in metres on all four edges, and crosses where they meet on the map."""
    ink = mix(atlas.palette.text, atlas.palette.card, 0.25)
    mm = 1000 / sheet.scale
    step = round_length(_TICKS_MM / mm)
    xs, ys = (_multiples(sheet.window[axis], sheet.window[axis + 2], step) for axis in (0, 1))
    across, up = (xs - sheet.window[0]) * mm, (ys - sheet.window[1]) * mm
    for side, places, values in (("S", across, xs), ("N", across, xs), ("W", up, ys), ("E", up, ys)):
        for along, value in zip(places.tolist(), values.tolist(), strict=True):
            _tick(paper, side, along, ink)
            words = f"{value:,.0f}".replace(",", " ")
            half = width_mm(words, 6.0) / 2 + 1.0
            if any(along - half < stop and along + half > start for start, stop in used[side]):
                continue
            px, py = _in_band(side, along)
            paper.text(
                px, py, words, 6.0, ink, ha="center", va="center", rotation={"W": 90, "E": -90}.get(side, 0)
            )
    for x in across.tolist():
        for y in up.tolist():
            paper.line((LEFT + x - _CROSS_MM, LEFT + x + _CROSS_MM), (BOTTOM + y, BOTTOM + y), ink, 0.35)
            paper.line((LEFT + x, LEFT + x), (BOTTOM + y - _CROSS_MM, BOTTOM + y + _CROSS_MM), ink, 0.35)


def _multiples(low: float, high: float, step: float) -> np.ndarray:
    """Multiples of `step` inside, not nearer to the ends than a twentieth."""
    edge = (high - low) * 0.03
    return np.arange(np.ceil((low + edge) / step), np.floor((high - edge) / step) + 1) * step


def _tick(paper: Paper, side: str, along: float, ink: str) -> None:
    length = 1.2
    x, y = _in_band(side, along)
    if side in "SN":
        foot = BOTTOM if side == "S" else TOP
        paper.line((x, x), (foot, foot - length if side == "S" else foot + length), ink, 0.5)
    else:
        foot = LEFT if side == "W" else RIGHT
        paper.line((foot, foot - length if side == "W" else foot + length), (y, y), ink, 0.5)
