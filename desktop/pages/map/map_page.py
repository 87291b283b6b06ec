"""The map: it fills the window; search, layers, card and tools float above it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop.actions_list import Callbacks
from desktop.dialogs import TRACK_FILES, choose_files
from desktop.formats import grouped, spaced
from desktop.models.city import City
from desktop.pages.areas.areas_editing import AreasEditing
from desktop.pages.areas.areas_panel import AreasPanel
from desktop.pages.base import Page
from desktop.pages.label_printing import choose_labels
from desktop.pages.map import map_cards
from desktop.pages.map.city_map import CityMap
from desktop.pages.map.map_labels import chosen_ids
from desktop.pages.map.map_layers import LayersPanel
from desktop.pages.map.map_list import InViewPanel
from desktop.pages.map.map_tools import ToolsPanel
from desktop.state import Desk, Selection
from desktop.widgets.basic import Label
from desktop.widgets.card import Card, CardFacts
from desktop.widgets.notices import Notice
from desktop.widgets.search_box import SearchBox
from desktop.words import Text
from desktop.work import Work
from kernel.changes import AREAS, BASE, CELLS, CLASSES, COMPONENTS, FIXES
from resources.styles import SIZES

GAP = SIZES.space["between_panels"]
LEFT, RIGHT = SIZES.space["left_panel_wide"], SIZES.space["right_panel_narrow"]
OPENING_SCALE = 2_000  # the scale of work: streets, cells and symbols are told apart
CLOSE_SCALE = 1_000  # where search flies to: every symbol is shown


class MapPage(Page):
    """One map, edge to edge."""

    name, title, icon = "map", Text("Map"), "map"
    kinds = frozenset({CELLS, AREAS, BASE, COMPONENTS, CLASSES, FIXES})

    def __init__(self, desk: Desk, city: City, work: Work) -> None:
        super().__init__(desk, city)
        self.work = work
        self._code = ""  # of what the card shows
        self.map = CityMap(desk, city, tell=self.told.emit, begin_scale=OPENING_SCALE, credit=False)
        self.map.setParent(self.content)
        self.search = SearchBox(desk.words, desk.look, self.content)
        self.layers = LayersPanel(desk, city, self.map, self.content)
        self.card = Card(desk.words, desk.look, self.content, RIGHT)
        self.in_view = InViewPanel(desk, city, self.map, self.content)
        self.areas = AreasPanel(desk, AreasEditing(desk, city, self.map), self.content)
        self.tools = ToolsPanel(desk, self.map, self.wish.emit, self.content)
        self.credit = Label(desk.words, "", "credit")
        self.credit.setParent(self.content)
        self.credit.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.credit.hide()
        self.content.installEventFilter(self)
        self._listen()

    def callbacks(self) -> Callbacks:
        return {
            "map.zoom_in": lambda: self.map.zoom(1.5),
            "map.zoom_out": lambda: self.map.zoom(1 / 1.5),
            "map.whole": self.map.home,
            "map.measure_length": lambda: self._measure("measure_length"),
            "map.measure_area": lambda: self._measure("measure_area"),
            "map.layers": lambda: self._toggle(self.layers),
            "map.list": lambda: self._toggle(self.in_view),
            "map.areas": self._toggle_areas,
            "map.copy_code": self._copy_code,
            "map.zoom_selected": self._zoom_selected,
            "map.labels": lambda: choose_labels(
                self, chosen_ids(self.desk.state.selection, self.city, self.map, self.in_view)
            ),
            "map.tracks": lambda: choose_files(
                self, self.desk.words, Text("Tracks"), TRACK_FILES, self.work.import_tracks
            ),
            "map.simulate": self.work.simulate,
        }

    def panes(self) -> list[QWidget]:
        return [self.search, self.layers, self.map, self.tools, self.in_view, self.areas, self.card]

    def find(self) -> None:
        self.search.field.setFocus()
        self.search.field.selectAll()

    def back(self) -> bool:
        if self.map.tool.back():
            self.map.update()
        elif self.tools.measuring:
            self.tools.stop_measuring()
            self.areas.editing.take_up()
        elif not self.areas.isHidden():
            if not self.areas.editing.back():
                self._toggle_areas()
        elif not self.card.isHidden():
            self.desk.state.select(Selection())
        elif not self.in_view.isHidden():
            self.in_view.hide()
        else:
            return super().back()
        return True

    def refresh(self) -> None:
        facts = self.desk.state.facts
        ground = self.city.ground
        has_base = ground is not None and bool(ground.base)
        if facts is not None and facts.empty and not has_base:
            self.offer_start()
        else:
            self.show_content()
        self.tell_status()

    def tell_status(self) -> None:
        self.map.tell_all()
        self._tell_selected()

    def maps(self) -> list[CityMap]:
        return [self.map]

    def wait_until_drawn(self, timeout_ms: int) -> bool:
        drawn = super().wait_until_drawn(timeout_ms)
        self.layers.view.draw_all()
        return drawn

    # -- what happens --------------------------------------------------------------------------------------------
    def _listen(self) -> None:
        state = self.desk.state
        self.map.picked.connect(self._picked)
        self.map.credited.connect(self._show_credit)
        self.map.view_changed.connect(lambda _: self._tell_selected())
        self.layers.switched.connect(self._tell_selected)
        self.search.asked.connect(self._ask)
        self.search.chosen.connect(self._fly)
        self.search.resized.connect(self._place)
        self.card.closed.connect(lambda: state.select(Selection()))
        self.card.resized.connect(self._place)
        self.in_view.chosen.connect(state.select)
        self.tools.layers_wished.connect(lambda: self._toggle(self.layers))
        self.tools.list_wished.connect(lambda: self._toggle(self.in_view))
        self.tools.areas_wished.connect(self._toggle_areas)
        self.layers.areas_wished.connect(self._open_areas)
        self.areas.closed.connect(self._toggle_areas)
        self.areas.table.opened.connect(self._zoom_area)
        self.areas.editing.changed.connect(self._show_around)
        self.areas.editing.done.connect(self.done)
        self.areas.editing.failed.connect(self.fail)
        state.selected.connect(self._selected)
        state.facts_changed.connect(self.renew)
        self.city.ground_changed.connect(self.renew)

    def _show_credit(self, credit: str) -> None:
        self.credit.say(credit)
        self.credit.setVisible(bool(credit))
        self._place()

    def _picked(self, pick: Any) -> None:
        self.desk.state.select(
            Selection() if pick is None else Selection(pick.kind, pick.key, pick.x, pick.y)
        )

    def _selected(self, selection: Selection) -> None:
        self.map.select(selection.kind, selection.key)
        self._tell_selected()
        if not selection.kind or not self.areas.isHidden():
            self.card.hide()
            self._place()
            return
        self.desk.state.read("map.card", "", lambda store, _: map_cards.read(store, selection), self._show_card,
                             owner=self, on_failed=self.fail)  # fmt: skip

    def _show_card(self, read: map_cards.Read) -> None:
        if read.selection != self.desk.state.selection:
            return
        facts: CardFacts = map_cards.facts_of(
            read, self.desk, self.city, self._select_cell, self._zoom_selected, self._copy_code
        )
        self._code = str(read.component.get("code", "")) or read.selection.key
        self.card.show_facts(facts)

    def _select_cell(self, code: str) -> None:
        place = map_cards.place_of_cell(self.city, code)
        if place is not None:
            self.map.fly_to(*place)
            self.desk.state.select(
                Selection("cell", code, (place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
            )

    def _ask(self, text: str) -> None:
        self.desk.state.read("map.search", "", lambda store, _: store.search(text, limit=20), self.search.show_results,
                             owner=self.search, on_failed=self.fail)  # fmt: skip

    def _fly(self, record: pd.Series) -> None:
        selection = Selection(str(record["kind"]), str(record["key"]), float(record["x"]), float(record["y"]))
        area = map_cards.place_of(self.city, selection)
        if area is not None:
            self.map.fly_to(*area)
        elif pd.notna(record["x"]):
            self.map.centre_on(selection.x, selection.y, CLOSE_SCALE)
        self.desk.state.select(selection)
        self.map.setFocus()

    def _zoom_selected(self) -> None:
        selection = self.desk.state.selection
        area = map_cards.place_of(self.city, selection)
        if area is not None:
            self.map.fly_to(*area)
        elif selection.kind:
            self.map.centre_on(selection.x, selection.y, CLOSE_SCALE)

    def _copy_code(self) -> None:
        if self._code:
            QApplication.clipboard().setText(self._code)
            self.done.emit(Notice("done", Text("Copied {code}", code=spaced(self._code))))

    def _tell_selected(self) -> None:
        in_view = sum(
            node.in_view or 0 for node in self.layers.tree.root.children if node.key == "components"
        )
        self.told.emit("selected", Text("Selected {chosen} / {all}", chosen=int(bool(self.desk.state.selection.kind)),
                                        all=grouped(in_view)))  # fmt: skip

    def _toggle(self, panel: QWidget) -> None:
        panel.setVisible(panel.isHidden())
        self._place()

    def _measure(self, tool: str) -> None:
        self.tools.measure(tool)
        if not self.tools.measuring:
            self.areas.editing.take_up()

    def _toggle_areas(self) -> None:
        if self.areas.isHidden():
            self._open_areas()
            return
        self.areas.editing.close()
        self._toggle(self.areas)

    def _open_areas(self, kind: str = "") -> None:
        """The panel takes the right side; the card and the list give way."""
        self.tools.stop_measuring()
        self.card.hide()
        self.in_view.hide()
        self.areas.show()
        self.areas.editing.open(kind)
        self._place()

    def _show_around(self) -> None:
        self.layers.draw_draft(self.areas.editing.kind, self.areas.editing.around)

    def _zoom_area(self, _: int) -> None:
        editing = self.areas.editing
        shape = (
            editing.draft.shape_of(editing.row) if editing.draft is not None and editing.row >= 0 else None
        )
        if shape is not None:
            self.map.fly_to(*shape.bounds)

    # -- layout --------------------------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.content and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        """Panels stand 12 px from the edges; what is covered is told to the map."""
        width, height = self.content.width(), self.content.height()
        self.map.setGeometry(0, 0, width, height)
        top = self.search.sizeHint().height()
        self.search.setGeometry(GAP, GAP, LEFT, top)
        above = GAP + self.search.head_height() + 8
        self.layers.setGeometry(GAP, above, LEFT, height - above - GAP)
        self.search.raise_()
        edge = width - GAP
        right = edge if self.areas.isHidden() else edge - RIGHT - GAP
        tools = self.tools.sizeHint()
        self.tools.setGeometry(
            right - tools.width(), height - tools.height() - 40, tools.width(), tools.height()
        )
        credit = self.credit.sizeHint()
        self.credit.setGeometry(right - credit.width(), height - 12 - 18, credit.width(), 18)
        free = height - 2 * GAP
        if not self.card.isHidden():
            self.card.setGeometry(
                right - RIGHT, GAP, RIGHT, min(self.card.wanted_height(), free - tools.height() - 40)
            )
        if not self.in_view.isHidden():
            below = self.card.geometry().bottom() + GAP if not self.card.isHidden() else GAP
            self.in_view.setGeometry(
                right - RIGHT, below, RIGHT - 0, max(free - below - tools.height() - 28, 160)
            )
        if not self.areas.isHidden():
            self.areas.setGeometry(edge - RIGHT, GAP, RIGHT, free)
        covered_left = GAP + LEFT if not self.layers.isHidden() else 0
        covered_right = (
            GAP + RIGHT if not all(pane.isHidden() for pane in (self.card, self.in_view, self.areas)) else 0
        )
        self.map.set_margins(covered_left, 0, covered_right, 0)
