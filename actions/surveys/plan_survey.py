"""A special survey planned: which classes, which cells, who surveys which of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from actions.read_layers import read_layer
from census.dates import read_date
from census.special_survey.frames import KNOWN_COLUMNS
from census.special_survey.plan import planned
from kernel.errors import Refused, WrongUsage
from kernel.progress import Progress
from resources import catalogues

if TYPE_CHECKING:
    from data.store import Store

TOLERANCE_M: Final = 2.0
RADIUS_M: Final = 10.0
MOST_COLLECTORS: Final = 1_000


@dataclass(frozen=True)
class PlanSurvey:
    """`classes`: codes or names; `collectors`: names; `areas`: codes of streets (9 digits), communities (12), cells (15).

    `drawn`: a file with polygons instead, whose cells are those with their middle inside; neither is the whole city.
    `due`: last day, "" for none. A component counts as moved beyond `tolerance_m` and is looked for by place within
    `radius_m`.
    """

    name: str
    classes: tuple[str, ...]
    collectors: tuple[str, ...]
    areas: tuple[str, ...] = ()
    drawn: str = ""
    due: str = ""
    tolerance_m: float = TOLERANCE_M
    radius_m: float = RADIUS_M


@dataclass(frozen=True)
class SurveyPlanned:
    """The number of the survey; cells and known components, in all and by collector."""

    survey: int
    cells: int
    known: int
    collectors: dict[str, dict[str, int]]


def plan_survey(store: Store, request: PlanSurvey, progress: Progress | None = None) -> SurveyPlanned:
    """Plan a survey and keep it. Raises `Refused` for classes, areas or figures that cannot be."""
    _require_figures(request)
    collectors = tuple(dict.fromkeys(name.strip() for name in request.collectors if name.strip()))
    if not collectors or len(collectors) > MOST_COLLECTORS:
        raise Refused(
            "A survey needs one to {most} collectors.", remedy="Name those who collect.", most=MOST_COLLECTORS
        )
    classes = class_codes(store, request.classes)
    cells = _cells(store, request)
    counts = known_components(store, classes, cells["code"].tolist())["cell_code"].astype(str).value_counts()
    plan = planned(cells, counts.reindex(cells["code"], fill_value=0).to_numpy("i8"), collectors)
    about = {"name": request.name.strip() or " ".join(classes), "classes": " ".join(classes), "due": _day(request.due),
             "area": _area_words(request), "tolerance_m": request.tolerance_m, "radius_m": request.radius_m}  # fmt: skip
    done = store.plan_survey(about, plan)
    loads = plan.groupby("collector")["known"].agg(cells="size", known="sum").to_dict("index")
    return SurveyPlanned(int(done.keys[0]), len(plan), int(plan["known"].sum()),
                         {str(name): {key: int(value) for key, value in load.items()} for name, load in loads.items()})  # fmt: skip


def class_codes(store: Store, words: Sequence[str]) -> tuple[str, ...]:
    """Codes of the store's edition for codes or names. Raises `Refused` for an unknown one, `WrongUsage` for none."""
    catalogue = catalogues.load(store.info(with_hash=False).standard, store.load_extensions())
    out = []
    for word in (word.strip() for word in words if word.strip()):
        code = word if word in catalogue.codes else catalogue.code_of(word)
        if code is None:
            raise Refused("There is no component class {code}.",
                          remedy="See classes list for the codes, or add the class with classes extend.", code=word)  # fmt: skip
        out.append(code)
    if not out:
        raise WrongUsage("A survey needs a class.", remedy="Name one with --class, by code or name.")
    return tuple(dict.fromkeys(out))


def known_components(
    store: Store, classes: Sequence[str], cell_codes: Sequence[str], ids: Sequence[int] | None = None
) -> pd.DataFrame:
    """What the census has of these classes in these cells, removed ones left out: `KNOWN_COLUMNS`, plain texts.

    `ids`: only of these components.
    """
    found = store.load_components(list(KNOWN_COLUMNS), class_codes=list(classes), ids=ids)
    plain: dict[str, Any] = {
        name: found[name].to_numpy()
        if name in ("component_id", "x", "y")
        else pd.array(found[name].astype(str).tolist(), dtype="str")
        for name in KNOWN_COLUMNS
    }
    known = pd.DataFrame(plain)
    inside = known["cell_code"].isin(set(cell_codes)) & (known["state"] != "移除")
    return known[inside].reset_index(drop=True)


def _cells(store: Store, request: PlanSurvey) -> gpd.GeoDataFrame:
    cells = store.load_cells()
    wanted = np.ones(len(cells), bool)
    if request.areas:
        codes = cells["code"].tolist()
        for area in request.areas:
            if not any(code.startswith(area) for code in codes) or len(area) not in (6, 9, 12, 15):
                raise Refused("The grid has no street, community or cell {area}.",
                              remedy="Give codes of 9, 12 or 15 digits that the grid has.", area=area)  # fmt: skip
        wanted &= np.array([code.startswith(request.areas) for code in codes], bool)
    if request.drawn:
        wanted &= _inside(cells, request.drawn)
    if not wanted.any():
        raise Refused("There are no cells to survey.", remedy="Import a grid first, or choose a larger area.")
    return cells[wanted].reset_index(drop=True)


def _inside(cells: gpd.GeoDataFrame, file: str) -> np.ndarray:
    layer = read_layer(file, "area", areal=True)
    outline = layer.to_crs(cells.crs) if layer.crs is not None else layer
    shape = shapely.union_all(shapely.make_valid(outline.geometry.to_numpy()))
    return np.asarray(shapely.contains(shape, shapely.point_on_surface(cells.geometry.to_numpy())), bool)


def _area_words(request: PlanSurvey) -> str:
    return " ".join([*request.areas, *([Path(request.drawn).name] if request.drawn else [])])


def _require_figures(request: PlanSurvey) -> None:
    for figure in (request.tolerance_m, request.radius_m):
        if not 0 < figure <= 1_000:
            raise WrongUsage(
                "{figure} m is no distance for a survey.",
                remedy="Give more than 0 and at most 1000.",
                figure=figure,
            )


def _day(text: str) -> str:
    """A day as ISO text, "" for none. Raises `WrongUsage` where `text` names no day."""
    read = read_date(text)
    if text.strip() and read is None:
        raise WrongUsage("{value} is not a date.", remedy="Write it like 2026-11-21.", value=text)
    return read.day.isoformat() if read else ""
