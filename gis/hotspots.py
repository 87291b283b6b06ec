"""Hot and cold spots of values on areas: Getis-Ord Gi and Gi*, Moran's I global and local.

`Weights` in, frames out; nothing here knows files or stores. A result frame has one row per area in the given order:
`value`, `z` (standard score), `p` (two-sided, normal), `class` (-3 … 3: cold at 99, 95, 90 %, not significant, hot at
90, 95, 99 %), `fdr` (significant with the share of false discoveries controlled); `frame.attrs` carries method and
parameters.

Sources: Getis & Ord 1992 and Ord & Getis 1995 (Gi, Gi*; the variance divides by n), Cliff & Ord 1981 (Moran's I),
Anselin 1995 (local Moran's I), Benjamini & Hochberg 1995 (false discoveries).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfc

from gis.neighbours import Weights
from kernel.errors import Refused

Floats = NDArray[np.float64]

RESULT_COLUMNS: Final = ("value", "z", "p", "class", "fdr")
LEVELS: Final = (0.10, 0.05, 0.01)  # p below these: classes 1, 2, 3 and -1, -2, -3
DEFAULT_FDR: Final = 0.05
_FEWEST: Final = 3


@dataclass(frozen=True)
class GlobalMoran:
    """Global Moran's I: `i`, its expectation, the standard scores under randomisation and under normality, and the
    two-sided `p` of the first."""

    i: float
    expected: float
    z_randomisation: float
    z_normality: float
    p: float


def gi_star(values: ArrayLike, weights: Weights, fdr: float = DEFAULT_FDR) -> pd.DataFrame:
    """Getis-Ord Gi* of n values: each area with its neighbours against the whole.

    `weights` without `star` get each area as its own neighbour, with weight 1. Raises `Refused` when there are fewer
    than three areas or all values are equal, `ValueError` for missing values or another number of areas.
    """
    x = _checked(values, weights)
    linked = weights.with_self()
    return _result(x, gi_star_z(x, linked), "gistar", linked, fdr)


def gi(values: ArrayLike, weights: Weights, fdr: float = DEFAULT_FDR) -> pd.DataFrame:
    """Getis-Ord Gi of n values: each area's neighbours, without itself, against all others.

    An area without neighbours has no score (NaN). Errors as for `gi_star`.
    """
    x = _checked(values, weights)
    if weights.star:
        raise ValueError("Gi looks at neighbours only; these weights hold the areas themselves")
    return _result(x, gi_z(x, weights), "gi", weights, fdr)


def gi_star_z(values: Floats, weights: Weights) -> Floats:
    """Standard scores of Gi*, Ord & Getis 1995 eq. 14, for weights that hold the areas themselves; no checks."""
    mean, spread = values.mean(), values.std()
    z = weights.matrix @ values
    z -= mean * weights.sums
    z /= weights.gi_scale * spread
    return z


def gi_z(values: Floats, weights: Weights) -> Floats:
    """Standard scores of Gi, for weights without the areas themselves; no checks. NaN without neighbours."""
    n = len(values)
    mean = (values.sum() - values) / (n - 1)
    variance = (np.square(values).sum() - np.square(values)) / (n - 1) - np.square(mean)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (weights.matrix @ values - weights.sums * mean) / (
            np.sqrt(np.maximum(variance, 0)) * weights.gi_scale
        )
    return np.where(np.isfinite(z), z, np.nan)


def moran(values: ArrayLike, weights: Weights) -> GlobalMoran:
    """Global Moran's I of n values, rows standardised first; errors as for `gi_star`."""
    x = _checked(values, weights)
    links = weights.standardised()
    n, (s0, s1, s2) = len(x), links.moments
    if s0 == 0:
        raise Refused(
            "No area has a neighbour, so there is nothing to compare.",
            remedy="Choose a larger distance, or knn:K neighbours.",
        )
    deviation = x - x.mean()
    m2 = float((deviation**2).sum())
    i = n / s0 * float((deviation * (links.matrix @ deviation)).sum()) / m2
    expected = -1.0 / (n - 1)
    normal = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2) - expected**2
    kurtosis = n * float((deviation**4).sum()) / m2**2
    free = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    tied = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    randomised = (free - tied) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2 if n > 3 else np.nan
    z = (i - expected) / np.sqrt(randomised)
    return GlobalMoran(i, expected, float(z), float((i - expected) / np.sqrt(normal)), float(two_sided(z)))


