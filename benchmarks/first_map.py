"""`python -m benchmarks.first_map STORE STARTED`: open the window as `main.py desktop` does and tell, as JSON, seconds
from STARTED (a `time.time()`) to the first picture of the opening view that has everything: base map, cells, areas,
components and names; the longest pause of the interface from showing the window until the map was dragged about; peak
memory."""

from __future__ import annotations

import json
import resource
import sys
import time


def main() -> None:
    """Open the window, wait for the map, drag it about, tell."""
    store, started = sys.argv[1], float(sys.argv[2])
    from PySide6.QtCore import QTimer

    import desktop  # noqa: F401 - imports the large modules before Qt, as main.py does
    from desktop.app import Wishes, make_application, make_window
    from desktop.settings import Settings

    application = make_application(offscreen=True)
    window = make_window(
        application, Settings(), Wishes(store, "map", "zh_CN", "light", "bench", (3840, 2160))
    )
    pulse = Pulse()
    beat = QTimer()
    beat.timeout.connect(pulse.beat)
    beat.start(2)
    window.show()
    canvas = window.page.map
    first_s = _until_drawn(application, window, started)
    for _ in range(30):
        canvas.set_view(canvas.view.moved(40, 25))
        _serve(application, 0.05)
    told = {"first_map_s": first_s, "blocked_ms": pulse.longest_ms,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}  # fmt: skip
    window.close()
    print(json.dumps(told))


class Pulse:
    """A heart that beats on the interface's thread; a pause between two beats is how long it was blocked."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.longest_ms = 0.0

    def beat(self) -> None:
        """Note the pause since the last beat."""
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000)
        self._last = now


def _until_drawn(application: object, window: object, started: float) -> float:
    """Seconds from `started` until everything of the city is read and a picture asked for after that is shown."""
    drawn: list[float] = []
    canvas, city = window.page.map, window.city

    def look() -> None:
        if city.complete and city.patrol is not None and city.ground.base and not canvas.waiting:
            drawn.append(time.time())

    canvas.frame_ready.connect(look)
    while not drawn and time.time() - started < 120:
        _serve(application, 0.02)
    return drawn[0] - started


def _serve(application: object, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        application.processEvents()
        time.sleep(0.001)


if __name__ == "__main__":
    main()
