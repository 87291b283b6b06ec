"""Density of points in metres: Gaussian kernels on a raster, and plain densities of areas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import fftfreq, irfft2, next_fast_len, rfft2, rfftfreq

from kernel.errors import Refused

Floats = NDArray[np.float64]

_REACH: Final = 5.0  # bandwidths at which a Gaussian is cut: below 4e-6 of its height
_CHUNK: Final = 1 << 16  # points at a time, so that intermediate columns stay in the processor's cache
_MOST_NODES: Final = 64_000_000
_FEW: Final = 250_000


@dataclass(frozen=True, eq=False)
class Density:
    """Density in points (or weight) per m² on nodes; `values[j, i]` belongs to (`west` + i·`dx_m`, `south` + j·`dy_m`)."""

    values: Floats
    west: float
    south: float
    dx_m: float
    dy_m: float
    bandwidth_m: float

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine numbers (a, b, c, d, e, f) of a raster whose pixels are centred on the nodes, first row southmost."""
        return self.dx_m, 0.0, self.west - self.dx_m / 2, 0.0, self.dy_m, self.south - self.dy_m / 2

    def at(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Density at any points, between the nodes by bilinear interpolation; NaN beyond the outermost nodes."""
        rows, columns = self.values.shape
        u = (np.asarray(x, dtype=np.float64) - self.west) / self.dx_m
        v = (np.asarray(y, dtype=np.float64) - self.south) / self.dy_m
        inside = (u >= 0) & (u <= columns - 1) & (v >= 0) & (v <= rows - 1)
        i = np.clip(np.where(inside, u, 0).astype(np.int64), 0, max(columns - 2, 0))
        j = np.clip(np.where(inside, v, 0).astype(np.int64), 0, max(rows - 2, 0))
        s, t = u - i, v - j
        right, up = np.minimum(i + 1, columns - 1), np.minimum(j + 1, rows - 1)
        south = self.values[j, i] * (1 - s) + self.values[j, right] * s
        north = self.values[up, i] * (1 - s) + self.values[up, right] * s
        return np.where(inside, south * (1 - t) + north * t, np.nan)


def kernel(
    x: ArrayLike,
    y: ArrayLike,
    bandwidth_m: float,
    bounds: tuple[float, float, float, float],
    step_m: float | None = None,
    weights: ArrayLike | None = None,
) -> Density:
    """Gaussian kernel density of n points over `bounds` (xmin, ymin, xmax, ymax), nodes every `step_m`.

    Σ exp(-d² / 2h²) / (2πh²) over the points, each with its weight (1 when none are given); `step_m` defaults to a
    sixteenth of the bandwidth. Points without coordinates do not count; points beyond the bounds do, as far as they
    reach. Raises `Refused` when bandwidth and bounds ask for too many nodes, `ValueError` for a bandwidth that is none.
    """
    if not (np.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise ValueError(f"a bandwidth of {bandwidth_m} m")
    step = step_m or bandwidth_m / 16
    xmin, ymin, xmax, ymax = bounds
    columns, rows = (max(int(np.ceil(span / step - 1e-9)), 1) + 1 for span in (xmax - xmin, ymax - ymin))
    return on_nodes(x, y, bandwidth_m, (xmin, ymin), (step, step), (columns, rows), weights)


def on_nodes(
    x: ArrayLike,
    y: ArrayLike,
    bandwidth_m: float,
    origin: tuple[float, float],
    steps_m: tuple[float, float],
    size: tuple[int, int],
    weights: ArrayLike | None = None,
) -> Density:
    """`kernel` on given nodes: `size` (columns, rows) of them from `origin`, `steps_m` (x, y) apart.

    Points are shared out to the nodes around them by a B-spline, then smoothed by FFT; the spline's own variance is
    taken off the kernel's. Up to `_FEW` points by a quadratic one, whose variance is the same wherever a point
    lies: within 2e-4 of the largest density for steps up to a third of the bandwidth. More points by a linear one: as
    exact where points are spread, and off by up to (step / bandwidth)² / 6 where most of them lie on one spot.
    """
    reach = [int(np.ceil(_REACH * bandwidth_m / step)) for step in steps_m]
    wide, high = (next_fast_len(n + 2 * r, real=True) for n, r in zip(size, reach, strict=True))
    if wide * high > _MOST_NODES:
        raise Refused(
            "A density with this bandwidth ({bandwidth} m) needs {nodes} nodes, more than fit into memory.",
            remedy="Choose a larger bandwidth, or a smaller area.",
            bandwidth=f"{bandwidth_m:g}",
            nodes=wide * high,
        )
    west, south = (o - r * step for o, r, step in zip(origin, reach, steps_m, strict=True))
    given = None if weights is None else np.asarray(weights, dtype=np.float64)
    u = (np.asarray(x, dtype=np.float64) - west) / steps_m[0]
    v = (np.asarray(y, dtype=np.float64) - south) / steps_m[1]
    spread, variance = (_linear, 1 / 6) if len(u) > _FEW else (_quadratic, 1 / 4)
    mass = _shared_out(u, v, given, (wide, high), spread)
    smooth = _smoothed(mass, *((bandwidth_m / step) ** 2 - variance for step in steps_m))
    values = smooth[reach[1] : reach[1] + size[1], reach[0] : reach[0] + size[0]].astype(np.float64)
    values /= steps_m[0] * steps_m[1]
    return Density(np.maximum(values, 0.0, out=values), *origin, *steps_m, bandwidth_m)


def default_bandwidth(x: ArrayLike, y: ArrayLike) -> float:
    """A bandwidth in metres by Silverman's rule for two dimensions, guarded against outliers; at least 1 m.

    0.9 · min(standard distance, median distance / √ln 2) · n^(-1/5), distances from the median of x and y.
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(xs) == 0:
        return 1.0
    away = np.hypot(xs - np.median(xs), ys - np.median(ys))
    spread = min(float(np.sqrt((away**2).mean())), float(np.median(away)) / np.log(2) ** 0.5)
    return max(0.9 * spread * len(xs) ** -0.2, 1.0)


def per_km2(counts: ArrayLike, area_m2: ArrayLike) -> Floats:
    """Counts per square kilometre; NaN where an area is zero."""
    area = np.asarray(area_m2, dtype=np.float64)
    return np.asarray(counts, dtype=np.float64) * 1e6 / np.where(area > 0, area, np.nan)


def _linear(at: Floats) -> tuple[NDArray[np.int64], tuple[Floats, ...]]:
    """First node of each point along an axis, and the shares of it and the next."""
    first = at.astype(np.int64)
    share = at - first
    return first, (1 - share, share)


def _quadratic(at: Floats) -> tuple[NDArray[np.int64], tuple[Floats, ...]]:
    """First node of each point along an axis, and the shares of it and the next two."""
    nearest = np.rint(at).astype(np.int64)
    share = at - nearest
    return nearest - 1, ((0.5 - share) ** 2 / 2, 0.75 - share**2, (0.5 + share) ** 2 / 2)


def _shared_out(
    u: Floats, v: Floats, weights: Floats | None, size: tuple[int, int], spread: Callable[..., Any]
) -> Floats:
    """The points' weight on the nodes of a raster of `size` (columns, rows); `u`, `v` count in nodes."""
    wide, high = size
    mass = np.zeros(wide * high)
    for start in range(0, len(u), _CHUNK):
        part = slice(start, start + _CHUNK)
        inside = (u[part] >= 1) & (u[part] < wide - 2) & (v[part] >= 1) & (v[part] < high - 2)
        column, across = spread(u[part][inside])
        row, up = spread(v[part][inside])
        node = row * wide + column
        for j, north in enumerate(up):
            share = north if weights is None else north * weights[part][inside]
            for i, east in enumerate(across):
                np.add.at(mass, node + (j * wide + i), share * east)
    return mass.reshape(high, wide)


def _smoothed(mass: Floats, variance_x: float, variance_y: float) -> NDArray[np.float32]:
    """The raster convolved with a Gaussian of these variances (in nodes²), by its transform exp(-2π²σ²f²).

    Single precision is exact to 1e-6 of the largest value, and twice as fast.
    """
    high, wide = mass.shape
    along_x = np.exp(-2 * np.pi**2 * max(variance_x, 0.0) * rfftfreq(wide) ** 2)
    along_y = np.exp(-2 * np.pi**2 * max(variance_y, 0.0) * fftfreq(high) ** 2)
    spectrum = rfft2(mass.astype(np.float32))
    spectrum *= along_x.astype(np.float32)
    spectrum *= along_y.astype(np.float32)[:, None]
    return np.asarray(irfft2(spectrum, s=mass.shape, overwrite_x=True))
