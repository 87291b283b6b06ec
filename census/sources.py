"""From what the user named to files on disk: a path, a folder, an archive, one member of an archive.

One file per family reads them: `shapefile`, `vector`, `sheets`, `parquet`. A new kind of source is one entry in
`_FAMILIES` and one file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from census import archives, mapping, parquet, shapefile, sheets, vector
from census.forms import form_of
from census.options import ReadOptions
from census.tables import Note, Reading, SourceTable
from kernel.errors import Refused, UserError
from kernel.progress import Progress, Silent

SHAPEFILES: Final = frozenset((".shp",))
VECTORS: Final = frozenset(
    (".gpkg", ".geojson", ".json", ".geojsonl", ".topojson", ".gdb", ".tab", ".mif", ".dxf", ".kml", ".kmz", ".gml",
     ".fgb", ".sqlite")
)  # fmt: skip
SHEETS: Final = frozenset((".csv", ".tsv", ".txt", ".xlsx", ".xlsm"))
PARQUETS: Final = frozenset((".parquet", ".geoparquet"))
READABLE: Final = SHAPEFILES | VECTORS | SHEETS | PARQUETS
_ZIP: Final = ".zip"
_DEEPEST: Final = 3


@dataclass(frozen=True)
class SourceFile:
    """A file to read: where it lies, how the user sees it (`A.zip!0137_路灯.shp`), whether its name had to be guessed."""

    path: Path
    shown: str
    renamed: bool = False


@contextmanager
def located(source: str) -> Iterator[list[SourceFile]]:
    """The files that `source` stands for; unpacked ones live until the block ends.

    `source`: a path, a folder, a zip, `zip://A.zip!member` or `A.zip!member`. Raises `Refused` for a path that does not
    exist and for a source in which nothing can be read.
    """
    with tempfile.TemporaryDirectory(prefix="wangrid-") as scratch:
        files = list(_found(source, Path(scratch)))
        if not files:
            raise Refused(
                "{file} holds nothing that can be read as a survey.",
                remedy="Readable are shp, gpkg, geojson, gdb, tab, dxf, kml, csv, xlsx and GeoParquet, also in a zip.",
                file=source,
            )
        yield files


def _found(source: str, scratch: Path) -> Iterator[SourceFile]:
    archive, _, member = source.removeprefix("zip://").partition("!")
    path = Path(archive).expanduser()
    if not path.exists():
        raise Refused("{file} does not exist.", remedy="Check the path of the file.", file=archive)
    if member or (source.startswith("zip://") and path.is_file()):
        yield from _members(path, path.name, member, scratch, 0)
    elif path.is_dir() and path.suffix.lower() not in VECTORS:
        yield from _in_folder(path, "", scratch, 0)
    else:
        yield from _in_file(path, path.name, scratch, 0, named=True)


def _in_folder(folder: Path, prefix: str, scratch: Path, depth: int) -> Iterator[SourceFile]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__MACOSX", "~$")):
            continue
        if path.is_dir() and path.suffix.lower() not in VECTORS:
            yield from _in_folder(path, f"{prefix}{path.name}/", scratch, depth)
        else:
            yield from _in_file(path, prefix + path.name, scratch, depth, named=False)


def _in_file(path: Path, shown: str, scratch: Path, depth: int, *, named: bool) -> Iterator[SourceFile]:
    ending = path.suffix.lower()
    if ending == _ZIP and depth < _DEEPEST:
        yield from _members(path, shown, "", scratch, depth)
    elif ending == ".gz":
        yield SourceFile(archives.unpack_gzip(path, shown, _own_folder(scratch)), shown)
    elif ending in READABLE:
        yield SourceFile(path, shown)
    elif named:
        raise Refused(
            "{file} is of no kind that can be read as a survey.",
            remedy="Readable are shp, gpkg, geojson, gdb, tab, dxf, kml, csv, xlsx and GeoParquet, also in a zip.",
            file=shown,
        )


def _members(path: Path, shown: str, member: str, scratch: Path, depth: int) -> Iterator[SourceFile]:
    folder = _own_folder(scratch)
    wanted = _with_its_parts(member) if member else (lambda name: True)
    unpacked = archives.unpack(path, shown, folder, wanted)
    renamed = any(each.is_renamed for each in unpacked)
    if member and member not in {each.name for each in unpacked}:
        raise Refused(
            "{file} has no member {member}.",
            remedy="List the archive; names are case-sensitive and include their folders.",
            file=shown,
            member=member,
        )
    if member and (folder / member).suffix.lower() != _ZIP:
        yield SourceFile(folder / member, f"{shown}!{member}", renamed)
        return
    for file in _in_folder(folder, f"{shown}!", scratch, depth + 1):
        yield replace(file, renamed=renamed)


def _own_folder(scratch: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=scratch))


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


def read(
    sources: Sequence[str | Path], options: ReadOptions | None = None, progress: Progress | None = None
) -> Reading:
    """Everything in `sources`, one table per layer, nothing judged yet.

    A file that cannot be read stands in `Reading.unread` beside what could be. Raises `Refused` for a source that does
    not exist, when no file can be read, and when no feature is found at all.
    """
    options, progress = options or ReadOptions(), progress or Silent()
    tables: list[SourceTable] = []
    unread: list[UserError] = []
    for number, source in enumerate(sources):
        with located(str(source)) as files:
            for place, file in enumerate(files):
                share = (number + place / len(files)) / len(sources)
                progress.report(share, "Reading {file}", file=file.shown)
                try:
                    tables += _read_steadily(file, options)
                except UserError as error:
                    unread.append(error)
    if not tables and unread:
        raise unread[0]
    if not any(len(table) for table in tables):
        raise Refused(
            "{file} holds no feature.",
            remedy="Ask for the file again; it was saved empty.",
            file=", ".join(str(source) for source in sources),
        )
    return Reading(tuple(map(str, sources)), tuple(tables), options.layer, tuple(unread))


def _read_steadily(file: SourceFile, options: ReadOptions) -> list[SourceTable]:
    """The file's tables; `Refused` when another program writes to it meanwhile."""
    before = _state(file.path)
    tables = _FAMILIES[_family(file.path)](file, options)
    tables = [replace(table, form=form_of(table, file.path)) for table in tables]
    if _state(file.path) != before:
        raise Refused(
            "{file} changed while it was read.",
            remedy="Wait until the program that writes it has finished, then import again.",
            file=file.shown,
        )
    if not file.renamed:
        return tables
    note = Note("zip_name_encoding", file.path.name)
    return [replace(table, notes=(*table.notes, note)) for table in tables]


