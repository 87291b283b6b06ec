"""Dots and small pictures written straight into pixels: a million dots cost a few passes over arrays."""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray


def dot_mask(radius_px: float) -> list[tuple[int, int, float]]:
    """The pixels of a disc as (dx, dy, coverage), centre pixel at (0, 0), strongest last.

    Coverage is that of a disc around the centre of the pixel, sampled 8 × 8.
    """
    reach = math.ceil(radius_px)
    steps = (np.arange(8) + 0.5) / 8.0 - 0.5
    out = []
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            inside = np.hypot((dx + steps)[None, :], (dy + steps)[:, None]) <= radius_px
            if inside.any():
                out.append((dx, dy, float(inside.mean())))
    return sorted(out, key=lambda pixel: pixel[2])


def stamp_dots(pixels: Array, px: Array, py: Array, colours: Array, radius_px: float) -> None:
    """Draw discs around the pixels that contain (px, py); `colours` are premultiplied ARGB, one per dot.

    Later dots lie on earlier ones; the soft rim only shows where nothing stronger stands. Dots whose disc reaches
    over the edge of `pixels` are left out: pictures are drawn with a margin.
    """
    mask = dot_mask(radius_px)
    reach = max(max(abs(dx), abs(dy)) for dx, dy, _ in mask)
    height, width = pixels.shape
    column, row = np.floor(px).astype(np.int32), np.floor(py).astype(np.int32)
    inside = (column >= reach) & (column < width - reach) & (row >= reach) & (row < height - reach)
    if not inside.all():
        column, row, colours = column[inside], row[inside], colours[inside]
    flat = pixels.reshape(-1)
    at = row * width + column
    for dx, dy, coverage in mask:
        place = at + (dy * width + dx)
        if coverage > 0.98:
            flat[place] = colours
        else:
            _write_stronger(flat, place, faded(colours, coverage))


def _write_stronger(flat: Array, place: Array, colours: Array) -> None:
    stronger = colours > flat[place]  # alpha is the highest byte
    flat[place[stronger]] = colours[stronger]


def faded(colours: Array, opacity: float) -> Array:
    """Premultiplied ARGB numbers at a share of their opacity."""
    share = np.uint32(round(opacity * 256))
    low = ((colours & np.uint32(0x00FF00FF)) * share >> np.uint32(8)) & np.uint32(0x00FF00FF)
    high = ((colours >> np.uint32(8)) & np.uint32(0x00FF00FF)) * share & np.uint32(0xFF00FF00)
    return low | high
