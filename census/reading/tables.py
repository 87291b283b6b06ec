"""What reading a file leaves: one table per layer, as the surveyor wrote it, with nothing judged yet.

Attributes are text. A column is a pyarrow array of strings without nulls (`""` where the file has nothing), dictionary
encoded where values repeat, so that every later step works on distinct values instead of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kernel.errors import UserError

if TYPE_CHECKING:
    from census.reading.forms import Form

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
Objects = NDArray[np.object_]

# What stands for bytes that are no character, at the end of a text for a character that its field cut off.
CUT_OFF: Final = "\ufffd"

SHAPEFILE: Final = "shapefile"
VECTOR: Final = "vector"
SHEET: Final = "sheet"
PARQUET: Final = "parquet"


@dataclass(frozen=True)
class Encoding:
    """How a file's bytes became text. `certainty` is 0 … 1, `evidence` says in English what it rests on."""

    name: str
    certainty: float
    evidence: str
    declared: str = ""

    @property
    def contradicted(self) -> bool:
        """Whether the file declares another encoding than its bytes show."""
        return bool(self.declared) and family_of(self.declared) != family_of(self.name)


def family_of(encoding: str) -> str:
    """One name for encodings that write Chinese the same way."""
    plain = encoding.lower().replace("-", "").replace("_", "")
    if plain in {"gbk", "gb2312", "gb18030", "cp936", "936", "ansi936", "oem936"}:
        return "gbk"
    return "utf8" if plain in {"utf8", "utf8sig", "65001", "unicode"} else plain


@dataclass(frozen=True)
class Note:
    """Something found while reading that concerns a whole layer (`record` -1) or one feature of it."""

    rule: str
    value: str = ""
    record: int = -1
    severity: str = ""


@dataclass(frozen=True)
class FileNote:
    """Something found that concerns a whole source, before any layer of it."""

    rule: str
    file: str
    value: str


@dataclass(frozen=True)
class SourceTable:
    """One layer of one file.

    `file` is the name the surveyor knows (`0137_路灯.shp`; of two such files `东区/0137_路灯.shp`), `path` says where it was found (`A.zip!0137_路灯.shp`).
    `columns`: field name → text array of n rows. `records`: n record numbers from 0, `rows`: the surveyor's own row
    numbers. `x`, `y`: n coordinates as the file has them (NaN without one); `shapes`: n shapely geometries for a
    layer of lines or areas, None where every feature is a point. `unreadable` marks features whose geometry could not
    be read, `bare` those that lost their attributes. `form` is what writing rows back in the same format takes.
    """

    file: str
    path: str
    layer: str
    family: str
    columns: Mapping[str, pa.Array]
    records: Ints
    rows: Ints
    x: Floats
    y: Floats
    shapes: Objects | None = None
    unreadable: Flags | None = None
    bare: Flags | None = None
    declared_crs: str = ""
    encoding: Encoding = field(default_factory=lambda: Encoding("UTF-8", 1.0, "the format's own"))
    notes: tuple[Note, ...] = ()
    lonlat_fields: bool = False
    form: Form | None = None

    def __len__(self) -> int:
        return len(self.records)


@dataclass(frozen=True)
class Reading:
    """Everything the sources held.

    `files` are the paths the user gave, `unread` what among many could not be read, `remarks` what was left out.
    """

    files: tuple[str, ...]
    tables: tuple[SourceTable, ...]
    layer: str = ""
    unread: tuple[UserError, ...] = ()
    remarks: tuple[FileNote, ...] = ()

    @property
    def read(self) -> int:
        """Number of features of all layers."""
        return sum(len(table) for table in self.tables)

    @property
    def encoding(self) -> str:
        """The encodings found, most frequent first: `GBK` or `GBK, UTF-8`."""
        names = [table.encoding.name for table in self.tables if table.encoding.name]
        return ", ".join(sorted(set(names), key=lambda name: (-names.count(name), name)))


@dataclass(frozen=True)
class Factor:
    """A column by its distinct values: row i holds `values[codes[i]]`."""

    codes: Codes
    values: list[str]

    def __len__(self) -> int:
        return len(self.codes)

    def flags(self, of_value: list[bool] | Flags) -> Ints:
        """The rows whose value is flagged; cheap when no value is."""
        flagged = np.asarray(of_value, dtype=bool)
        if not flagged.any():
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero(flagged[self.codes])

    def take(self, of_value: NDArray) -> NDArray:
        """One number per row from one per value."""
        return of_value[self.codes] if len(of_value) else np.empty(0, dtype=of_value.dtype)

    def at(self, rows: Ints) -> list[str]:
        """The texts of some rows."""
        return [self.values[code] for code in self.codes[rows]]

    def column(self, rows: Ints) -> pa.Array:
        """The same as a column."""
        return spread(self.values, self.codes[rows])


def factor(column: pa.Array) -> Factor:
    """`column` by its distinct values; equal texts share one code."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int32)
    values = ["" if value is None else str(value) for value in encoded.dictionary.to_pylist()]
    if len(set(values)) < len(values):
        return _merged(codes, values)
    return Factor(codes, values)


def _merged(codes: Codes, values: list[str]) -> Factor:
    first: dict[str, int] = {}
    to = np.array([first.setdefault(value, len(first)) for value in values], dtype=np.int32)
    return Factor(to[codes], list(first))


def constant(text: str, rows: int) -> pa.Array:
    """A column that holds `text` in every row."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array([text]))


def from_factor(of: Factor) -> pa.Array:
    """The column of a factor."""
    return pa.DictionaryArray.from_arrays(pa.array(of.codes), pa.array(of.values, type=pa.string()))


def spread(texts: Sequence[str], index: NDArray[np.integer]) -> pa.Array:
    """The column that holds `texts[index[i]]` in row i."""
    return pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), pa.array(texts, pa.string()))


def plain(column: pa.Array) -> pa.Array:
    """`column` as large strings, one text per row."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary.cast(pa.large_string()).take(column.indices)
    return column if pa.types.is_large_string(column.type) else column.cast(pa.large_string())


def texts(values: list[str]) -> pa.Array:
    """A column of Python texts, dictionary encoded when values repeat."""
    array = pa.array(values, type=pa.large_string())
    encoded = array.dictionary_encode()
    return encoded if len(encoded.dictionary) * 2 <= len(array) else array


def holds_text(column: pa.Array) -> bool:
    """Whether any row of `column` has a text that is not blank."""
    values = column.dictionary if pa.types.is_dictionary(column.type) else column
    return bool(pc.any(pc.greater(pc.binary_length(pc.utf8_trim_whitespace(values)), 0)).as_py())