def _state(path: Path) -> list[tuple[str, int, int]]:
    beside = [path] if path.is_dir() else list(path.parent.glob(f"{_escaped(path.stem)}.*"))
    return sorted((each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in beside)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in name)


def _family(path: Path) -> str:
    ending = path.suffix.lower()
    if ending in SHAPEFILES:
        return "shapefile"
    return "vector" if ending in VECTORS else "sheet" if ending in SHEETS else "parquet"


def _read_shapefile(file: SourceFile, options: ReadOptions) -> list[SourceTable]:
    return [shapefile.read_shapefile(file.path, file.shown, options)]


def _read_vector(file: SourceFile, options: ReadOptions) -> list[SourceTable]:
    with vector.in_utf8(file.path) as path:
        layers = vector.spatial_layers(path, file.shown)
        chosen = _chosen(layers, options.layer, file)
        return [vector.read_layer(path, file.shown, name, file.path.name) for name in chosen]


def _chosen(layers: list[tuple[str, list[str]]], wanted: str, file: SourceFile) -> list[str]:
    names = [name for name, _ in layers]
    if wanted:
        if wanted not in names:
            raise _which_layer(file, names)
        return [wanted]
    if len(names) <= 1:
        return names
    components = [name for name, fields in layers if mapping.looks_like_components(fields)]
    if not components:
        raise _which_layer(file, names)
    return components


def _which_layer(file: SourceFile, names: list[str]) -> Refused:
    return Refused(
        "{file} has the layers {layers}; which one holds the components is not plain.",
        remedy="Name it with --layer.",
        file=file.shown,
        layers=", ".join(names),
    )


def _read_sheet(file: SourceFile, options: ReadOptions) -> list[SourceTable]:
    return sheets.read_sheets(file.path, file.shown, options)


def _read_parquet(file: SourceFile, options: ReadOptions) -> list[SourceTable]:
    return [parquet.read_parquet(file.path, file.shown)]


_FAMILIES: Final[dict[str, Callable[[SourceFile, ReadOptions], list[SourceTable]]]] = {
    "shapefile": _read_shapefile, "vector": _read_vector, "sheet": _read_sheet, "parquet": _read_parquet,
}  # fmt: skip
