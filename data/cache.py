"""What is dear to read is kept beside: the working set, prepared arrays, the content hash. May be thrown away at any time.

Files lie in the user's cache folder (`WANGRID_CACHE` overrides it) under the store's id, the version of the data they
were made from and the random mark of that commit, so that a copy of a store never meets the files of the other one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import platformdirs
import pyarrow as pa
import sqlalchemy as sa

from data.census.components import read
from data.census.dictionary import categorical, term_texts
from data.content_hash import digest
from data.engines.engine import Engine
from data.grid.cells import codes_by_id
from data.journal import setting_of, version_and_mark
from gis.working_set import WorkingSet
from kernel.changes import CASES, CELLS, COMPONENTS
from kernel.progress import Progress

log = logging.getLogger(__name__)
T = TypeVar("T")

CACHE_ENV = "WANGRID_CACHE"
HASH = "hash-2"  # the number changes with what `data.content_hash.digest` covers
WORKING_SET = "map-2"  # the number changes with the arrays of `WorkingSet.to_arrays`


def folder() -> Path:
    """Where cached files lie."""
    given = os.environ.get(CACHE_ENV)
    return Path(given) if given else Path(platformdirs.user_cache_dir("wangrid", appauthor=False))


@dataclass(frozen=True)
class Stamp:
    """Which data a cached thing is made from."""

    store_id: str
    version: int
    mark: str

    @classmethod
    def of(cls, db: sa.Connection, *kinds: str) -> Stamp:
        """That of the last commit that touched one of `kinds`, as this transaction sees it."""
        return cls(setting_of(db, "store_id"), *version_and_mark(db, *kinds))

    def file(self, what: str) -> Path:
        """Where the thing lies."""
        return folder() / f"{self.store_id}-{what}-{self.version}-{self.mark}"


def working_set(engine: Engine, progress: Progress) -> WorkingSet:
    """The components for the map: from the cache when it was made from what is stored now, else read and kept."""
    with engine.reading() as db:
        stamp = Stamp.of(db, COMPONENTS, CELLS)
        kept = _kept(stamp.file(WORKING_SET), lambda file: WorkingSet.from_arrays(_read_arrays(file)))
        if kept is not None:
            return kept
        progress.report(0.05, "Reading components")
        made = _read_working_set(engine, db, stamp.version)
    progress.report(0.9, "Keeping the map's columns")
    _keep(stamp, WORKING_SET, lambda file: _write_arrays(made.to_arrays(), file))
    progress.report(1.0)
    return made


def arrays(
    engine: Engine, what: str, kinds: tuple[str, ...], make: Callable[[], Mapping[str, np.ndarray]]
) -> Mapping[str, np.ndarray]:
    """What `make` makes of the data of `kinds`: flat arrays by name, mapped from their file when they were kept.

    `what` names the file and the way it is made: who changes the way changes the name. `make` may call the store; a
    commit that comes in between is met by the next call, which finds another version. Mapped arrays are read-only.
    """
    with engine.reading() as db:
        stamp = Stamp.of(db, *kinds)
    kept = _kept(stamp.file(what), _read_arrays)
    if kept is not None:
        return kept
    made = make()
    _keep(stamp, what, lambda file: _write_arrays(made, file))
    return made


def content_hash(engine: Engine, db: sa.Connection) -> str:
    """`data.content_hash.digest`, computed once for each version of the data."""
    stamp = Stamp.of(db, COMPONENTS, CELLS, CASES)
    kept = _kept(stamp.file(HASH), lambda file: _checked_digest(file.read_text("ascii")))
    if kept is not None:
        return kept
    made = digest(engine, db)
    _keep(stamp, HASH, lambda file: file.write_text(made, "ascii"))
    return made


def _read_working_set(engine: Engine, db: sa.Connection, version: int) -> WorkingSet:
    names = ("x", "y", "class_code_term", "state_term", "cell_id")
    rows = read(engine, db, numbers=names, text=(), shapes=False)
    terms = term_texts(db)
    return WorkingSet.build(
        rows["component_id"],
        rows["x"],
        rows["y"],
        categorical(rows["class_code_term"], terms),
        categorical(rows["state_term"], terms),
        categorical(rows["cell_id"], codes_by_id(db)),
        version,
    )


def _write_arrays(named: Mapping[str, np.ndarray], file: Path) -> None:
    """One row, a list per name, uncompressed: so a reader maps the file and copies nothing."""
    lists = [pa.LargeListArray.from_arrays([0, len(values)], pa.array(values)) for values in named.values()]
    table = pa.table(lists, names=list(named))
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _read_arrays(file: Path) -> dict[str, np.ndarray]:
    table = pa.ipc.open_file(pa.memory_map(str(file))).read_all()
    return {
        name: table.column(name).chunk(0).flatten().to_numpy(zero_copy_only=False)
        for name in table.column_names
    }


def _kept(file: Path, load: Callable[[Path], T]) -> T | None:
    """What the file holds, or None when there is none or it is broken: then it is made anew."""
    try:
        return load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        log.warning("cache file %s is made anew: %s", file, error)
        return None


def _keep(stamp: Stamp, what: str, write: Callable[[Path], object]) -> None:
    """Write under a temporary name, rename, and remove what older data left. A cache that cannot be written is
    no reason to stop: the next start is slower, and the log says why."""
    file = stamp.file(what)
    temporary = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        temporary.replace(file)
        for stale in file.parent.glob(f"{stamp.store_id}-{what}-*"):
            if stale != file:
                stale.unlink(missing_ok=True)
    except OSError as error:
        log.warning("cache file %s cannot be kept: %s", file, error)
        with contextlib.suppress(OSError):
            temporary.unlink()


def _checked_digest(text: str) -> str:
    if len(text) != 64:
        raise ValueError("not a digest")
    return text
