"""The demo city: a synthetic Chinese city made from a seed. `build` gives everything in the frames of `gis.frames`."""

from gis.demo_city.city import DemoCity, build
from gis.demo_city.names import CITY_NAME

__all__ = ["CITY_NAME", "DemoCity", "build"]