def local_moran(values: ArrayLike, weights: Weights, fdr: float = DEFAULT_FDR) -> pd.DataFrame:
    """Local Moran's I of n values, rows standardised first, with scores under randomisation (Anselin 1995).

    `class` is above zero for high values among high ones, below zero for low among low, 0 where an area differs
    from its neighbours. The column `i` holds the statistic. Errors as for `gi_star`.
    """
    x = _checked(values, weights)
    links = weights.standardised()
    n = len(x)
    deviation = x - x.mean()
    i = local_moran_i(x, links)
    kurtosis = n * float((deviation**4).sum()) / float((deviation**2).sum()) ** 2
    expected = -links.sums / (n - 1)
    cross = np.square(links.sums) - links.squares
    variance = links.squares * (n - kurtosis) / (n - 1)
    variance += cross * (2 * kurtosis - n) / ((n - 1) * (n - 2)) - np.square(expected)
    with np.errstate(invalid="ignore", divide="ignore"):
        # I here divides by n - 1, as is usual; the moments are those of the form that divides by n
        z = (i * n / (n - 1) - expected) / np.sqrt(variance)
    frame = _result(x, np.where(np.isfinite(z), z, np.nan), "moran", links, fdr)
    side = np.where(i > 0, np.sign(deviation), 0).astype(np.int8)
    frame["class"] = (np.abs(frame["class"].to_numpy()) * side).astype(np.int8)
    frame["i"] = i
    return frame


def local_moran_i(values: Floats, weights: Weights) -> Floats:
    """Local Moran's I of row-standardised weights, divided by n - 1; no checks."""
    deviation = values - values.mean()
    return deviation * (weights.matrix @ deviation) * ((len(values) - 1) / float((deviation**2).sum()))


def two_sided(z: ArrayLike) -> Floats:
    """p of a standard score, both tails of the normal distribution."""
    return erfc(np.abs(np.asarray(z, dtype=np.float64)) / np.sqrt(2.0))


def classify(z: Floats, p: Floats) -> NDArray[np.int8]:
    """-3 … 3 by `LEVELS`; 0 where there is no score."""
    strength = np.zeros(len(p), dtype=np.int8)
    for level in LEVELS:
        strength += p < level
    return np.where(z < 0, -strength, strength).astype(np.int8)


def discoveries(p: ArrayLike, share: float) -> NDArray[np.bool_]:
    """Which hypotheses to reject so that at most `share` of them are expected to be false (Benjamini & Hochberg).

    Missing p are no hypotheses. Raises `ValueError` for a share outside 0 … 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"a share of false discoveries of {share}")
    given = np.asarray(p, dtype=np.float64)
    known = np.sort(given[np.isfinite(given)])
    passing = np.flatnonzero(known <= share * np.arange(1, len(known) + 1) / max(len(known), 1))
    limit = known[passing[-1]] if len(passing) else -1.0
    return np.asarray(given <= limit)


def _checked(values: ArrayLike, weights: Weights) -> Floats:
    x = np.ascontiguousarray(values, dtype=np.float64)
    if x.shape != (weights.n,):
        raise ValueError(f"{x.size} values on {weights.n} areas")
    if not np.isfinite(x).all():
        raise ValueError(f"{int((~np.isfinite(x)).sum())} of {len(x)} values are missing")
    if len(x) < _FEWEST:
        raise Refused(
            "{count} areas are too few for a statistic.",
            remedy="Use at least {fewest} areas: smaller cells, or a larger area.",
            count=len(x),
            fewest=_FEWEST,
        )
    if np.ptp(x) <= 1e-12 * max(float(np.abs(x).max()), 1e-300):
        raise Refused(
            "All {count} areas have the same value, {value}: there is nothing hot or cold.",
            remedy="Check the filter: it may leave no component, or choose another field.",
            count=len(x),
            value=f"{x[0]:g}",
        )
    return x


def _result(x: Floats, z: Floats, method: str, weights: Weights, share: float) -> pd.DataFrame:
    p = two_sided(z)
    frame = pd.DataFrame({"value": x, "z": z, "p": p, "class": classify(z, p), "fdr": discoveries(p, share)})
    frame.attrs = {
        "method": method,
        "parameters": {"weights": weights.rule, "row_standardised": weights.row_standardised, "fdr": share,
                       "areas": len(x), "links": len(weights), "islands": len(weights.islands)},
    }  # fmt: skip
    return frame
