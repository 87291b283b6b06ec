"""Small maps of a report: the city as the ground, what was delivered or found as dots on it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from exports import drawing
from exports.atlas.base_map import draw_afar, draw_base
from exports.atlas.furniture import scale_bar
from exports.atlas.map_page import around
from exports.atlas.paper import Paper
from exports.census_report.content import CensusReport, Kind
from resources.styles import mix

_NEAR_SHARE: Final = 0.3  # findings that fill less of the city's width are shown from near
_LEAST_M: Final = 400.0
_STRIP_MM: Final = 7.0
_BINS_PER_MM: Final = 4.0
_MOST_DOTS: Final = 3_000
_FEW_DOTS: Final = 40  # so few are drawn larger
_HUNDREDTHS: Final = (0.5, 99.5)  # a few stray places do not make the map small

Box = tuple[float, float, float, float]


def draw_city(paper: Paper, report: CensusReport, place: Box) -> None:
    """The whole city in `place` (left, bottom, width, height in mm) with every accepted component as a faint dot."""
    left, bottom, width, height = _above_strip(place)
    colours = report.palette
    window = around(report.bounds, width, height)
    axes = paper.map(left, bottom, width, height, window, colours.ground)
    _ground(axes, report)
    _density(axes, report.places, window, width, height, colours.focus)
    _streets(axes, report)
    said = report.words("{rows} components", rows=f"{len(report.places):,}")
    _frame(paper, report, place, (window[2] - window[0]) / width * 1000, said)


def draw_places(paper: Paper, report: CensusReport, place: Box, kind: Kind, colour: str) -> None:
    """Findings of a kind as dots: from near where they lie together, else on the whole city."""
    places = kind.places
    left, bottom, width, height = _above_strip(place)
    window, near = _window(report, places, width, height)
    axes = paper.map(left, bottom, width, height, window, report.palette.ground)
    m_per_mm = (window[2] - window[0]) / width
    if near:
        drawing.fill(axes, report.outlines, report.palette.land)
        draw_base(axes, report, window, round(m_per_mm * 1000))
        drawing.lines(axes, report.outlines, report.palette.community_line, 0.5, zorder=3)
    else:
        _ground(axes, report)
        _streets(axes, report)
    shown = _thinned(places, window, m_per_mm)
    size = 20.0 if len(shown) <= _FEW_DOTS else 7.0
    axes.scatter(shown[:, 0], shown[:, 1], s=size, facecolors=colour, edgecolors=report.palette.card, linewidths=0.35,
                 zorder=6)  # fmt: skip
    said = report.words(
        "{count} of {number} have a place", count=f"{len(places):,}", number=f"{kind.number:,}"
    )
    _frame(paper, report, place, m_per_mm * 1000, said)


def _above_strip(place: Box) -> Box:
    """The part of `place` that is map; scale bar and words stand below it."""
    left, bottom, width, height = place
    return left, bottom + _STRIP_MM, width, height - _STRIP_MM


def _window(report: CensusReport, places: np.ndarray, width: float, height: float) -> tuple[Box, bool]:
    """What the map shows, and whether it is seen from near."""
    low, high = np.percentile(places, _HUNDREDTHS, axis=0)
    middle = (low + high) / 2
    half = np.maximum((high - low) / 2, _LEAST_M / 2)
    own: Box = (*(middle - half), *(middle + half))
    city = report.bounds
    if city is None or not len(report.communities):
        return around(own, width, height, air=1.15), False
    if max(high - low) < _NEAR_SHARE * max(city[2] - city[0], city[3] - city[1]):
        return around(own, width, height, air=1.3), True
    return around(city, width, height), False


def _ground(axes: Any, report: CensusReport) -> None:
    colours = report.palette
    draw_afar(axes, report, colours.main_road_casing, 0.6)
    drawing.lines(axes, report.outlines, mix(colours.community_line, colours.land, 0.4), 0.3, zorder=2)


def _streets(axes: Any, report: CensusReport) -> None:
    if len(report.streets):
        drawing.lines(axes, report.streets.geometry.simplify(8), report.palette.secondary, 0.6, zorder=3)


def _density(axes: Any, places: np.ndarray, window: Box, width: float, height: float, colour: str) -> None:
    """Every place counts into a small square of the paper; the picture is as small for a million as for a hundred."""
    if not len(places):
        return
    bins = (int(width * _BINS_PER_MM), int(height * _BINS_PER_MM))
    counts, _, _ = np.histogram2d(
        places[:, 0], places[:, 1], bins, range=[(window[0], window[2]), (window[1], window[3])]
    )
    usual = max(float(np.quantile(counts[counts > 0], 0.9)), 1.0) if counts.any() else 1.0
    picture = np.zeros((bins[1], bins[0], 4))
    picture[..., :3] = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    picture[..., 3] = np.where(counts > 0, np.clip(0.35 + 0.5 * counts / usual, 0, 0.9), 0.0).T
    axes.imshow(picture, extent=(window[0], window[2], window[1], window[3]), origin="lower", zorder=2.5,
                interpolation="nearest", aspect="auto")  # fmt: skip


def _thinned(places: np.ndarray, window: Box, m_per_mm: float) -> np.ndarray:
    """Places that can be told apart on paper, at most some thousand, evenly chosen."""
    squares = np.floor((places - window[:2]) / (0.35 * m_per_mm)).astype("i8")
    _, first = np.unique(squares, axis=0, return_index=True)
    kept = np.sort(first)
    return places[kept[:: max(1, -(-len(kept) // _MOST_DOTS))]]


def _frame(paper: Paper, report: CensusReport, place: Box, denominator: float, said: str) -> None:
    """A line around the map, below it the scale bar and what is said about the dots."""
    left, bottom, width, height = _above_strip(place)
    paper.box(left, bottom, width, height, "none", report.palette.secondary, 0.5, zorder=8.0)
    scale_bar(paper, report, left + 1.0, place[1] + 0.6, denominator, width_mm=min(40.0, width * 0.35))
    paper.text(left + width, place[1] + 1.0, said, 7.0, report.palette.secondary, ha="right")
