"""What an atlas prints, gathered once: cells, areas, base layers, components, and the words about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from exports.atlas.sheets import Sheet
from resources import texts
from resources.catalogues import Catalogue
from resources.styles import Palette, palette


@dataclass(frozen=True)
class Layer:
    """A layer that can be asked for what lies in a window."""

    frame: gpd.GeoDataFrame

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the layer's geometry."""
        return shapely.STRtree(self.frame.geometry.to_numpy())

    def within(self, window: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
        """Rows that meet `window`, in the layer's own order."""
        return self.frame.iloc[np.sort(self.tree.query(shapely.box(*window), predicate="intersects"))]


@dataclass(frozen=True)
class Atlas:
    """Everything that is printed, in one metric plane (EPSG `crs`).

    `cells`: cells frame with a further column `components` (their number); `communities`: `code, name, geometry`;
    `base`: base layers by kind; `components`: components frame for the component base atlas, else None;
    `community_code`: the only community to print, "" for all.
    """

    city: str
    lang: str
    edition: str  # date of the data, ISO
    crs: int
    source: str
    synthetic: bool
    cells: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    counties: gpd.GeoDataFrame
    sheets: tuple[Sheet, ...]
    base: dict[str, Layer] = field(default_factory=dict)
    components: pd.DataFrame | None = None
    catalogue: Catalogue | None = None
    community_code: str = ""

    @property
    def palette(self) -> Palette:
        """Paper: always the light theme."""
        return palette("light")

    @property
    def printed(self) -> tuple[Sheet, ...]:
        """The sheets to print."""
        return tuple(s for s in self.sheets if self.community_code in ("", s.community_code))

    @cached_property
    def pieces(self) -> np.ndarray:
        """`Sheet.piece` of every sheet."""
        return np.array([sheet.piece for sheet in self.sheets], dtype=object)

    @cached_property
    def layer(self) -> Layer:
        """The cells, by window."""
        return Layer(self.cells)

    @cached_property
    def outlines(self) -> np.ndarray:
        """Communities for small maps: within about 15 m of their true outline."""
        return np.asarray(shapely.coverage_simplify(self.communities.geometry.to_numpy(), 15.0))

    @cached_property
    def cell_codes(self) -> pd.Series:
        """The cell code of each component."""
        assert self.components is not None, "only the component base atlas has components"
        return self.components["cell_code"].astype(str)

    def cells_of(self, sheet: Sheet) -> gpd.GeoDataFrame:
        """The cells of the sheet's community that its piece holds (by a point inside each), by code."""
        own = self.cells[self.cells["community_code"] == sheet.community_code]
        if sheet.parts > 1:
            points = shapely.point_on_surface(own.geometry.to_numpy())
            own = own[shapely.intersects(points, sheet.piece)]
        return own.sort_values("code")

    def words(self, template: str, **places: object) -> str:
        """`template` in the atlas's language."""
        return texts.words(self.lang, template, **places)
