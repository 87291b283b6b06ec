"""Build the demo city in a store. It is made beside the store and put into it in one transaction."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import data.store
from actions.facilities.furnish_demo import furnish_demo
from actions.patrol.simulate_patrol import SimulatePatrol, simulate_patrol
from census.draft import Draft
from gis import demo_city
from gis.demo_city import CITY_NAME, DemoCity
from gis.frames import AREA_LEVELS, BASE_KINDS
from kernel.clock import Clock, local_today, system_clock
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent
from resources.catalogues import DEFAULT

if TYPE_CHECKING:
    from data.store import Store

PATROL_MINUTES = 30.0


@dataclass(frozen=True)
class BuildDemo:
    """How large a city, of which seed, with the classes of which edition; `replace` what a store holds otherwise."""

    cells: int = 3_000
    components: int = 60_000
    seed: int = 1
    standard: str = DEFAULT
    replace: bool = False

    @property
    def mark(self) -> str:
        """What the store's setting `demo` says of a city built from this."""
        return f"cells={self.cells} components={self.components} seed={self.seed} standard={self.standard}"


@dataclass(frozen=True)
class DemoBuilt:
    """What stands in the store now; `already` when it stood there before and nothing was changed."""

    cells: int
    components: int
    cases: int
    fixes: int
    seconds: float
    already: bool


def build_demo(
    store: Store, request: BuildDemo, progress: Progress | None = None, clock: Clock = system_clock
) -> DemoBuilt:
    """Put the demo city into `store`, with half an hour of patrol that ends now, facilities and a running survey.

    Raises `Refused` when the store holds anything else and `replace` is not set. Cancelled or killed, it leaves the
    store as it was.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    already = _stands_already(store, request)
    if not already:
        _require_room(store, request)
        _build(store, request, progress, clock)
    info = store.info(with_hash=False)
    seconds = round(time.perf_counter() - began, 3)
    return DemoBuilt(info.cells, info.components, info.cases, info.fixes, seconds, already)


def _stands_already(store: Store, request: BuildDemo) -> bool:
    return store.setting("demo") == request.mark


def _require_room(store: Store, request: BuildDemo) -> None:
    if request.replace:
        return
    info = store.info(with_hash=False)
    if store.setting("demo"):
        raise Refused(
            "{store} holds another demo city ({mark}).",
            remedy="Give another store with --store, or agree with --yes to replace it.",
            store=store.place,
            mark=store.setting("demo"),
        )
    if any((info.cells, info.components, info.cases, info.fixes, info.sessions)) or _has_map(store):
        raise Refused(
            "{store} holds {cells} cells and {components} components that are not of the demo city.",
            remedy="Give another store with --store, or agree with --yes to replace everything in it.",
            store=store.place,
            cells=info.cells,
            components=info.components,
        )


def _has_map(store: Store) -> bool:
    return any(len(store.load_areas(level)) for level in AREA_LEVELS) or any(
        len(store.load_base(kind)) for kind in BASE_KINDS
    )


def _build(store: Store, request: BuildDemo, progress: Progress, clock: Clock) -> None:
    city = demo_city.build(
        request.cells, request.components, request.seed, request.standard, Part(progress, 0.0, 0.5)
    )
    with tempfile.TemporaryDirectory(prefix="wangrid-demo-") as folder:
        file = Path(folder) / "demo.wangrid"
        with data.store.create(file, request.standard, city.crs) as beside:
            _fill(beside, city, request, Part(progress, 0.5, 0.75))
            patrol = SimulatePatrol(minutes=PATROL_MINUTES, speed=0.0, seed=request.seed)
            simulate_patrol(beside, patrol, Part(progress, 0.75, 0.78), clock)
            furnish_demo(beside, request.seed, local_today(clock), Part(progress, 0.78, 0.8))
        store.replace_everything(file, Part(progress, 0.8, 1.0))
    progress.report(1.0)


def _fill(store: Store, city: DemoCity, request: BuildDemo, progress: Progress) -> None:
    progress.report(0.0, "Writing cells and base map")
    store.replace_grid(city.cells, counties=city.counties, streets=city.streets, communities=city.communities)
    for kind, layer in city.base.items():
        store.replace_base(kind, layer)
        progress.check()
    store.replace_departments(city.departments)
    store.save_patrollers(city.patrollers)
    progress.report(0.3, "Writing {rows} components", rows=len(city.components))
    draft = Draft(
        label="示例城市部件（合成）",
        files=(),
        standard=request.standard,
        crs=city.crs,
        read=len(city.components),
        components=city.components,
        notes={"synthetic": "1", "demo": request.mark},
    )
    store.commit_census(draft, progress=Part(progress, 0.3, 1.0))
    for key, value in {
        "city": CITY_NAME,
        "county_code": city.county_code,
        "synthetic": "1",
        "demo": request.mark,
    }.items():
        store.set_setting(key, value)
