"""The look on the screen: palette, fonts, icons and symbols of the theme now shown; widgets re-dress at run time."""

from __future__ import annotations

import weakref
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from desktop.stylesheet import sheet
from resources import fonts, icons, symbols
from resources.styles import SIZES, THEMES, Palette, mix, palette


class Look(QObject):
    """The theme now shown. `changed` is emitted after every widget has been re-dressed."""

    changed = Signal()

    def __init__(self, application: QApplication, theme: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._application = application
        self._theme = theme
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._symbols: dict[tuple[str, str, int, float, str, bool], QPixmap] = {}
        self._kept: weakref.WeakKeyDictionary[QWidget, tuple[str, str, int]] = weakref.WeakKeyDictionary()
        self._folder = TemporaryDirectory(
            prefix="wangrid-look-"
        )  # a style sheet can only name images as files
        load_fonts()
        application.setFont(body_font())
        self._dress()

    @property
    def theme(self) -> str:
        """`light` or `dark`."""
        return self._theme

    @property
    def palette(self) -> Palette:
        """The colours of the theme now shown."""
        return palette(self._theme)

    def set_theme(self, theme: str) -> None:
        """Re-dress everything."""
        if theme not in THEMES:
            raise ValueError(f"theme {theme!r} is none of {THEMES}")
        if theme == self._theme:
            return
        self._theme = theme
        self._pixmaps.clear()
        self._symbols.clear()
        self._dress()
        for widget, (name, role, size) in list(self._kept.items()):
            if isValid(widget):
                widget.setIcon(self.icon(name, role, size))
        self.changed.emit()

    def colour(self, role: str) -> QColor:
        """A colour of the palette by role."""
        return QColor(getattr(self.palette, role))

    def icon(self, name: str, role: str = "text", size: int = 20) -> QIcon:
        """A line icon in the colour of `role`; its checked state takes the focus colour."""
        icon = QIcon()
        for ratio in self._ratios():
            icon.addPixmap(self.pixmap(name, role, size, ratio))
            icon.addPixmap(self.pixmap(name, "focus", size, ratio), QIcon.Mode.Normal, QIcon.State.On)
            icon.addPixmap(self.pixmap(name, "stale", size, ratio), QIcon.Mode.Disabled)
        return icon

    def _ratios(self) -> set[float]:
        """Device pixel ratios of the screens there are."""
        return {screen.devicePixelRatio() for screen in self._application.screens()} | {1.0}

    def keep_icon(self, widget: QWidget, name: str, role: str = "text", size: int = 20) -> None:
        """Give a button its icon, now and after every change of theme."""
        self._kept[widget] = (name, role, size)
        widget.setIcon(self.icon(name, role, size))
        widget.setIconSize(QSize(size, size))

    def pixmap(self, name: str, role: str, size: int, ratio: float) -> QPixmap:
        """One icon, `size` device-independent pixels wide, for screens of `ratio`."""
        key = (name, role, size, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = _drawn(icons.svg(name, getattr(self.palette, role)), size, ratio)
        return self._pixmaps[key]

    def has_symbol(
        self, class_code: str, standard: str, size: int, ratio: float, name: str = "", dim: bool = False
    ) -> bool:
        """Whether `symbol` would give what was drawn before."""
        return (class_code, standard, size, ratio, name, dim) in self._symbols

    def symbol(
        self, class_code: str, standard: str, size: int, ratio: float, name: str = "", dim: bool = False
    ) -> QPixmap:
        """The symbol of a class in the hue of its major class; `dim` for what is switched off."""
        key = (class_code, standard, size, ratio, name, dim)
        if key not in self._symbols:
            hue, ink = self.palette.major(class_code[:2]), self.palette.symbol_ink
            if dim:
                hue = mix(hue, self.palette.card, 0.55)
            drawn = symbols.svg(symbols.symbol(class_code, standard, name), hue, ink)
            self._symbols[key] = _drawn(drawn, size, ratio)
        return self._symbols[key]

    def _dress(self) -> None:
        colours = self.palette
        folder = Path(self._folder.name)
        chevron, tick = folder / f"chevron-{self._theme}.svg", folder / f"tick-{self._theme}.svg"
        chevron.write_text(icons.svg("chevron-down", colours.secondary), encoding="utf-8")
        on_focus = colours.card if self._theme == "light" else colours.ground
        tick.write_text(icons.svg("tick", on_focus), encoding="utf-8")
        self._application.setPalette(qt_palette(colours))
        self._application.setStyleSheet(sheet(colours, chevron.as_posix(), tick.as_posix()))


def load_fonts() -> None:
    """Make the bundled family known to Qt, once per process."""
    if fonts.FAMILY in _LOADED:
        return
    for file in fonts.files():
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            raise ValueError(f"Qt cannot read the font {file}")
    _LOADED.add(fonts.FAMILY)


_LOADED: set[str] = set()  # what this process has told Qt's own font database, which is one per process


def body_font(role: str = "body") -> QFont:
    """The family in one step of the desk's type scale."""
    font = QFont(fonts.FAMILY)
    font.setPixelSize(SIZES.desk[role])
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def qt_palette(colours: Palette) -> QPalette:
    """Qt's own roles from ours, for what no style sheet reaches."""
    out = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, colours.ground),
        (roles.Base, colours.card),
        (roles.AlternateBase, colours.card),
        (roles.Button, colours.card),
        (roles.Text, colours.text),
        (roles.WindowText, colours.text),
        (roles.ButtonText, colours.text),
        (roles.PlaceholderText, colours.secondary),
        (roles.Highlight, colours.selected_row),
        (roles.HighlightedText, colours.text),
        (roles.Link, colours.focus),
        (roles.ToolTipBase, colours.card),
        (roles.ToolTipText, colours.text),
        (roles.Mid, colours.line),
    ):
        out.setColor(role, QColor(colour))
    return out


def _drawn(svg: str, size: int, ratio: float) -> QPixmap:
    pixels = round(size * ratio)
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
