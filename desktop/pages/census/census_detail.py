"""One finding at the right: its place on the map, what is wrong, what would be right, the row's other fields."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import shapely
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.formats import spaced
from desktop.models.city import City
from desktop.models.finding_kinds import said
from desktop.pages.areas.claim_layer import Claimed, ClaimLayer
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import Label, ShortLabel, box, column, line, scrolled
from desktop.widgets.facts import EmptyPlace, Pairs, clear
from desktop.widgets.panel import SidePanel
from desktop.words import Text, Wording

CLOSE_SCALE, FAR_SCALE = 800, 2_000
MOST_SHOWN_M = 1_200.0  # a stated cell farther away is not brought into the picture


class FindingDetail(SidePanel):
    """Opens with the first finding; `show_finding` follows the table."""

    def __init__(self, desk: Desk, city: City, width: int) -> None:
        super().__init__(desk.words, Text("Finding"), width)
        self._desk, self._city = desk, city
        self._nowhere = EmptyPlace(desk.words, Text("This finding has no place on the map."))
        self._nowhere.setFixedHeight(160)
        self._nowhere.hide()
        self.map = CityMap(desk, city)
        self.map.setMinimumHeight(180)
        self._pairs = Pairs(desk.words)
        self._rest_title = Label(desk.words, Text("Other fields of this row"))
        self._rest = QGridLayout()
        self._rest.setContentsMargins(0, 0, 0, 0)
        self._rest.setHorizontalSpacing(8)
        self._rest.setVerticalSpacing(4)
        inner = box(
            column(
                self._pairs,
                line(),
                self._rest_title,
                box(self._rest),
                None,
                spacing=12,
                margins=(16, 12, 16, 12),
            )
        )
        self.title.setProperty("role", "title")
        self.upper = QWidget()
        self.upper.setLayout(column(self.map, self._nowhere, margins=(16, 12, 16, 0)))
        whole = column(self.upper, scrolled(inner), spacing=0)
        whole.setStretch(0, 1)
        whole.setStretch(1, 1)
        self.fill(box(whole))

    def show_finding(self, finding: pd.Series, raw: str, place: int, count: int) -> None:
        """Show one finding and the row it is about (`raw`: JSON text of the row's fields, or "")."""
        fields = parsed(raw)
        name = row_name(fields)
        where = Text("Row {row}", row=finding["row"]) if finding["row"] >= 0 else Text("Whole file")
        self.title.say(Text("{row}  {name}", row=where, name=name or finding["layer"] or finding["file"]))
        self.note.say(Text("{place} of {count} · F8 next", place=place + 1, count=count))
        pairs: list[tuple[Wording, Wording]] = [(Text("Problem"), said(finding))]
        if finding["field"]:
            pairs.append((Text("As delivered"), f"{finding['field']} = {finding['value']}"))
        if finding.get("proposed"):
            pairs.append((Text("Proposed"), spaced(finding["proposed"])))
            pairs.append(
                (
                    Text("Because"),
                    Text(str(finding["proposed_reason"]), distance=f"{finding['proposed_m']:.1f}"),
                )
            )
        pairs.append((Text("Remedy"), Text(str(finding["remedy"])) if finding["remedy"] else "—"))
        pairs.append((Text("File"), str(finding["file"])))
        self._pairs.show_pairs(pairs, wrap=True)
        self._show_rest(fields, str(finding["field"]))
        self._show_place(finding)

    def _show_rest(self, fields: dict[str, Any], concerned: str) -> None:
        clear(self._rest)
        others = [
            (key, value) for key, value in fields.items() if key != concerned and value not in (None, "")
        ]
        self._rest_title.setVisible(bool(others))
        for place, (key, value) in enumerate(others):
            across, down = (place % 2) * 2, place // 2
            self._rest.addWidget(Label(self._desk.words, key, "key"), down, across)
            self._rest.addWidget(ShortLabel(self._desk.words, spaced(value)), down, across + 1)
        self._rest.setColumnStretch(1, 1)
        self._rest.setColumnStretch(3, 1)

    def _show_place(self, finding: pd.Series) -> None:
        x, y = float(finding["x"]), float(finding["y"])
        known = bool(np.isfinite(x) and np.isfinite(y))
        self.map.setVisible(known)
        self._nowhere.setVisible(not known)
        self.map.mark_findings(pd.DataFrame([finding]))
        if not known:
            return
        claim = self._claim(x, y, str(finding["value"])) if finding["code"] == "point_outside_cell" else None
        self.map.lay(claim, "claim")
        shapes = [cell.polygon for cell in claim.cells] if claim is not None else []
        bounds = shapely.total_bounds(np.array([*shapes, shapely.Point(x, y)]))
        near = np.hypot(*(bounds[2:] - bounds[:2])) < MOST_SHOWN_M
        if shapes and near:
            self.map.fly_to(*wider(bounds))
        else:
            self.map.centre_on(x, y, FAR_SCALE if shapes else CLOSE_SCALE)

    def _claim(self, x: float, y: float, code: str) -> ClaimLayer | None:
        """The stated cell and the one that contains the place."""
        cells = self._city.ground.cells if self._city.ground else pd.DataFrame()
        if not len(cells):
            return None
        said, stands = cells[cells["code"] == code], cells[cells.intersects(shapely.Point(x, y))]
        words = self._desk.words
        found = [
            Claimed(str(row["code"]), row["geometry"], words(name), role, dashed)
            for frame, name, role, dashed in (
                (stands, Text("Stands in"), "focus", False),
                (said, Text("Stated cell"), "late", True),
            )
            for _, row in frame.head(1).iterrows()
        ]
        return ClaimLayer(tuple(found), x, y) if found else None


def wider(bounds: np.ndarray) -> tuple[float, float, float, float]:
    """Bounds with a margin of a sixth on every side."""
    xmin, ymin, xmax, ymax = (float(value) for value in bounds)
    margin = max(xmax - xmin, ymax - ymin, 20.0) / 6
    return xmin - margin, ymin - margin, xmax + margin, ymax + margin


def parsed(raw: str) -> dict[str, Any]:
    """The fields of a refused row."""
    try:
        fields = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def row_name(fields: dict[str, Any]) -> str:
    """What the row calls itself."""
    return next((str(fields[key]) for key in ("部件名称", "ObjName", "名称", "name") if fields.get(key)), "")


def row_code(raw: Any) -> str:
    """The component code a refused row carries, for the table."""
    fields = parsed(str(raw or ""))
    return next(
        (spaced(fields[key]) for key in ("部件标识码", "ObjID", "标识码", "code") if fields.get(key)), ""
    )
