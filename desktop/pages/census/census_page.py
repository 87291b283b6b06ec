"""The census: files become sessions, a session is reviewed, and then it is in the store, or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.actions_list import Callbacks
from desktop.apart import Ask
from desktop.dialogs import CENSUS_FILES, choose_files, choose_target
from desktop.formats import grouped
from desktop.models.city import City
from desktop.pages.base import Page
from desktop.pages.census.census_mapping import MappingView
from desktop.pages.census.census_options import IMPORT, OptionsPanel
from desktop.pages.census.census_report import choose_report
from desktop.pages.census.census_review import Review, ReviewView, read_review
from desktop.pages.census.census_sessions import SessionsView
from desktop.pages.census.session_deeds import SessionDeeds
from desktop.pages.map.city_map import CityMap
from desktop.state import Desk
from desktop.widgets.drop_zones import DropZone
from desktop.widgets.facts import Step
from desktop.widgets.notices import Notice, notice_of
from desktop.words import Text
from kernel.changes import SESSIONS
from kernel.errors import Conflict, WanGridError

DEEDS: dict[str, tuple[Text, str]] = {
    "submit": (Text("Submitting session {session}"), "census.census_sessions.submit_session"),
    "approve": (Text("Approving session {session}"), "census.census_sessions.approve_session"),
    "reject": (Text("Returning session {session}"), "census.census_sessions.reject_session"),
    "undo": (Text("Undoing session {session}"), "census.census_sessions.undo_session"),
}  # fmt: skip
DONE = {
    "committed": Text("Session {session} is in the store: {new} new, {changed} changed components."),
    "submitted": Text("Session {session} waits for another person's approval."),
    "rejected": Text("Session {session} was returned; nothing of it is in the store."),
    "undone": Text("Session {session} was taken back; the store is as it was."),
}


class CensusPage(Page):
    """A list of sessions; one of them opens as a review."""

    name, title, icon = "census", Text("Census"), "census"
    kinds = frozenset({SESSIONS})
    takes_files = True

    def __init__(self, desk: Desk, city: City) -> None:
        super().__init__(desk, city)
        self.sessions = SessionsView(desk)
        self.review = ReviewView(desk, city, self.bar)
        self.options = OptionsPanel(desk)
        self.views = QStackedWidget()
        self.views.addWidget(self.sessions)
        self.views.addWidget(self.review)
        self._mapping: MappingView | None = None
        inner = QVBoxLayout(self.content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.views)
        self.review.place_options(self.options)
        self._requests: dict[int, Ask] = {}  # what each session of this sitting was read with
        self._wanted = 0
        self._listen()

    def callbacks(self) -> Callbacks:
        reviewing = self.views.currentWidget() is self.review
        own: Callbacks = {"census.next": lambda: self.review.step(1), "census.previous": lambda: self.review.step(-1),
                          "census.export": self._choose_export,
                          "census.report": lambda: choose_report(self, self.review.session_id)}  # fmt: skip
        own |= self.deeds.callbacks()
        may = {"draft": ("submit", "reject"), "submitted": ("approve", "reject"), "committed": ("undo",)}
        for deed in may.get(self.review.status, ()) if reviewing else ():
            own["census.submit" if deed == "approve" else f"census.{deed}"] = lambda wanted=deed: self.decide(
                wanted
            )
        first: Callbacks = {"census.fields": self._choose_mapping}
        return first | own if reviewing else first

    def panes(self) -> list[QWidget]:
        if self.views.currentWidget() is self.sessions:
            return [self.sessions]
        return [
            self.options if self.options.isVisible() else self.review.kind_list,
            self.review.table,
            self.review.detail,
        ]

    def find(self) -> None:
        (self.sessions.table if self.views.currentWidget() is self.sessions else self.review.table).setFocus()

    def back(self) -> bool:
        if self._mapping is not None and self.views.currentWidget() is self._mapping:
            self._leave_mapping()
        elif self.options.isVisible():
            self.options.hide()
        elif super().back():
            return True
        elif self.views.currentWidget() is self.review:
            self._show_list()
        else:
            return False
        return True

    def take_files(self, files: list[Path]) -> None:
        """Read and check the files as a draft; nothing is in the store until it is submitted."""
        paths = tuple(str(file) for file in files)
        self.read_files(Ask.of(IMPORT, files=paths, mode="draft", actor=self.desk.state.actor))

    def map_files(self, files: list[Path]) -> None:
        """Show which field is which, what the words mean and where it lies, before the files are read."""
        paths = tuple(str(file) for file in files)
        self.open_mapping(Ask.of(IMPORT, files=paths, mode="draft", actor=self.desk.state.actor))

    def drop_zones(self) -> list[DropZone]:
        return [
            DropZone(Text("Read as a draft"), Text("Fields and words are found by evidence. Nothing is in the store until it is submitted."),
                     self.take_files),
            DropZone(Text("Fields and words first"), Text("See which field is which and where it lies, then read."), self.map_files),
        ]  # fmt: skip

    def _choose_mapping(self) -> None:
        choose_files(self, self.desk.words, Text("Census files"), CENSUS_FILES, self.map_files)

    def read_files(self, request: Ask) -> None:
        """Begin an import; its review opens when it is read."""
        names = ", ".join(Path(file).name for file in request.values["files"][:3])
        self.act("census.import", Text("Reading {files}", files=names), "census.import_census.import_census", request,
                 lambda done: self._imported(done, request))  # fmt: skip

    @property
    def mapping(self) -> MappingView:
        """Fields and words of a delivery; built when first asked for."""
        if self._mapping is None:
            self._mapping = MappingView(self.desk)
            self._mapping.tried.connect(self._preview)
            self._mapping.wished.connect(self.read_files)
            self._mapping.closed.connect(self._leave_mapping)
            self.views.addWidget(self._mapping)
        return self._mapping

    def open_mapping(self, request: Ask) -> None:
        """Show which field is which before the files of `request` are read."""
        self.mapping.begin(request)
        self._preview(request)

    def _preview(self, request: Ask) -> None:
        names = ", ".join(Path(file).name for file in request.values["files"][:3])
        self.act("census.preview", Text("Reading {files}", files=names), "census.preview_mapping.preview_mapping",
                 request, self._show_mapping)  # fmt: skip

    def _show_mapping(self, preview: Any) -> None:
        self.mapping.show_preview(preview)
        self.show_content()
        self.views.setCurrentWidget(self.mapping)
        self.tell_status()

    def _leave_mapping(self) -> None:
        if self._wanted:
            self.views.setCurrentWidget(self.review)
            self.tell_status()
        else:
            self._show_list()

    def refresh(self) -> None:
        self.desk.state.read("census.sessions", "", lambda store, _: store.load_sessions(), self._show_sessions,
                             owner=self, on_failed=self.fail)  # fmt: skip
        if self.views.currentWidget() is self.review:
            self.open_session(self._wanted or self.review.session_id)

    def tell_status(self) -> None:
        super().tell_status()
        reviewing = self.views.currentWidget() is self.review
        self.told.emit(
            "selected", Text("Session {session}", session=self.review.session_id) if reviewing else ""
        )

    def open_session(self, number: int) -> None:
        """Show the review of one session."""
        self._wanted = number
        self.desk.state.read("census.review", Text("Reading session {session}", session=number),
                             lambda store, _: read_review(store, number), self._show_review, owner=self,
                             on_failed=self.fail, quiet=False)  # fmt: skip

    def decide(self, deed: str) -> None:
        """Submit, approve, return or undo the session shown."""
        if deed in DEEDS:
            self._decide(deed, self.review.session_id)

    def _decide(self, deed: str, number: int, *, anyway: bool = False) -> None:
        title, action = DEEDS[deed]
        request: Any = number
        if deed in ("submit", "approve"):
            request = Ask.of("census.census_sessions.Decide", session=number, anyway=anyway)
        if deed == "reject":
            request = Ask.of("census.census_sessions.Reject", session=number, reason=self.review.why.text())
        self.desk.state.act("census.decide", Text(title.template, session=number), action, request, self._decided, owner=self,
                            on_failed=lambda error: self._not_decided(error, deed, number))  # fmt: skip

    def _not_decided(self, error: WanGridError, deed: str, number: int) -> None:
        """Where another person stored the same components meanwhile, storing over them is one click away."""
        self.fail(error)
        if isinstance(error, Conflict) and "later" in error.places and deed in ("submit", "approve"):
            again = lambda: self._decide(deed, number, anyway=True)  # noqa: E731
            self.say(replace(notice_of(error), link=Text("Store anyway"), on_link=again))

    def give_codes(self) -> None:
        """Give every stored component without a code one, as a session that can be undone."""
        self.act("census.codes", Text("Giving codes"), "census.give_codes.give_codes", None, self._coded)  # fmt: skip

    def _coded(self, done: Any) -> None:
        words = Text("{count} components got a code, as session {session}.", count=grouped(done.coded),
                     session=done.session)  # fmt: skip
        self.done.emit(Notice("done", words))

    def forget(self) -> None:
        self._wanted = 0
        self._requests.clear()
        self.options.hide()
        self.deeds.forget()
        self.review.review = None
        self.views.setCurrentWidget(self.sessions)

    def maps(self) -> list[CityMap]:
        return [self.review.detail.map, self.review.difference.map]

    # -- what happens --------------------------------------------------------------------------------------------
    def _listen(self) -> None:
        self.sessions.opened.connect(self.open_session)
        self.sessions.codes_wished.connect(self.give_codes)
        self.sessions.fields_wished.connect(self._choose_mapping)
        self.sessions.import_wished.connect(lambda: self.wish.emit("import"))
        self.review.back_wished.connect(self._show_list)
        self.review.again_wished.connect(self._open_options)
        self.review.export_wished.connect(self._choose_export)
        self.review.report_wished.connect(lambda: choose_report(self, self.review.session_id))
        self.review.decided.connect(self.decide)
        self.deeds = SessionDeeds(self)
        self.options.wished.connect(self._read_again)
        self.options.closed.connect(self.options.hide)
        self.options.fields_wished.connect(self.open_mapping)

    def _show_sessions(self, sessions: pd.DataFrame) -> None:
        if not len(sessions) and self.views.currentWidget() is self.sessions:
            self.show_empty(
                Text("No survey has been imported yet. Drop files anywhere on the window, or choose them."),
                Step(Text("Import census files…"), lambda: self.wish.emit("import")),
                Step(Text("Import, fields first…"), self._choose_mapping),
                Step(Text("Open the demo city"), lambda: self.wish.emit("store.demo")),
            )
            return
        self.show_content()
        self.sessions.show_sessions(sessions)

    def _show_list(self) -> None:
        self._wanted = 0
        self.options.hide()
        self.bar.hide()
        self.views.setCurrentWidget(self.sessions)
        self.refresh()
        self.tell_status()

    def _show_review(self, review: Review) -> None:
        if int(review.session["session_id"]) != self._wanted:
            return
        self.show_content()
        self.views.setCurrentWidget(self.review)
        self.review.show_review(review)
        self.deeds.renew()
        self._tell_file_problems(review)
        self.tell_status()

    def _tell_file_problems(self, review: Review) -> None:
        whole = review.findings[
            (review.findings["record"] < 0) & (review.findings["severity"] != "information")
        ]
        if len(whole):
            first = str(whole.iloc[0]["code"])
            self.say(
                Notice("warning", Text("{count} layers have problems of the whole file.", count=whole["file"].nunique()),
                       Text("Look at them"), lambda: self.review.show_kind(first))
            )  # fmt: skip

    def _imported(self, done: Any, request: Ask) -> None:
        self._requests[done.session] = request
        self.options.hide()
        self.open_session(done.session)
        self.done.emit(
            Notice("done", Text("{read} rows read in {seconds} s: {accepted} accepted, {refused} refused.",
                                read=grouped(done.read), seconds=f"{done.seconds:.1f}", accepted=grouped(done.accepted),
                                refused=grouped(done.quarantined)))
        )  # fmt: skip

    def _open_options(self) -> None:
        session = self.review.review.session if self.review.review else {}
        request = self._requests.get(self.review.session_id)
        files = request.values["files"] if request else tuple(str(file) for file in session.get("files", ()))
        self.options.show_request(request or Ask.of(IMPORT, files=files))

    def _read_again(self, request: Ask) -> None:
        self.read_files(request)

    def _decided(self, state: Any) -> None:
        self.refresh()
        template = DONE.get(state.status)
        if template is None:
            return
        said = Text(
            template.template, session=state.session, new=grouped(state.new), changed=grouped(state.changed)
        )
        undo = (lambda: self._decide("undo", state.session)) if state.status == "committed" else None
        self.done.emit(Notice("done", said, Text("Undo") if undo else "", undo, "Ctrl Z" if undo else ""))

    def _choose_export(self) -> None:
        if self.review.review is not None:
            choose_target(self, self.desk.words, Text("Export the list…"), "xlsx",
                          f"findings-{self.review.session_id}.xlsx", self.export)  # fmt: skip

    def export(self, target: Path) -> None:
        """Write every finding of the session shown, in the reader's language."""
        request = Ask.of("census.export_findings.ExportFindings", session=self.review.session_id, out=target,
                         lang=self.desk.words.lang)  # fmt: skip
        self.act("census.export", Text("Writing {file}", file=target.name), "census.export_findings.export_findings", request,
                 lambda done: self.tell_written(done.file))  # fmt: skip
