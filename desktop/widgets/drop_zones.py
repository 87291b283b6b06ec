"""What may be done with files that are dragged over the window: a zone for each, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop.widgets.basic import Label, column, redress, row
from desktop.widgets.facts import clear
from desktop.words import Text, Words


@dataclass(frozen=True)
class DropZone:
    """What becomes of files that are dropped here, in a word and in a sentence."""

    title: Text
    note: Text
    take: Callable[[list[Path]], object]


class DropZones(QWidget):
    """Covers its parent while files are dragged over the window; the zone under the pointer is marked.

    `zones_of` says what may be done with files where the person is now; `dropped` says the zone and the files.
    """

    dropped = Signal(object, list)

    def __init__(self, words: Words, parent: QWidget, zones_of: Callable[[], Sequence[DropZone]]) -> None:
        super().__init__(parent)
        self.setObjectName("dropzones")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words, self._zones_of = words, zones_of
        self._zones: Sequence[DropZone] = ()
        self._frames: list[QFrame] = []
        self._row = row(spacing=16, margins=(24, 24, 24, 24))
        self.setLayout(self._row)
        self.window().setAcceptDrops(True)
        self.window().installEventFilter(self)
        self.hide()

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        """What is dragged over the window."""
        if isinstance(event, QDropEvent) and any(url.isLocalFile() for url in event.mimeData().urls()):
            self._follow(event)
            return True
        if event.type() == QEvent.Type.DragLeave:
            self.hide()
        return False

    def _follow(self, event: QDropEvent) -> None:
        """Files come, move on, or are let go: entering and moving are drops that have not happened yet."""
        event.acceptProposedAction()
        if event.type() == QEvent.Type.DragEnter:
            self.offer(self._zones_of())
        zone = self.point(self.parentWidget().mapFrom(self.window(), event.position().toPoint()))
        if event.type() == QEvent.Type.Drop:
            self.hide()
            if zone is not None:
                urls = event.mimeData().urls()
                self.dropped.emit(zone, [Path(url.toLocalFile()) for url in urls if url.isLocalFile()])

    def offer(self, zones: Sequence[DropZone]) -> None:
        """Show the zones; the first is the widest."""
        clear(self._row)
        self._zones, self._frames = zones, [self._frame(zone) for zone in zones]
        for place, frame in enumerate(self._frames):
            self._row.addWidget(frame, 2 if place else 3)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()

    def point(self, place: QPoint) -> DropZone | None:
        """Mark the zone at a place of the parent, the nearest where it lies between two; None without zones."""
        if not self._zones:
            return None
        self._row.activate()
        across = [
            abs(frame.geometry().center().x() - place.x()) - frame.width() / 2 for frame in self._frames
        ]
        nearest = across.index(min(across))
        for at, frame in enumerate(self._frames):
            if frame.property("hot") != (at == nearest):
                frame.setProperty("hot", at == nearest)
                redress(frame)
        return self._zones[nearest]

    def _frame(self, zone: DropZone) -> QFrame:
        title, note = (
            Label(self._words, zone.title, "page"),
            Label(self._words, zone.note, "lead", "secondary"),
        )
        frame = QFrame()
        frame.setObjectName("dropzone")
        note.setWordWrap(True)
        for label in (title, note):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        frame.setLayout(column(None, title, note, None, margins=(32, 24, 32, 24)))
        return frame
