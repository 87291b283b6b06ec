"""What the person decides instead of the evidence when files are read again: encoding, system, edition, class."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from desktop.apart import Ask
from desktop.state import Desk
from desktop.widgets.basic import Button, Check, Combo, Label, box, column, field, row, scrolled
from desktop.widgets.panel import SidePanel
from desktop.words import Text
from resources.styles import SIZES

IMPORT = "census.import_census.ImportCensus"
ENCODINGS = [("", Text("By evidence")), ("UTF-8", "UTF-8"), ("GB18030", "GBK / GB18030"), ("BIG5", "Big5")]
EDITIONS = [
    ("", Text("By evidence")),
    ("2026", "GB/T 47678.5-2026"),
    ("2013", "GB/T 30428.2-2013"),
    ("2007", "CJ/T 214-2007"),
]
SYSTEMS = [("", Text("By evidence")), ("4490", Text("CGCS2000 degrees (EPSG:4490)")), ("GCJ-02", "GCJ-02"), ("BD-09", "BD-09"),
           ("other", Text("Another EPSG number"))]  # fmt: skip


class OptionsPanel(SidePanel):
    """Stands in the place of the kinds of finding; the files stay the same."""

    wished = Signal(object)  # Ask of an import
    fields_wished = Signal(object)  # Ask of an import, whose fields and words are to be seen first
    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.words, Text("Read again with…"), SIZES.space["left_panel_narrow"])
        words = desk.words
        self._request = Ask.of(IMPORT, files=())
        self._files = Label(words, "", "note")
        self._files.setWordWrap(True)
        self._encoding, self._system, self._edition = (
            Combo(words, ENCODINGS),
            Combo(words, SYSTEMS),
            Combo(words, EDITIONS),
        )
        self._epsg, self._class = QLineEdit(), QLineEdit()
        self._epsg.setPlaceholderText("4548")
        self._epsg_field = field(words, Text("EPSG number"), self._epsg)
        self._system.currentIndexChanged.connect(
            lambda _: self._epsg_field.setVisible(self._system.key() == "other")
        )
        parts = [
            self._files,
            field(words, Text("Text encoding"), self._encoding),
            field(words, Text("Reference system"), self._system),
            self._epsg_field,
            field(words, Text("Edition of the classes"), self._edition),
            field(words, Text("Class of rows that name none"), self._class),
        ]
        self._codes = Check(words, Text("Give rows without a code one"))
        parts.append(self._codes)
        go = Button(words, Text("Read again"), lambda: self.wished.emit(self.request()), "primary")
        close = Button(words, Text("Cancel"), self.closed.emit)
        parts.append(
            Button(words, Text("Fields and words…"), lambda: self.fields_wished.emit(self.request()), "link")
        )
        self.fill(
            scrolled(box(column(*parts, None, spacing=12, margins=(16, 12, 16, 12)))),
            box(row(go, close, None, margins=(16, 12, 16, 12))),
        )
        self.hide()

    def show_request(self, request: Ask) -> None:
        """Fill in what was decided last time and open."""
        self._request = request
        self._files.say("\n".join(Path(file).name for file in request.values["files"]))
        given = {
            "encoding": "",
            "crs": "",
            "standard": "",
            "class_code": "",
            "give_codes": False,
            **request.values,
        }
        self._encoding.choose(given["encoding"])
        known = {key for key, _ in SYSTEMS}
        self._system.choose(given["crs"] if given["crs"] in known else "other")
        self._epsg.setText("" if given["crs"] in known else given["crs"])
        self._epsg_field.setVisible(self._system.key() == "other")
        self._edition.choose(given["standard"])
        self._class.setText(given["class_code"])
        self._codes.setChecked(bool(given["give_codes"]))
        self.show()

    def request(self) -> Ask:
        """The import the form asks for."""
        system = self._system.key()
        return self._request.changed( encoding=self._encoding.key(), crs=self._epsg.text().strip() if system == "other" else system,
            standard=self._edition.key(), class_code=self._class.text().strip(), mode="draft", give_codes=self._codes.isChecked(),
        )  # fmt: skip
