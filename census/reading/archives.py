"""Zip archives: what is inside under its right name, unpacked safely into a folder of our own.

Names without the UTF-8 mark are read as UTF-8 or GBK, whichever fits (old Chinese programs write GBK). An archive that
unpacks to far more than a survey can hold, writes outside its folder, or is encrypted is refused before anything is
written. Archives inside an archive share one `Allowance`, so that many small bombs are one large one.
"""

from __future__ import annotations

import gzip
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from kernel.errors import Refused

MOST_BYTES: Final = 16 * 2**30
_SUSPECT_BYTES: Final = 256 * 2**20
_MOST_RATIO: Final = 200  # blank-padded attribute tables reach 60
_UTF8_MARK: Final = 0x800
_ENCRYPTED: Final = 0x1
_CHUNK: Final = 2**20
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, UnicodeError, RuntimeError, ValueError,
    struct.error,
)  # fmt: skip


class Allowance:
    """How many bytes one source may still unpack to: 256 MB, or 200 times its own size where that is more.

    `size` is that of the file the user gave; whatever lies in archives inside it takes from the same allowance.
    """

    def __init__(self, size: int) -> None:
        self._size = max(1, size)
        self._left = min(MOST_BYTES, max(_SUSPECT_BYTES, _MOST_RATIO * size))
        self._taken = 0

    def take(self, size: int, shown: str) -> None:
        """Count `size` bytes more. Raises `Refused` when that is too much."""
        self._left -= size
        self._taken += size
        if self._left < 0:
            raise Refused(
                "{file} would unpack to {size} MB, {ratio} times its size: it is not unpacked.",
                remedy="Unpack it yourself if you trust it, and give the folder.",
                file=shown,
                size=self._taken // 2**20,
                ratio=self._taken // self._size,
            )


@dataclass(frozen=True)
class Member:
    """One file of an archive: its name as the surveyor wrote it, and the archive's own entry."""

    name: str
    info: zipfile.ZipInfo

    @property
    def is_renamed(self) -> bool:
        """Whether the archive does not say how its name is encoded, and we found out."""
        return self.name != self.info.filename.replace("\\", "/")


def members(archive: zipfile.ZipFile, shown: str) -> list[Member]:
    """The files of an open archive, checked. Raises `Refused` for a path outside and for an encrypted member."""
    found = [Member(_name(info), info) for info in archive.infolist() if not info.is_dir()]
    for member in found:
        _check(member, shown)
    return found


def _name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_MARK:
        return info.filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return info.filename


def _check(member: Member, shown: str) -> None:
    parts = PurePosixPath(member.name.replace("\\", "/")).parts
    is_link = (member.info.external_attr >> 16) & 0o170000 == 0o120000
    if ".." in parts or member.name.startswith(("/", "\\")) or ":" in parts[0] or is_link:
        raise Refused(
            "{file} holds {member}, which would be written outside its folder: the archive is not unpacked.",
            remedy="Ask for the archive again, packed from one folder.",
            file=shown,
            member=member.name,
        )
    if member.info.flag_bits & _ENCRYPTED:
        raise Refused(
            "{file} is encrypted.",
            remedy="Unpack it with its password and give the folder.",
            file=shown,
        )


def unpack(
    path: Path,
    shown: str,
    into: Path,
    wanted: Callable[[str], bool] = lambda name: True,
    allowance: Allowance | None = None,
) -> list[Member]:
    """Unpack the wanted members of the zip at `path` into the folder `into`; returns them by name.

    `allowance`: what the whole source may unpack to, by default that of this archive alone. Raises `Refused` for a
    file that is no zip, is damaged, is a bomb, or does not fit on the disk.
    """
    allowance = allowance or Allowance(path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as archive:
            chosen = [member for member in members(archive, shown) if wanted(member.name)]
            size = sum(member.info.file_size for member in chosen)
            allowance.take(size, shown)
            _check_space(size, into, shown)
            for member in chosen:
                _write(archive, member, into / member.name)
    except _DAMAGED as error:
        raise _damaged(shown, error) from error
    return sorted(chosen, key=lambda member: member.name)


def _damaged(shown: str, error: Exception) -> Refused:
    return Refused(
        "{file} is damaged or no zip archive.",
        remedy="Ask for the archive again; it may have been cut off while it was copied.",
        file=shown,
        detail=str(error),
    )


def _check_space(size: int, into: Path, shown: str) -> None:
    free = shutil.disk_usage(into).free
    if size > free:
        raise Refused(
            "Unpacking {file} needs {size} MB, but the disk has {free} MB left.",
            remedy="Free some space, or set TMPDIR to a folder on a larger disk.",
            file=shown,
            size=size // 2**20 + 1,
            free=free // 2**20,
        )


def _write(archive: zipfile.ZipFile, member: Member, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    left = member.info.file_size
    with archive.open(member.info) as packed, target.open("wb") as plain:
        while chunk := packed.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile(f"{member.name} is larger than the archive says")
            plain.write(chunk)


def unpack_gzip(path: Path, shown: str, into: Path, allowance: Allowance | None = None) -> Path:
    """Unpack `name.csv.gz` into `into/name.csv`. Raises `Refused` when damaged or far too large."""
    allowance = allowance or Allowance(path.stat().st_size)
    target = into / path.stem
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            while chunk := packed.read(_CHUNK):
                allowance.take(len(chunk), shown)
                plain.write(chunk)
    except _DAMAGED as error:
        raise _damaged(shown, error) from error
    return target


def require_harmless(archive: zipfile.ZipFile, path: Path, shown: str) -> None:
    """Refuse a file of a zipped format (.xlsx) that would unpack to far more than it should; nothing is unpacked."""
    Allowance(path.stat().st_size).take(sum(info.file_size for info in archive.infolist()), shown)
