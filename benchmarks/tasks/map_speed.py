"""The map at 3840 × 2160 on a demo city of 24,000 cells and a million components in 153 classes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.task import Limit
from benchmarks.workload import Workload

CELLS, COMPONENTS = 24_000, 1_000_000
WIDTH, HEIGHT = 3840, 2160
# From the whole city in one view down to single streets; the slowest of them is what counts.
DENOMINATORS = (40_000.0, 19_500.0, 10_000.0, 5_000.0, 2_000.0)


def demo_store(workload: Workload) -> Path:
    """The store of the big demo city, built once."""
    path = workload.folder.parent / f"demo-{CELLS}-{COMPONENTS}.wangrid"
    if not path.exists():
        from actions.build_demo import BuildDemo, build_demo
        from data import store as stores

        building = path.with_suffix(".building")
        with stores.open(building, create=True, standard="2026", actor="bench") as store:
            build_demo(store, BuildDemo(cells=CELLS, components=COMPONENTS))
        building.rename(path)
    return path


def _start(workload: Workload) -> dict[str, float]:
    """Start the desktop in a process of its own on the store; what it tells of itself."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's second start finds its modules compiled
    command = [sys.executable, "-m", "benchmarks.first_map", str(demo_store(workload))]
    told = [
        subprocess.run(
            [*command, str(time.time())], env=environment, capture_output=True, text=True, check=True
        )
        for _ in range(4)
    ]
    runs = [json.loads(done.stdout.splitlines()[-1]) for done in told][1:]  # the first start fills the cache
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def _first(key: str) -> Callable[[Workload], float]:
    return lambda workload: _start(workload)[key]


def _scene(workload: Workload) -> tuple[Any, Any]:
    """Application and the layers of the map page, made from the store."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from data import store as stores
    from desktop.look import load_fonts
    from desktop.map.layers.areas import AreasLayer
    from desktop.map.layers.base import BaseLayer
    from desktop.map.layers.cells import CellsLayer
    from desktop.map.layers.components import ComponentsLayer
    from gis.frames import BASE_KINDS
    from resources import catalogues

    application = QApplication.instance() or QApplication([])
    load_fonts()
    with stores.open(demo_store(workload), read_only=True) as store:
        base = {kind: store.load_base(kind) for kind in BASE_KINDS}
        areas = {level: store.load_areas(level) for level in ("community", "street", "county")}
        layers = (
            BaseLayer(base),
            CellsLayer(store.load_cells()),
            *(AreasLayer(frame, level) for level, frame in areas.items()),
            ComponentsLayer(store.working_set(), catalogues.load("2026")),
        )
    return application, layers


def _view(layers: Any, denominator: float) -> Any:
    from desktop.map.view import View

    xmin, ymin, xmax, ymax = layers[1].extent
    return View((xmin + xmax) / 2, (ymin + ymax) / 2, 1.0, WIDTH, HEIGHT).at_scale(denominator).snapped()


def _full_redraw_ms(workload: Workload) -> float:
    """Cells, areas, components and their names, on bare land."""
    _, layers = _scene(workload)
    return _slowest_redraw_ms(layers, layers[1:])


def _full_redraw_with_base_ms(workload: Workload) -> float:
    """The same on the base map: water, green, buildings, roads, and the names of all of them."""
    _, layers = _scene(workload)
    return _slowest_redraw_ms(layers, layers)


def _slowest_redraw_ms(scene: Any, drawn: Any) -> float:
    """Every sheet of `drawn` made anew, median of five, at the scale where it takes longest."""
    from desktop.map.renderer import RenderRequest, SheetStack
    from desktop.map.style import Style

    slowest = 0.0
    for denominator in DENOMINATORS:
        request = RenderRequest(1, _view(scene, denominator), drawn, Style())
        SheetStack().render(request)  # sprites and glyphs are made once
        slowest = max(slowest, _median_ms(lambda request=request: SheetStack().render(request), 5))
    return slowest


def _moving_frame_ms(workload: Workload) -> float:
    """The canvas painted while the city is dragged under the pointer and the next picture is being made."""
    from PySide6.QtWidgets import QApplication

    from desktop.map.canvas import MapCanvas

    _, layers = _scene(workload)
    canvas = MapCanvas()
    canvas.resize(WIDTH, HEIGHT)
    canvas.show()
    canvas.set_layers(layers)
    canvas.set_view(_view(layers, 10_000.0))
    canvas.wait_until_idle(60_000)
    taken = []
    for step in range(40):
        view = canvas.view
        canvas.set_view(view.moved(6, 4))
        begun = time.perf_counter()
        canvas.repaint()
        taken.append((time.perf_counter() - begun) * 1000)
        if step % 8 == 0:
            QApplication.processEvents()
    canvas.shut_down()
    return statistics.median(taken)


def _pick_ms(workload: Workload) -> float:
    """What lies under the pointer, at 200 places of the view."""
    from desktop.map.canvas import MapCanvas

    _, layers = _scene(workload)
    canvas = MapCanvas()
    canvas.resize(WIDTH, HEIGHT)
    canvas.set_layers(layers)
    canvas.set_view(_view(layers, 2_000.0))
    places = [(37 * k % WIDTH, 53 * k % HEIGHT) for k in range(200)]
    taken = [_median_ms(lambda px=px, py=py: canvas.pick_at(px, py), 1) for px, py in places]
    canvas.shut_down()
    return sorted(taken)[int(len(taken) * 0.95)]


def _median_ms(step: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        step()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


TASKS = [
    Limit("first_map", _first("first_map_s"), "s", 3.0),
    Limit("memory", _first("peak_mib"), "MiB", 2048.0),
    Limit("interface_blocked", _first("blocked_ms"), "ms", 50.0),
    Limit("full_redraw_4k", _full_redraw_ms, "ms", 250.0),
    Limit("full_redraw_4k_with_base", _full_redraw_with_base_ms, "ms", 250.0),
    Limit("moving_frame_4k", _moving_frame_ms, "ms", 16.0),
    Limit("pick", _pick_ms, "ms", 10.0),
]
