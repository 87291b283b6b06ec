"""The status bar: which city, where the pointer is, at what scale, how much is chosen, how the store and its work are."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.widgets.basic import Label, box, line, row
from desktop.widgets.notices import ProgressCorner
from desktop.words import Text, Wording, Words
from resources.styles import SIZES

SEGMENTS = ("city", "plane", "degrees", "crs", "scale", "selected")
CORNER = ("jobs", "store", "data")


class StatusBar(QWidget):
    """28 px high; every segment is words with a name before the figure. Segments that do not fit fold away."""

    cancelled = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.setObjectName("statusbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(SIZES.space["status_bar"])
        self._labels = {name: Label(words) for name in (*SEGMENTS, *CORNER)}
        self._boxes: dict[str, QWidget] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 12, 0)
        layout.setSpacing(0)
        for name in SEGMENTS:
            layout.addWidget(self._segment(name, after=True))
        layout.addStretch(1)
        self.corner = ProgressCorner(words)
        self.corner.cancelled.connect(self.cancelled.emit)
        layout.addWidget(self.corner)
        for name in CORNER:
            layout.addWidget(self._segment(name, after=False))
        self._labels["city"].setProperty("tone", "")
        self._labels["plane"].setMinimumWidth(196)

    def tell(self, segment: str, wording: Wording) -> None:
        """Say one segment; an empty one is hidden."""
        self._labels[segment].say(wording)
        self._boxes[segment].setVisible(bool(wording))
        self._fold()

    def text(self, segment: str) -> str:
        """What a segment says now."""
        return self._labels[segment].text()

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:
        return QSize(
            320, SIZES.space["status_bar"]
        )  # what does not fit folds away; the window never grows for it

    def _segment(self, name: str, after: bool) -> QWidget:
        bar = line(vertical=True)
        bar.setFixedHeight(16)
        label = self._labels[name]
        parts = (label, 12, bar, 12) if after else (12, bar, 12, label)
        self._boxes[name] = box(row(*parts, spacing=0))
        self._boxes[name].hide()
        return self._boxes[name]

    def _fold(self) -> None:
        """Hide the least needed segments until the rest fits."""
        shown = [name for name in (*SEGMENTS, *CORNER) if self._labels[name].text()]
        room = self.width() - 20 - (self.corner.sizeHint().width() if not self.corner.isHidden() else 0)
        for name in ("degrees", "crs", "store", "selected", "jobs"):
            if sum(self._boxes[each].sizeHint().width() for each in shown) <= room:
                break
            if name in shown:
                shown.remove(name)
        for name, segment in self._boxes.items():
            segment.setVisible(name in shown)


def plane_words(x: float, y: float) -> Text:
    """Surveyor's axes: X north, Y east, centimetres."""
    return Text("X {north}  Y {east}", north=f"{y:,.2f}", east=f"{x:,.2f}")


def degrees_words(longitude: float, latitude: float) -> Text:
    """Degrees with five decimals: about a metre."""
    return Text("{longitude}° E  {latitude}° N", longitude=f"{longitude:.5f}", latitude=f"{latitude:.5f}")


def scale_words(denominator: float) -> Text:
    """1 : n with two leading figures kept."""
    digits = len(str(round(denominator)))
    shown = round(denominator, -max(digits - 2, 0)) if digits > 3 else round(denominator)
    return Text("Scale 1 : {n}", n=f"{shown:,.0f}")
