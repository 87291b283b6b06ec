"""Take recorded tracks into the store: GPX, CSV, GeoLife .plt, point layers; alone, in folders, in zips."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from census.reading import archives
from census.reading.locating import parts_of
from gis import crs
from gis.frames import PATROLLER_COLUMNS
from gis.tracks import files as tracks
from kernel.clock import Clock, system_clock
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent, last_chance

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class ImportTracks:
    """Files, folders or zips as a user names them; `patroller`: whose they are, where the files are not to say."""

    files: tuple[str, ...]
    patroller: str = ""


@dataclass(frozen=True)
class TracksImported:
    """`fixes` were read, `accepted` of them are new in the store, the others are counted in `rejected` by reason.

    `flagged`: accepted fixes with something odd; `patrollers`: to how many the accepted ones belong.
    """

    patrollers: int
    fixes: int
    accepted: int
    rejected: dict[str, int]
    flagged: dict[str, int]
    files: int
    seconds: float


def import_tracks(
    store: Store, request: ImportTracks, progress: Progress | None = None, clock: Clock = system_clock
) -> TracksImported:
    """Read the tracks, leave out what cannot be a fix, append the rest in one transaction.

    Patrollers are known by code or name; new ones join the roster under the name their files give them.
    Raises `Refused` for files that are damaged or no tracks; then the store is as it was.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    read = _read(request, Part(progress, 0.0, 0.6))
    plane = _plane(store, read)
    found = tracks.accepted(read, plane, clock().timestamp())
    progress.report(0.7, "Writing the fixes")
    roster = store.load_patrollers()
    ids, newcomers = _identified(found.patrollers, roster)
    fixes = found.fixes.assign(patroller_id=ids[found.fixes["patroller_id"].to_numpy()])
    with last_chance(progress):
        if not store.info(with_hash=False).crs:
            store.adopt_crs(plane)
        if len(newcomers):
            store.save_patrollers(newcomers)
        counts = store.append_fixes(fixes).counts if len(fixes) else {}
    progress.report(1.0)
    return TracksImported(
        patrollers=len(found.patrollers),
        fixes=found.read,
        accepted=counts.get("added", 0),
        rejected=_with_stored(found.rejected, counts.get("repeated", 0)),
        flagged=found.flagged,
        files=len(read),
        seconds=round(time.perf_counter() - began, 3),
    )


def _read(request: ImportTracks, progress: Progress) -> list[tracks.Track]:
    read: list[tracks.Track] = []
    for source in request.files:
        with _located(source) as files:
            for number, (path, shown) in enumerate(files):
                progress.report(number / max(len(files), 1), "Reading {file}", file=shown)
                read.append(_named(tracks.read(path, shown), request.patroller))
    return read


def _named(track: tracks.Track, patroller: str) -> tracks.Track:
    return replace(track, points=track.points.assign(patroller=patroller)) if patroller else track


@contextmanager
def _located(source: str) -> Iterator[list[tuple[Path, str]]]:
    """Track files of a path, a folder, a zip or `zip://A.zip!member`, each with the name the user knows it by."""
    path, member = parts_of(source)
    if not path.exists():
        raise Refused("{file} does not exist.", remedy="Check the path of the file.", file=path)
    with tempfile.TemporaryDirectory(prefix="wangrid-") as scratch:
        if path.suffix.lower() == ".zip":
            folder = Path(scratch)
            archives.unpack(path, path.name, folder, lambda name: not member or name == member)
            files = [(file, f"{path.name}!{file.relative_to(folder)}") for file in tracks.files_in(folder)]
        elif path.is_dir():
            files = [(file, str(file.relative_to(path))) for file in tracks.files_in(path)]
        else:
            files = [(path, path.name)]
        if not files:
            raise Refused("{file} holds no tracks.", remedy="Tracks are .gpx, .csv, .plt, or a layer of points.",
                          file=source)  # fmt: skip
        yield files


def _plane(store: Store, read: list[tracks.Track]) -> int:
    """The store's plane, else one that fits the tracks."""
    known = store.info(with_hash=False).crs
    if known:
        return int(known)
    centre = tracks.middle(read)
    if centre is None or not all(track.in_degrees for track in read):
        raise Refused(
            "The store has no coordinate plane yet, so the tracks cannot be placed.",
            remedy="Import the city's cells first, or tracks in degrees.",
        )
    return crs.fitting_plane(*centre)


_EMPTY: Final = pd.DataFrame({name: pd.Series(dtype="str") for name in PATROLLER_COLUMNS})


def _identified(labels: tuple[str, ...], roster: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """The ids of `labels`, and roster rows for those that are not in it."""
    known: dict[str, int] = {}
    for column in ("name", "code"):  # the later one wins: codes are what devices and files carry
        known |= {key: int(i) for key, i in zip(roster[column], roster["patroller_id"], strict=True) if key}
    fresh = [label for label in labels if label not in known]
    first = int(roster["patroller_id"].max()) + 1 if len(roster) else 1
    known |= {label: first + number for number, label in enumerate(fresh)}
    ids = np.array([known[label] for label in labels], dtype=np.int64)
    if not fresh:
        return ids, _EMPTY
    columns: dict[str, object] = dict.fromkeys(PATROLLER_COLUMNS, "")
    columns |= {"patroller_id": [known[label] for label in fresh], "code": fresh, "name": fresh}
    return ids, pd.DataFrame(columns)[list(PATROLLER_COLUMNS)]


def _with_stored(rejected: dict[str, int], stored: int) -> dict[str, int]:
    """Fixes that the store had already count as repeated."""
    if not stored:
        return rejected
    return rejected | {tracks.REPEATED: rejected.get(tracks.REPEATED, 0) + stored}
