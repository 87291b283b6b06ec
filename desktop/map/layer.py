"""What a layer is: a frozen value that can draw itself on sheets, name things, and say what lies under a point.

A changed layer is a new value (`cells.hiding(...)`, `tracks.appended(...)`); one that is the same object is not drawn
again. So nothing a worker reads is ever written, and there are no locks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from desktop.map.view import Extent, View

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon

    from desktop.map.atlas import ComponentSign, PatrolSign
    from desktop.map.frame import Frame
    from desktop.map.labels.candidates import Candidate
    from desktop.map.style import Style
    from desktop.map.tiles.feed import Feed


class Sheet(IntEnum):
    """The transparencies of the map from the ground up. Each is cached by itself."""

    GROUND = 0  # land, parks, water, raster tiles
    THEMATIC = 1  # fills under buildings and roads
    STRUCTURE = 2  # buildings, roads, railways
    LINES = 3  # cells, communities
    SELECTION = 4  # the selected cell
    POINTS = 5  # dots and symbols of components
    NAMES = 6  # all names, laid out together
    MARKS = 7  # people, findings, the selected symbol, the code chip: what must not be hidden


@dataclass(frozen=True)
class Pick:
    """What lies under a point: `kind` is component, patroller, finding or cell; `key` its id or code as text."""

    kind: str
    key: str
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Located:
    """Where a thing is that someone selects: its place, its outline if it is an area, its sign if it is a mark."""

    kind: str
    key: str
    x: float
    y: float
    area: Polygon | MultiPolygon | None = None
    sign: ComponentSign | PatrolSign | None = None


class Layer(Protocol):
    """One kind of thing on the map."""

    key: str  # unique among the layers of a canvas
    visible: bool
    sheets: ClassVar[tuple[Sheet, ...]]
    pick_rank: ClassVar[int]  # 0 is asked first; symbols before lines before areas

    @property
    def feed(self) -> Feed | None:
        """What fetches its pixels in the background, None for layers that have everything."""

    def refreshed(self) -> Layer:
        """The same layer as a new value, after its feed brought something."""

    @property
    def extent(self) -> Extent | None:
        """Where its things lie, None when it has none."""

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Draw what belongs on `sheet`. Runs on a worker; calls `frame.check()` now and then."""

    def names(self, view: View, style: Style) -> Sequence[Candidate]:
        """Names it would like to have on the map."""

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """What lies within `tolerance_m` of a place, asked from the arrays."""

    def locate(self, kind: str, key: str) -> Located | None:
        """Where the thing of that kind and key is, None when it is not of this layer."""

    def counts(self, view: View) -> Mapping[str, int]:
        """How many things lie in view, by kind or class code."""


class LayerBase:
    """What most layers answer: nothing to name, to pick or to count."""

    sheets: ClassVar[tuple[Sheet, ...]] = ()
    pick_rank: ClassVar[int] = 9

    feed: ClassVar[Feed | None] = None

    def refreshed(self) -> Any:
        """The same layer as a new value."""
        return copy(self)

    @property
    def extent(self) -> Extent | None:
        """Nowhere."""
        return None

    def draw(self, sheet: Sheet, frame: Frame) -> None:
        """Nothing."""

    def names(self, view: View, style: Style) -> Sequence[Candidate]:
        """None."""
        return ()

    def pick(self, x: float, y: float, tolerance_m: float, view: View) -> Pick | None:
        """Nothing."""
        return None

    def locate(self, kind: str, key: str) -> Located | None:
        """Nowhere."""
        return None

    def counts(self, view: View) -> Mapping[str, int]:
        """Nothing."""
        return {}
