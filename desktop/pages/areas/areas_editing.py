"""Editing responsibility areas on the map: the drafts in hand, the tools that change them, and what the store takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from PySide6.QtCore import QObject, Signal

from desktop.apart import Ask
from desktop.formats import grouped
from desktop.map.area_tools import CellsTool, Marked, OutlineTool, PointTool
from desktop.map.edit_tools import Corners, Place, Verdict
from desktop.models.areas import AreasDraft, Grid
from desktop.models.city import City
from desktop.models.laying import Features, laid, laid_outline, read_features, snap_m
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.notices import Notice
from desktop.words import Text
from kernel.changes import BASE, RESPONSIBILITY, Changes
from resources.responsibility import CELLS, LINE, kinds


class AreasEditing(QObject):
    """One kind and at most one area in hand. Each kind keeps its draft until it is saved or discarded."""

    changed = Signal()
    done = Signal(object)  # Notice
    failed = Signal(object)  # WanGridError

    def __init__(self, desk: Desk, city: City, city_map: CityMap) -> None:
        super().__init__(city_map)
        self._desk, self._city, self._map = desk, city, city_map
        self.kind = next(iter(kinds()))
        self.row = -1
        self.drawing = self.active = self.busy = False
        self._drafts: dict[str, AreasDraft] = {}
        self.snaps = True  # whether what is drawn is laid onto what is there
        self._features: Features | None = None
        self._grid: Grid | None = None
        self._mark = Marked()
        city.emptied.connect(self._forget)
        city.cells_changed.connect(self._take_grid)
        desk.state.changed.connect(self._hear)

    @property
    def draft(self) -> AreasDraft | None:
        """The list of the kind in hand, None until it is read."""
        return self._drafts.get(self.kind)

    @property
    def around(self) -> gpd.GeoDataFrame | None:
        """The areas of the draft that are not in hand, for the map; None while nothing is edited."""
        draft = self.draft if self.active else None
        return None if draft is None else draft.others(self.row)

    # -- what is in hand -----------------------------------------------------------------------------------------
    def open(self, kind: str = "") -> None:
        """Begin, with the kind in hand or another."""
        self.active = True
        self._take_grid()
        self.choose_kind(kind or self.kind)
        self._map.setFocus()

    def close(self) -> None:
        """Put the tool down; drafts stay."""
        if self.active:
            self.active = self.drawing = False
            self._map.set_tool("pan")
            self.changed.emit()

    def back(self) -> bool:
        """Esc: the drawing, then the area in hand; False when there is neither."""
        if self.drawing:
            self.draw(False)
        elif self.row >= 0:
            self.choose(-1)
        else:
            return False
        return True

    def choose_kind(self, kind: str) -> None:
        """Take the list of a kind."""
        self.kind, self.row, self.drawing = kind, -1, False
        if self.draft is None:
            self._load(kind)
        self._tell()

    def choose(self, row: int) -> None:
        """Take an area; -1 takes none."""
        if row != self.row:
            self.row, self.drawing = row, False
            self._tell()

    def draw(self, wanted: bool) -> None:
        """Take the pencil, or put it down."""
        self.drawing = wanted and self.row >= 0 and kinds()[self.kind].made_of != CELLS
        if self.drawing and self._features is None:
            self._desk.state.read("areas.features", "", lambda store, _: read_features(store), self._take_features,
                                  owner=self, on_failed=self.failed.emit)  # fmt: skip
        self._tell()

    def snap(self, wanted: bool) -> None:
        """Lay what is drawn onto roads, railways, water, buildings and cells, or leave it as it is drawn."""
        self.snaps = wanted

    def take_up(self) -> None:
        """Put the tool that fits into the hand."""
        if not self.active:
            return
        made_of = kinds()[self.kind].made_of
        if self.drawing:
            tool = OutlineTool(2 if made_of == LINE else 3, self._look_at, self._draw, lambda: self._mark)
        elif self.row >= 0 and made_of != LINE:
            tool = CellsTool(self._toggle, self._box, lambda: self._mark)
        else:
            tool = PointTool(self._point, lambda: self._mark)
        self._map.take_tool(tool)

    # -- steps ---------------------------------------------------------------------------------------------------
    def step(self, draft: AreasDraft, row: int | None = None) -> None:
        """Put a draft in the place of the one in hand."""
        self._drafts[self.kind] = draft
        self.row = self.row if row is None else row
        self._tell()

    def add(self) -> None:
        """A new area, in hand at once; a line is drawn at once."""
        if self.draft is not None:
            self.step(self.draft.added(), len(self.draft.areas))
            if kinds()[self.kind].made_of == LINE:
                self.draw(True)
            self._map.setFocus()

    def delete(self) -> None:
        """Without the area in hand."""
        if self.draft is not None and self.row >= 0:
            self.drawing = False
            self.step(self.draft.deleted(self.row), -1)

    def move_from(self, other: int) -> None:
        """Take the shared cells from another area."""
        if self.draft is not None:
            self.step(self.draft.moved(self.row, other))

    def discard(self) -> None:
        """Back to what is stored; the list is read again, since another person may have changed it."""
        self._drafts.pop(self.kind, None)
        self.choose_kind(self.kind)

    # -- the store -----------------------------------------------------------------------------------------------
    def save(self) -> None:
        """Store the list in hand."""
        draft = self.draft
        if draft is not None and draft.dirty and not self.busy:
            self._act("edit_areas", self.kind, draft.areas, draft.seen, lambda done: self._saved(done, draft))

    def _take_back(self, saved: Any) -> None:
        if self.busy:
            return
        self._act("take_back_areas", saved.kind, saved.before, saved.after, self._taken_back)

    def _act(
        self, action: str, kind: str, areas: gpd.GeoDataFrame, seen: gpd.GeoDataFrame, on_done: Any
    ) -> None:
        self.busy = True
        self.changed.emit()
        ask = Ask.of("areas.edit_areas.EditAreas", kind=kind, areas=areas, seen=seen)
        self._desk.state.act("areas.save", Text("Saving the areas"), f"areas.edit_areas.{action}", ask, on_done,
                             owner=self, on_failed=self._refused)  # fmt: skip

    def _saved(self, done: Any, sent: AreasDraft) -> None:
        self._renew(done.kind, done.after, clean=self._drafts.get(done.kind) is sent)
        name = kinds()[done.kind].name(self._desk.words.lang)
        counts = {key: len(getattr(done, key)) for key in ("added", "changed", "deleted")}
        words = Text(
            "{kind} saved: {added} added, {changed} changed, {deleted} deleted.", kind=name, **counts
        )
        self.done.emit(Notice("done", words, Text("Undo"), lambda: self._take_back(done), "Ctrl Z"))

    def _taken_back(self, done: Any) -> None:
        draft = self._drafts.get(done.kind)
        self._renew(done.kind, done.after, clean=draft is None or not draft.dirty)
        self.done.emit(Notice("done", Text("The areas are as they were before.")))

    def _refused(self, error: Any) -> None:
        self.busy = False
        self.changed.emit()
        self.failed.emit(error)

    def _renew(self, kind: str, stored: gpd.GeoDataFrame, *, clean: bool) -> None:
        """What is stored now, under what is still edited."""
        self.busy = False
        draft = self._drafts.get(kind)
        if draft is not None:
            code = self._code() if kind == self.kind else ""
            self._drafts[kind] = draft.saved(stored) if clean else replace(draft, seen=stored)
            if kind == self.kind:
                self.row = self._drafts[kind].row_of(code) if code else -1
        self._tell()

    def _load(self, kind: str) -> None:
        self._desk.state.read(f"areas.{kind}", "", lambda store, _: store.load_responsibility_areas(kind),
                              lambda frame: self._take(kind, frame), owner=self, on_failed=self.failed.emit)  # fmt: skip

    def _take(self, kind: str, frame: gpd.GeoDataFrame) -> None:
        if kind in self._drafts:
            if not self._drafts[kind].dirty and not self.busy:
                self._renew(kind, frame, clean=True)
        elif self._grid is not None:
            self._drafts[kind] = AreasDraft.of(kinds()[kind], self._grid, frame)
            self._tell()

    def _take_features(self, features: Features) -> None:
        self._features = features

    def _hear(self, changes: Changes) -> None:
        if changes.touches(BASE):
            self._features = None
        if changes.touches(RESPONSIBILITY):
            for kind, draft in self._drafts.items():
                if not draft.dirty and not self.busy:
                    self._load(kind)

    def _take_grid(self) -> None:
        """Find cells by place and code from now on; nobody waits for that who edits no areas."""
        ground = self._city.ground
        if ground is not None and (self.active or self._drafts):
            self._grid = Grid(ground.cells)
            self._drafts = {kind: replace(draft, grid=self._grid) for kind, draft in self._drafts.items()}
            if self.active and self.draft is None:
                self._load(self.kind)
            self._tell()

    def _forget(self) -> None:
        self._drafts.clear()
        self._grid, self._features, self.row, self.busy = None, None, -1, False
        self._tell()

    # -- what tools ask ------------------------------------------------------------------------------------------
    def _point(self, place: Place, reach_m: float) -> None:
        if self.draft is not None:
            self.choose(self.draft.row_at(*place, reach_m))

    def _toggle(self, place: Place, _: float) -> None:
        code = self._grid.code_at(*place) if self._grid is not None else ""
        if code:
            self._give((code,))

    def _box(self, box: shapely.Polygon) -> None:
        self._give(self._grid.codes_in(box) if self._grid is not None else ())

    def _give(self, codes: tuple[str, ...]) -> None:
        if codes and self.draft is not None and self.row >= 0:
            self.step(self.draft.toggled(self.row, codes))

    def _look_at(self, corners: Corners, m_per_px: float) -> tuple[Corners, Verdict]:
        on = self._laid(corners, snap_m(m_per_px)) if self.snaps else corners
        return on, self._judge(on)

    def _laid(self, corners: Corners, within_m: float) -> Corners:
        """Corners laid onto the cells and, as soon as they are read, onto features."""
        if self._grid is None or len(corners) < 2:
            return corners
        line = shapely.LineString((*corners, corners[0]))
        found = [self._grid.near(line, within_m)]
        if self._features is not None:
            found.append(self._features.near(line, within_m))
        lay = laid if kinds()[self.kind].made_of == LINE else laid_outline
        return lay(corners, Features(np.concatenate(found)), within_m)

    def _judge(self, corners: Corners) -> Verdict:
        if kinds()[self.kind].made_of == LINE or len(corners) < 3:
            return Verdict()
        shape = shapely.Polygon(corners)
        if not shape.is_valid:
            return Verdict(
                (shape.convex_hull,), (), self._desk.words(Text("The outline crosses or touches itself."))
            )
        return Verdict((shape,), (self._desk.words(Text("{value} m²", value=grouped(round(shape.area)))),))

    def _draw(self, corners: Corners) -> None:
        if self.draft is not None and self.row >= 0:
            line = kinds()[self.kind].made_of == LINE
            shape = shapely.LineString(corners) if line else shapely.Polygon(corners)
            self.drawing = False
            self.step(self.draft.drawn(self.row, shape))

    def _marked(self) -> Marked:
        draft = self.draft
        if draft is None or self.row < 0:
            return Marked()
        own = draft.grid.shapes_of(draft.codes_of(self.row))
        codes = {code for shared in draft.shared(self.row).values() for code in shared}
        disputed = tuple(shape for code, shape in own.items() if code in codes)
        return Marked(draft.shape_of(self.row), tuple(own.values()), disputed)

    def _code(self) -> str:
        return (
            str(self.draft.areas["code"].iloc[self.row]) if self.draft is not None and self.row >= 0 else ""
        )

    def _tell(self) -> None:
        self._mark = self._marked()
        self.take_up()
        self._map.update()
        self.changed.emit()
