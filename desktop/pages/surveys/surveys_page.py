"""Special surveys: a tab of the census with the list, the cells by progress, the collectors and the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from desktop.apart import Ask
from desktop.dialogs import CENSUS_FILES, choose_files, choose_target
from desktop.formats import grouped, spaced
from desktop.map.layer import Pick
from desktop.map.layers.survey_cells import KIND, CellShapes
from desktop.models.city import City
from desktop.models.frame_table import Column, FrameTable
from desktop.models.surveys import Surveys, layer_of, read_surveys, shapes_of
from desktop.pages.base import Page
from desktop.pages.map.city_map import CityMap
from desktop.pages.surveys.survey_plan import SurveyPlan
from desktop.pages.surveys.survey_tables import SurveyTables, done_share
from desktop.state import Desk
from desktop.widgets.basic import Button, Check, Label, box, column, line, row
from desktop.widgets.facts import Fact, FactStrip, Step
from desktop.widgets.notices import Notice
from desktop.widgets.table import Table
from desktop.words import Text, Wording
from kernel.changes import CELLS, COMPONENTS, SURVEYS
from resources.surveys import outcomes

LEFT_WIDTH, LIST_HEIGHT, CLOSE_SCALE = 580, 148, 1_000
ACTIONS = "surveys.run_survey."
STATUS = {"running": Text("running"), "closed": Text("closed")}
STATUS_MARKS = {"running": ("circle", "focus"), "closed": ("tick", "done")}


class SurveysPage(Page):
    """One survey is chosen; list, figures, map and tables follow it."""

    name, title, icon = "surveys", Text("Special surveys"), "census"
    kinds = frozenset({SURVEYS, CELLS, COMPONENTS})

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__(desk, city)
        self.surveys: Surveys | None = None
        self._wanted = 0  # the survey that was chosen last, 0 for the latest; its cells may be on their way
        self.result: Any = None
        self.picked: tuple[str, ...] = ()  # cells chosen, of a collector or one by one
        self._shapes: tuple[tuple[object, ...], CellShapes] | None = None
        self.model = FrameTable(desk.words, self._columns())
        self.table = Table(desk.look, self.model)
        self.facts = FactStrip(desk.words)
        self.tables = SurveyTables(desk, self._class_name)
        self.map = CityMap(desk, city, components=False, tell=self.told.emit)
        self.plan = SurveyPlan(desk)
        self.plan.hide()
        self._buttons()
        self._lay_out()
        self._listen()

    # -- what the window asks ------------------------------------------------------------------------------------
    def refresh(self) -> None:
        self._read(self._wanted)

    def panes(self) -> list[QWidget]:
        return [self.table, self.tables.table, self.map, self.plan]

    def find(self) -> None:
        self.tables.table.setFocus()

    def back(self) -> bool:
        if super().back():
            return True
        if self.plan.isVisible() or self.picked:
            self.plan.hide()
            self._pick_cells(())
            return True
        return False

    def tell_status(self) -> None:
        super().tell_status()
        self.map.tell_all()
        chosen = self.surveys.chosen if self.surveys else 0
        self.told.emit("selected", Text("Survey {survey}", survey=chosen) if chosen else "")

    def forget(self) -> None:
        self.surveys, self.result, self._wanted, self.picked = None, None, 0, ()
        self.plan.hide()

    def maps(self) -> list[CityMap]:
        return [self.map]

    # -- what a person does --------------------------------------------------------------------------------------
    def choose(self, survey: int) -> None:
        """Show another survey."""
        if self.surveys is not None and survey != self.surveys.chosen:
            self.picked = ()
            self._read(survey, fly=True)

    def make_plan(self, values: dict[str, Any]) -> None:
        """Plan a survey with the values of the form."""
        self.act("surveys.plan", Text("Planning the survey"), "surveys.plan_survey.plan_survey",
                  Ask("surveys.plan_survey.PlanSurvey", values), self._planned)  # fmt: skip

    def collect(self, file: Path) -> None:
        """Take collected points in."""
        request = Ask.of(
            f"{ACTIONS}CollectPoints", survey=self._chosen(), file=str(file), done=self.done_too.isChecked()
        )
        self.act(
            "surveys.collect",
            Text("Reading {files}", files=file.name),
            f"{ACTIONS}collect_points",
            request,
            self._collected,
        )

    def mark_done(self) -> None:
        """The picked cells are done."""
        request = Ask.of(f"{ACTIONS}MarkCells", survey=self._chosen(), cells=self.picked)
        self.act("surveys.mark", Text("Marking cells"), f"{ACTIONS}mark_cells", request, self._cells_set)

    def give(self) -> None:
        """Give the picked cells to the collector whose name is written."""
        request = Ask.of(
            f"{ACTIONS}AssignCells",
            survey=self._chosen(),
            cells=self.picked,
            collector=self.collector.text().strip(),
        )
        self.act("surveys.assign", Text("Giving cells"), f"{ACTIONS}assign_cells", request, self._cells_set)

    def close_survey(self) -> None:
        """Freeze the result; asked once more in the message bar."""
        number = self._chosen()
        request = Ask.of("surveys.survey_result.ShowSurvey", survey=number)
        close = lambda: self.act("surveys.close", Text("Closing survey {survey}", survey=number), "surveys.survey_result.close_survey", request,  # noqa: E731
                                  lambda _: self.done.emit(Notice("done", Text("Survey {survey} is closed.", survey=number))))  # fmt: skip
        self.say(Notice("warning", Text("The result of survey {survey} stays for good as it is now.", survey=number),
                        Text("Close survey"), close))  # fmt: skip

    def export(self, target: Path) -> None:
        """Write what departments must see to."""
        request = Ask.of("surveys.survey_result.ExportFeedback", survey=self._chosen(), out=target)
        self.act("surveys.feedback", Text("Writing {file}", file=target.name), "surveys.survey_result.export_feedback", request,
                  lambda done: self.tell_written(done.file))  # fmt: skip

    # -- building ------------------------------------------------------------------------------------------------
    def _buttons(self) -> None:
        words = self.desk.words
        self.new = Button(words, Text("Plan a survey…"), self._open_plan, "primary")
        self.take = Button(words, Text("Take in points…"), self._choose_file)
        self.done_too = Check(words, Text("their cells are done"))
        self.mark = Button(words, Text("Cells are done"), self.mark_done)
        self.collector = QLineEdit()
        words.keep(self.collector, "setPlaceholderText", Text("Collector"))
        words.keep(self.collector, "setAccessibleName", Text("Collector"))
        self.hand = Button(words, Text("Give cells to"), self.give)
        self.feedback = Button(words, Text("Feedback…"), self._choose_target)
        self.end = Button(words, Text("Close survey"), self.close_survey)
        self.chosen_cells = Label(words, "", "note")

    def _lay_out(self) -> None:
        words = self.desk.words
        head = QFrame()
        head.setObjectName("band")
        title = box(
            row(Label(words, Text("Special surveys"), "page"), None, self.feedback, self.end, self.new)
        )
        head.setLayout(column(title, self.facts, spacing=12, margins=(20, 12, 20, 12)))
        self.table.setFixedHeight(LIST_HEIGHT)
        words.keep(self.table, "setAccessibleName", Text("Special surveys"))
        foot = column(
            box(row(self.take, self.done_too, None)), self.chosen_cells, box(row(self.mark, self.hand, self.collector)),
            margins=(16, 8, 16, 12),
        )  # fmt: skip
        left = box(column(self.table, line(), self.tables, line(), box(foot), spacing=0))
        left.setFixedWidth(LEFT_WIDTH)
        middle = row(left, line(vertical=True), self.map, self.plan, spacing=0)
        middle.setStretch(2, 1)
        whole = column(head, box(middle), spacing=0)
        whole.setStretch(1, 1)
        self.content.setLayout(whole)

    def _listen(self) -> None:
        self.table.row_chosen.connect(
            lambda at: self.choose(int(self.model.frame["survey_id"].iloc[at])) if at >= 0 else None
        )
        self.tables.collector_chosen.connect(self._pick_collector)
        self.tables.place_opened.connect(lambda x, y: self.map.centre_on(x, y, CLOSE_SCALE))
        self.map.picked.connect(self._picked)
        self.plan.wished.connect(self.make_plan)
        self.plan.closed.connect(self.plan.hide)
        self.collector.textChanged.connect(lambda _: self._allow())
        self.city.cells_changed.connect(self._show)
        self.desk.state.facts_changed.connect(self._offer_again)
        self.desk.words.changed.connect(self._show)

    def _columns(self) -> list[Column]:
        status: Any = lambda value: STATUS.get(str(value), str(value))  # noqa: E731
        return [
            Column("survey_id", Text("No."), right=True, width=48),
            Column("name", Text("Name"), stretch=True),
            Column("classes", Text("Classes"), self._class_names, width=150),
            Column(
                "status", Text("Status"), status, width=92, mark=lambda value: STATUS_MARKS.get(str(value))
            ),
            Column("due", Text("Last day"), width=88),
        ]

    # -- reading and showing -------------------------------------------------------------------------------------
    def _read(self, wanted: int, *, fly: bool = False) -> None:
        self._wanted = wanted
        self.desk.state.read("surveys", Text("Reading the surveys"), lambda store, progress: read_surveys(store, wanted, progress),
                             lambda surveys: self._take(surveys, fly), owner=self, on_failed=self.fail)  # fmt: skip

    def _take(self, surveys: Surveys, fly: bool) -> None:
        fresh = self.surveys is None or self.surveys.chosen != surveys.chosen
        self.surveys = surveys
        self.result = None if fresh else self.result
        if not surveys.chosen:
            self.map.lay(None, "survey", under=True)
            self._offer()
            return
        self.show_content()
        self._show()
        if fly and self._shapes is not None:
            self.map.fly_to(*layer_of(surveys, self._shapes[1], ()).extent or (0.0, 0.0, 1.0, 1.0))
        if self.result is not None and self.result.frozen:
            return  # a closed survey stays as it is
        request = Ask.of("surveys.survey_result.ShowSurvey", survey=surveys.chosen)
        self.act("surveys.result", Text("Comparing with the census"), "surveys.survey_result.compare_survey", request,
                 self._compared)  # fmt: skip

    def _offer(self) -> None:
        """What comes first: cells to survey, then a plan."""
        facts = self.desk.state.facts
        if self.plan.isVisible():
            return  # the first plan is being written
        if facts is None or not facts.info.cells:
            self.offer_start(Text("A special survey goes from cell to cell; this store has no cells yet."))
        else:
            self.show_empty(
                Text("No special survey has been planned yet."), Step(Text("Plan a survey…"), self._open_plan)
            )

    def _offer_again(self) -> None:
        if self.surveys is not None and self.is_empty:
            self._offer()

    def _compared(self, result: Any) -> None:
        if self.surveys is not None and result.survey == self.surveys.chosen:
            self.result = result
            self._show()

    def _show(self) -> None:
        surveys = self.surveys
        if surveys is None or not surveys.chosen:
            return
        self.table.blockSignals(True)
        self.model.show_frame(surveys.listed)
        self.table.choose(surveys.listed["survey_id"].tolist().index(surveys.chosen))
        self.table.blockSignals(False)
        self.tables.show_survey(surveys, self.result)
        self._tell_facts(surveys)
        self._draw(surveys)
        self._allow()
        self.tell_status()

    def _draw(self, surveys: Surveys) -> None:
        ground = self.city.ground
        if ground is None:
            return
        made_of = (ground.cells, ",".join(surveys.plan["cell_code"]))
        if self._shapes is None or self._shapes[0][0] is not made_of[0] or self._shapes[0][1] != made_of[1]:
            self._shapes = (made_of, shapes_of(surveys.plan, ground.cells))
        self.map.lay(layer_of(surveys, self._shapes[1], self.picked), "survey", under=True)

    def _tell_facts(self, surveys: Surveys) -> None:
        done = int((surveys.plan["done_on"] != "").sum())
        facts = [
            Fact(Text("Cells done"), done_share(surveys), Text("{part} of {all}", part=grouped(done), all=grouped(len(surveys.plan)))),
            Fact(Text("Points collected"), grouped(len(surveys.found)), Text("{count} components known", count=grouped(int(surveys.plan["known"].sum())))),
        ]  # fmt: skip
        tones = {"not_found": "alarm", "changed": "warning"}
        for outcome, count in self.result.outcomes.items() if self.result else ():
            facts.append(
                Fact(
                    outcomes()[outcome].name(self.desk.words.lang),
                    grouped(count),
                    tone=tones.get(outcome, ""),
                )
            )
        self.facts.show_facts(facts)

    def _allow(self) -> None:
        running = bool(self.surveys and self.surveys.about.get("status") == "running")
        why = Text("The survey is closed.")
        cells: Wording = Text("Choose a collector in the table, or a cell on the map.")
        if len(self.picked) == 1:
            cells = Text("Cell {cell}", cell=spaced(self.picked[0]))
        elif self.picked:
            cells = Text("{count} cells chosen", count=grouped(len(self.picked)))
        self.chosen_cells.say(cells)
        for button in (self.take, self.end):
            button.allow(running, why)
        self.mark.allow(running and bool(self.picked), cells if running else why)
        named = bool(self.collector.text().strip())
        self.hand.allow(
            running and bool(self.picked) and named, Text("Write the collector's name.") if running else why
        )

    # -- what happens --------------------------------------------------------------------------------------------
    def _chosen(self) -> int:
        return self.surveys.chosen if self.surveys else 0

    def _pick_collector(self, name: str) -> None:
        if self.surveys is not None:
            self._pick_cells(self.surveys.cells_of(name))

    def _picked(self, pick: Pick | None) -> None:
        if pick is not None and pick.kind == KIND:
            self._pick_cells((pick.key,))

    def _pick_cells(self, cells: tuple[str, ...]) -> None:
        self.picked = cells
        if self.surveys is not None and self.surveys.chosen:
            self._draw(self.surveys)
        self._allow()

    def _open_plan(self) -> None:
        facts, ground = self.desk.state.facts, self.city.ground
        if facts is not None:
            self.show_content()
            self.plan.offer(facts.catalogue, ground.areas if ground is not None else {})
            self.plan.show()
            self.plan.name.setFocus()

    def _planned(self, done: Any) -> None:
        self.plan.hide()
        self.picked = ()
        self._read(done.survey, fly=True)
        said = Text("Survey {survey} is planned: {cells} cells, {known} known components.", survey=done.survey,
                    cells=grouped(done.cells), known=grouped(done.known))  # fmt: skip
        self.done.emit(Notice("done", said))

    def _collected(self, done: Any) -> None:
        said = Text("{read} points read: {accepted} taken in, {refused} refused.", read=grouped(done.read),
                    accepted=grouped(done.accepted), refused=grouped(done.quarantined))  # fmt: skip
        self.tell_taken(said, done.details)

    def _cells_set(self, done: Any) -> None:
        self.done.emit(Notice("done", Text("{count} cells set.", count=grouped(done.cells))))

    def _choose_file(self) -> None:
        choose_files(
            self, self.desk.words, Text("Take in points…"), CENSUS_FILES, lambda files: self.collect(files[0])
        )

    def _choose_target(self) -> None:
        name = f"feedback-{self._chosen()}.xlsx"
        choose_target(self, self.desk.words, Text("Feedback…"), "xlsx", name, self.export)

    def _class_name(self, code: str) -> str:
        facts = self.desk.state.facts
        return (facts.catalogue.name_of(code) or code) if facts is not None else code

    def _class_names(self, codes: object) -> str:
        return "、".join(self._class_name(code) for code in str(codes).split())
