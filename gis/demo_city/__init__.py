"""The demo city: a synthetic Chinese city made from a seed. `build` gives everything in the frames of `gis.frames`."""

from gis.demo_city.city import DemoCity, build

__all__ = ["DemoCity", "build"]
