"""A running survey: cells change hands, cells are done, points come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from actions.surveys.read_points import OUTSIDE, Found, as_findings, read_census, read_points
from census.dates import ISO, SurveyDate, read_date
from census.special_survey.frames import RUNNING, found_frame
from gis.assignment import assign
from gis.grid.grid_rules_findings import counts
from kernel.clock import Clock, local_today, system_clock
from kernel.errors import Refused, WrongUsage
from kernel.progress import Part, Progress, Silent
from resources import catalogues

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class AssignCells:
    """Give cells to a collector: `cells` by code, or all cells of the collector `of`."""

    survey: int
    collector: str
    cells: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True)
class MarkCells:
    """Cells are done on `day` ("" is today): `cells` by code, or all of the collector `of`; `undo` opens them again."""

    survey: int
    cells: tuple[str, ...] = ()
    of: str = ""
    day: str = ""
    undo: bool = False


@dataclass(frozen=True)
class CellsSet:
    """How many cells of the survey were set."""

    survey: int
    cells: int


@dataclass(frozen=True)
class CollectPoints:
    """`file`: a list or layer of points; with `census` files that the census import reads, checked by its rules.

    `collector`: who collected points that name nobody; else it is who has the cell. `done` marks their cells as done.
    """

    survey: int
    file: str
    collector: str = ""
    census: bool = False
    done: bool = False


@dataclass(frozen=True)
class PointsCollected:
    """`read` = `accepted` + `quarantined`; `cells_done` were marked; `findings` by code, `details` one by one."""

    survey: int
    read: int
    accepted: int
    quarantined: int
    cells_done: int
    findings: dict[str, int]
    details: pd.DataFrame


def assign_cells(store: Store, request: AssignCells, progress: Progress | None = None) -> CellsSet:
    """Give cells of the plan to somebody. Raises `Refused` for a closed survey or cells that it does not have."""
    if not request.collector.strip():
        raise WrongUsage("Cells need a collector.", remedy="Name who collects in them.")
    cells = _chosen(store, request.survey, request.cells, request.of)
    store.assign_survey_cells(request.survey, cells, request.collector.strip())
    return CellsSet(request.survey, len(cells))


def mark_cells(
    store: Store, request: MarkCells, progress: Progress | None = None, clock: Clock = system_clock
) -> CellsSet:
    """Mark cells as done, or open them again. Raises as `assign_cells`, and `WrongUsage` for a day that cannot be."""
    today = local_today(clock)
    read = read_date(request.day) if request.day else SurveyDate(today, ISO)
    if not request.undo and (read is None or read.day > today):
        raise WrongUsage("{day} is no day on which cells can have been done.", remedy="Give a day up to today, like {today}.",
                         day=request.day, today=today.isoformat())  # fmt: skip
    day = "" if request.undo or read is None else read.day.isoformat()
    cells = _chosen(store, request.survey, request.cells, request.of)
    store.mark_survey_cells(request.survey, cells, day)
    return CellsSet(request.survey, len(cells))


def collect_points(
    store: Store, request: CollectPoints, progress: Progress | None = None, clock: Clock = system_clock
) -> PointsCollected:
    """Take collected points into a running survey; a point with an error is refused and the others are taken.

    Raises `Refused` for a file that cannot be read, or a survey that is closed or not there.
    """
    progress, today = progress or Silent(), local_today(clock)
    about = store.survey(request.survey)
    if about["status"] != RUNNING:
        raise Refused("Survey {survey} is closed; its result stays as it is.", remedy="Plan another survey.",
                      survey=request.survey)  # fmt: skip
    progress.report(0.0, "Reading the points")
    reader = _from_census if request.census else _from_list
    kept, read, findings = reader(store, request, about["classes"].split(), today, Part(progress, 0.0, 0.9))
    done = sorted(set(kept["cell_code"]) - {""}) if request.done else []  # what is gone may have no place
    progress.report(0.9, "Writing the points")
    store.collect_survey(request.survey, kept, done, today.isoformat())
    progress.report(1.0)
    return PointsCollected(
        request.survey, read, len(kept), read - len(kept), len(done), counts(findings), findings
    )


def _from_list(
    store: Store, request: CollectPoints, classes: list[str], today: date, progress: Progress
) -> tuple[pd.DataFrame, int, pd.DataFrame]:
    """The sound points of a list, how many it has, and the findings about the others."""
    info = store.info(with_hash=False)
    catalogue = catalogues.load(info.standard, store.load_extensions())
    points, faults, origins = read_points(Path(request.file), info.crs, classes, catalogue, today)
    kept, findings = _sound(store, points, faults, origins, request)
    return kept, len(points), findings


def _from_census(
    store: Store, request: CollectPoints, classes: list[str], today: date, progress: Progress
) -> tuple[pd.DataFrame, int, pd.DataFrame]:
    """As `_from_list`; a row that the census refuses is read too, and its findings are told with the others."""
    points, faults, draft = read_census(store, request.file, classes, today, progress)
    kept, findings = _sound(store, points, faults, draft.origins, request)
    return kept, draft.read, pd.concat([draft.findings, findings], ignore_index=True)


def _sound(
    store: Store, points: pd.DataFrame, faults: list[Found], origins: pd.DataFrame, request: CollectPoints
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The points without a fault in their cells, and the findings about the others; one outside the plan has a fault."""
    points, lost = _in_cells(store, points, request)
    lost &= points["x"].notna().to_numpy()
    faults = faults + [(OUTSIDE, int(place), "x", "") for place in np.flatnonzero(lost)]
    wrong = np.zeros(len(points), bool)
    wrong[[place for _, place, _, _ in faults]] = True
    return points[~wrong].reset_index(drop=True), as_findings(faults, origins)


def _in_cells(store: Store, points: pd.DataFrame, request: CollectPoints) -> tuple[pd.DataFrame, np.ndarray]:
    """The points with their cell and collector, and which of them lie in no cell of the plan."""
    plan, _ = store.load_survey(request.survey)
    of_cell = dict(zip(plan["cell_code"], plan["collector"], strict=True))
    cells = store.load_cells()
    cells = cells[cells["code"].isin(of_cell)].reset_index(drop=True)
    at = assign(points["x"], points["y"], cells)
    codes = [*cells["code"].tolist(), ""]
    cell_codes = [codes[place] for place in at.tolist()]
    for place in np.flatnonzero(points["x"].isna()):  # what is gone has a code, and may have no place
        cell = _cell_of(store, points["code"].iloc[place])
        cell_codes[place] = cell if cell in of_cell else ""
    pairs = zip(points["collector"], cell_codes, strict=True)
    names = [own or request.collector or of_cell.get(code, "") for own, code in pairs]
    columns = {str(name): points[name] for name in points.columns}
    return found_frame(columns | {"cell_code": cell_codes, "collector": names}, len(points)), at < 0


def _cell_of(store: Store, code: str) -> str:
    """The cell of the component with this code, "" where there is none."""
    component = store.component_with_code(code)
    return str(store.component(component)["cell_code"]) if component else ""


def _chosen(store: Store, survey: int, cells: tuple[str, ...], of: str) -> list[str]:
    if bool(cells) == bool(of):
        raise WrongUsage(
            "Name cells, or the collector whose cells are meant.", remedy="Give --cells or --of."
        )
    if cells:
        return list(dict.fromkeys(cells))
    plan, _ = store.load_survey(survey)
    own = plan.loc[plan["collector"] == of, "cell_code"].tolist()
    if not own:
        raise Refused("{collector} has no cells in survey {survey}.", remedy="See `survey progress` for the names.",
                      collector=of, survey=survey)  # fmt: skip
    return own
