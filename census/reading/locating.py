"""From what the user named to files on disk: a path, a folder, an archive, an archive in an archive, one member.

Nothing is passed over in silence: what lies beside the survey and cannot be read is named in `Located.left_out`, and
an archive inside that is damaged or dangerous stands in `Located.unread` while its neighbours are read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from census.reading import archives
from kernel.errors import Refused, UserError, WrongUsage

SHAPEFILES: Final = frozenset((".shp",))
VECTORS: Final = frozenset(
    (".gpkg", ".geojson", ".json", ".geojsonl", ".topojson", ".gdb", ".tab", ".mif", ".dxf", ".kml", ".gml", ".fgb",
     ".sqlite")
)  # fmt: skip
SHEETS: Final = frozenset((".csv", ".tsv", ".txt", ".xlsx", ".xlsm"))
PARQUETS: Final = frozenset((".parquet", ".geoparquet"))
READABLE: Final = SHAPEFILES | VECTORS | SHEETS | PARQUETS
ARCHIVES: Final = frozenset((".zip", ".kmz"))

# Parts of a file that is read by its main part, and what desktop programs leave behind.
_PARTS: Final = frozenset(
    (".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".qmd", ".fix", ".dat", ".id", ".map", ".ind", ".mid",
     ".gfs", ".xsd", ".lock", ".gpkg-wal", ".gpkg-shm", ".db", ".tmp", ".idm", ".aih", ".ain", ".fbn", ".fbx", ".ixs",
     ".mxs", ".atx")
)  # fmt: skip
_ATTRIBUTES: Final = ".dbf"
_DEEPEST: Final = 5
_MEMBER: Final = "zip://"
_KINDS: Final = (
    "Readable are shp, gpkg, geojson, gdb, tab, dxf, kml, csv, xlsx and GeoParquet, also in a zip."
)

# What companies send that no library here reads: what to ask for instead.
_ASK_FOR: Final = {
    frozenset((".xls", ".et", ".ods", ".wps")): "Open it in the spreadsheet program and save it as .xlsx.",
    frozenset((".dwg",)): "Save it as .dxf in the drawing program, or ask for the survey as GeoPackage or shapefile.",
    frozenset((".mdb", ".accdb", ".mpk", ".gdbtable")): "Ask for the survey as file geodatabase, GeoPackage or shapefile.",
    frozenset((".rar", ".7z", ".tar", ".tgz", ".bz2", ".xz")): "Unpack it and give the folder, or pack it as .zip.",
    frozenset((".dbf", ".shx", ".prj")): "Ask for the complete shapefile: .shp, .shx and .dbf together.",
}  # fmt: skip
DATA_KINDS: Final = frozenset().union(*_ASK_FOR) | {_ATTRIBUTES, ".zip"}


@dataclass(frozen=True)
class SourceFile:
    """A file to read: where it lies, how the user sees it (`A.zip!0137_路灯.shp`).

    `renamed`: its name had to be guessed. `named`: the user asked for this very file.
    """

    path: Path
    shown: str
    renamed: bool = False
    named: bool = False


@dataclass
class Located:
    """What a source stands for: files to read, what cannot be opened, and names that were passed over."""

    files: list[SourceFile] = field(default_factory=list)
    unread: list[UserError] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def parts_of(source: str) -> tuple[Path, str]:
    """The file or folder on disk that a source names, and the member of it (`A.zip!member`), `""` for all of it."""
    plain = source.removeprefix(_MEMBER)
    if Path(plain).expanduser().exists():
        return Path(plain).expanduser(), ""
    archive, _, member = plain.partition("!")
    return Path(archive).expanduser(), member


def speakable(name: str) -> str:
    """A name whose bytes are no UTF-8 (GBK, unpacked by an old program) as it was meant."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        try:
            return raw.decode("gbk")
        except UnicodeDecodeError:
            return raw.decode(errors="replace")
    return name


@contextmanager
def located(source: str) -> Iterator[Located]:
    """The files that `source` stands for; unpacked ones live until the block ends.

    `source`: a path, a folder, a zip, `zip://A.zip!member` or `A.zip!member`. Raises `Refused` for a path that does not
    exist and for a source in which nothing can be read, and `WrongUsage` for "", which is not the working folder.
    """
    if not source.strip():
        raise WrongUsage("No file was named.", remedy="Name the file to read.")
    with tempfile.TemporaryDirectory(prefix="wangrid-") as scratch:
        finder = _Finder(source, Path(scratch))
        found = finder.find()
        if not found.files:
            raise found.unread[0] if found.unread else _nothing_in(source, found.left_out)
        yield found


def _not_there(file: str) -> Refused:
    return Refused("{file} does not exist.", remedy="Check the path of the file.", file=file)


def _no_survey(file: str) -> Refused:
    return Refused("{file} is of no kind that can be read as a survey.", remedy=_remedy(file), file=file)


