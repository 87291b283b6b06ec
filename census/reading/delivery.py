"""The files of a delivery by name, size and SHA-256: what was read can be told from what is shown later."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from census.reading.locating import parts_of, speakable

# `file`: name as delivered, with its folder below the one that was named; `sha256` in 64 hexadecimal digits.
DELIVERED_COLUMNS: Final = ("file", "bytes", "sha256")


def empty_delivered() -> pd.DataFrame:
    """A frame of files without rows, with the right types."""
    columns: dict[str, pd.Series] = {name: pd.Series([], dtype="str") for name in DELIVERED_COLUMNS}
    columns["bytes"] = pd.Series([], dtype="int64")
    return pd.DataFrame(columns)


@contextmanager
def fingerprinting(files: Sequence[str]) -> Iterator[Future[pd.DataFrame]]:
    """The frame of `files` while the block reads them: hashing lets other threads run."""
    with ThreadPoolExecutor(1, thread_name_prefix="fingerprint") as worker:
        yield worker.submit(fingerprints, files)


def fingerprints(files: Sequence[str]) -> pd.DataFrame:
    """Name, size and hash of every file that `files` stands for; an archive counts as one file.

    A shapefile or table brings the files of the same name beside it. What cannot be opened is left out: the reading says
    why.
    """
    rows = []
    for path, name in dict.fromkeys(found for file in files for found in _parts(file)):
        try:
            with path.open("rb") as opened:
                rows.append((name, path.stat().st_size, hashlib.file_digest(opened, "sha256").hexdigest()))
        except OSError:
            continue
    return pd.DataFrame(rows, columns=list(DELIVERED_COLUMNS)) if rows else empty_delivered()


def _parts(file: str) -> list[tuple[Path, str]]:
    """The files on disk that a name of the user's stands for, each with the name it is shown by."""
    path, _ = parts_of(file)
    if path.is_dir():
        return [
            (part, speakable(str(part.relative_to(path.parent))))
            for part in sorted(path.rglob("*"))
            if part.is_file()
        ]
    if not path.is_file():
        return []
    if path.suffix.lower() in (".shp", ".dbf", ".tab", ".mif"):
        beside = sorted(part for part in path.parent.glob("*") if part.is_file() and _beside(part, path))
        return [(part, speakable(part.name)) for part in beside]
    return [(path, speakable(path.name))]


def _beside(part: Path, path: Path) -> bool:
    return part.name.split(".", 1)[0].lower() == path.stem.lower() or part.stem.lower() == path.stem.lower()
