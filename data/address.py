"""Where a store lies: a file of this machine, or a PostgreSQL database."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import Refused

MOUNT_TABLE = Path("/proc/self/mounts")
NETWORK_FILE_SYSTEMS = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "afpfs",
        "ncpfs",
        "webdav",
        "davfs",
        "fuse.davfs2",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.rclone",
        "fuse.glusterfs",
        "glusterfs",
        "fuse.ceph",
        "ceph",
        "lustre",
        "beegfs",
        "ocfs2",
        "gfs2",
        "gpfs",
        "9p",
        "vboxsf",
        "prl_fs",
        "fuse.vmhgfs-fuse",
        "vmhgfs",
    ]
)
DRIVE_REMOTE = 4  # Win32 GetDriveTypeW


@dataclass(frozen=True)
class Address:
    """`file` of an embedded store, or `url` of a database; `temporary` means it goes when it is closed."""

    file: Path | None = None
    url: str = ""
    temporary: bool = False

    @property
    def is_server(self) -> bool:
        """Whether it is a PostgreSQL database."""
        return bool(self.url)


def parse(address: str | os.PathLike[str]) -> Address:
    """Understand what the user wrote: a path, `postgresql://…`, or `:memory:` for a store that leaves no file.

    Raises:
        Refused: a scheme that is no store, or a path on another machine's disk.
    """
    text = os.fspath(address)
    if text == ":memory:":
        return Address(temporary=True)
    if text.startswith(("postgresql://", "postgres://")):
        return Address(url=text)
    if "://" in text:
        raise Refused(
            "{address} is not the address of a store.",
            remedy="Give a path such as city.wangrid, or postgresql://user@host/database.",
            address=text.split("://")[0] + "://…",
        )
    file = Path(text).expanduser()
    _refuse_network(file)
    return Address(file=file)


def _refuse_network(file: Path) -> None:
    system = network_file_system(file)
    if system:
        raise Refused(
            "{file} lies on a network drive ({system}); a store file there would be damaged sooner or later.",
            remedy="Keep the file on a disk of this machine, or use a PostgreSQL store for several machines.",
            file=file,
            system=system,
        )


def network_file_system(file: Path) -> str:
    """Name of the network file system `file` lies on (or would lie on), "" for a disk of this machine."""
    if str(file).startswith("\\\\"):
        return "UNC"
    if sys.platform == "win32":
        root = Path(file).absolute().drive + "\\"
        windll = getattr(ctypes, "windll")  # noqa: B009 - there is none elsewhere
        return "UNC" if windll.kernel32.GetDriveTypeW(root) == DRIVE_REMOTE else ""
    system = _file_system(Path(os.path.realpath(file)), _mounts())
    return system if system in NETWORK_FILE_SYSTEMS else ""


def _mounts() -> list[tuple[str, str]]:
    """(mount point, file system) of everything that is mounted."""
    if MOUNT_TABLE.exists():
        lines = MOUNT_TABLE.read_text("utf-8", errors="surrogateescape").splitlines()
        return [(_unescaped(parts[1]), parts[2]) for parts in map(str.split, lines) if len(parts) > 2]
    # macOS and BSD: "//user@host/share on /Volumes/share (smbfs, nodev)"
    listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
    found = []
    for line in listed.splitlines():
        place, _, options = line.partition(" on ")[2].rpartition(" (")
        found.append((place, options.split(",")[0].rstrip(")")))
    return found


def _file_system(file: Path, mounts: list[tuple[str, str]]) -> str:
    """The file system of the longest mount point that holds `file`; of equal ones the last, which hides the others."""
    best, system = -1, ""
    for point, kind in mounts:
        if len(point) >= best and (file == Path(point) or Path(point) in file.parents):
            best, system = len(point), kind
    return system


def _unescaped(point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point
