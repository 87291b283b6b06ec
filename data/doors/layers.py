"""The door to whole small layers: cells, areas, base layers, departments, classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from data import cache, layers
from data.doors.door import Door
from data.grid import cells as grid
from kernel.changes import AREAS, BASE, CELLS, CLASSES, COMPONENTS, DEPARTMENTS, RESPONSIBILITY, Changes
from kernel.progress import Progress, Silent

SILENT = Silent()


class LayersDoor(Door):
    """What the city consists of, layer by layer."""

    def load_cells(self) -> gpd.GeoDataFrame:
        """All unit grid cells, ordered by code."""
        with self._engine.reading() as db:
            return grid.load_cells(self._engine, db)

    def replace_grid(
        self,
        cells: gpd.GeoDataFrame,
        *,
        counties: gpd.GeoDataFrame | None = None,
        streets: gpd.GeoDataFrame | None = None,
        communities: gpd.GeoDataFrame | None = None,
        progress: Progress = SILENT,
    ) -> Changes:
        """Put a whole grid in the place of the old one; components are re-keyed to the cells that contain them.

        Areas that are not given stay. Counts: `cells`, `rekeyed`, `outside` (components in no cell),
        `members` of responsibility areas that came or went, `step` of the lineage.

        Raises:
            Refused: a code stands twice, or the layer lies in another plane than the store.
        """
        areas = {"county": counties, "street": streets, "community": communities}
        with self._writing() as work:
            counts = grid.replace(work, cells, areas, progress)
            given = [level for level, frame in areas.items() if frame is not None]
            kinds = [CELLS, *([AREAS] if given else []), *([COMPONENTS] if counts["rekeyed"] else [])]
            kinds += [RESPONSIBILITY] if counts["members"] else []
            return work.changed(*kinds, keys=given, counts=counts)

    def load_areas(self, level: str) -> gpd.GeoDataFrame:
        """Administrative areas of a level (`county`, `street`, `community`), ordered by code."""
        with self._engine.reading() as db:
            return layers.load_areas(self._engine, db, level)

    def replace_areas(self, level: str, frame: gpd.GeoDataFrame) -> Changes:
        """Put the areas of one level in the place of the old ones."""
        with self._writing() as work:
            layers.replace_areas(work, level, frame)
            return work.changed(AREAS, keys=[level], counts={level: len(frame)})

    def load_base(self, kind: str) -> gpd.GeoDataFrame:
        """Base features of one of `gis.frames.BASE_KINDS`."""
        with self._engine.reading() as db:
            return layers.load_base(self._engine, db, kind)

    def replace_base(self, kind: str, frame: gpd.GeoDataFrame, *, append: bool = False) -> Changes:
        """Put base features of one kind in the place of the old ones, or add them."""
        with self._writing() as work:
            layers.replace_base(work, kind, frame, append=append)
            return work.changed(BASE, keys=[kind], counts={kind: len(frame)})

    def kept_arrays(
        self, what: str, kinds: tuple[str, ...], make: Callable[[], Mapping[str, np.ndarray]]
    ) -> Mapping[str, np.ndarray]:
        """What `make` makes of the data of `kinds`, kept beside the store under the name `what`: `data.cache.arrays`."""
        return cache.arrays(self._engine, what, kinds, make)

    def load_departments(self) -> pd.DataFrame:
        """The city's list of departments, ordered by code."""
        with self._engine.reading() as db:
            return layers.load_departments(self._engine, db)

    def replace_departments(self, frame: pd.DataFrame) -> Changes:
        """Put the city's list of departments in the place of the old one."""
        with self._writing() as work:
            layers.replace_departments(work, frame)
            return work.changed(DEPARTMENTS, counts={"departments": len(frame)})

    def load_extensions(self) -> pd.DataFrame:
        """The city's own classes, of every edition: `data.layers.EXTENSION_COLUMNS`."""
        with self._engine.reading() as db:
            return layers.load_extensions(self._engine, db)

    def extend_classes(self, frame: pd.DataFrame) -> Changes:
        """Add the city's own classes; one that is there with the same edition, kind and code is replaced."""
        with self._writing() as work:
            layers.extend_classes(work, frame)
            return work.changed(CLASSES, counts={"classes": len(frame)})
