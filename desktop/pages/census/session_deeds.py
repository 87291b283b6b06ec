"""What the person does with an open session beside deciding: correct, take back, compare, send refused rows back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from PySide6.QtCore import QObject

from desktop.actions_list import Callbacks
from desktop.apart import Ask
from desktop.dialogs import choose_target
from desktop.formats import grouped
from desktop.map.tools import PlaceTool
from desktop.pages.label_printing import choose_labels
from desktop.widgets.notices import Notice
from desktop.words import Text
from kernel.errors import WanGridError

if TYPE_CHECKING:
    from desktop.pages.census.census_page import CensusPage


class SessionDeeds(QObject):
    """Listens to the review of `page` and does what it wishes; nothing here waits."""

    def __init__(self, page: CensusPage) -> None:
        super().__init__(page)
        self._page, self._review, self._desk = page, page.review, page.desk
        self._compared: tuple[int, str] = (0, "")
        review = self._review
        review.correction_wished.connect(self.correct)
        review.correct.move_wished.connect(self._take_place_tool)
        review.log.take_back_wished.connect(self.take_back)
        review.log.rows_wished.connect(self._read_rows)
        review.correct.proposals_wished.connect(self.take_proposals)
        review.kind_shown.connect(self._propose)
        review.tab_chosen.connect(lambda _: self.renew())
        review.difference.export_wished.connect(self._choose_difference)
        review.difference.labels_wished.connect(self._choose_labels)
        review.return_wished.connect(self._choose_return)

    def callbacks(self) -> Callbacks:
        """What the keyboard and the palette may ask for."""
        review = self._review
        return {
            "census.correct": lambda: review.correct.value.setFocus(),
            "census.move": review.correct.move_button.toggle,
            "census.drop": review.correct.drop_button.click,
            "census.return": self._choose_return,
            **{f"census.tab.{name}": (lambda wanted=name: review.show_tab(wanted)) for name in
               ("findings", "difference", "corrections", "followup")},
        }  # fmt: skip

    def renew(self) -> None:
        """Read what the tab in front shows, where the session has changed since."""
        name, number = self._review.tabs.name(), self._review.session_id
        if not number:
            return
        if name == "difference":
            stored = self._review.status == "committed"
            self._review.difference.labels.allow(stored, Text("The components are not in the store yet."))
            self._compare(number)
        elif name == "followup":
            self._desk.state.read("census.followup", "", lambda store, _: followed_up(store, number),
                                  self._review.followed.show_follow_up, owner=self, on_failed=self._page.fail)  # fmt: skip

    def forget(self) -> None:
        """Another store is open, or an answer never came: compare again when asked."""
        self._compared = (0, "")

    # -- corrections -------------------------------------------------------------------------------------------------
    def correct(self, kind: str, field: str, value: str, many: bool) -> None:
        """Correct the chosen row, or every row of the kind shown."""
        rows = self._review.rows.frame
        chosen = rows if many else rows.iloc[[max(self._review.table.chosen(), 0)]]
        chosen = chosen[chosen["record"] >= 0] if len(rows) else rows
        if not len(chosen):
            return
        keys = tuple(
            dict.fromkeys(zip(chosen["file"], chosen["layer"], chosen["record"].tolist(), strict=True))
        )
        request = Ask.of("census.correct_session.CorrectSession", session=self._review.session_id, kind=kind, field=field,
                         value=value, rows=keys)  # fmt: skip
        self._page.act(
            "census.correct", Text("Correcting {count} rows", count=grouped(len(keys))),
            "census.correct_session.correct_session", request, self._corrected,
        )  # fmt: skip

    def _propose(self, code: str) -> None:
        """Ask what is probably right in the rows of the kind shown."""
        from census.review.proposals import OFFERS

        if self._review.status == "draft" and code in OFFERS:
            request = Ask.of(
                "census.propose_corrections.ProposeCorrections", session=self._review.session_id, finding=code
            )
            self._page.act("census.proposals", Text("Asking place, layer and lists"),
                           "census.propose_corrections.propose_corrections", request,
                           lambda done: self._proposed(code, done))  # fmt: skip

    def _proposed(self, code: str, done: Any) -> None:
        if done.session == self._review.session_id and self._review.status == "draft":
            self._review.findings.show_proposals(code, done.rows)

    def take_proposals(self) -> None:
        """Set what is proposed in every row of the kind shown."""
        request = Ask.of("census.propose_corrections.TakeProposals", session=self._review.session_id,
                         finding=self._review.findings.kind)  # fmt: skip
        self._page.act("census.correct", Text("Taking what is proposed"), "census.propose_corrections.take_proposals", request,
                  self._corrected)  # fmt: skip

    def take_back(self, number: int) -> None:
        """Leave a correction of the session shown out."""
        self._take_back(self._review.session_id, (number,))

    def _take_back(self, session: int, numbers: tuple[int, ...]) -> None:
        request = Ask.of("census.correct_session.TakeBack", session=session, numbers=numbers)
        self._page.act("census.correct", Text("Taking correction {number} back", number=listed(numbers)),
                  "census.correct_session.take_correction_back", request, self._taken_back)  # fmt: skip

    def _read_rows(self, number: int) -> None:
        session = self._review.session_id
        self._desk.state.read("census.correction_rows", "", lambda store, _: store.load_correction_rows(session, number),
                              lambda rows: session == self._review.session_id
                              and self._review.log.show_rows(number, rows), owner=self,
                              on_failed=self._page.fail)  # fmt: skip

    def _corrected(self, done: Any) -> None:
        said = Text("{rows} rows corrected: {accepted} accepted, {refused} refused.", rows=grouped(done.rows),
                    accepted=grouped(done.accepted), refused=grouped(done.quarantined))  # fmt: skip
        session, numbers = done.session, done.numbers  # by then another session may be shown
        self._page.done.emit(
            Notice("done", said, Text("Undo"), lambda: self._take_back(session, numbers), "Ctrl Z")
        )
        self._page.refresh()

    def _taken_back(self, done: Any) -> None:
        self._page.done.emit(
            Notice("done", Text("Correction {number} was taken back.", number=listed(done.numbers)))
        )
        self._page.refresh()

    def _take_place_tool(self, wanted: bool) -> None:
        """The next click on the finding's map moves the chosen row there."""
        canvas = self._review.detail.map
        button = self._review.correct.move_button
        if not wanted:
            canvas.set_tool("pan")
            return
        canvas.take_tool(PlaceTool(self._move, lambda: button.setChecked(False)))
        self._page.say(Notice("information", Text("Click where the row belongs; Esc lays it down.")))

    def _move(self, x: float, y: float) -> None:
        self._review.correct.move_button.setChecked(False)
        self._page.bar.hide()
        self.correct("move", "", f"{x:.3f},{y:.3f}", False)

    # -- the difference ------------------------------------------------------------------------------------------------
    def _compare(self, number: int) -> None:
        review = self._review.review
        stamp = (
            f"{review.session['status']} {len(review.corrections)} {review.session['accepted']}"
            if review
            else ""
        )
        if self._compared == (number, stamp):
            return
        self._compared = (number, stamp)
        self._desk.state.read("census.difference", Text("Comparing with the store"),
                              lambda store, progress: store.difference(number, progress=progress),
                              self._review.difference.show_difference, owner=self, on_failed=self._not_compared,
                              quiet=False)  # fmt: skip

    def _not_compared(self, error: WanGridError) -> None:
        self.forget()
        self._page.fail(error)

    def _choose_difference(self) -> None:
        number = self._review.session_id
        choose_target(self._page, self._desk.words, Text("Export the difference…"), "xlsx", f"difference-{number}.xlsx",
                      self.export_difference)  # fmt: skip

    def _choose_labels(self) -> None:
        choose_labels(self._page, codes=self._review.difference.chosen_codes())

    def export_difference(self, target: Path) -> None:
        """Write the difference of the session shown as a workbook."""
        request = Ask.of("census.compare_session.CompareSession", session=self._review.session_id, out=target,
                         lang=self._desk.words.lang)  # fmt: skip
        self._page.act("census.export", Text("Writing {file}", file=target.name), "census.compare_session.compare_session", request,
                  lambda done: self._page.tell_written(done.file))  # fmt: skip

    # -- refused rows ----------------------------------------------------------------------------------------------------
    def _choose_return(self) -> None:
        number = self._review.session_id
        choose_target(self._page, self._desk.words, Text("Send refused rows back…"), "zip", f"refused-{number}.zip",
                      self.send_back)  # fmt: skip

    def send_back(self, target: Path) -> None:
        """Write the refused rows as the files they came in."""
        request = Ask.of("census.return_refused.ExportRefused", session=self._review.session_id, out=target,
                         lang=self._desk.words.lang)  # fmt: skip
        self._page.act("census.export", Text("Writing {file}", file=target.name), "census.return_refused.export_refused", request,
                  lambda done: self._page.tell_written(", ".join(done.files)))  # fmt: skip


def listed(numbers: tuple[int, ...]) -> str:
    """Numbers for a sentence."""
    return ", ".join(str(number) for number in numbers)


def followed_up(store: Any, number: int) -> pd.DataFrame:
    """What became of the rows that the sessions answered by `number` refused."""
    from actions.census.return_refused import follow_up_session

    return follow_up_session(store, number).rows
