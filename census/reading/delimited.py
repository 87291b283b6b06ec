"""CSV as numbered lines of cells: each line in the encoding that its own bytes show, no quotation mark left open.

Tables that were pasted together from two programs mix encodings line by line; such a line is read by its own bytes
and named. A quotation mark that nothing closes would make the rest of the file one cell: the file is refused.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from census.options import ReadOptions
from census.reading import encodings
from census.reading.tables import Encoding
from kernel.errors import Refused

Line = tuple[int, list[str]]  # the line's number in the sheet, its texts
HEAD_LINES: Final = 20  # a title or two may stand above the headings
_MARKS: Final = ",\t;|"
_LONGEST_CELL: Final = 10_000_000
_MARKED: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\xef\xbb\xbf": "UTF-8"}


@dataclass(frozen=True)
class Delimited:
    """The lines of a CSV file that hold something.

    `encoding`: that of most lines. `otherwise`: number of a line → the encoding it was read in instead. `swallowing`:
    number of a line → how many lines of the file its quotation marks made into one.
    """

    lines: list[Line]
    encoding: Encoding
    otherwise: Mapping[int, str] = field(default_factory=dict)
    swallowing: Mapping[int, int] = field(default_factory=dict)


def read_delimited(path: Path, shown: str, options: ReadOptions) -> Delimited:
    """The lines of the CSV file `path`, called `shown` in messages.

    Raises:
        Refused: it is empty, no text, or has a quotation mark that nothing closes.
    """
    raw, encoding = _bytes(path, shown, options)
    texts, strange = _decoded(raw, encoding)
    mark = delimiter_of(texts)
    lines: list[Line] = []
    otherwise: dict[int, str] = {}
    swallowing: dict[int, int] = {}
    width = 0
    for number, (first, end, cells) in enumerate(_records(texts, mark, shown), start=1):
        if not any(map(str.strip, cells)):
            continue
        lines.append((number, cells))
        if strange and (odd := [strange[at] for at in range(first, end) if at in strange]):
            otherwise[number] = odd[0]
        if end > first + 1 and _swallows(cells, mark, width):
            swallowing[number] = end - first
        width = max(width, len(cells))
    return Delimited(lines, encoding, otherwise, swallowing)


def _bytes(path: Path, shown: str, options: ReadOptions) -> tuple[bytes, Encoding]:
    raw = path.read_bytes()
    if not raw.strip():
        raise Refused("{file} is empty.", remedy="Ask for the file again.", file=shown)
    marked = next((name for mark, name in _MARKED.items() if raw.startswith(mark)), "")
    if b"\x00" in raw[:4096] and marked != "UTF-16":
        raise Refused(
            "{file} is not a table of text, though its name says so.",
            remedy="Ask for the file again, or save it from the spreadsheet as CSV UTF-8.",
            file=shown,
        )
    if options.encoding:
        return raw, Encoding(encodings.known_encoding(options.encoding, shown), 1.0, "given by the user")
    if marked:
        return raw.removeprefix(b"\xef\xbb\xbf"), Encoding(marked, 1.0, "byte-order mark")
    return raw, encodings.detect_lines(raw.splitlines(), options.known_words)


def _decoded(raw: bytes, encoding: Encoding) -> tuple[list[str], dict[int, str]]:
    """The lines as text, and those (by place) that were read in another encoding than the file's."""
    if encoding.name in ("UTF-16", "UTF-8"):
        try:
            text = raw.decode(encoding.name, errors="replace" if encoding.name == "UTF-16" else "strict")
            return list(io.StringIO(text, newline="")), {}
        except UnicodeDecodeError:
            pass
    texts: list[str] = []
    strange: dict[int, str] = {}
    for place, line in enumerate(raw.splitlines(keepends=True)):
        name = encoding.name if line.isascii() else encodings.of_line(line, encoding.name)
        if name != encoding.name:
            strange[place] = name
        texts.append(line.decode(name, errors="replace"))
    return texts, strange


def delimiter_of(texts: Sequence[str]) -> str:
    """The mark between the cells of a table with the lines `texts`: that which cuts most of the first lines into equally
    many cells. Commas inside of texts and numbers differ from line to line."""
    return max(_MARKS, key=lambda mark: _evenness(texts[:HEAD_LINES], mark))


def _evenness(texts: Sequence[str], mark: str) -> int:
    """How many marks stand in those lines that have the same number of them; a cell over several lines tells nothing."""
    reader, counts, last = csv.reader(texts, delimiter=mark), Counter[int](), 0
    try:
        for cells in reader:
            if reader.line_num == last + 1:
                counts[len(cells) - 1] += 1
            last = reader.line_num
    except csv.Error:
        return 0
    return max((marks * lines for marks, lines in counts.items()), default=0)


def _records(texts: list[str], mark: str, shown: str) -> Iterator[tuple[int, int, list[str]]]:
    """Per line of the table: the file's lines first..end that make it up, and its cells."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(texts, delimiter=mark)
    first = number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if reader.line_num > first + 1 or reader.line_num == len(texts):
                _require_closed(texts[first : reader.line_num], mark, number, shown)
            yield first, reader.line_num, cells
            first = reader.line_num
    except csv.Error as error:
        raise Refused(
            "{file}, row {row}: the line cannot be read as a table.",
            remedy="Save it again from the spreadsheet as CSV UTF-8.",
            file=shown,
            row=number + 1,
            detail=str(error),
        ) from error


def _require_closed(texts: list[str], mark: str, number: int, shown: str) -> None:
    """A cell over several lines must end with a quotation mark that closes it, as the strict reader asks."""
    try:
        list(csv.reader(texts, delimiter=mark, strict=True))
    except csv.Error as error:
        if len(texts) == 1 and "end of data" not in str(error):
            return  # text behind a closing mark, which the lenient reader takes
        raise Refused(
            "{file}, row {row}: a quotation mark opens here that none closes rightly; {lines} lines stand behind it.",
            remedy="Close or delete the quotation mark in that row, or save the table again from the spreadsheet.",
            file=shown,
            row=number,
            lines=len(texts),
            detail=str(error),
        ) from error


def _swallows(cells: list[str], mark: str, width: int) -> bool:
    """Whether a cell over several lines holds as many delimiters as a line of the table has: two stray quotation
    marks can close one another."""
    return width > 1 and any("\n" in cell and cell.count(mark) >= width - 1 for cell in cells)
