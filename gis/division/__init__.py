"""Division of a city into unit grid cells. Each method is a module and gives a `Division`."""

from gis.division.features import features
from gis.division.ground import Ground
from gis.division.lattice import lattice
from gis.division.result import Division, Figures

__all__ = ["Division", "Figures", "Ground", "features", "lattice"]
