"""People on patrol: where each was last seen, and a trail that fades with age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

import numpy as np
import pandas as pd
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from desktop.map.atlas import HEADING_STEP_DEG, PatrolSign, sprite
from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Located, Pick, Sheet
from desktop.map.paths import segments
from desktop.map.style import ink
from desktop.map.view import Extent, View
from resources import symbols

Array = np.ndarray

TRAIL_S: Final = 600.0
GAP_S: Final = 180.0  # a longer silence breaks the trail
OFFLINE_S: Final = 300.0
MOVING_M_S: Final = 0.4
FADES: Final = (0.16, 0.30, 0.48, 0.70, 0.95)  # opacity from the oldest part of the trail to the newest
SYMBOL_PX: Final = 16.0
DEFAULT_ROLE: Final = "监督员"
_ROLES_EN: Final = {"collector": "监督员", "inspector": "监督员", "handler": "处置员", "supervisor": "督导"}


@dataclass(frozen=True, eq=False)
class Trails:
    """Fixes of the last minutes, sorted by person and time: number of the person, seconds, plane metres."""

    person: Array
    time_s: Array
    x: Array
    y: Array
    speed_m_s: Array
    heading_deg: Array

    @classmethod
    def empty(cls) -> Trails:
        """No fix yet."""
        return cls(np.empty(0, np.int64), *(np.empty(0) for _ in range(5)))

    def appended(self, fixes: pd.DataFrame, number_of: Mapping[object, int], keep_s: float) -> Trails:
        """With further fixes of `gis.frames.FIX_COLUMNS`; the latest of everyone and those of `keep_s` are kept."""
        known = fixes["patroller_id"].isin(number_of.keys()).to_numpy()
        fresh = fixes[known]
        person = fresh["patroller_id"].map(number_of).to_numpy(np.int64)
        columns = [np.concatenate([self.person, person])]
        for name in ("time_s", "x", "y", "speed_m_s", "heading_deg"):
            columns.append(np.concatenate([getattr(self, name), fresh[name].to_numpy(float)]))
        order = np.lexsort((columns[1], columns[0]))
        person, time_s = columns[0][order], columns[1][order]
        if not len(person):
            return self
        again = np.concatenate([[False], (np.diff(person) == 0) & (np.diff(time_s) == 0.0)])
        latest = np.concatenate([np.diff(person) != 0, [True]])
        kept = order[((time_s >= time_s.max() - keep_s) | latest) & ~again]
        return Trails(*(column[kept] for column in columns))

    @property
    def latest(self) -> Array:
        """Positions of everyone's last fix."""
        if not len(self.person):
            return np.empty(0, np.int64)
        return np.flatnonzero(np.concatenate([np.diff(self.person) != 0, [True]]))


