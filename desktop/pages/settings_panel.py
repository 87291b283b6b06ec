"""Settings in a panel beside the page, never a box over it: look, base map, keys. Everything takes effect at once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QKeySequenceEdit, QLineEdit, QWidget

from desktop.actions_list import ACTIONS, clashes, keys_are_allowed, keys_of
from desktop.dialogs import AREA_FILES, RASTER_FILES, choose_files
from desktop.settings import BaseMapSettings, WindowSettings
from desktop.state import Desk
from desktop.widgets.basic import (
    Button,
    Check,
    Combo,
    IconButton,
    Label,
    box,
    column,
    field,
    line,
    row,
    scrolled,
    show_if,
)
from desktop.widgets.panel import SidePanel
from desktop.words import Text
from resources.styles import SIZES

LANGUAGES = [("zh_CN", "简体中文"), ("en", "English")]
BASE_LAYERS: dict[str, Text] = {
    "roads": Text("Roads"), "buildings": Text("Buildings"), "water": Text("Water"), "green": Text("Green"),
    "railways": Text("Railways"), "compounds": Text("Compounds"), "communities": Text("Communities"), "streets": Text("Streets"),
}  # fmt: skip
TIANDITU = [("vec", Text("Street map")), ("img", Text("Satellite picture")), ("ter", Text("Terrain"))]
BASE_KINDS = [
    ("none", Text("None: our own layers only")), ("xyz", Text("Tiles by address (XYZ)")),
    ("wmts", Text("Tianditu (WMTS)")), ("mbtiles", Text("MBTiles file")), ("geotiff", Text("GeoTIFF file")),
]  # fmt: skip


class SettingsPanel(SidePanel):
    """Opens at the right of the page; the map stays live beside it."""

    closed = Signal()
    keys_changed = Signal()
    base_map_changed = Signal()
    base_layer_chosen = Signal(object, str)  # files, kind

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk.words, Text("Settings"), SIZES.space["right_panel_narrow"])
        self.setParent(parent)
        self.setObjectName("drawer")
        self._desk = desk
        self.head.layout().addWidget(
            IconButton(desk.words, desk.look, "close", Text("Close"), self.closed.emit, size=16)
        )
        parts = [*self._look(), line(), *self._base_map(), *self._base_layers(), line(), *self._keys()]
        self.fill(scrolled(box(column(*parts, None, spacing=12, margins=(16, 12, 16, 16)))))

    def place(self) -> None:
        """Stand at the right edge of the parent, from top to bottom."""
        around = self.parentWidget().rect()
        self.setGeometry(around.width() - self.width(), 0, self.width(), around.height())
        self.raise_()

    def set_theme(self, theme: str) -> None:
        """Switch the theme and remember it."""
        self._desk.look.set_theme(theme)
        self._theme.choose(theme)
        self._desk.settings.change(WindowSettings, theme=theme)

    def set_language(self, lang: str) -> None:
        """Switch the language and remember it."""
        self._desk.words.set_language(lang)
        self._language.choose(lang)
        self._desk.settings.change(WindowSettings, lang=lang)

    # -- look ----------------------------------------------------------------------------------------------------
    def _look(self) -> list[QWidget]:
        words, saved = self._desk.words, self._desk.settings.load(WindowSettings)
        self._language = Combo(words, LANGUAGES)
        self._language.choose(words.lang)
        self._theme = Combo(words, [("light", Text("Light")), ("dark", Text("Dark"))])
        self._theme.choose(self._desk.look.theme)
        scales = [
            ("auto", Text("Automatic")),
            ("1", "100 %"),
            ("1.25", "125 %"),
            ("1.5", "150 %"),
            ("2", "200 %"),
        ]
        self._scale = Combo(words, scales)
        self._scale.choose(saved.scale)
        self._language.currentIndexChanged.connect(lambda _: self.set_language(self._language.key()))
        self._theme.currentIndexChanged.connect(lambda _: self.set_theme(self._theme.key()))
        self._scale.currentIndexChanged.connect(
            lambda _: self._desk.settings.change(WindowSettings, scale=self._scale.key())
        )
        return [
            field(words, Text("Language"), self._language),
            field(words, Text("Theme"), self._theme),
            field(words, Text("Size of the interface (from the next start)"), self._scale),
        ]

    # -- base map ------------------------------------------------------------------------------------------------
    def _base_map(self) -> list[QWidget]:
        words, saved = self._desk.words, self._desk.settings.load(BaseMapSettings)
        self._kind = Combo(words, BASE_KINDS)
        self._layer = Combo(words, TIANDITU)
        self._layer.choose(saved.layer)
        self._layer.currentIndexChanged.connect(lambda _: self._save_base_map())
        self._url, self._key, self._path, self._credit = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        self._key.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
        self._url.setPlaceholderText("https://…/{z}/{x}/{y}.png")
        self._path.setReadOnly(True)
        choose = Button(words, Text("Choose…"), self._choose_raster)
        self._shift = Check(words, Text("The tiles are in GCJ-02: shift them back"), saved.gcj02)
        for edit, value in (
            (self._url, saved.url),
            (self._key, saved.key),
            (self._path, saved.path),
            (self._credit, saved.credit),
        ):
            edit.setText(value)
            edit.editingFinished.connect(self._save_base_map)
        file_row = box(row(self._path, choose))
        self._fields = {
            "layer": field(words, Text("Map"), self._layer),
            "url": field(words, Text("Address"), self._url),
            "key": field(words, Text("Your own key"), self._key),
            "path": field(words, Text("File"), file_row),
            "credit": field(words, Text("Credit shown on the map"), self._credit),
            "gcj02": self._shift,
        }
        self._kind.choose(saved.kind)
        self._kind.currentIndexChanged.connect(lambda _: self._save_base_map())
        self._shift.toggled.connect(lambda _: self._save_base_map())
        self._show_fields()
        return [
            Label(words, Text("Base map"), "title"),
            field(words, Text("Raster base map"), self._kind),
            *self._fields.values(),
        ]

    def _show_fields(self) -> None:
        shown = {
            "none": (), "xyz": ("url", "key", "credit", "gcj02"), "wmts": ("layer", "key"),
            "mbtiles": ("path", "credit", "gcj02"), "geotiff": ("path", "credit"),
        }[self._kind.key()]  # fmt: skip
        for name, part in self._fields.items():
            show_if(part, name in shown)

    def _choose_raster(self) -> None:
        choose_files(
            self,
            self._desk.words,
            Text("Raster base map"),
            RASTER_FILES,
            lambda files: self._take_raster(str(files[0])),
        )

    def _take_raster(self, path: str) -> None:
        self._path.setText(path)
        self._save_base_map()

    def _save_base_map(self) -> None:
        self._show_fields()
        self._desk.settings.save(
            BaseMapSettings(
                kind=self._kind.key(), url=self._url.text().strip(), layer=self._layer.key(), key=self._key.text().strip(),
                path=self._path.text(), credit=self._credit.text().strip(), gcj02=self._shift.isChecked(),
            )
        )  # fmt: skip
        self.base_map_changed.emit()

    def _base_layers(self) -> list[QWidget]:
        words = self._desk.words
        kinds = Combo(words, [*BASE_LAYERS.items()])
        choose = Button(
            words, Text("Import…"),
            lambda: choose_files(self, words, Text("Base layers"), AREA_FILES,
                                 lambda files: self.base_layer_chosen.emit(files, kinds.key())),
        )  # fmt: skip
        both = row(kinds, choose)
        both.setStretch(0, 1)
        return [field(words, Text("Vector base map from files"), box(both))]

    # -- keys ----------------------------------------------------------------------------------------------------
    def _keys(self) -> list[QWidget]:
        words, own = self._desk.words, keys_of(self._desk.settings.shortcuts())
        self._key_note = Label(
            words,
            Text("Keys need Ctrl, Alt or a function key, so that typing Chinese never triggers them."),
            "note",
        )
        self._key_note.setWordWrap(True)
        self._edits: dict[str, QKeySequenceEdit] = {}
        lines: list[QWidget] = []
        for record in ACTIONS:
            edit = QKeySequenceEdit(QKeySequence(own[record.id]))
            edit.setMaximumSequenceLength(1)
            edit.setClearButtonEnabled(True)
            edit.setFixedWidth(128)
            words.keep(edit, "setAccessibleName", record.title)
            edit.editingFinished.connect(lambda wanted=record.id: self._change_key(wanted))
            self._edits[record.id] = edit
            name = Label(words, record.title)
            name.setWordWrap(True)
            shown = row(name, edit)
            shown.setStretch(0, 1)
            lines.append(box(shown))
        return [Label(words, Text("Keys"), "title"), self._key_note, *lines]

    def _change_key(self, action_id: str) -> None:
        wanted = self._edits[action_id].keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        own = self._desk.settings.shortcuts()
        taken = clashes(keys_of(own), action_id, wanted)
        if not keys_are_allowed(wanted) or taken:
            title = next((record.title for record in ACTIONS if record.id in taken), None)
            self._key_note.say(
                Text("{keys} is already used for: {title}.", keys=wanted, title=title)
                if title is not None
                else Text("{keys} would fire while typing. Add Ctrl or Alt.", keys=wanted),
                tone="late",
            )
            self._edits[action_id].setKeySequence(QKeySequence(keys_of(own)[action_id]))
            return
        self._desk.settings.set_shortcut(action_id, wanted)
        self.keys_changed.emit()
