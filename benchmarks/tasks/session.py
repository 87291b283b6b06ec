"""The life of a session of a million components: its difference against a million stored, the commit, the undo.

The store holds a city of 1,000,000 components. The second delivery has the same million: every tenth with another
state, every hundredth moved, 2 % new codes on the same spot, 2 % left out, 2 % added elsewhere.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.task import Limit
from benchmarks.workload import CRS, X0, Y0, Workload

ROWS = 1_000_000


def delivery(second: bool = False, rows: int = ROWS) -> pd.DataFrame:
    """The first or the second delivery as a components frame."""
    from gis.frames import components_frame
    from resources import catalogues

    chance = np.random.default_rng(7)
    classes = catalogues.load("2026").components["code"].to_numpy()[:60]
    class_of, number = chance.integers(0, len(classes), rows), np.arange(rows)
    x, y = (np.round(low + chance.uniform(0, 15_500, rows), 3) for low in (X0, Y0))
    state = np.full(rows, "完好", dtype=object)
    kept = np.ones(rows, bool)
    if second:
        state[number % 10 == 3] = "破损"
        x[number % 100 == 5] += 1.5
        number = np.where(number % 50 == 7, number + rows, number)
        kept[np.arange(rows) % 50 == 9] = False
        extra = np.arange(rows) % 50 == 11
        number, x = np.where(extra, number + 2 * rows, number), np.where(extra, x + 37.0, x)
    units = [f"单位{k}" for k in range(40)]
    columns: dict[str, object] = {
        "code": pd.array([f"330102{classes[c]}{n % 1_000_000:06d}" if n < rows else f"330103{classes[c]}{n % 1_000_000:06d}"
                          if n < 2 * rows else f"330104{classes[c]}{n % 1_000_000:06d}"
                          for c, n in zip(class_of.tolist(), number.tolist(), strict=True)], dtype="str"),
        "class_code": classes[class_of], "state": state, "x": x, "y": y,
        "owner_name": pd.Categorical.from_codes((np.arange(rows) % 40).astype("i1"), units),
        "initial_date": "2026-05-04", "accuracy": "A",
        "note": pd.array(np.where(np.arange(rows) % 7 == 0, "位于人行道内侧", ""), dtype="str"),
    }  # fmt: skip
    return components_frame(columns, rows)[kept].reset_index(drop=True)


def draft_of(frame: pd.DataFrame) -> object:
    """A reading of it."""
    from census.draft import Draft

    return Draft("bench", ("bench.shp",), "2026", CRS, len(frame), frame)


def _store(folder: Path) -> object:
    from data import store as stores

    opened = stores.create(folder / "s.wangrid", standard="2026", crs=CRS, actor="bench")
    opened.set_setting("self_approval", "1")
    opened.commit_census(draft_of(delivery()))
    return opened


def _difference_s(workload: Workload) -> float:
    folder = Path(tempfile.mkdtemp(prefix="bench-session-"))
    try:
        with _store(folder) as store:
            session = store.save_draft(draft_of(delivery(second=True)))
            begun = time.perf_counter()
            found = store.difference(session)
            taken = time.perf_counter() - begun
            assert found.counts["missing"] and found.counts["recoded"] >= ROWS // 50, found.counts
    finally:
        shutil.rmtree(folder)
    return taken


def _undo_s(workload: Workload) -> float:
    """Undo of the second delivery, which changed 11 % and added 4 %; what was must be there again."""
    folder = Path(tempfile.mkdtemp(prefix="bench-session-"))
    try:
        with _store(folder) as store:
            before = store.info().data_hash
            changed = delivery(second=True).assign(source="地形图")
            session = int(store.commit_census(draft_of(changed)).keys[0])
            begun = time.perf_counter()
            store.undo_session(session)
            taken = time.perf_counter() - begun
            assert store.info().data_hash == before
    finally:
        shutil.rmtree(folder)
    return taken


def _review_frame_ms(workload: Workload) -> float:
    """The slowest of a hundred frames while the review's table of 1,000,000 findings is scrolled end to end."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from desktop.look import Look
    from desktop.models.frame_table import FrameTable
    from desktop.pages.census.findings_pane import row_columns
    from desktop.widgets.table import Table
    from desktop.words import Words

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    number = np.arange(ROWS)
    frame = pd.DataFrame(
        {
            "row": number + 2, "layer": pd.Categorical(np.full(ROWS, "0137_路灯")),
            "raw": [f'{{"部件标识码": "33010201037{n:06d}", "备注": "位于人行道内侧"}}' for n in range(ROWS)],
            "value": "不好", "remedy": "Write one of the five states.", "record": number,
        }
    )  # fmt: skip
    words = Words("zh_CN")
    table = Table(Look(app, "light"), FrameTable(words, row_columns("部件状态"), frame))
    table.resize(1200, 900)
    table.show()
    app.processEvents()
    bar, taken = table.verticalScrollBar(), []
    for step in range(101):
        begun = time.perf_counter()
        bar.setValue(round(bar.maximum() * step / 100))
        table.viewport().repaint()
        taken.append((time.perf_counter() - begun) * 1000)
    table.close()
    return max(taken[1:])


TASKS = [
    Limit("review_scroll_1m", _review_frame_ms, "ms", 33.0),
    Limit("session_difference", _difference_s, "s", 10.0),
    Limit("session_undo", _undo_s, "s", 30.0),
]
