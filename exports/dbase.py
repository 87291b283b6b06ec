"""dBASE tables with the widths and the encoding that a survey company used; every text is written as it was read."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from census.reading.forms import FormField
from kernel.clock import local_today

WIDEST = 254
_PLAIN = "CNFDL"
_LANGUAGES = {"GBK": 0x4D, "BIG5": 0x4F}  # language driver ids that name an encoding


def write_dbase(path: Path, columns: pd.DataFrame, fields: Sequence[FormField], encoding: str) -> None:
    """Write text `columns` (one per field, in their order) as the .dbf `path` with its .cpg beside it.

    A field without a letter or with one that only other programs know becomes text, as wide as its longest value; a
    text longer than 254 bytes ends at the last whole character.
    """
    texts = [columns[name].tolist() for name in columns.columns]
    shaped = [_shaped(field, values, encoding) for field, values in zip(fields, texts, strict=True)]
    width = 1 + sum(field.width for field in shaped)
    today = local_today()
    head = struct.pack("<BBBBIHH", 3, today.year - 1900, today.month, today.day, len(columns),
                       33 + 32 * len(shaped), width)  # fmt: skip
    head += bytes(17) + bytes([_LANGUAGES.get(encoding, 0)]) + bytes(2)
    with path.open("wb") as file:
        file.write(head + b"".join(_descriptor(field, encoding) for field in shaped) + b"\r")
        cells = [[_cell(field, value, encoding) for value in values]
                 for field, values in zip(shaped, texts, strict=True)]  # fmt: skip
        for row in zip(*cells, strict=True):
            file.write(b" " + b"".join(row))
        file.write(b"\x1a")
    path.with_suffix(".cpg").write_text(encoding, "ascii")


def _shaped(field: FormField, values: list[str], encoding: str) -> FormField:
    if field.letter in _PLAIN and field.letter and field.width:
        return field
    longest = max((len(_bytes(value, encoding)) for value in values), default=1)
    return FormField(field.name, field.kind, "C", max(1, min(longest, WIDEST)))


def _descriptor(field: FormField, encoding: str) -> bytes:
    name = _whole(_bytes(field.name, encoding), 10, encoding).ljust(11, b"\0")
    low, high = (
        (field.width & 0xFF, field.width >> 8) if field.letter == "C" else (field.width, field.decimals)
    )
    return name + field.letter.encode() + bytes(4) + bytes([low, high]) + bytes(14)


def _cell(field: FormField, value: str, encoding: str) -> bytes:
    if field.letter == "D":
        value = value.replace("-", "") if len(value) == 10 else value
    raw = _whole(_bytes(value, encoding), field.width, encoding)
    return raw.rjust(field.width) if field.letter in ("N", "F") else raw.ljust(field.width)


def _bytes(text: str, encoding: str) -> bytes:
    """What stands for bytes that were no character is left out."""
    return text.replace("\ufffd", "").encode(encoding, errors="replace")


def _whole(raw: bytes, width: int, encoding: str) -> bytes:
    """At most `width` bytes, without half a character at the end."""
    if len(raw) <= width:
        return raw
    return raw[:width].decode(encoding, errors="ignore").encode(encoding)
