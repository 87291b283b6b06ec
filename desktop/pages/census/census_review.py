"""The review of one session: facts in one line, kinds of finding, the rows of one kind, one finding on the map."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from data.store import Store
from desktop.formats import grouped, minute, share
from desktop.models.city import City
from desktop.models.finding_kinds import FindingKinds
from desktop.pages.census.census_detail import FindingDetail
from desktop.pages.census.census_sessions import STATUS
from desktop.pages.census.findings_pane import FindingsPane
from desktop.pages.census.mapping_words import reading_facts
from desktop.pages.census.session_parts import DifferenceView, FollowUpView, LogView
from desktop.state import Desk
from desktop.widgets.basic import Button, Label, ShortLabel, box, line, row
from desktop.widgets.facts import Fact, FactStrip
from desktop.widgets.kind_list import KindList
from desktop.widgets.notices import MessageBar
from desktop.widgets.panel import SidePanel
from desktop.widgets.tabs import TabStrip
from desktop.words import Text
from resources.styles import SIZES

DETAIL_SHARE, DETAIL_PX = 0.32, (SIZES.space["right_panel_narrow"], SIZES.space["right_panel_wide"])
TABS = [("findings", Text("Findings")), ("difference", Text("Difference")), ("corrections", Text("Corrections")),
        ("followup", Text("Second delivery"))]  # fmt: skip


@dataclass(frozen=True)
class Review:
    """What the store keeps of one session."""

    session: dict[str, Any]
    findings: pd.DataFrame
    quarantined: pd.DataFrame = field(default_factory=pd.DataFrame)
    corrections: pd.DataFrame = field(default_factory=pd.DataFrame)

    def column_of(self, file: str, layer: str, name: str) -> str:
        """Our column that the surveyor calls `name` in that layer, `name` itself where there is none."""
        for note in self.session["notes"].values():
            read = json.loads(note)
            form = read.get("form") or {}
            if (form.get("file"), form.get("layer")) == (file, layer):
                return next((column for column, own in read["mapping"].items() if own == name), name)
        return name


def read_review(store: Store, session_id: int) -> Review:
    """Read a session with its findings; each finding gets the refused row's fields as `raw`."""
    findings, refused = store.load_findings(session_id), store.load_quarantine(session_id)
    keys = ["file", "layer", "record"]
    rows = (
        refused.drop_duplicates(keys)[[*keys, "raw"]]
        if len(refused)
        else pd.DataFrame(columns=[*keys, "raw"])
    )
    joined = findings.merge(rows, on=keys, how="left") if len(findings) else findings.assign(raw="")
    joined["raw"] = joined["raw"].fillna("")
    return Review(store.session(session_id), joined, refused, store.load_corrections(session_id))


