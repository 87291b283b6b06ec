"""The one door to stored things: `open`, `create`, `restore`, and the `Store` they give.

Two engines stand behind it, an SQLite file and a PostGIS database, with one contract. Every write is one transaction:
it happens whole or not at all, also when the program is killed, and answers with `Changes`. A `Store` may be used
from several threads; writers wait for one another, readers never wait.

All methods raise `StoreUnavailable` when the disk is full or the server gone, and writes raise `Conflict` when another
program holds the store for longer than a few seconds. Frames have the columns of `gis.frames`.
"""

from __future__ import annotations

import getpass
import os
import secrets
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from census.draft import Draft
from data import (
    address,
    cache,
    components,
    copying,
    fixes,
    grid,
    history,
    info,
    layers,
    opening,
    search,
    sessions,
)
from data.engine import Engine
from data.info import StoreInfo
from data.journal import DATA_KINDS, Work, put_setting, setting_of
from data.watch import Watch
from gis.working_set import WorkingSet
from kernel.changes import (
    AREAS,
    BASE,
    CELLS,
    CLASSES,
    COMPONENTS,
    DEPARTMENTS,
    FIXES,
    PATROLLERS,
    SESSIONS,
    SETTINGS,
    Changes,
)
from kernel.clock import stamp, system_clock
from kernel.errors import NotAllowed
from kernel.progress import Part, Progress, Silent

__all__ = ["Store", "StoreInfo", "Watch", "create", "open", "restore"]

SILENT = Silent()


def open(
    url: str | os.PathLike[str],
    *,
    create: bool = False,
    standard: str | None = None,
    crs: int | None = None,
    actor: str = "",
    read_only: bool = False,
) -> Store:
    """The store at `url`: a path, `postgresql://…`, or `:memory:` for one that leaves nothing behind.

    `create` makes it where there is none, with `standard` (default 2026) and the plane `crs` (EPSG); both are left as
    they are in a store that exists. A store of an older schema is backed up beside itself and brought up to date.
    `actor` is who acts, by default the login name.

    Raises:
        Refused: not a store of ours, made by a newer program, on a network drive, or none there.
    """
    return _open(url, create, False, standard, crs, actor, read_only)


def create(
    url: str | os.PathLike[str], standard: str | None = None, crs: int | None = None, *, actor: str = ""
) -> Store:
    """A new store; `Conflict` when there is one already."""
    return _open(url, True, True, standard, crs, actor, False)


def restore(
    file: str | os.PathLike[str], url: str | os.PathLike[str], progress: Progress = SILENT
) -> Changes:
    """Put the content of the backup `file` in the place of everything that is stored at `url`, on either engine.

    The store at `url` is made where there is none. One transaction: until it is committed nothing has changed.

    Raises:
        Refused: `file` is not a backup of ours, damaged, or made by a newer program.
    """
    with copying.opened_backup(Path(file)) as source, _open(url, True, False, None, None, "", False) as store:
        return store._replace_everything(source, progress)


def _open(
    url: str | os.PathLike[str],
    create: bool,
    must_be_new: bool,
    standard: str | None,
    crs: int | None,
    actor: str,
    read_only: bool,
) -> Store:
    where, folder = address.parse(url), None
    if where.temporary:
        folder = tempfile.TemporaryDirectory(prefix="wangrid-", ignore_cleanup_errors=True)
        where, create = address.Address(file=Path(folder.name) / "memory.wangrid"), True
    engine = opening.open_engine(
        where, create=create, must_be_new=must_be_new, standard=standard, crs=crs, read_only=read_only
    )
    store = Store(engine, actor=actor or getpass.getuser(), read_only=read_only)
    if folder is not None:
        weakref.finalize(store, folder.cleanup)
        store._on_close = folder.cleanup
    return store


