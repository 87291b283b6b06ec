"""What a heat map shows, before it takes the form of a figure, a page or a file."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np

from resources.styles import Palette, amount_ramp, palette
from resources.texts import words

# Class numbers of Gi*: -3 … -1 cold at 99/95/90 %, 0 not significant, 1 … 3 hot at 90/95/99 %.
_GI_WORDS = {
    3: "Hot spot 99 %", 2: "Hot spot 95 %", 1: "Hot spot 90 %", 0: "Not significant",
    -1: "Cold spot 90 %", -2: "Cold spot 95 %", -3: "Cold spot 99 %",
}  # fmt: skip
STEPS = 6


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend: fill and edge colour (None = bare ground), words, number of areas."""

    fill: str | None
    edge: str | None
    words: str
    count: int


@dataclass(frozen=True)
class HeatMap:
    """Areas with a fill each, the base layers under them and the words around them.

    `areas` and every frame of `base` are in one metric plane; `fills[i]` and `edges[i]` are hex colours or "" for
    bare ground.
    """

    areas: gpd.GeoDataFrame
    fills: np.ndarray
    edges: np.ndarray
    legend: tuple[LegendEntry, ...]
    title: str
    subtitle: str
    source: str
    lang: str
    base: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    communities: gpd.GeoDataFrame | None = None

    @property
    def palette(self) -> Palette:
        """Paper: always the light theme."""
        return palette("light")


def gi_fills(classes: np.ndarray, lang: str) -> tuple[np.ndarray, np.ndarray, tuple[LegendEntry, ...]]:
    """Fills, edges and legend of Gi* classes (int[n], -3 … 3)."""
    style = palette("light")
    fill = {0: ""} | {k + 1: style.hot[k] for k in range(3)} | {-k - 1: style.cold[k] for k in range(3)}
    edge = dict.fromkeys(fill, "") | {3: style.hot_edge, -3: style.cold_edge}
    fills = np.array([fill[int(k)] for k in classes], dtype=object)
    edges = np.array([edge[int(k)] for k in classes], dtype=object)
    legend = tuple(
        LegendEntry(fill[k] or None, edge[k] or None, words(lang, _GI_WORDS[k]), int((classes == k).sum()))
        for k in (3, 2, 1, 0, -1, -2, -3)
    )
    return fills, edges, legend


def amount_fills(values: np.ndarray, lang: str) -> tuple[np.ndarray, np.ndarray, tuple[LegendEntry, ...]]:
    """Fills, edges and legend of amounts (float[n], NaN = no data): quantile steps of a colour-blind-safe ramp.

    Zero and no data are bare ground, so that empty never looks like low.
    """
    colours = amount_ramp("light", STEPS)
    positive = values[np.isfinite(values) & (values > 0)]
    breaks = (
        np.unique(np.quantile(positive, np.linspace(0, 1, STEPS + 1)))
        if len(positive)
        else np.array([0.0, 1.0])
    )
    step = np.clip(np.searchsorted(breaks, values, side="left") - 1, 0, max(len(breaks) - 2, 0))
    bare = ~(np.isfinite(values) & (values > 0))
    fills = np.array([colours[k] for k in step], dtype=object)
    fills[bare] = ""
    entries = [
        LegendEntry(colours[k], None, f"{_figure(breaks[k])} – {_figure(breaks[k + 1])}",
                    int(((step == k) & ~bare).sum()))
        for k in range(len(breaks) - 1)
    ]  # fmt: skip
    entries.append(LegendEntry(None, None, words(lang, "None"), int(bare.sum())))
    return fills, np.full(len(fills), "", dtype=object), tuple(entries)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
