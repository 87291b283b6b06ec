"""Zip archives: what is inside under its right name, unpacked safely into a folder of our own.

Names without the UTF-8 mark are read as UTF-8 or GBK, whichever fits (old Chinese programs write GBK). An archive that
unpacks to far more than a survey can hold, writes outside its folder, or is encrypted is refused before anything is
written.
"""

from __future__ import annotations

import gzip
import shutil
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
    """The files of an open archive, checked. Raises `Refused` for a bomb, a path outside, an encrypted member."""
    found = [Member(_name(info), info) for info in archive.infolist() if not info.is_dir()]
    total = sum(member.info.file_size for member in found)
    packed = max(1, sum(member.info.compress_size for member in found))
    if total > MOST_BYTES or (total > _SUSPECT_BYTES and total / packed > _MOST_RATIO):
        raise Refused(
            "{file} would unpack to {size} MB, {ratio} times its size: it is not unpacked.",
            remedy="Unpack it yourself if you trust it, and give the folder.",
            file=shown,
            size=total // 2**20,
            ratio=total // packed,
        )
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
    path: Path, shown: str, into: Path, wanted: Callable[[str], bool] = lambda name: True
) -> list[Member]:
    """Unpack the wanted members of the zip at `path` into the folder `into`; returns them by name.

    Raises `Refused` for a file that is no zip, is damaged, or does not fit on the disk.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            chosen = [member for member in members(archive, shown) if wanted(member.name)]
            _check_space(sum(member.info.file_size for member in chosen), into, shown)
            for member in chosen:
                _write(archive, member, into / member.name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Refused(
            "{file} is damaged or no zip archive.",
            remedy="Ask for the archive again; it may have been cut off while it was copied.",
            file=shown,
            detail=str(error),
        ) from error
    return sorted(chosen, key=lambda member: member.name)


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


def unpack_gzip(path: Path, shown: str, into: Path) -> Path:
    """Unpack `name.csv.gz` into `into/name.csv`. Raises `Refused` when damaged or far too large."""
    target = into / path.stem
    size = 0
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            while chunk := packed.read(_CHUNK):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise OSError("far too large")
                plain.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused(
            "{file} is damaged or no zip archive.",
            remedy="Ask for the archive again; it may have been cut off while it was copied.",
            file=shown,
            detail=str(error),
        ) from error
    return target
