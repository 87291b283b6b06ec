"""What a census report says, gathered once: the session, its files, totals, kinds of finding, sample, hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from census.accuracy import AccuracyFound, judge
from census.rules.findings import MESSAGE_PLACES
from census.totals import Totals
from exports.atlas.content import Layer
from resources import texts
from resources.styles import Palette, palette

SEVERITIES: Final = ("error", "warning", "information")
EXAMPLES: Final = 5
_UNNAMED: Final = dict.fromkeys(MESSAGE_PLACES, "…")


@dataclass(frozen=True)
class Kind:
    """One kind of finding: how many, what it means, some of them, and where all of them are (float[n, 2])."""

    code: str
    severity: str
    number: int
    template: str
    remedy: str
    examples: pd.DataFrame
    places: np.ndarray


@dataclass(frozen=True)
class Sample:
    """The accuracy sample: `rows` with `census.accuracy.SAMPLE_COLUMNS`, drawn with `seed`, `size` of each class."""

    rows: pd.DataFrame
    seed: int
    size: int

    @cached_property
    def found(self) -> Sequence[AccuracyFound]:
        """What was measured so far, by accuracy class."""
        return judge(self.rows)

    @property
    def measured(self) -> int:
        """Rows with a measured position."""
        return sum(found.measured for found in self.found)


@dataclass(frozen=True)
class CensusReport:
    """Everything a report says, in one language and one metric plane (EPSG `crs`).

    `session`: the row of the store's session (`session_id` 0 while it is not kept yet); `layers`: what was found about
    each layer; `places`: x, y of the accepted components (float[n, 2]); `content`: rows and SHA-256 of what was
    committed, `(0, "")` before.
    """

    lang: str
    city: str
    synthetic: bool
    printed: str  # ISO date
    crs: int
    session: Mapping[str, Any]
    layers: Sequence[Mapping[str, Any]]
    delivered: pd.DataFrame
    totals: Totals
    kinds: Sequence[Kind]
    findings: pd.DataFrame
    refused: pd.DataFrame
    places: np.ndarray
    sample: Sample
    content: tuple[int, str] = (0, "")
    communities: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    streets: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    base: Mapping[str, Layer] = field(default_factory=dict)

    @property
    def palette(self) -> Palette:
        """Paper: always the light theme."""
        return palette("light")

    @property
    def number(self) -> int:
        """The session's number, 0 while it is not kept yet."""
        return int(self.session["session_id"])

    @cached_property
    def outlines(self) -> np.ndarray:
        """Communities for small maps: within about 15 m of their true outline."""
        if not len(self.communities):
            return np.empty(0, dtype=object)
        return np.asarray(shapely.coverage_simplify(self.communities.geometry.to_numpy(), 15.0))

    @cached_property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """The city, or what was delivered where the store knows no city; None where there is no place at all."""
        if len(self.communities):
            return tuple(self.communities.total_bounds)
        if len(self.places):
            return (*self.places.min(axis=0), *self.places.max(axis=0))
        return None

    def words(self, template: str, **places: object) -> str:
        """`template` in the report's language."""
        return texts.words(self.lang, template, **places)

    def meaning(self, kind: Kind) -> str:
        """What a kind of finding means, its places left open."""
        return self.words(kind.template, **_UNNAMED)

    def status(self) -> str:
        """Where the session stands."""
        return {
            "dry_run": self.words("Dry run"), "draft": self.words("Draft"), "submitted": self.words("Submitted"),
            "committed": self.words("Committed"), "rejected": self.words("Rejected"), "undone": self.words("Undone"),
        }[str(self.session["status"])]  # fmt: skip

    def severity(self, severity: str) -> str:
        """The grade of a finding."""
        return {"error": self.words("Error"), "warning": self.words("Warning"),
                "information": self.words("Information")}[severity]  # fmt: skip


def kinds_of(findings: pd.DataFrame) -> list[Kind]:
    """The kinds of finding, errors first, the most frequent first."""
    groups = findings.groupby(["severity", "code"], sort=False, observed=True).indices
    kinds = [
        _kind(str(severity), str(code), findings.iloc[rows]) for (severity, code), rows in groups.items()
    ]
    return sorted(kinds, key=lambda kind: (SEVERITIES.index(kind.severity), -kind.number, kind.code))


def _kind(severity: str, code: str, rows: pd.DataFrame) -> Kind:
    """Examples show different values of different files before they show more of the same."""
    first = rows.head(20_000)
    shown = pd.concat([first.drop_duplicates(["file", "field", "value"]), first]).head(EXAMPLES * 2)
    places = rows[["x", "y"]].to_numpy(dtype=float)
    return Kind(
        code=code,
        severity=severity,
        number=len(rows),
        template=str(rows["message"].mode().iloc[0]),
        remedy=str(rows["remedy"].iloc[0]),
        examples=shown[~shown.index.duplicated()].head(EXAMPLES),
        places=places[np.isfinite(places).all(axis=1)],
    )