@dataclass(frozen=True, eq=False)
class TracksLayer(LayerBase):
    """Patrollers of `gis.frames.PATROLLER_COLUMNS` and their fixes. `now_s` is the time the map shows.

    `appended(fixes)` gives the layer with a further batch; nothing is drawn per fix.
    """

    patrollers: pd.DataFrame
    trails: Trails = field(default_factory=Trails.empty)
    now_s: float = 0.0
    trail_s: float = TRAIL_S
    key: str = "tracks"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.MARKS,)
    pick_rank: ClassVar[int] = 0

    def appended(self, fixes: pd.DataFrame) -> TracksLayer:
        """The layer with further fixes; the time shown moves on with them."""
        if not len(fixes):
            return self
        ids = self.patrollers["patroller_id"].to_list()
        trails = self.trails.appended(fixes, {key: at for at, key in enumerate(ids)}, self.trail_s)
        return replace(self, trails=trails, now_s=max(self.now_s, float(fixes["time_s"].max())))

    def at(self, now_s: float) -> TracksLayer:
        """The layer at another time: who is silent too long is shown offline."""
        return replace(self, now_s=now_s)

    @property
    def extent(self) -> Extent | None:
        """Where everyone was last seen."""
        at = self.trails.latest
        if not len(at):
            return None
        x, y = self.trails.x[at], self.trails.y[at]
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Trails by age, then everyone's symbol."""
        self._draw_trails(frame)
        trails, at = self.trails, self.trails.latest
        px, py = frame.view.to_pixels(trails.x[at], trails.y[at])
        height, width = frame.pixels.shape
        inside = (px > -40) & (px < width + 40) & (py > -40) & (py < height + 40)
        for fix, x, y in zip(at[inside].tolist(), px[inside].tolist(), py[inside].tolist(), strict=True):
            image = sprite(self._sign(fix), SYMBOL_PX, frame.style.theme, frame.unit)
            half = image.width() / 2.0
            frame.painter.drawImage(round(x - half), round(y - half), image)
        frame.check()

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """Whoever was last seen nearest."""
        trails, at = self.trails, self.trails.latest
        distance = np.hypot(trails.x[at] - x, trails.y[at] - y)
        if not len(at) or distance.min() > tolerance_m:
            return None
        fix = int(at[distance.argmin()])
        return Pick("patroller", self._key(fix), float(trails.x[fix]), float(trails.y[fix]))

    def locate(self, kind: str, key: str) -> Located | None:
        """Where that patroller was last seen."""
        if kind != "patroller":
            return None
        fix = next((fix for fix in self.trails.latest.tolist() if self._key(fix) == key), None)
        return (
            None if fix is None else Located(kind, key, float(self.trails.x[fix]), float(self.trails.y[fix]))
        )

    def counts(self, view: View) -> Mapping[str, int]:
        """Patrollers in view."""
        at, e = self.trails.latest, view.extent
        x, y = self.trails.x[at], self.trails.y[at]
        return {self.key: int(((x >= e[0]) & (x <= e[2]) & (y >= e[1]) & (y <= e[3])).sum())}

    def _key(self, fix: int) -> str:
        return str(self.patrollers["patroller_id"].iloc[int(self.trails.person[fix])])

    def _sign(self, fix: int) -> PatrolSign:
        trails = self.trails
        role = str(self.patrollers["role"].iloc[int(trails.person[fix])])
        role = role if role in symbols.ROLES else _ROLES_EN.get(role, DEFAULT_ROLE)
        if self.now_s - trails.time_s[fix] > OFFLINE_S:
            return PatrolSign(role, "offline")
        heading = float(trails.heading_deg[fix])
        if trails.speed_m_s[fix] > MOVING_M_S and np.isfinite(heading):
            return PatrolSign(role, "moving", round(heading / HEADING_STEP_DEG) * HEADING_STEP_DEG % 360.0)
        return PatrolSign(role, "standing")

    def _draw_trails(self, frame: Frame) -> None:
        painter = frame.painter
        colour = frame.style.palette.major("01")
        for opacity, start, end in self._bands():
            pen = QPen(ink(colour, opacity), 1.6 * frame.unit, c=Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            for path in segments(*self._ends(start, end), frame.view):
                painter.drawPath(path)
            frame.check()
        painter.setPen(Qt.PenStyle.NoPen)

    def _bands(self) -> Iterator[tuple[float, Array, Array]]:
        """(opacity, first fix, second fix) of the steps of each age, the oldest first."""
        trails = self.trails
        step = (np.diff(trails.person) == 0) & (np.diff(trails.time_s) <= GAP_S)
        first = np.flatnonzero(step)
        age = (self.now_s - trails.time_s[first + 1]) / self.trail_s
        band = np.clip(((1.0 - age) * len(FADES)).astype(int), 0, len(FADES) - 1)
        for number, opacity in enumerate(FADES):
            at = first[(band == number) & (age <= 1.0)]
            yield opacity, at, at + 1

    def _ends(self, first: Array, second: Array) -> tuple[Array, Array]:
        x, y = self.trails.x, self.trails.y
        return np.column_stack([x[first], y[first]]), np.column_stack([x[second], y[second]])
