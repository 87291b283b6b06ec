"""Times as people and devices write them, as UTC seconds since 1970."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Final

import numpy as np
import pandas as pd

# A time without zone in a Chinese file is Beijing time, wherever the reader sits.
BEIJING: Final = timezone(timedelta(hours=8))
_EPOCH_UNITS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))  # nano-, micro-, milliseconds by their size
_COMPACT: Final = r"^((?:19|20)\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$"
_DATE: Final = r"^(\d{4})[年/.-](\d{1,2})[月/.-](\d{1,2})(?:日|T|\s|$)"


def seconds(texts: pd.Series, zone: timezone = BEIJING) -> np.ndarray:
    """UTC seconds of each text, NaN where it is no time.

    Read are ISO 8601 with or without zone (`zone` where there is none), `2026/11/21 6:32`, `2026年11月21日 06时32分05秒`,
    `20261121063205`, and seconds, milli-, micro- or nanoseconds since 1970.
    """
    plain = texts.fillna("").astype("str").str.strip()
    numbers = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float)
    out = _epoch(numbers)
    compact = plain.str.fullmatch(_COMPACT).to_numpy(dtype=bool)
    written = np.flatnonzero((np.isnan(numbers) | compact) & (plain != "").to_numpy())
    if len(written):
        out[written] = _calendar(plain.iloc[written], zone)
    return out


def _epoch(numbers: np.ndarray) -> np.ndarray:
    out = numbers.copy()
    for least, unit in _EPOCH_UNITS:
        large = np.abs(numbers) >= least
        out = np.where(large, numbers / unit, out)
        numbers = np.where(large, np.nan, numbers)
    return out


def _calendar(texts: pd.Series, zone: timezone) -> np.ndarray:
    """Seconds of written times: ISO first, which is fast; what that does not know is tidied up and tried again."""
    out = _iso(texts, zone)
    lost = np.flatnonzero(np.isnan(out))
    if len(lost):
        tidy = texts.iloc[lost].str.replace(_COMPACT, r"\1-\2-\3 \4:\5:\6", regex=True)
        tidy = tidy.str.replace(_DATE, r"\1-\2-\3 ", regex=True)
        tidy = tidy.str.replace("[时点分](?=\\d)", ":", regex=True).str.replace("[时分秒]$", "", regex=True)
        out[lost] = _iso(tidy.str.replace("\\s+", " ", regex=True).str.strip(), zone, "mixed")
    return out


def _iso(texts: pd.Series, zone: timezone, form: str = "ISO8601") -> np.ndarray:
    zoned = texts.str.contains(r":.*(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})$", regex=True).to_numpy(dtype=bool)
    out = np.full(len(texts), np.nan)
    for rows, has_zone in ((np.flatnonzero(zoned), True), (np.flatnonzero(~zoned), False)):
        if len(rows):
            moments = pd.to_datetime(texts.iloc[rows], errors="coerce", utc=has_zone, format=form)
            aware = moments if has_zone else moments.dt.tz_localize(zone)
            out[rows] = (aware - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    return out
