"""What surveys call the fields of a component, and their values, beside our own words (`fields.csv`, `values.csv`).

Source of the standard names: the attribute tables of GB/T 30428.2-2013 (as one city's service sends them) and of
GB/T 47678.5-2026 (one transcription). Chinese, English and pinyin names are those in common use, our own list.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

FIELD_COLUMNS: Final = ("column", "alias", "kind", "standard", "required", "form")
VALUE_COLUMNS: Final = ("column", "alias", "value", "note")
FOLDER: Final = Path(__file__).parent


def load() -> pd.DataFrame:
    """One row per known field name, in order of trust: `column, alias, kind, standard, required, form`.

    * `column`: the column of `gis.frames.COMPONENT_COLUMNS`; besides them `lon` and `lat` (degrees, WGS84 or CGCS2000),
      while `x` and `y` are in whatever plane the survey says.
    * `alias`: the name, unique but for case; compare with `casefold()`. A shapefile cuts names to 10 bytes: 5 Chinese
      characters in GBK, 3 in UTF-8, so a name may be the beginning of exactly one column's aliases.
    * `kind`: `standard` (printed field name of the edition `standard`), `chinese`, `english` or `pinyin` (initials).
    * `required`: of a standard field: M always, C when the state is not 完好 or something changed, O optional.
    * `form`: of a standard field: a regular expression or a date form (`YYYYMMDD`), `""` for free text.
    """
    return _read("fields.csv", FIELD_COLUMNS)


def values() -> pd.DataFrame:
    """What surveys write for the values of `state`, `source` and `accuracy`: `column, alias, value, note`.

    A row whose alias is not its value maps a word: the importer says so in a warning, never silently.
    """
    return _read("values.csv", VALUE_COLUMNS)


def _read(name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False, encoding="utf-8")
    return frame[list(columns)]
