"""Survey files by family: one file of code per family reads them (`shapefile`, `vector`, `sheets`, `parquet`).

What a source stands for is found in `locating`. A new kind of source is one entry in `_FAMILIES` and one file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from census import mapping
from census.options import ReadOptions
from census.reading import parquet, shapefile, sheets, vector
from census.reading.apart import place_of, told_apart
from census.reading.forms import form_of
from census.reading.in_utf8 import readable
from census.reading.locating import (
    DATA_KINDS,
    SHAPEFILES,
    SHEETS,
    VECTORS,
    Located,
    SourceFile,
    located,
    speakable,
)
from census.reading.places import NotASurvey
from census.reading.tables import FileNote, Note, Reading, SourceTable
from kernel.errors import Refused, UserError
from kernel.progress import Progress, Silent

_MOST_NAMES: Final = 20  # of files left out that one remark names


def read(
    sources: Sequence[str | Path], options: ReadOptions | None = None, progress: Progress | None = None
) -> Reading:
    """Everything in `sources`, one table per layer, nothing judged yet.

    Of files with one name each is called with the folders that tell it from the others; one that is named twice is read
    once. A file that cannot be read stands in `Reading.unread` beside what could be. Raises `Refused` for a source that does
    not exist, when no file can be read, and when no feature is found at all.
    """
    options, progress = options or ReadOptions(), progress or Silent()
    named = list(dict.fromkeys(str(source) for source in sources))
    tables: list[SourceTable] = []
    places: list[str] = []
    unread: list[UserError] = []
    remarks: list[FileNote] = []
    for number, source in enumerate(named):
        with located(source) as found:
            unread += found.unread
            for place, file in enumerate(found.files):
                share = (number + place / len(found.files)) / len(named)
                progress.report(share, "Reading {file}", file=file.shown)
                lies = place_of(source, file.shown)
                if lies not in places:  # a folder and a file in it are named
                    tables += _read_one(file, options, found, unread)
                    places += [lies] * (len(tables) - len(places))
            remarks += _left_out(speakable(Path(source).name), found.left_out)
    if not tables and unread:
        raise unread[0]
    if not any(len(table) for table in tables):
        raise Refused(
            "{file} holds no feature.",
            remedy="Ask for the file again; it was saved empty.",
            file=", ".join(named),
        )
    return Reading(
        tuple(map(speakable, named)),
        tuple(told_apart(tables, places)),
        options.layer,
        tuple(unread),
        tuple(remarks),
    )


def _read_one(
    file: SourceFile, options: ReadOptions, found: Located, unread: list[UserError]
) -> list[SourceTable]:
    """The file's tables; what cannot be read is kept in `unread`, a list without places beside others is left out."""
    try:
        return _read_steadily(file, options)
    except NotASurvey as error:
        if file.named or len(found.files) == 1:
            unread.append(error)
        else:
            found.left_out.append(file.shown)
    except UserError as error:
        unread.append(error)
    except OSError as error:
        unread.append(Refused(
            "{file} cannot be opened: {why}.",
            remedy="Check that you may read it and that its disk is there, then import again.",
            file=speakable(Path(error.filename).name) if error.filename else file.shown,
            why=error.strerror or str(error),
        ))  # fmt: skip
    return []


def _left_out(source: str, names: Sequence[str]) -> list[FileNote]:
    """One remark on what may hold data, one on pictures and papers."""
    data = [name for name in names if PurePosixPath(name).suffix.lower() in DATA_KINDS]
    other = [name for name in names if name not in data]
    return [FileNote(rule, source, _listed(chosen))
            for rule, chosen in (("left_out_data", data), ("left_out", other)) if chosen]  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    more = f" … ({len(names)})" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _read_steadily(file: SourceFile, options: ReadOptions) -> list[SourceTable]:
    """The file's tables; `Refused` when another program writes to it meanwhile."""
    before = _state(file.path)
    tables = _FAMILIES[_family(file.path)](file, options)
    tables = [_speakable(replace(table, form=form_of(table, file.path))) for table in tables]
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


def _speakable(table: SourceTable) -> SourceTable:
    """The table with names that can be shown and kept."""
    file, layer = speakable(table.file), speakable(table.layer)
    form = None if table.form is None else replace(table.form, file=file, layer=layer)
    return replace(table, form=form, file=file, layer=layer)


def _state(path: Path) -> list[tuple[str, int, int]]:
    named = [path] if path.is_dir() else path.parent.glob(f"{_escaped(path.stem)}.*")
    beside = [each for each in named if each.exists()]
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
    with readable(file.path, file.shown, options) as source:
        layers = vector.spatial_layers(source.path, file.shown)
        chosen = _chosen(layers, options, file)
        return [vector.read_layer(source, file.shown, name, file.path.name) for name in chosen]


def _chosen(layers: list[tuple[str, list[str]]], options: ReadOptions, file: SourceFile) -> list[str]:
    """The layers that are asked for, else those with a component's fields, else those named after a class."""
    names = [name for name, _ in layers]
    if options.layer:
        wanted = (
            [options.layer] if options.layer in names else [part.strip() for part in options.layer.split(",")]
        )
        if not set(wanted) <= set(names):
            raise _which_layer(file, names)
        return wanted
    if len(names) <= 1:
        return names
    components = [name for name, fields in layers if mapping.looks_like_components(fields)]
    components = components or [name for name in names if _says_a_class(name, options.known_words)]
    if not components:
        raise _which_layer(file, names)
    return components


def _says_a_class(name: str, words: frozenset[str]) -> bool:
    return any(part in words for part in (name, *re.split(r"[_\-\s]+", name)))


def _which_layer(file: SourceFile, names: list[str]) -> Refused:
    return Refused(
        "{file} has the layers {layers}; which one holds the components is not plain.",
        remedy="Name it with --layer, several with commas between.",
        file=file.shown,
        layers=", ".join(names),
    )


def _read_sheet(file: SourceFile, options: ReadOptions) -> list[SourceTable]:
    return sheets.read_sheets(file.path, file.shown, options)


def _read_parquet(file: SourceFile, options: ReadOptions) -> list[SourceTable]:
    return [parquet.read_parquet(file.path, file.shown, options)]


_FAMILIES: Final[dict[str, Callable[[SourceFile, ReadOptions], list[SourceTable]]]] = {
    "shapefile": _read_shapefile, "vector": _read_vector, "sheet": _read_sheet, "parquet": _read_parquet,
}  # fmt: skip
