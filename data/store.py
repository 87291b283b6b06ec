"""The one door to stored things: `open`, `create`, `restore`, and the `Store` they give.

Two engines stand behind it, an SQLite file and a PostGIS database, with one contract. Every write is one transaction:
it happens whole or not at all, also when the program is killed, and answers with `Changes`. A `Store` may be used
from several threads; writers wait for one another, readers never wait (but on a server those of an
empty table that a large delivery or a restore fills: its indexes are made anew).

All methods raise `StoreUnavailable` when the disk is full or the server gone, and writes raise `Conflict` when another
program holds the store for longer than a few seconds. Frames have the columns of `gis.frames`.
"""

from __future__ import annotations

import getpass
import os
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

from data import address, copying, info, opening
from data.doors.census import CensusDoor
from data.doors.codes import CodesDoor
from data.doors.components import ComponentsDoor
from data.doors.facilities import FacilitiesDoor
from data.doors.grid import GridDoor
from data.doors.layers import LayersDoor
from data.doors.mappings import MappingsDoor
from data.doors.patrol import PatrolDoor
from data.doors.records import RecordsDoor
from data.doors.responsibility import ResponsibilityDoor
from data.doors.surveys import SurveysDoor
from data.engines.engine import Engine
from data.info import StoreInfo
from data.journal import ALL_KINDS, put_edition, put_setting, setting_of
from data.watch import Watch
from kernel.changes import SETTINGS, Changes
from kernel.progress import Progress, Silent

__all__ = ["Store", "StoreInfo", "Watch", "create", "exists", "open", "restore"]

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


def exists(url: str | os.PathLike[str]) -> bool:
    """Whether a store is at `url`; `StoreUnavailable` where a server does not answer."""
    return opening.exists(address.parse(url))


def restore(
    file: str | os.PathLike[str], url: str | os.PathLike[str], progress: Progress = SILENT
) -> Changes:
    """Put the content of the backup `file` in the place of everything that is stored at `url`, on either engine.

    The store at `url` is made where there is none. One transaction: until it is committed nothing has changed, and a file
    that was made for it goes again.

    Raises:
        Refused: `file` is not a backup of ours, damaged, or made by a newer program.
    """
    where = address.parse(url)
    with copying.opened_backup(Path(file)) as source, opening.made_for_good(where):
        with _open(url, True, False, None, None, "", False) as store:
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
    store = Store(
        engine,
        actor=actor or _login_name(),
        read_only=read_only,
        on_close=folder.cleanup if folder else lambda: None,
    )
    if folder is not None:
        weakref.finalize(store, folder.cleanup)
    return store


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return f"uid {os.getuid()}"


class Store(
    LayersDoor,
    MappingsDoor,
    GridDoor,
    ComponentsDoor,
    CensusDoor,
    CodesDoor,
    PatrolDoor,
    ResponsibilityDoor,
    FacilitiesDoor,
    SurveysDoor,
    RecordsDoor,
):
    """Few, deep methods over everything that is stored. Close it, or use it as a context manager.

    This class has the store itself; the modules of `data.doors` have the rest.
    """

    def __init__(self, engine: Engine, *, actor: str, read_only: bool, on_close: Callable[[], None]) -> None:
        super().__init__(engine, actor=actor, read_only=read_only)
        self._on_close = on_close

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def engine(self) -> str:
        """`sqlite` or `postgis`."""
        return self._engine.name

    @property
    def place(self) -> str:
        """How messages and titles call it: a path, or host and database; never a password."""
        return self._engine.place

    def info(self, *, with_hash: bool = True, known: StoreInfo | None = None) -> StoreInfo:
        """The store in numbers. The hash may take seconds after a change; without it this is quick.

        `known`: an earlier answer; its cells and components are counted again only when the data version has changed.
        """
        return info.gather(self._engine, with_hash=with_hash, known=known)

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
            put_edition(work, edition)
            return work.changed(keys=["standard"])

    def adopt_crs(self, epsg: int) -> None:
        """Give the store its plane; the same plane again does nothing.

        Raises:
            Refused: it has another plane and holds data.
        """
        with self._writing() as work:
            if copying.adopt_crs(work, epsg):
                work.changed(keys=["crs"])

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
        watch = Watch(self._engine, callback)
        self._watches.append(watch)
        return watch

    def close(self) -> None:
        """End all watches and give up all connections. May be called twice."""
        for watch in self._watches:
            watch.close()
        self._watches.clear()
        self._engine.close()
        self._on_close()

    def replace_everything(self, file: str | os.PathLike[str], progress: Progress = SILENT) -> Changes:
        """Put the content of the backup `file` in the place of everything that is stored here; see `restore`."""
        with copying.opened_backup(Path(file)) as source:
            return self._replace_everything(source, progress)

    def _replace_everything(self, source: Engine, progress: Progress) -> Changes:
        with self._writing() as work:
            copying.replace_everything(work, source, progress)
            return work.changed(*ALL_KINDS)
