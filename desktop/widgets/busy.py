"""Loading: nothing for a moment, then a thin line on the upper edge; what was there stays."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.jobs import Job, Jobs
from desktop.look import Look
from desktop.widgets.pause import after_pause

QUIET_MS = 200  # shorter work is not told at all
HEIGHT_PX = 2
LEAST_SHARE = 0.08  # work that has not reported yet is seen too


class BusyLine(QWidget):
    """Two pixels over the page, as far as the work has come."""

    def __init__(self, look: Look, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._jobs = look, jobs
        self._wait = after_pause(self, self._appear, QUIET_MS)
        jobs.started.connect(self._begin)
        jobs.moved.connect(lambda _: self.update())
        jobs.ended.connect(self._finish)
        self.hide()

    def place(self) -> None:
        """Lie along the parent's upper edge."""
        self.setGeometry(0, 0, self.parentWidget().width(), HEIGHT_PX)
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        running = self._running()
        share = max((job.share for job in running), default=0.0)
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("raised"))
        painter.fillRect(
            QRectF(0, 0, self.width() * max(share, LEAST_SHARE), HEIGHT_PX), self._look.colour("focus")
        )

    def _running(self) -> list[Job]:
        return [job for job in self._jobs.active if not job.quiet and not job.superseded]

    def _begin(self, job: Job) -> None:
        if not job.quiet and self.isHidden() and not self._wait.isActive():
            self._wait.start()

    def _appear(self) -> None:
        if self._running():
            self.place()
            self.show()

    def _finish(self, _: Job) -> None:
        if not self._running():
            self._wait.stop()
            self.hide()
