"""Where the map looks: the one conversion between the city's plane and the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

# A logical pixel is 1/96 inch, so 1 : 2,000 is 0.529 m a pixel.
METRES_PER_LOGICAL_PIXEL: Final = 0.0254 / 96.0
FINEST, COARSEST = 100.0, 4_000_000.0  # scale denominators the map can be set to

Extent = tuple[float, float, float, float]  # xmin, ymin, xmax, ymax on the plane, metres


@dataclass(frozen=True)
class View:
    """A window on the plane: centre (x east, y north, metres), metres per logical pixel, size in logical pixels.

    "Screen" is logical pixels from the upper left corner, "pixels" are those of the device (`dpr` to one logical).
    """

    x: float
    y: float
    m_per_px: float
    width: int
    height: int
    dpr: float = 1.0

    @property
    def scale_denominator(self) -> float:
        """The n of 1 : n."""
        return self.m_per_px / METRES_PER_LOGICAL_PIXEL

    @property
    def m_per_pixel(self) -> float:
        """Metres per pixel of the device."""
        return self.m_per_px / self.dpr

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height in pixels of the device."""
        return math.ceil(self.width * self.dpr - 1e-9), math.ceil(self.height * self.dpr - 1e-9)

    @property
    def left(self) -> float:
        """x of the window's left edge."""
        return self.x - self.width * self.m_per_px / 2.0

    @property
    def top(self) -> float:
        """y of the window's upper edge."""
        return self.y + self.height * self.m_per_px / 2.0

    @property
    def extent(self) -> Extent:
        """What the window shows of the plane."""
        half_x, half_y = self.width * self.m_per_px / 2.0, self.height * self.m_per_px / 2.0
        return self.x - half_x, self.y - half_y, self.x + half_x, self.y + half_y

    def to_screen(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Plane → logical pixels; numbers or arrays."""
        return (x - self.left) / self.m_per_px, (self.top - y) / self.m_per_px

    def to_pixels(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Plane → pixels of the device; numbers or arrays."""
        scale = self.dpr / self.m_per_px
        return (x - self.left) * scale, (self.top - y) * scale

    def to_plane(self, px: Any, py: Any) -> tuple[Any, Any]:
        """Logical pixels → plane; numbers or arrays."""
        return self.left + px * self.m_per_px, self.top - py * self.m_per_px

    def moved(self, dx_px: float, dy_px: float) -> View:
        """The window after its content was dragged by (dx, dy) logical pixels."""
        return replace(self, x=self.x - dx_px * self.m_per_px, y=self.y + dy_px * self.m_per_px)

    def zoomed(self, factor: float, px: float, py: float) -> View:
        """Closer by `factor`, with the place under the screen point (px, py) staying there."""
        finest, coarsest = FINEST * METRES_PER_LOGICAL_PIXEL, COARSEST * METRES_PER_LOGICAL_PIXEL
        m_per_px = min(max(self.m_per_px / factor, finest), coarsest)
        x, y = self.to_plane(px, py)
        ratio = m_per_px / self.m_per_px
        return replace(self, x=x + (self.x - x) * ratio, y=y + (self.y - y) * ratio, m_per_px=m_per_px)

    def at_scale(self, denominator: float) -> View:
        """The same centre at 1 : denominator."""
        return replace(self, m_per_px=denominator * METRES_PER_LOGICAL_PIXEL)

    def fitted(self, extent: Extent, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> View:
        """`extent` whole and centred in what `margins` (left, top, right, bottom, logical pixels) leave free."""
        xmin, ymin, xmax, ymax = extent
        left, top, right, bottom = margins
        free_x, free_y = max(self.width - left - right, 40), max(self.height - top - bottom, 40)
        finest = FINEST * METRES_PER_LOGICAL_PIXEL
        m_per_px = max((xmax - xmin) / free_x, (ymax - ymin) / free_y, finest)
        return replace(
            self,
            x=(xmin + xmax) / 2.0 - (left - right) / 2.0 * m_per_px,
            y=(ymin + ymax) / 2.0 + (top - bottom) / 2.0 * m_per_px,
            m_per_px=m_per_px,
        )

    def centred_on(self, x: float, y: float, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> View:
        """The same scale with (x, y) in the middle of what `margins` leave free."""
        left, top, right, bottom = margins
        return replace(
            self, x=x - (left - right) / 2.0 * self.m_per_px, y=y + (top - bottom) / 2.0 * self.m_per_px
        )

    def widened(self, margin_px: int) -> View:
        """The same scale and centre with `margin_px` more on every side."""
        return replace(self, width=self.width + 2 * margin_px, height=self.height + 2 * margin_px)

    def snapped(self) -> View:
        """Moved by less than a pixel so that its corner lies on a whole pixel counted from the plane's origin.

        Pictures of one scale then fit one another exactly, however far the map was dragged between them.
        """
        step = self.m_per_pixel
        left, top = round(self.left / step) * step, round(self.top / step) * step
        return replace(
            self, x=left + self.width * self.m_per_px / 2.0, y=top - self.height * self.m_per_px / 2.0
        )

    def covers(self, other: View) -> bool:
        """Whether `other` lies wholly inside, at the same scale."""
        if self.m_per_px != other.m_per_px or self.dpr != other.dpr:
            return False
        mine, its, slack = self.extent, other.extent, 0.01 * self.m_per_px
        return (
            mine[0] <= its[0] + slack
            and mine[1] <= its[1] + slack
            and mine[2] >= its[2] - slack
            and mine[3] >= its[3] - slack
        )


def overlaps(first: Extent, second: Extent) -> bool:
    """Whether two extents share more than an edge."""
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
