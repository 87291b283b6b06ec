"""Lays out all names of a picture together and draws them."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.map.frame import Frame
from desktop.map.layer import Layer


def draw_names(frame: Frame, layers: Sequence[Layer], covered: tuple[int, int, int, int]) -> None:
    """Place the names of `layers` by rank without collision, none under the `covered` edges."""