class Store:
    """Few, deep methods over everything that is stored. Close it, or use it as a context manager."""

    def __init__(self, engine: Engine, *, actor: str, read_only: bool) -> None:
        self._engine = engine
        self._read_only = read_only
        self._watches: list[Watch] = []
        self._on_close: Callable[[], None] = lambda: None
        self.actor = actor
        # Names this very object in `Changes.source`, so that a page can tell what it started itself.
        self.source = secrets.token_hex(6)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the store itself ------------------------------------------------------------------------------------------

    @property
    def engine(self) -> str:
        """`sqlite` or `postgis`."""
        return self._engine.name

    @property
    def place(self) -> str:
        """How messages and titles call it: a path, or host and database; never a password."""
        return self._engine.place

    def info(self, *, with_hash: bool = True) -> StoreInfo:
        """The store in numbers. The hash may take seconds after a change; without it this is instant."""
        return info.gather(self._engine, with_hash=with_hash)

    def setting(self, key: str, default: str = "") -> str:
        """One setting: `city`, `county_code`, `synthetic`, `self_approval`, `demo` …"""
        with self._engine.reading() as db:
            return setting_of(db, key, default)

    def set_setting(self, key: str, value: str) -> Changes:
        """Write one setting. `standard` and `crs` have methods of their own."""
        if key in info.OWN_SETTINGS:
            raise ValueError(f"the setting {key} is the store's own")
        with self._writing() as work:
            put_setting(work.db, key, value)
            return work.changed(SETTINGS, keys=[key])

    def use_standard(self, edition: str) -> Changes:
        """Switch to the class codes of another edition; stored components keep the codes they have."""
        opening.require_standard(edition)
        with self._writing() as work:
            put_setting(work.db, "standard", edition)
            return work.changed(CLASSES, SETTINGS, keys=["standard"])

    def adopt_crs(self, epsg: int) -> None:
        """Give the store its plane; the same plane again does nothing.

        Raises:
            Refused: it has another plane and holds data.
        """
        with self._writing() as work:
            if copying.adopt_crs(work, epsg):
                work.changed(SETTINGS, keys=["crs"])

    def verify(self, progress: Progress = SILENT) -> list[str]:
        """What is wrong with the store, in words; empty when it is sound."""
        return info.verify(self._engine, progress)

    def backup(self, path: str | os.PathLike[str], progress: Progress = SILENT) -> None:
        """Everything that is stored, of one moment, as one file that `restore` and `open` take."""
        copying.backup(self._engine, Path(path), progress)

    def watch(self, callback: Callable[[Changes], None]) -> Watch:
        """Call `callback` for every commit from now on, of this process or another: each once, in order.

        It is called from the watch's own thread. `Watch.close` ends it, and so does closing the store.
        """
        watch = Watch(self._engine, self.setting("store_id"), callback)
        self._watches.append(watch)
        return watch

    def close(self) -> None:
        """End all watches and give up all connections. May be called twice."""
        for watch in self._watches:
            watch.close()
        self._watches.clear()
        self._engine.close()
        self._on_close()

    # -- cells, areas, base layers, departments, classes -------------------------------------------------------------

    def load_cells(self) -> gpd.GeoDataFrame:
        """All unit grid cells, ordered by code."""
        with self._engine.reading() as db:
            return grid.load_cells(self._engine, db)

    def replace_grid(
        self,
        cells: gpd.GeoDataFrame,
        *,
        counties: gpd.GeoDataFrame | None = None,
        streets: gpd.GeoDataFrame | None = None,
        communities: gpd.GeoDataFrame | None = None,
        progress: Progress = SILENT,
    ) -> Changes:
        """Put a whole grid in the place of the old one; components are re-keyed to the cells that contain them.

        Areas that are not given stay. Counts: `cells`, `rekeyed`, `outside` (components in no cell).

        Raises:
            Refused: a code stands twice, or the layer lies in another plane than the store.
        """
        areas = {"county": counties, "street": streets, "community": communities}
        with self._writing() as work:
            counts = grid.replace(work, cells, areas, progress)
            given = [level for level, frame in areas.items() if frame is not None]
            kinds = [CELLS, *([AREAS] if given else []), *([COMPONENTS] if counts["rekeyed"] else [])]
            return work.changed(*kinds, keys=given, counts=counts)

    def load_areas(self, level: str) -> gpd.GeoDataFrame:
        """Administrative areas of a level (`county`, `street`, `community`), ordered by code."""
        with self._engine.reading() as db:
            return layers.load_areas(self._engine, db, level)

    def replace_areas(self, level: str, frame: gpd.GeoDataFrame) -> Changes:
        """Put the areas of one level in the place of the old ones."""
        with self._writing() as work:
            layers.replace_areas(work, level, frame)
            return work.changed(AREAS, keys=[level], counts={level: len(frame)})

    def load_base(self, kind: str) -> gpd.GeoDataFrame:
        """Base features of one of `gis.frames.BASE_KINDS`."""
        with self._engine.reading() as db:
            return layers.load_base(self._engine, db, kind)

    def replace_base(self, kind: str, frame: gpd.GeoDataFrame, *, append: bool = False) -> Changes:
        """Put base features of one kind in the place of the old ones, or add them."""
        with self._writing() as work:
            layers.replace_base(work, kind, frame, append=append)
            return work.changed(BASE, keys=[kind], counts={kind: len(frame)})

    def load_departments(self) -> pd.DataFrame:
        """The city's list of departments, ordered by code."""
        with self._engine.reading() as db:
            return layers.load_departments(self._engine, db)

    def replace_departments(self, frame: pd.DataFrame) -> Changes:
        """Put the city's list of departments in the place of the old one."""
        with self._writing() as work:
            layers.replace_departments(work, frame)
            return work.changed(DEPARTMENTS, counts={"departments": len(frame)})

    def load_extensions(self) -> pd.DataFrame:
        """The city's own classes, of every edition: `data.layers.EXTENSION_COLUMNS`."""
        with self._engine.reading() as db:
            return layers.load_extensions(self._engine, db)

    def extend_classes(self, frame: pd.DataFrame) -> Changes:
        """Add the city's own classes; one that is there with the same edition, kind and code is replaced."""
        with self._writing() as work:
            layers.extend_classes(work, frame)
            return work.changed(CLASSES, counts={"classes": len(frame)})

    # -- components --------------------------------------------------------------------------------------------------

    def load_components(
        self,
        columns: Sequence[str] | None = None,
        *,
        cell_codes: Iterable[str] | None = None,
        class_codes: Iterable[str] | None = None,
        ids: Iterable[int] | None = None,
        progress: Progress = SILENT,
    ) -> pd.DataFrame:
        """Components frame, or only `columns` of it, ordered by `component_id`. Filters narrow one another."""
        with self._engine.reading() as db:
            return components.load(
                self._engine, db, columns, progress, cell_codes=cell_codes, class_codes=class_codes, ids=ids
            )

    def component(self, component_id: int) -> dict[str, Any]:
        """Every column of one component, and `session_id`, the session that wrote it; `Refused` if there is none."""
        with self._engine.reading() as db:
            return history.card(self._engine, db, component_id)

    def component_history(self, component_id: int) -> pd.DataFrame:
        """`at, session, actor, field, before, after`, oldest first; `field` is "" where it entered the store."""
        with self._engine.reading() as db:
            return history.load(self._engine, db, component_id)

    def working_set(self, progress: Progress = SILENT) -> WorkingSet:
        """Columns for the map, sorted for it; cached as Parquet by the version of the data."""
        return cache.working_set(self._engine, progress)

    def search(self, text: str, limit: int = 20) -> pd.DataFrame:
        """`kind, key, code, name, x, y` of what `text` may mean: see `data.search.find`."""
        with self._engine.reading() as db:
            return search.find(self._engine, db, text, limit)

    # -- census sessions ---------------------------------------------------------------------------------------------

    def save_draft(self, draft: Draft, *, dry_run: bool = False) -> int:
        """Keep a reading as a session (rows, refused rows, findings) and give its number."""
        with self._writing() as work:
            session_id = sessions.save_draft(work, draft, dry_run=dry_run)
            work.changed(SESSIONS, keys=[session_id])
            return session_id

    def compare(self, draft: Draft) -> dict[str, int]:
        """What a commit would do: `new, changed, unchanged, missing`. Writes nothing."""
        with self._engine.reading() as db:
            return sessions.compare(self._engine, db, draft)

    def commit_census(self, draft: Draft | int, *, progress: Progress = SILENT) -> Changes:
        """Write a delivery: new components, changed ones (the old version is kept), the session as `committed`.

        Takes a reading or the number of a kept session. Counts: `new, changed, unchanged, missing`; the key is the
        session's number. Nothing is ever removed.

        Raises:
            NotAllowed: a second person must approve. Refused: a code stands twice; other plane or edition.
            Conflict: the session is not waiting for this.
        """
        with self._writing() as work:
            if isinstance(draft, Draft):
                session_id, counts = sessions.commit_draft(work, draft, Part(progress, 0.0, 0.95))
            else:
                session_id, counts = draft, sessions.commit_session(work, draft, Part(progress, 0.0, 0.95))
            progress.report(0.95, "Saving")
            return work.changed(COMPONENTS, SESSIONS, keys=[session_id], counts=counts)

    def submit_session(self, session_id: int) -> Changes:
        """Hand a draft in for approval."""
        with self._writing() as work:
            sessions.submit(work, session_id)
            return work.changed(SESSIONS, keys=[session_id])

    def reject_session(self, session_id: int) -> Changes:
        """Turn a draft or a submitted session down."""
        with self._writing() as work:
            sessions.reject(work, session_id)
            return work.changed(SESSIONS, keys=[session_id])

    def undo_session(self, session_id: int, progress: Progress = SILENT) -> Changes:
        """Restore exactly what the session found. Counts: `removed`, `restored`.

        Raises:
            Conflict: a later committed session changed the same components; it names that session.
        """
        with self._writing() as work:
            counts = sessions.undo(work, session_id, progress)
            return work.changed(COMPONENTS, SESSIONS, keys=[session_id], counts=counts)

    def load_sessions(self) -> pd.DataFrame:
        """All sessions, the latest first."""
        with self._engine.reading() as db:
            return sessions.load_all(self._engine, db)

    def session(self, session_id: int) -> dict[str, Any]:
        """One session with `files`, `notes` and `findings` (number by code); `Refused` if there is none."""
        with self._engine.reading() as db:
            return sessions.describe(db, session_id)

    def load_findings(self, session_id: int) -> pd.DataFrame:
        """Findings of a session."""
        with self._engine.reading() as db:
            return sessions.findings(db, session_id)

    def load_quarantine(self, session_id: int) -> pd.DataFrame:
        """Refused rows of a session: `census.draft.QUARANTINE_COLUMNS`."""
        with self._engine.reading() as db:
            return sessions.quarantine(db, session_id)

    # -- patrol --------------------------------------------------------------------------------------------------------

    def append_fixes(self, batch: pd.DataFrame) -> Changes:
        """Append fixes; of equal (time_s, patroller_id) the first is kept. Counts: `added`, `repeated`.

        The keys are the first and the last time of the batch, so that a follower asks for that window only.
        """
        with self._writing(appends=True) as work:
            counts = fixes.append(work, batch)
            span = [batch["time_s"].min(), batch["time_s"].max()] if len(batch) else []
            return work.changed(FIXES, keys=span, counts=counts)

    def load_fixes(
        self, since_s: float, until_s: float, patroller_ids: Iterable[int] | None = None
    ) -> pd.DataFrame:
        """Fixes with `since_s <= time_s < until_s`, ordered by time, then patroller."""
        with self._engine.reading() as db:
            return fixes.load(self._engine, db, since_s, until_s, patroller_ids)

    def last_fixes(self, until_s: float | None = None) -> pd.DataFrame:
        """The latest fix of each patroller, at or before `until_s`."""
        with self._engine.reading() as db:
            return fixes.last(self._engine, db, until_s)

    def load_patrollers(self) -> pd.DataFrame:
        """The roster, ordered by id."""
        with self._engine.reading() as db:
            return fixes.load_patrollers(self._engine, db)

    def save_patrollers(self, frame: pd.DataFrame) -> Changes:
        """Write patrollers; one whose id is there is replaced, others stay."""
        with self._writing() as work:
            fixes.save_patrollers(work, frame)
            return work.changed(PATROLLERS, counts={"patrollers": len(frame)})

    # ------------------------------------------------------------------------------------------------------------------

    def replace_everything(self, file: str | os.PathLike[str], progress: Progress = SILENT) -> Changes:
        """Put the content of the backup `file` in the place of everything that is stored here; see `restore`."""
        with copying.opened_backup(Path(file)) as source:
            return self._replace_everything(source, progress)

    def _replace_everything(self, source: Engine, progress: Progress) -> Changes:
        with self._writing() as work:
            copying.replace_everything(work, source, progress)
            return work.changed(*DATA_KINDS, SESSIONS, FIXES, PATROLLERS, SETTINGS)

    @contextmanager
    def _writing(self, *, appends: bool = False) -> Iterator[Work]:
        if self._read_only:
            raise NotAllowed(
                "{file} was opened for reading only.", remedy="Open it for writing.", file=self._engine.place
            )
        with self._engine.appending() if appends else self._engine.writing() as db:
            yield Work(db, self._engine, self.actor, self.source, stamp(system_clock()))
        for watch in self._watches:
            watch.poke()
