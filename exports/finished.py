"""Files out: written beside the target under a temporary name, verified, then renamed. Never half a file."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pyogrio.errors import DataSourceError, FeatureError

from kernel.errors import Refused

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_IN_GDAL = "disk is full"  # GDAL tells SQLite's error by its words alone


@contextmanager
def finished(target: Path, verify: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """Yield a temporary path beside `target`; when the block ends well, verify it and rename it to `target`.

    `verify(path)` raises where the written file is not what it should be. Whatever fails, the temporary file is
    removed and a file that stood at `target` stays as it was. Raises `Refused` for a folder that is missing or
    closed and for a full disk.
    """
    target = Path(target)
    _require_folder(target)
    waiting = target.with_name(f".{target.stem}.{secrets.token_hex(4)}{target.suffix}")
    try:
        yield waiting
        if verify is not None:
            verify(waiting)
        _to_disk(waiting)
        waiting.replace(target)
    except OSError as error:
        raise _as_refusal(error, target) from error
    except (DataSourceError, FeatureError) as error:
        if _FULL_IN_GDAL in str(error):
            raise _full(target) from error
        raise _as_refusal(OSError(str(error)), target) from error
    finally:
        waiting.unlink(missing_ok=True)


def require_target(
    target: Path, endings: Sequence[str] = (), *, made_from: Iterable[str | Path] = ()
) -> None:
    """Raise `Refused`, before any work is done, for a target that could not be written at its end.

    That is a folder that is missing or closed, an ending that is not among `endings`, and a file that the work is
    `made_from`.
    """
    target = Path(target)
    if endings and target.suffix.lower() not in endings:
        raise Refused("{file}: files ending in {ending} cannot be written.", remedy="Use one of: {forms}.",
                      file=target, ending=target.suffix or "–", forms=", ".join(endings))  # fmt: skip
    _require_folder(target)
    if target.exists() and any(Path(each).exists() and target.samefile(each) for each in made_from if each):
        raise Refused("{file} would be written over itself: it is read here too.",
                      remedy="Name another file to write.", file=target)  # fmt: skip


def _require_folder(target: Path) -> None:
    folder = target.parent
    if not folder.is_dir():
        raise Refused("There is no folder {folder} to write {file} into.", remedy="Make the folder, or name another.",
                      file=target, folder=folder)  # fmt: skip
    if target.is_dir():
        raise Refused("{file} is a folder, not a file.", remedy="Name the file to write.", file=target)
    if not os.access(folder, os.W_OK):
        raise Refused("The folder {folder} may not be written to.", remedy="Choose another folder for {file}.",
                      file=target, folder=folder)  # fmt: skip


def _as_refusal(error: OSError, target: Path) -> Refused:
    if error.errno in _FULL:
        return _full(target)
    return Refused("{file} could not be written: {what}.", remedy="Choose another folder or file name.", file=target,
                   what=error.strerror or error)  # fmt: skip


def _full(target: Path) -> Refused:
    return Refused("The disk is full: {file} was not written.", remedy="Free some space, or choose another disk.",
                   file=target)  # fmt: skip


def _to_disk(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