def _nothing_in(source: str, left_out: list[str]) -> Refused:
    if not left_out:
        return Refused("{file} holds nothing that can be read as a survey.", remedy=_KINDS, file=source)
    return Refused(
        "{file} holds nothing that can be read as a survey, only {names}.",
        remedy=_remedy(left_out[0]),
        file=source,
        names=", ".join(left_out[:10]),
    )


def _remedy(name: str) -> str:
    ending = PurePosixPath(name).suffix.lower()
    return next((words for endings, words in _ASK_FOR.items() if ending in endings), _KINDS)


class _Finder:
    """Walks one source; everything it unpacks takes from one allowance."""

    def __init__(self, source: str, scratch: Path) -> None:
        self._source, self._scratch = source, scratch
        self._found = Located()
        self._walked: set[Path] = set()
        self._allowance = archives.Allowance(0)

    def find(self) -> Located:
        path, member = parts_of(self._source)
        if not path.exists():
            raise _not_there(speakable(str(path)))
        if path.is_file():
            self._allowance = archives.Allowance(path.stat().st_size)
        if member or (self._source.startswith(_MEMBER) and path.is_file()):
            self._unpack(path, speakable(path.name), member, 0)
        elif not (path.is_file() or path.is_dir()):
            raise _no_survey(speakable(path.name))
        elif path.is_dir() and path.suffix.lower() not in VECTORS:
            self._walk(path, "", 0)
        else:
            self._take(path, speakable(path.name), 0, named=True)
        return self._found

    def _walk(self, folder: Path, prefix: str, depth: int) -> None:
        if folder.resolve() in self._walked:  # a link that leads back
            return
        self._walked.add(folder.resolve())
        inside = sorted(folder.iterdir())
        mains = {path.stem for path in inside if path.suffix.lower() in SHAPEFILES}
        for path in inside:
            if path.name.startswith((".", "__MACOSX", "~$")):
                continue
            if path.is_dir() and path.suffix.lower() not in VECTORS:
                self._walk(path, f"{prefix}{speakable(path.name)}/", depth)
            elif path.suffix.lower() != _ATTRIBUTES or path.stem not in mains:
                self._take_beside(path, prefix + speakable(path.name), depth)

    def _take_beside(self, path: Path, shown: str, depth: int) -> None:
        """One file among several: what is wrong with it does not stop the others."""
        if not (path.is_file() or path.is_dir()):  # a link to nowhere, or a pipe that would be waited for
            self._found.unread.append(_no_survey(shown) if path.exists() else _not_there(shown))
            return
        if depth == 0 and path.suffix.lower() in (*ARCHIVES, ".gz"):
            self._allowance = archives.Allowance(path.stat().st_size)
        try:
            self._take(path, shown, depth, named=False)
        except UserError as error:
            self._found.unread.append(error)

    def _take(self, path: Path, shown: str, depth: int, *, named: bool) -> None:
        ending = path.suffix.lower()
        if ending in ARCHIVES and depth < _DEEPEST and path.is_file():
            self._unpack(path, shown, "", depth)
        elif ending == ".gz":
            plain = archives.unpack_gzip(path, shown, self._own_folder(), self._allowance)
            self._found.files.append(SourceFile(plain, shown, named=named))
        elif ending in READABLE:
            self._found.files.append(SourceFile(path, shown, named=named))
        elif named:
            raise _no_survey(shown)
        elif ending not in _PARTS and not shown.endswith((".shp.xml", ".tab.xml", ".aux.xml")):
            self._found.left_out.append(shown)

    def _unpack(self, path: Path, shown: str, member: str, depth: int) -> None:
        folder = self._own_folder()
        wanted = _with_its_parts(member) if member else (lambda name: True)
        unpacked = archives.unpack(path, shown, folder, wanted, self._allowance)
        renamed = any(each.is_renamed for each in unpacked)
        if member and member not in {each.name for each in unpacked}:
            raise Refused(
                "{file} has no member {member}.",
                remedy="List the archive; names are case-sensitive and include their folders.",
                file=shown,
                member=member,
            )
        if member and (folder / member).suffix.lower() not in ARCHIVES:
            self._found.files.append(SourceFile(folder / member, f"{shown}!{member}", renamed, named=True))
            return
        before = len(self._found.files)
        self._walk(folder, f"{shown}!", depth + 1)
        self._found.files[before:] = [
            replace(file, renamed=file.renamed or renamed) for file in self._found.files[before:]
        ]

    def _own_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._scratch))


def _with_its_parts(member: str) -> Callable[[str], bool]:
    """A member and the files that belong to it: a shapefile's parts, the inside of a geodatabase."""
    stem = str(PurePosixPath(member).with_suffix(""))

    def wanted(name: str) -> bool:
        return (
            name == member
            or name.startswith(f"{member}/")
            or str(PurePosixPath(name).with_suffix("")) == stem
        )

    return wanted
