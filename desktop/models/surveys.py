"""Special surveys as a page shows them: the list, and the chosen one with its cells, points and figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from census.special_survey.progress import by_collector, by_day
from data.store import Store
from desktop.map.layers.survey_cells import BEGUN, DONE, OPEN, CellShapes, SurveyCellsLayer
from kernel.progress import Progress


@dataclass(frozen=True, eq=False)
class Surveys:
    """`listed`: all surveys, the latest first; the chosen one's `plan` and `found`, empty where there is none."""

    listed: pd.DataFrame
    chosen: int
    plan: pd.DataFrame
    found: pd.DataFrame

    @property
    def about(self) -> dict[str, Any]:
        """The chosen survey's own row."""
        mine = self.listed[self.listed["survey_id"] == self.chosen]
        return {str(name): value for name, value in mine.iloc[0].items()} if len(mine) else {}

    @cached_property
    def collectors(self) -> pd.DataFrame:
        """How far each collector is."""
        return by_collector(self.plan, self.found)

    @cached_property
    def days(self) -> pd.DataFrame:
        """What was done on each day."""
        return by_day(self.plan, self.found)

    def stages(self) -> np.ndarray:
        """How far each cell of the plan is: open, begun, done."""
        begun = self.plan["cell_code"].isin(set(self.found["cell_code"])).to_numpy(bool)
        return np.where((self.plan["done_on"] != "").to_numpy(bool), DONE, np.where(begun, BEGUN, OPEN))

    def cells_of(self, collector: str) -> tuple[str, ...]:
        """Codes of a collector's cells."""
        return tuple(self.plan.loc[self.plan["collector"] == collector, "cell_code"])


def read_surveys(store: Store, wanted: int, progress: Progress) -> Surveys:
    """All surveys, and the wanted one (or the latest) with its cells and points."""
    listed = store.load_surveys()
    numbers = listed["survey_id"].tolist()
    chosen = wanted if wanted in numbers else int(numbers[0]) if numbers else 0
    progress.check()
    if not chosen:
        empty = pd.DataFrame()
        return Surveys(listed, 0, empty, empty)
    plan, found = store.load_survey(chosen)
    return Surveys(listed, chosen, plan, found)


def shapes_of(plan: pd.DataFrame, cells: gpd.GeoDataFrame) -> CellShapes:
    """The shapes of a plan's cells, in its order; a cell that the grid no longer has is empty."""
    by_code = dict(zip(cells["code"], cells.geometry.to_numpy(), strict=True))
    polygons = np.array([by_code.get(code) for code in plan["cell_code"]], object)
    return CellShapes(plan["cell_code"].to_numpy(object), polygons)


def layer_of(surveys: Surveys, shapes: CellShapes, chosen: tuple[str, ...]) -> SurveyCellsLayer:
    """The survey as a layer, with a line around the `chosen` cells."""
    mine = surveys.plan["cell_code"].isin(chosen).to_numpy(bool)
    there = np.array([shape is not None for shape in shapes.polygons], bool)
    if there.all():
        return SurveyCellsLayer(shapes, surveys.stages(), mine)
    kept = CellShapes(shapes.codes[there], shapes.polygons[there])
    return SurveyCellsLayer(kept, surveys.stages()[there], mine[there])
