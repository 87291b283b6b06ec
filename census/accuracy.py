"""Accuracy by sample (精度抽样): which components to measure again in the field, and what the measuring says.

A sample is drawn for each accuracy class with its own generator from one seed, so that it can be drawn again and nobody
chooses it. The measured positions give errors, and a class keeps its limit when the mean square error of position
(点位中误差) is within it and no single error is beyond twice the limit, the usual bound of a gross error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pandas as pd

from census.rules.rules_table import FOLDER
from resources.list_fields import read_rows

SAMPLE_COLUMNS: Final = (
    "number", "code", "class_code", "name", "cell_code", "location", "accuracy", "limit_m", "x", "y", "measured_x",
    "measured_y",
)  # fmt: skip
SAMPLED_COLUMNS: Final = ("code", "class_code", "name", "cell_code", "location", "accuracy", "x", "y")
GROSS: Final = 2.0  # errors beyond so many limits are gross


@dataclass(frozen=True)
class AccuracyClass:
    """`limit_m`: the largest mean square error of position."""

    accuracy: str
    limit_m: float


@dataclass(frozen=True)
class AccuracyFound:
    """What measuring found in one class: `sampled` components, of which `measured`; errors in metres, NaN without any.

    `beyond`: errors over the limit; `gross`: over twice the limit. `kept` is None where nothing was measured.
    """

    accuracy: str
    limit_m: float
    sampled: int
    measured: int
    mean_square_m: float
    mean_x_m: float
    mean_y_m: float
    largest_m: float
    beyond: int
    gross: int
    kept: bool | None


@cache
def accuracy_classes() -> tuple[AccuracyClass, ...]:
    """The classes of `resources/census/accuracy_classes.csv`, the strictest first."""
    rows = read_rows(FOLDER / "accuracy_classes.csv")
    return tuple(AccuracyClass(row["accuracy"], float(row["limit_m"])) for row in rows)


def draw_sample(components: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """At most `size` components of each accuracy class, by class and place: columns `SAMPLE_COLUMNS`.

    `components` has `SAMPLED_COLUMNS`. The same components in any order, size and seed give the same sample.
    """
    ordered = _ordered(components)
    classes = ordered["accuracy"].astype(str).to_numpy()
    parts = []
    for order, of in enumerate(accuracy_classes()):
        rows = np.flatnonzero(classes == of.accuracy)
        chosen = np.random.default_rng([seed, order]).choice(rows, min(size, len(rows)), replace=False)
        parts.append(ordered.iloc[np.sort(chosen)].assign(limit_m=of.limit_m))
    out = pd.concat(parts, ignore_index=True)
    for name in ("code", "class_code", "name", "cell_code", "location", "accuracy"):
        out[name] = out[name].astype(str)
    out["number"] = np.arange(1, len(out) + 1)
    return out.assign(measured_x=np.nan, measured_y=np.nan)[list(SAMPLE_COLUMNS)]


def errors_m(sample: pd.DataFrame) -> pd.DataFrame:
    """`dx, dy, error_m` of each row, measured minus surveyed; NaN where nothing was measured."""
    dx, dy = sample["measured_x"] - sample["x"], sample["measured_y"] - sample["y"]
    return pd.DataFrame({"dx": dx, "dy": dy, "error_m": np.hypot(dx, dy)})


def judge(sample: pd.DataFrame) -> Sequence[AccuracyFound]:
    """What the measuring found, class by class."""
    errors = errors_m(sample).assign(accuracy=sample["accuracy"].to_numpy())
    return [_judge(of, errors[errors["accuracy"] == of.accuracy]) for of in accuracy_classes()]


def _judge(of: AccuracyClass, errors: pd.DataFrame) -> AccuracyFound:
    measured = errors.dropna()
    length = measured["error_m"].to_numpy(dtype=float)
    nothing = not len(length)
    square = float("nan") if nothing else float(np.sqrt(np.mean(length**2)))
    beyond, gross = int((length > of.limit_m).sum()), int((length > GROSS * of.limit_m).sum())
    return AccuracyFound(
        accuracy=of.accuracy,
        limit_m=of.limit_m,
        sampled=len(errors),
        measured=len(length),
        mean_square_m=square,
        mean_x_m=float(measured["dx"].mean()),
        mean_y_m=float(measured["dy"].mean()),
        largest_m=float("nan") if nothing else float(length.max()),
        beyond=beyond,
        gross=gross,
        kept=None if nothing else square <= of.limit_m and gross == 0,
    )


def _ordered(components: pd.DataFrame) -> pd.DataFrame:
    """Rows in an order that only the survey decides: by place, which neither a commit nor a new code changes."""
    return components.sort_values(["x", "y", "code"], kind="stable", ignore_index=True)
