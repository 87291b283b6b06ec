"""The look as data: colours by role for two themes, one type scale, one spacing grid (`styles.toml`).

Colours are `#rrggbb`, sizes are device-independent pixels. Nobody else in the program writes a colour.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

THEMES: Final = ("light", "dark")


@dataclass(frozen=True)
class Palette:
    """Colours of one theme, named by what they are for. `hot` and `cold` run 90, 95, 99 % of confidence."""

    theme: str
    ground: str
    card: str
    raised: str
    line: str
    text: str
    secondary: str
    focus: str
    selected_row: str
    alarm: str
    late: str
    warning: str
    done: str
    stale: str
    message_bar: str
    land: str
    building: str
    building_edge: str
    water: str
    shore: str
    park: str
    grass: str
    square: str
    road: str
    road_casing: str
    main_road: str
    main_road_casing: str
    map_text: str
    water_text: str
    park_text: str
    cell_line: str
    community_line: str
    symbol_ink: str
    on_alarm: str
    hot: tuple[str, str, str]
    hot_edge: str
    cold: tuple[str, str, str]
    cold_edge: str
    hot_opacity: float
    majors: dict[str, str]

    def major(self, major_code: str) -> str:
        """The hue of a major class; majors that only one city has share a neutral one."""
        return self.majors.get(major_code, self.majors["other"])


@dataclass(frozen=True)
class Sizes:
    """The type scale, the spacing grid, radii and line widths; each maps a role to pixels."""

    desk: MappingProxyType[str, int]
    map: MappingProxyType[str, int]
    wall: MappingProxyType[str, int]
    space: MappingProxyType[str, int]
    radius: MappingProxyType[str, int]
    line: MappingProxyType[str, float]


@cache
def palette(theme: str) -> Palette:
    """The palette of `theme`, `"light"` or `"dark"`. Raises `KeyError` for another word."""
    roles: dict[str, Any] = dict(_tokens()[theme])
    roles["hot"], roles["cold"] = tuple(roles["hot"]), tuple(roles["cold"])
    return Palette(theme=theme, **roles)


def amount_ramp(theme: str, n: int) -> list[str]:
    """`n` colours from low to high amount: cividis, growing away from the ground of `theme`."""
    ramp = _tokens()["ramp"]
    start = ramp["dark_start"] if theme == "dark" else 0.0
    shares = [start + (1.0 - start) * (i / (n - 1) if n > 1 else 1.0) for i in range(n)]
    if theme == "light":
        shares = [1.0 - share for share in shares]
    return [_between(ramp["cividis"], share) for share in shares]


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from `first` to `second` (0 … 1), in sRGB."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _between(stops: list[str], share: float) -> str:
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    left = min(int(place), len(stops) - 2)
    return mix(stops[left], stops[left + 1], place - left)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@cache
def _tokens() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


SIZES: Final = Sizes(**{name: MappingProxyType(scale) for name, scale in _tokens()["sizes"].items()})
