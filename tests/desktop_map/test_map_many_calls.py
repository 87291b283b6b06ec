"""The binding under the map: PySide6 6.12.0 on Python 3.11 loses a reference of None with every painter call that
returns nothing, and aborts after some hundred thousand; the project pins below it until that is mended."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import PySide6
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]

MANY_CALLS = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPainterPath, QPen
application = QGuiApplication([])
image = QImage(64, 64, QImage.Format.Format_ARGB32_Premultiplied)
image.fill(0)
before = sys.getrefcount(None)
painter = QPainter(image)
path = QPainterPath()
path.moveTo(1, 1)
path.lineTo(9, 9)
pen, red = QPen(QColor("red")), QColor("red")
for _ in range(40_000):
    painter.setPen(pen)
    painter.drawPath(path)
    painter.drawImage(2, 2, image) if _ % 100 == 0 else painter.fillRect(1, 1, 2, 2, red)
    painter.save()
    painter.restore()
painter.end()
print(sys.getrefcount(None) - before)
"""


def test_that_the_pin_leaves_out_the_release_that_aborts() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    [qt] = [Requirement(line) for line in wanted if line.startswith("PySide6")]
    assert not qt.specifier.contains("6.12.0") and qt.specifier.contains(PySide6.__version__)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_that_many_painter_calls_neither_abort_nor_use_up_none() -> None:
    done = subprocess.run([sys.executable, "-c", MANY_CALLS], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-400:]
    assert abs(int(done.stdout)) < 1_000
