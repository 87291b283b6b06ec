"""How components are drawn at each scale."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPen

from desktop.map.atlas import GOOD, sprite
from desktop.map.frame import Frame
from desktop.map.labels.lettering import Lettering, word
from desktop.map.labels.sprites import Dress, word_sprite
from desktop.map.scales import CLOSE, FAR, MIDDLE, NEAR
from desktop.map.spacing import spaced
from desktop.map.stamps import stamp_dots
from desktop.map.style import ink, premultiplied
from resources.styles import SIZES, palette

if TYPE_CHECKING:
    from desktop.map.layers.components import ComponentMap, Seen

Array = np.ndarray

DOT_PX: Final = ((1_000.0, 2.0), (NEAR, 1.9), (MIDDLE, 1.1), (FAR, 0.5))  # radius by denominator
DOT_OPACITY: Final = ((NEAR, 0.86), (MIDDLE, 0.62), (FAR, 0.38))  # far dots are a tone, not marks
SYMBOL_PX, LARGE_SYMBOL_PX = 16.0, 24.0
ROWS_FROM: Final = 1_400.0  # beyond, what stands in rows by the thousand (trees, gullies) stays a dot
SPACING_PX: Final = 21.0  # between the middles of two symbols
CLUSTER_SPACING_PX: Final = 34.0
CLUSTER_PX: Final = 64.0  # the square in which components of one class are one
BUBBLE_ROOM_PX: Final = 62.0


@lru_cache(maxsize=32)
def class_colours(codes: tuple[str, ...], theme: str, opacity: float) -> Array:
    """Premultiplied colour of the major class of every class."""
    return np.array([premultiplied(palette(theme).major(code[:2]), opacity) for code in codes], np.uint32)


def draw_dots(frame: Frame, components: ComponentMap, seen: Seen) -> None:
    """A dot for every component; what gets no symbol is still there."""
    radius, opacity = (_by_scale(frame, table) for table in (DOT_PX, DOT_OPACITY))
    table = class_colours(components.class_codes, frame.style.theme, round(opacity, 2))
    stamp_dots(frame.pixels, seen.px, seen.py, table[seen.class_index], max(0.5, radius * frame.unit))


def _by_scale(frame: Frame, table: tuple[tuple[float, float], ...]) -> float:
    scales, values = np.array(table).T
    return float(np.interp(np.log(frame.view.scale_denominator), np.log(scales), values))


def draw_symbols(frame: Frame, components: ComponentMap, seen: Seen) -> None:
    """Symbols of 16 where there is room, the important first; from 1 : 1,000 all of them, of 24."""
    close = frame.view.scale_denominator <= CLOSE
    rank = components.order[seen.class_index]
    if close:
        chosen = np.arange(len(seen))
    else:
        m_per_px = frame.view.m_per_px
        if frame.view.scale_denominator > ROWS_FROM:
            seen = seen.take(np.flatnonzero(~components.in_rows[seen.class_index] | (seen.state != GOOD)))
            rank = components.order[seen.class_index]
        special = np.where(
            seen.state == GOOD, 0, len(components.class_codes)
        )  # damage is news: it goes first
        chosen = spaced(seen.east_m / m_per_px, seen.north_m / m_per_px, rank - special, SPACING_PX)
    frame.check()
    chosen = chosen[np.argsort(-rank[chosen], kind="stable")]
    _stamp_symbols(frame, components, seen.take(chosen), LARGE_SYMBOL_PX if close else SYMBOL_PX)


def draw_clusters(frame: Frame, components: ComponentMap, seen: Seen) -> None:
    """Rare and public classes: one symbol with a count for those of a class that stand near one another."""
    seen = seen.take(np.flatnonzero(components.public[seen.class_index]))
    if frame.view.scale_denominator > MIDDLE or not len(seen):
        return
    m_per_px = frame.view.m_per_px
    square = [np.floor(v / (CLUSTER_PX * m_per_px)).astype(np.int64) for v in (seen.east_m, seen.north_m)]
    key = (square[1] * 100_003 + square[0]) * 1024 + seen.class_index
    _, first, member = np.unique(key, return_index=True, return_inverse=True)
    counts = np.bincount(member)
    px, py = (np.bincount(member, weights=v) / counts for v in (seen.px, seen.py))
    east, north = (np.bincount(member, weights=v) / counts / m_per_px for v in (seen.east_m, seen.north_m))
    classes = seen.class_index[first]
    chosen = spaced(east, north, components.order[classes], CLUSTER_SPACING_PX)
    for at in chosen.tolist():
        image = sprite(components.sign(int(classes[at]), GOOD), SYMBOL_PX, frame.style.theme, frame.unit)
        half = image.width() / 2.0
        frame.painter.drawImage(QPoint(round(px[at] - half), round(py[at] - half)), image)
        if counts[at] > 1:
            _write_count(frame, str(counts[at]), px[at] + (SYMBOL_PX / 2.0 + 2.0) * frame.unit, py[at])
    frame.check()


def _write_count(frame: Frame, text: str, left: float, middle: float) -> None:
    colours, lettering = frame.style.palette, Lettering(SIZES.map["cell"] * frame.unit, 500)
    image = word_sprite(text, lettering, Dress(colours.text, colours.land, frame.unit))
    centre = left + word(text, lettering).advance / 2.0
    frame.painter.drawImage(round(centre) - image.width() // 2, round(middle) - image.height() // 2, image)


def _stamp_symbols(frame: Frame, components: ComponentMap, seen: Seen, size_px: float) -> None:
    painter, theme, unit = frame.painter, frame.style.theme, frame.unit
    kinds, kind = np.unique(seen.class_index.astype(np.int64) * 256 + seen.state, return_inverse=True)
    images = [sprite(components.sign(k >> 8, k & 255), size_px, theme, unit) for k in kinds.tolist()]
    half = images[0].width() / 2.0 if images else 0.0
    left, top = np.round(seen.px - half).astype(int), np.round(seen.py - half).astype(int)
    for number, (at, x, y) in enumerate(zip(kind.tolist(), left.tolist(), top.tolist(), strict=True)):
        painter.drawImage(x, y, images[at])
        if number % 512 == 0:
            frame.check()


def draw_bubbles(frame: Frame, components: ComponentMap, shown: Array) -> None:
    """Counts per community, or per street or county where communities would crowd."""
    for px, py, count, radius in _bubbles(frame, components, shown):
        colours, unit, painter = frame.style.palette, frame.unit, frame.painter
        painter.setPen(QPen(ink(colours.secondary), 1.0 * unit))
        painter.setBrush(ink(colours.card, 0.92))
        painter.drawEllipse(QPointF(px, py), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        drawn = word(
            f"{count:,}" if count >= 10_000 else str(count), Lettering(SIZES.map["cell"] * unit, 500)
        )
        painter.fillPath(drawn.path.translated(px, py), ink(colours.text))
        painter.setPen(Qt.PenStyle.NoPen)


def _bubbles(frame: Frame, components: ComponentMap, shown: Array) -> list[tuple[float, float, int, float]]:
    for digits in (12, 9, 6):
        x, y, count = components.counts_by_area(digits, shown)
        if not len(x):
            return []
        px, py = frame.view.to_pixels(x, y)
        room = BUBBLE_ROOM_PX * frame.unit
        if len(x) == len(spaced(px, py, -count, room * 0.6)) or digits == 6:
            break
    radius = (11.0 + 13.0 * np.sqrt(count / count.max())) * frame.unit
    order = np.argsort(-count)
    return list(
        zip(
            px[order].tolist(), py[order].tolist(), count[order].tolist(), radius[order].tolist(), strict=True
        )
    )
