"""Sanitation facilities: the sign of their kind in the colour of their running state, an alarm at overdue ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from desktop.map.atlas import sprite
from desktop.map.frame import Frame
from desktop.map.layer import LayerBase, Located, Pick, Sheet
from desktop.map.spacing import spaced
from desktop.map.stamps import stamp_dots
from desktop.map.style import premultiplied
from desktop.map.view import Extent, View
from resources import symbols
from resources.facilities import kinds, states
from resources.styles import Palette

Array = np.ndarray

SIGN_PX: Final = 20.0
CHOSEN_PX: Final = 30.0  # larger, so that an alarm may stay on it
SPACING_PX: Final = 22.0
DOT_PX: Final = 3.0
REACH_PX: Final = 24.0
KIND: Final = "facility"


@dataclass(frozen=True)
class FacilitySign:
    """A kind of facility in a running state; `late` where maintenance is overdue, `chosen` where it is picked."""

    kind: str
    state: str
    late: bool = False
    chosen: bool = False

    def layers(self, colours: Palette) -> tuple[symbols.Layer, ...]:
        """What to paint; the alarm stays when it is picked."""
        fill = colour_of(self.state, colours)
        concern = "案件超期" if self.late else "选中" if self.chosen else "完好"
        return symbols.component_layers(kinds()[self.kind].symbol, fill, colours, concern)


@dataclass(frozen=True, eq=False)
class FacilitiesLayer(LayerBase):
    """n facilities: plane coordinates, numbers, kinds, states, and which are late; `chosen` is a number or ""."""

    x: Array
    y: Array
    codes: Array
    kind_keys: Array
    states: Array
    late: Array
    chosen: str = ""
    key: str = "facilities"
    visible: bool = True
    sheets: ClassVar[tuple[Sheet, ...]] = (Sheet.MARKS,)
    pick_rank: ClassVar[int] = 0

    @property
    def extent(self) -> Extent | None:
        """Bounds of all."""
        if not len(self.x):
            return None
        return float(self.x.min()), float(self.y.min()), float(self.x.max()), float(self.y.max())

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """A dot for each, signs where there is room: the picked one first, then the late."""
        at = self._inside(frame.extent(REACH_PX))
        px, py = frame.view.to_pixels(self.x[at], self.y[at])
        palette = frame.style.palette
        colours = {state: premultiplied(colour_of(state, palette)) for state in states()}
        dots = np.array([colours[state] for state in self.states[at].tolist()], np.uint32)
        stamp_dots(frame.pixels, px, py, dots, DOT_PX * frame.unit)
        rank = np.where(self.codes[at] == self.chosen, 0, np.where(self.late[at], 1, 2)).astype(np.int64)
        step = frame.view.m_per_px
        shown = spaced(self.x[at] / step, self.y[at] / step, rank, SPACING_PX)
        for row in shown[np.argsort(-rank[shown], kind="stable")].tolist():
            sign = self._sign(int(at[row]))
            image = sprite(sign, CHOSEN_PX if sign.chosen else SIGN_PX, frame.style.theme, frame.unit)
            half = image.width() / 2.0
            frame.painter.drawImage(round(px[row] - half), round(py[row] - half), image)
        frame.check()

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """The nearest facility."""
        reach = max(tolerance_m, SIGN_PX / 2 * view.m_per_px)
        at = self._inside((x - reach, y - reach, x + reach, y + reach))
        if not len(at):
            return None
        row = int(at[np.argmin(np.hypot(self.x[at] - x, self.y[at] - y))])
        return Pick(KIND, str(self.codes[row]), float(self.x[row]), float(self.y[row]))

    def locate(self, kind: str, key: str) -> Located | None:
        """The facility of that number."""
        rows = np.flatnonzero(self.codes == key) if kind == KIND else ()
        return Located(kind, key, float(self.x[rows[0]]), float(self.y[rows[0]])) if len(rows) else None

    def counts(self, view: View) -> Mapping[str, int]:
        """Facilities in view, and the late among them."""
        at = self._inside(view.extent)
        return {self.key: len(at), f"{self.key}:late": int(self.late[at].sum())}

    def _sign(self, row: int) -> FacilitySign:
        chosen = bool(self.codes[row] == self.chosen)
        return FacilitySign(str(self.kind_keys[row]), str(self.states[row]), bool(self.late[row]), chosen)

    def _inside(self, extent: Extent) -> Array:
        x, y = self.x, self.y
        return np.flatnonzero((x >= extent[0]) & (x <= extent[2]) & (y >= extent[1]) & (y <= extent[3]))


def colour_of(state: str, colours: Palette) -> str:
    """The colour of a running state."""
    return str(getattr(colours, states()[state].role if state in states() else "stale"))
