"""The accuracy sample given back: the measured positions in the workbook that the report made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from census.accuracy import SAMPLE_COLUMNS
from census.reading.delimited import Line
from census.reading.workbooks import read_workbook
from kernel.errors import Refused
from resources.texts import LANGUAGES, words

_SAME_PLACE_M: Final = 0.01  # a workbook keeps millimetres
_FARTHEST_M: Final = 1_000.0  # farther is another plane or a slip of the pen, no error of measuring


def sheet_title(lang: str) -> str:
    """The name of the sample's sheet."""
    return words(lang, "Accuracy sample")


def sample_heads(lang: str) -> list[str]:
    """The heads of the sample's sheet, in the order of `SAMPLE_COLUMNS`."""
    return [
        words(lang, "No."), words(lang, "Component code"), words(lang, "Class code"), words(lang, "Name"),
        words(lang, "Cell"), words(lang, "Location"), words(lang, "Accuracy class"), words(lang, "Limit, m"),
        words(lang, "x, m"), words(lang, "y, m"), words(lang, "x measured"), words(lang, "y measured"),
    ]  # fmt: skip


def read_measured(path: Path, sample: pd.DataFrame) -> pd.DataFrame:
    """`sample` with the positions that were filled in at `path`; rows left empty stay unmeasured.

    Raises `Refused` for a file that is not the workbook of this sample, and for a position that is none.
    """
    measured_x, measured_y = (np.full(len(sample), np.nan) for _ in range(2))
    for row, values in _rows(path):
        place = _place(path, row, values, sample)
        x, y = (_number(path, row, values[name], name) for name in ("measured_x", "measured_y"))
        if math.isnan(x) and math.isnan(y):
            continue
        _require_position(path, row, x - sample["x"].iloc[place], y - sample["y"].iloc[place])
        measured_x[place], measured_y[place] = x, y
    return sample.assign(measured_x=measured_x, measured_y=measured_y)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the sample's sheet with their numbers in the file."""
    for lang in LANGUAGES:
        for sheet in read_workbook(path, str(path), sheet_title(lang)).sheets:
            if sheet.lines:
                yield from _named(path, sheet.lines, sample_heads(lang))
                return
    raise Refused("{file} has no sheet with an accuracy sample.", remedy="Give the .xlsx that the report made.",
                  file=path)  # fmt: skip


def _named(path: Path, lines: list[Line], wanted: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    head = lines[0][1]
    for words_of_head in wanted:
        if words_of_head not in head:
            raise Refused("{file} has no column {field} in its accuracy sample.",
                          remedy="Keep the columns as the report made them; fill in only the measured ones.", file=path,
                          field=words_of_head)  # fmt: skip
    at = [head.index(one) for one in wanted]
    for row, cells in lines[1:]:
        yield (
            row,
            dict(
                zip(SAMPLE_COLUMNS, (cells[place] if place < len(cells) else "" for place in at), strict=True)
            ),
        )


def _place(path: Path, row: int, values: dict[str, str], sample: pd.DataFrame) -> int:
    """Which row of the sample this is: number and surveyed place must agree."""
    number = _number(path, row, values["number"], "number")
    place = int(number) - 1 if number == number else -1
    if 0 <= place < len(sample):
        expected = sample.iloc[place]
        apart = [_number(path, row, values[axis], axis) - expected[axis] for axis in ("x", "y")]
        if max(abs(distance) for distance in apart) <= _SAME_PLACE_M:
            return place
    raise Refused("{file}, row {row}: this component is not in the sample that the report draws.",
                  remedy="Give the --seed and --sample-size with which the sample was drawn.", file=path, row=row)  # fmt: skip


def _number(path: Path, row: int, value: str, field: str) -> float:
    """A cell as a number, NaN where it is empty."""
    if not value:
        return math.nan
    try:
        number = float(value)
    except ValueError:
        number = math.inf
    if not math.isfinite(number):
        raise Refused("{file}, row {row}: {field} is no number: {value}.",
                      remedy="Write metres of the city's plane, as in the columns before.", file=path, row=row,
                      field=field, value=value)  # fmt: skip
    return number


def _require_position(path: Path, row: int, dx: float, dy: float) -> None:
    if math.isnan(dx) or math.isnan(dy):
        raise Refused("{file}, row {row}: a measured position has only one of its two coordinates.",
                      remedy="Fill in both, or leave both empty.", file=path, row=row)  # fmt: skip
    if math.hypot(dx, dy) > _FARTHEST_M:
        raise Refused("{file}, row {row}: the measured position is {distance} m from the surveyed one.",
                      remedy="Write metres of the city's plane, x east and y north, as in the columns before.", file=path,
                      row=row, distance=f"{math.hypot(dx, dy):,.0f}")  # fmt: skip