class ReviewView(QWidget):
    """Built once; `show_review` fills it."""

    back_wished = Signal()
    again_wished = Signal()
    export_wished = Signal()
    report_wished = Signal()
    return_wished = Signal()  # the refused rows, as the files they came in
    decided = Signal(str)  # submit, approve, reject, undo
    correction_wished = Signal(str, str, str, bool)  # kind, field, value, every row of the kind
    tab_chosen = Signal(str)
    kind_shown = Signal(str)

    def __init__(self, desk: Desk, city: City, bar: MessageBar) -> None:
        super().__init__()
        self._desk = desk
        self.review: Review | None = None
        words = desk.words
        self.kinds = FindingKinds(words)
        self.kind_list = KindList(desk.look, self.kinds)
        self.findings = FindingsPane(desk)
        self.rows, self.table, self.correct = self.findings.rows, self.findings.table, self.findings.correct
        self.correct.wished.connect(self.correction_wished)
        words.keep(self.kind_list, "setAccessibleName", Text("Kinds of finding"))
        self.detail = FindingDetail(desk, city, 460)
        self.facts = FactStrip(words)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head())
        self.difference, self.log, self.followed = (
            DifferenceView(desk, city),
            LogView(desk),
            FollowUpView(desk),
        )
        self.tabs = TabStrip(words)
        self.tabs.show_tabs(TABS, "findings")
        self.parts = QStackedWidget()
        for part in (box(self._panes()), self.difference, self.log, self.followed):
            self.parts.addWidget(part)
        self.tabs.chosen.connect(self.show_tab)
        outer.addWidget(self.tabs)
        outer.addWidget(bar)
        outer.addWidget(self.parts, 1)
        outer.addWidget(line())
        outer.addWidget(self._foot())
        self.kind_list.chosen.connect(self._show_kind)
        self.findings.row_chosen.connect(self._show_row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.detail.setFixedWidth(min(max(round(self.width() * DETAIL_SHARE), DETAIL_PX[0]), DETAIL_PX[1]))

    @property
    def status(self) -> str:
        """The session's status, `""` before one is shown."""
        return str(self.review.session["status"]) if self.review else ""

    @property
    def session_id(self) -> int:
        """The session shown, 0 before one is."""
        return int(self.review.session["session_id"]) if self.review else 0

    def show_review(self, review: Review) -> None:
        """Fill everything. The first kind with errors is chosen; a session shown again keeps what is chosen."""
        shown, self.review = self.review, review
        self._show_head(review)
        self._show_decisions()
        if shown is None or identity(shown) != identity(review):
            self.show_tab("findings")
            self._fill_kinds(review.findings)
        elif len(shown.findings) != len(review.findings) or stamp_of(shown) != stamp_of(review):
            self._fill_kinds(review.findings, self.findings.kind)
        self.log.show_log(review.corrections, self.status == "draft")

    def show_tab(self, name: str) -> None:
        """Bring one view of the session to the front."""
        self.tabs.show_tabs(TABS, name)
        self.parts.setCurrentIndex([each for each, _ in TABS].index(name))
        self.tab_chosen.emit(name)

    def _show_head(self, review: Review) -> None:
        session = review.session
        self._title.say(
            Text("Census session {id} · {files}", id=session["session_id"], files=file_names(session))
        )
        self._chip.say(STATUS.get(session["status"], session["status"]))
        self._who.say(life_of(session))
        self.facts.show_facts(facts_of(review))

    def _fill_kinds(self, found: pd.DataFrame, keep: str = "") -> None:
        self.kinds.show_findings(found)
        kinds = sum(1 for each in self.kinds.lines if each.code)
        self._kind_note.say(Text("{kinds} kinds · {count} findings", kinds=kinds, count=grouped(len(found))))
        errors, warnings = (int((found["severity"] == name).sum()) for name in ("error", "warning"))
        self._sums.say(Text("Errors {errors}   Warnings {warnings}", errors=errors, warnings=warnings))
        self.findings.show_any(bool(kinds))
        place = self.kinds.row_of(keep) if keep else -1
        QTimer.singleShot(
            0, self, lambda: self.kind_list.choose(place if place >= 0 else self.kinds.first_kind())
        )

    def show_kind(self, code: str) -> None:
        """Choose one kind of finding."""
        self.kind_list.choose(self.kinds.row_of(code))

    def place_options(self, panel: QWidget) -> None:
        """Give the form for reading again its place beside the kinds."""
        self._row.insertWidget(0, panel)

    def step(self, by: int) -> None:
        """The next or the previous finding; at a kind's end the next kind."""
        here = self.table.currentIndex().row()
        if 0 <= here + by < self.rows.rowCount():
            self.table.selectRow(here + by)
            return
        kinds = [place for place, each in enumerate(self.kinds.lines) if each.code]
        now = (
            kinds.index(self.kind_list.currentIndex().row()) if self.kind_list.currentIndex().isValid() else 0
        )
        self.kind_list.choose(kinds[(now + by) % len(kinds)] if kinds else -1)

    # -- building ------------------------------------------------------------------------------------------------
    def _head(self) -> QWidget:
        words = self._desk.words
        self._title, self._chip = ShortLabel(words, "", "page", most=620), Label(words, "", "chip")
        self._chip.setFixedHeight(20)
        self._who = Label(words, "", "note")
        back = Button(words, Text("All sessions"), self.back_wished.emit, "small")
        again = Button(words, Text("Read again with…"), self.again_wished.emit, "small")
        head = QFrame()
        head.setObjectName("band")
        layout = QVBoxLayout(head)
        layout.setContentsMargins(20, 12, 20, 12)
        layout.setSpacing(12)
        layout.addWidget(box(row(self._title, self._chip, self._who, None, again, back)))
        layout.addWidget(self.facts)
        return head

    def _panes(self) -> QHBoxLayout:
        panes = QHBoxLayout()
        panes.setContentsMargins(0, 0, 0, 0)
        panes.setSpacing(0)
        for part in (self._left(), line(vertical=True), self.findings, line(vertical=True), self.detail):
            panes.addWidget(part)
        panes.setStretch(2, 1)
        self._row = panes
        return panes

    def _left(self) -> QWidget:
        words = self._desk.words
        panel = SidePanel(words, Text("Problems"), 292)
        panel.title.setProperty("role", "title")
        self._kind_note = panel.note
        self._sums = Label(words)
        panel.fill(self.kind_list, box(row(self._sums, margins=(16, 10, 16, 10))))
        return panel

    def _foot(self) -> QWidget:
        words = self._desk.words
        self._primary = Button(words, "", lambda: self.decided.emit(self._decision), "primary")
        self._second = Button(words, "", lambda: self.decided.emit("reject"))
        self._reason = ShortLabel(words, "", "note")
        self.why = QLineEdit()
        self.why.setFixedWidth(170)
        words.keep(self.why, "setPlaceholderText", Text("Reason of the return"))
        words.keep(self.why, "setAccessibleName", Text("Reason of the return"))
        export = Button(words, Text("Export the list…"), self.export_wished.emit)
        report = Button(words, Text("Write the report…"), self.report_wished.emit)
        self._send = Button(words, Text("Send refused rows back…"), self.return_wished.emit)
        foot = row(self._primary, self._second, self.why, export, report, self._send, 8, self._reason,
                   margins=(16, 12, 16, 12))  # fmt: skip
        foot.setStretch(foot.count() - 1, 1)
        self._decision = ""
        return box(foot)

    def _show_decisions(self) -> None:
        words, session = self._desk.words, self.review.session if self.review else {}
        refused = int(session.get("quarantined") or 0)
        self._decision, wording = {
            "dry_run": ("", Text("Submit into the store")),
            "draft": ("submit", Text("Submit into the store")),
            "submitted": ("approve", Text("Approve into the store")),
            "committed": ("undo", Text("Undo this session")),
        }.get(self.status, ("", Text("Decided")))
        self._primary.say(wording)
        self._primary.allow(
            bool(self._decision),
            Text("A dry run keeps no rows. Read the files again to submit them.")
            if self.status == "dry_run"
            else Text("This session has been decided."),
        )
        self._second.say(Text("Return to the survey team"))
        self._second.setVisible(self.status in ("draft", "submitted"))
        self.why.setVisible(self.status in ("draft", "submitted"))
        self._send.allow(refused > 0, Text("No row was refused."))
        reason = (
            Text("{count} refused rows stay outside, with their reason.", count=grouped(refused))
            if refused
            else ""
        )
        self._reason.say(reason)
        words.keep(self._primary, "setAccessibleName", wording)

    # -- following -----------------------------------------------------------------------------------------------
    def _show_kind(self, code: str) -> None:
        if self.review is None:
            return
        found = self.review.findings[self.review.findings["code"] == code].reset_index(drop=True)
        first = found.iloc[0]
        column = self.review.column_of(str(first["file"]), str(first["layer"]), str(first["field"]))
        self.findings.show_kind(code, found, column, self.status == "draft")
        self.kind_shown.emit(code)

    def _show_row(self, position: int) -> None:
        if position >= 0:
            finding = self.rows.frame.iloc[position]
            self.detail.show_finding(finding, str(finding["raw"]), position, len(self.rows.frame))


def identity(review: Review) -> tuple[str, ...]:
    """What tells sessions apart, of other stores too."""
    return tuple(str(review.session[name]) for name in ("session_id", "drafted_at", "files"))


def stamp_of(review: Review) -> tuple[int, int, str]:
    """What moves with every correction and every one taken back, and with the session's status."""
    log = review.corrections
    return len(log), int((log["undone_at"] != "").sum()) if len(log) else 0, str(review.session["status"])


def life_of(session: dict[str, Any]) -> Text:
    """Who did the session's latest step, and when; of a return also why."""
    steps = (
        ("undone", Text("{who} · taken back {at}", who=session["undone_by"], at=minute(session["undone_at"]))),
        ("decided", Text("{who} · returned {at}: {why}", who=session["decided_by"], at=minute(session["decided_at"]),
                         why=session["reason"] or "—") if session["status"] == "rejected"
         else Text("{who} · approved {at}", who=session["decided_by"], at=minute(session["decided_at"]))),
        ("submitted", Text("{who} · submitted {at}", who=session["submitted_by"], at=minute(session["submitted_at"]))),
    )  # fmt: skip
    read = Text("{who} · read {at}", who=session["drafted_by"] or "—", at=minute(session["drafted_at"]))
    return next((said for step, said in steps if session[f"{step}_at"]), read)


def facts_of(review: Review) -> list[Fact]:
    """The strip: every figure with what it is based on; read = accepted + refused."""
    session = review.session
    read, accepted, refused = (int(session[name] or 0) for name in ("read", "accepted", "quarantined"))
    files = len(session["files"])
    changes = Text("{new} new, {changed} changed, {same} unchanged", new=grouped(session["new"] or 0),
                   changed=grouped(session["changed"] or 0), same=grouped(session["unchanged"] or 0))  # fmt: skip
    return [
        Fact(
            Text("File"),
            file_names(session),
            Text("{count} files, {layer}", count=files, layer=session["layer"] or session["standard"]),
        ),
        *reading_facts(session),
        Fact(Text("Rows read"), grouped(read), changes),
        Fact(
            Text("Accepted"),
            grouped(accepted),
            f"{share(accepted, read)}  {grouped(accepted)}/{grouped(read)}",
        ),
        Fact(
            Text("Warnings"), grouped(session["warnings"] or 0), Text("accepted, to be explained"), "warning"
        ),
        Fact(Text("Refused"), grouped(refused), share(refused, read), "alarm"),
    ]


def file_names(session: dict[str, Any]) -> str:
    """The delivery's files by name, or its label where it came without files."""
    names = [str(file).replace("\\", "/").rsplit("/", 1)[-1] for file in session["files"]]
    return ", ".join(names) or str(session["label"])
