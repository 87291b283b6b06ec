"""Small lists that a city hands over as CSV (departments, classes, mappings), read with row and field of every fault."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from census.reading import encodings
from kernel.errors import Refused


def read_list(path: Path | str, columns: Sequence[str], optional: Sequence[str] = ()) -> pd.DataFrame:
    """The CSV at `path` as text columns `columns` and `optional`, in UTF-8 or GBK, comma, tab or semicolon.

    Headings are matched without regard to case; blank rows are passed over. The frame's index holds the sheet's row
    numbers. Raises `Refused` for a file that does not exist, is empty, is no table of text, or lacks one of `columns`.
    """
    numbers, lines = zip(*read_rows(Path(path)), strict=True)
    headings = [cell.strip().lstrip("\ufeff").lower() for cell in lines[0]]
    missing = [name for name in columns if name.lower() not in headings]
    if missing:
        raise Refused(
            "{file} has no column {column}.",
            remedy="The first row must name the columns {columns}.",
            file=path,
            row=numbers[0],
            field=missing[0],
            column=", ".join(missing),
            columns=",".join([*columns, *optional]),
        )
    places = {
        name: headings.index(name.lower()) for name in (*columns, *optional) if name.lower() in headings
    }
    cells = {
        name: [line[place].strip() if place < len(line) else "" for line in lines[1:]]
        for name, place in places.items()
    }
    return pd.DataFrame(cells, dtype="str", index=pd.Index(numbers[1:], dtype="i8"))


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a CSV that are not blank, each with its number in the sheet; at least one. Raises `Refused`."""
    text = _text(path)
    mark = max(",\t;", key=text.strip().splitlines()[0].count)
    rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=mark), start=1)
    return [(number, line) for number, line in rows if any(map(str.strip, line))]


def _text(path: Path) -> str:
    if path.is_dir():
        raise Refused("{file} is a folder, not a file.", remedy="Name the file to read.", file=path)
    if not path.is_file():
        raise Refused("{file} does not exist.", remedy="Check the path of the file.", file=path)
    raw = path.read_bytes()
    if not raw.strip(b"\xef\xbb\xbf \t\r\n,;"):
        raise Refused("{file} is empty.", remedy="Ask for the file again.", file=path)
    if b"\x00" in raw:
        raise Refused(
            "{file} is not a table of text, though its name says so.",
            remedy="Ask for the file again, or save it from the spreadsheet as CSV UTF-8.",
            file=path,
        )
    found = encodings.detect(raw.splitlines())
    return raw.decode("utf-8-sig" if found.name == encodings.UTF8 else found.name, errors="replace")


def require_unique(frame: pd.DataFrame, field: str, file: Path | str) -> None:
    """Raise `Refused` for the first row whose `field` is empty or stands in an earlier row too."""
    seen: dict[str, int] = {}
    for row, text in zip(frame.index.tolist(), frame[field].tolist(), strict=True):
        if not text:
            raise Refused(
                "{file}, row {row}: {field} is empty.",
                remedy="Fill it in, or delete the row.",
                file=file,
                row=row,
                field=field,
            )
        if text in seen:
            raise Refused(
                "{file}, row {row}: {value} already stands in row {first}.",
                remedy="Keep one of the two rows.",
                file=file,
                row=row,
                field=field,
                value=text,
                first=seen[text],
            )
        seen[text] = row
