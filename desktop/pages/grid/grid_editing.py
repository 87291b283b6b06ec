"""Editing cells by hand on the grid page: the tools over the map, what they judge, and what goes into the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame, QLayout, QVBoxLayout, QWidget

from data.store import Store
from desktop.apart import Ask
from desktop.formats import grouped
from desktop.map.edit_tools import ChooseTool, Corners, Place, ShapeTool, SplitTool, Verdict
from desktop.models.city import City
from desktop.models.laying import Features, snap_m
from desktop.pages.grid.grid_handover import with_handover
from desktop.pages.grid.grid_trial import Drawn, Held, read_drawn, split_verdict
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.basic import IconButton, line
from desktop.widgets.notices import Notice
from desktop.words import Text
from gis.grid.grid_codes import COMMUNITY
from gis.grid.grid_edit import GridEdit
from kernel.changes import BASE, Changes
from kernel.errors import Refused

CHOOSE, SPLIT, SHAPE = "choose", "split", "shape"
HOLD_MINUTES: Final = 10.0  # an edit or a touch keeps a community this long
SAID: Final = {
    "split": Text("The cell is split in two."),
    "merge": Text("The cells are merged."),
    "move": Text("The border is moved."),
    "renumber": Text("The community is numbered anew."),
    "snap": Text("The border is mended."),
    "undo": Text("The edit is taken back."),
    "redo": Text("The edit is done again."),
}


class EditPanel(QFrame):
    """A column of buttons of 36 px over the map."""

    def __init__(self, desk: Desk, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("card")
        column = QFrame()
        column.setObjectName("tools")
        self._inner = QVBoxLayout(column)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.setSpacing(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 3, 1, 3)
        outer.addWidget(column)
        outer.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        self._desk = desk
        self.move(12, 12)

    def add(self, icon: str, words: Text, do: Callable[[], Any], *, checkable: bool = False) -> IconButton:
        """One more button at the end."""
        button = IconButton(self._desk.words, self._desk.look, icon, words, do)
        button.setFixedSize(36, 36)
        button.setCheckable(checkable)
        if self._inner.count():
            self._inner.addWidget(line())
        self._inner.addWidget(button)
        return button


class GridEditing(QObject):
    """One tool in hand or none; one edit at a time. What the store refuses is told and nothing has changed."""

    done = Signal(object)  # Notice
    failed = Signal(object)  # WanGridError
    told = Signal(object)  # wording for the status bar

    def __init__(self, desk: Desk, city: City, city_map: CityMap) -> None:
        super().__init__(city_map)
        self._desk, self._map = desk, city_map
        self.mode = ""
        self.drawn: Drawn | None = None
        self.chosen: tuple[str, ...] = ()
        self.active = False  # whether Ctrl+Z means the grid
        self._busy = False
        self._held: Held | None = None
        self._kept: set[str] = set()  # communities that are held in the store
        self._features: Features | None = None
        self._add_buttons(EditPanel(desk, city_map))
        city.cells_changed.connect(self._load)
        desk.state.changed.connect(self._hear)
        desk.state.opened.connect(self._forget)
        desk.state.farewells.append(self._take_leave)

    def _add_buttons(self, panel: EditPanel) -> None:
        self.panel = panel
        self.buttons = {
            CHOOSE: panel.add("select", Text("Choose cells (Shift: several)"), lambda: self.take(CHOOSE), checkable=True),
            SPLIT: panel.add("split", Text("Split a cell by a line"), lambda: self.take(SPLIT), checkable=True),
            SHAPE: panel.add("corner", Text("Move corners and borders"), lambda: self.take(SHAPE), checkable=True),
        }  # fmt: skip
        self.merge_button = panel.add("merge", Text("Merge the chosen cells"), self.merge)
        self.renumber_button = panel.add("renumber", Text("Number the community anew"), self.renumber)
        self.undo_button = panel.add("undo", Text("Take the last edit back"), self.undo)
        self.redo_button = panel.add("redo", Text("Do the edit again"), self.redo)
        self.snap_button = panel.add(
            "snap", Text("Lay lines onto roads, water and buildings"), lambda: None, checkable=True
        )
        self.snap_button.setChecked(True)
        self._allow()

    # -- tools ---------------------------------------------------------------------------------------------------
    def take(self, mode: str) -> None:
        """Take a tool into the hand, or put it down when it is there."""
        self.mode = "" if mode == self.mode else mode
        for name, button in self.buttons.items():
            button.setChecked(name == self.mode)
        if not self.mode:
            self.put_down()
            return
        self.active = True
        self._map.take_tool(self._tool())
        self._map.setFocus()
        if self.drawn is None:
            self._load()

    def put_down(self) -> None:
        """No tool any more; other people may have the communities."""
        self.mode = ""
        for button in self.buttons.values():
            button.setChecked(False)
        self._map.set_tool("pan")
        self._choose(())
        self.release()

    def release(self) -> None:
        """Other people may have the communities that were held; the next touch holds them again."""
        for community in self._kept:
            self._desk.state.read(f"grid.release.{community}", "", lambda store, _, c=community: store.release_community(c),
                                  lambda _: None, owner=self)  # fmt: skip
        self._kept.clear()

    def back(self) -> bool:
        """Esc: what is half drawn, then what is chosen, then the tool."""
        if not self.mode:
            return False
        if self._map.tool.back():
            self._map.update()
        elif self.chosen:
            self._choose(())
        else:
            self.put_down()
        return True

    def _tool(self) -> ChooseTool | SplitTool | ShapeTool:
        if self.mode == CHOOSE:
            return ChooseTool(self._choose_at, self._chosen_verdict)
        if self.mode == SPLIT:
            return SplitTool(self._judge_line, self.split)
        return ShapeTool(self._catch, self._judge_place, self._drop)

    # -- edits ---------------------------------------------------------------------------------------------------
    def split(self, corners: Corners) -> None:
        """Split the cell that a line crosses."""
        if self.drawn is None or self._busy:
            return
        laid = self.drawn.laid(corners, self._snap_m(self._map.view.m_per_px))
        code = self.drawn.crossed(laid)
        if code:
            self._keep([code[:COMMUNITY]])
            self._act("SplitCell", "split_cell", code=code, line=laid)

    def merge(self) -> None:
        """Merge the chosen cells."""
        self._act("MergeCells", "merge_cells", codes=self.chosen)

    def renumber(self) -> None:
        """Number the community of the chosen cell in reading order."""
        self._act("RenumberCommunity", "renumber_community", community=self.chosen[0][:COMMUNITY])

    def mend(self, fault: Ask, step: int) -> None:
        """Apply the fix of a finding that was shown for the grid as it stood at a step."""
        self._act("MendFault", "mend_fault", module="mend_grid", seen=False, fault=fault, seen_step=step)

    def undo(self) -> None:
        """Take the actor's latest edit back."""
        self._act("TakeBack", "take_back", seen=False)

    def redo(self) -> None:
        """Do the edit again that was taken back last."""
        self._act("DoAgain", "do_again", seen=False)

    def _drop(self, to: Place) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._act("MoveBorder", "move_border", at=held.at, to=to, what=held.what, reach_m=held.reach_m)

    def _act(
        self, request: str, action: str, *, module: str = "edit_grid", seen: bool = True, **values: Any
    ) -> None:
        if self._busy or (seen and self.drawn is None):
            return
        self._busy = self.active = True
        self._allow()
        if seen and self.drawn is not None:
            values["seen_step"] = self.drawn.step
        self._desk.state.act("grid.edit", Text("Editing the grid"), f"grid.{module}.{action}",
                             Ask.of(f"grid.{module}.{request}", **values), self._tell_done, owner=self,
                             on_failed=self._tell_failed)  # fmt: skip

    def _tell_done(self, edited: Any) -> None:
        if self.drawn is not None and edited.step == self.drawn.step + 1:
            edit = GridEdit(**vars(edited.edit))
            self._take_drawn(self.drawn.after(edit, edited.step))  # need not wait until all is read again
        else:
            self._load()
        if self.mode == CHOOSE:
            self._choose(edited.made)
        undo = edited.kind == "undo"
        link, follow = (Text("Redo"), self.redo) if undo else (Text("Undo"), self.undo)
        said = with_handover(SAID[edited.kind], edited.handed_over)
        self.done.emit(Notice("done", said, link, follow, "Ctrl Y" if undo else "Ctrl Z"))

    def _tell_failed(self, error: Any) -> None:
        self._busy = False
        self._load()
        self.failed.emit(error)

    # -- what tools ask ------------------------------------------------------------------------------------------
    def _choose_at(self, place: Place, more: bool) -> None:
        code = self.drawn.code_at(place) if self.drawn is not None else ""
        if not more:
            self._choose((code,) if code else ())
        elif code:
            self._choose(
                tuple(c for c in self.chosen if c != code) if code in self.chosen else (*self.chosen, code)
            )

    def _choose(self, codes: tuple[str, ...]) -> None:
        self.chosen = codes
        verdict = self._chosen_verdict()
        area = sum(shape.area for shape in verdict.shapes)
        self.told.emit(
            Text("{count} cells, {area} m²", count=len(codes), area=grouped(round(area))) if codes else ""
        )
        self._allow()
        self._map.update()

    def _chosen_verdict(self) -> Verdict:
        if self.drawn is None:
            return Verdict()
        shapes = {code: self.drawn.shape_of(code) for code in self.chosen}
        there = {code: shape for code, shape in shapes.items() if shape is not None}
        return Verdict(tuple(there.values()), tuple(code[COMMUNITY:] for code in there))

    def _judge_line(self, corners: Corners, m_per_px: float) -> tuple[Corners, Verdict]:
        if self.drawn is None or self._busy:
            return corners, Verdict()
        laid = self.drawn.laid(corners, self._snap_m(m_per_px))
        return laid, split_verdict(self.drawn, laid, self._explain)

    def _catch(self, place: Place, reach_m: float) -> bool:
        self._held = None
        if self.drawn is None or self._busy:
            return False
        try:
            self._held = Held(self.drawn, place, reach_m)
        except Refused:
            return False  # nothing lies there: the map is dragged instead
        self._keep(self._held.communities)
        return True

    def _judge_place(self, to: Place) -> Verdict:
        return Verdict() if self._held is None else self._held.verdict(to, self._explain)

    def _snap_m(self, m_per_px: float) -> float:
        return snap_m(m_per_px) if self.snap_button.isChecked() else 0.0

    def _explain(self, error: Refused) -> str:
        places = {name: value for name, value in error.places.items() if value is not None}
        return self._desk.words(Text(error.template, **places))

    # -- the store -----------------------------------------------------------------------------------------------
    def _load(self) -> None:
        if self.active:
            features = self._features
            self._desk.state.read("grid.drawn", "", lambda store, _: read_drawn(store, features), self._take_drawn,
                                  owner=self, on_failed=self.failed.emit)  # fmt: skip

    def _take_drawn(self, drawn: Drawn) -> None:
        if self.drawn is not None and drawn.step < self.drawn.step:
            return  # it was read before the latest edit
        self.drawn, self._features, self._busy = drawn, drawn.features, False
        standing = set(drawn.cells["code"])
        self._choose(tuple(code for code in self.chosen if code in standing))

    def _keep(self, communities: list[str]) -> None:
        """Hold communities while they are worked on, longer each time; if another person has one that is told at once."""
        for community in communities:
            self._kept.add(community)
            self._desk.state.read(
                f"grid.hold.{community}",
                "",
                lambda store, _, c=community: store.hold_community(c, minutes=HOLD_MINUTES),
                lambda _: None,
                owner=self,
                on_failed=lambda error, c=community: self._tell_held(c, error),
            )

    def _tell_held(self, community: str, error: Any) -> None:
        self._kept.discard(community)
        self._map.tool.back()
        self.failed.emit(error)

    def _take_leave(self, store: Store) -> None:
        """The store is about to be closed, by the window or for another one."""
        while self._kept:
            store.release_community(self._kept.pop())

    def _hear(self, changes: Changes) -> None:
        if changes.touches(BASE):
            self._features = None

    def _forget(self) -> None:
        self.drawn = self._features = None
        self._kept.clear()
        self.active = self._busy = False
        self.put_down()

    def _allow(self) -> None:
        self.merge_button.setEnabled(len(self.chosen) > 1 and not self._busy)
        self.renumber_button.setEnabled(len(self.chosen) > 0 and not self._busy)
        self.undo_button.setEnabled(not self._busy)
        self.redo_button.setEnabled(not self._busy)
