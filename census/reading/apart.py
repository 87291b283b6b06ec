"""Names that tell layers apart: files of one name in two folders are two files for everything that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from census.reading.locating import parts_of
from census.reading.tables import SourceTable


def place_of(source: str, shown: str) -> str:
    """Where a file lies that was found in `source` and is shown as `shown`, folders and archives from the root."""
    path, _ = parts_of(source)
    folder = path if path.is_dir() and path.name != shown else path.parent
    return f"{folder.resolve().as_posix()}/{shown.replace('!', '/')}"


def told_apart(tables: Sequence[SourceTable], places: Sequence[str]) -> list[SourceTable]:
    """`tables` with `file` (and `path`, where that is no better) led by as many folders as tell it from its namesakes.

    `places`: where each table's file lies, as `place_of` says it.
    """
    names: dict[str, str] = {}
    for file in dict.fromkeys(table.file for table in tables):
        own = list(
            dict.fromkeys(place for table, place in zip(tables, places, strict=True) if table.file == file)
        )
        names |= dict(zip(own, _names(file, own), strict=True))
    return [
        table if names[place] == table.file else _renamed(table, names[place])
        for table, place in zip(tables, places, strict=True)
    ]


def _names(file: str, places: Sequence[str]) -> list[str]:
    """The ends of `places` that are as short as can be and all different."""
    if len(places) == 1:
        return [file]
    parts = [place.split("/") for place in places]
    ends = (["/".join(part[-count:]) for part in parts] for count in range(2, max(map(len, parts)) + 1))
    return next(names for names in ends if len(set(names)) == len(names))


def _renamed(table: SourceTable, name: str) -> SourceTable:
    form = None if table.form is None else replace(table.form, file=name)
    path = name if name.endswith(table.path.replace("!", "/")) else table.path
    return replace(table, file=name, path=path, form=form)
