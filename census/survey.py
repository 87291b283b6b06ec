"""All layers of one delivery as one long table on the city's plane: what the rules look at.

Rows of several layers lie one after the other. A column of few values is a `Factor`; codes, places and notes are plain
text. `given[column]` says for each layer whether it has the column at all, so that a missing field is one remark about
the file and not one about every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from census.mapping import FieldMap
from census.placing import Placed
from census.reading.json_texts import as_json
from census.reading.tables import (
    Codes,
    Factor,
    Flags,
    Floats,
    Ints,
    Objects,
    SourceTable,
    constant,
    factor,
    from_factor,
    holds_text,
)
from gis.frames import COMPONENT_CATEGORIES, COMPONENT_TEXT_COLUMNS

FACTOR_COLUMNS: Final = tuple(name for name in COMPONENT_TEXT_COLUMNS if name in COMPONENT_CATEGORIES)
PLAIN_COLUMNS: Final = tuple(name for name in COMPONENT_TEXT_COLUMNS if name not in COMPONENT_CATEGORIES)


@dataclass(frozen=True)
class Layer:
    """One layer of the survey: its table, its mapping, where it was placed, which rows of the survey are its own."""

    table: SourceTable
    fields: FieldMap
    placed: Placed
    number: int
    first: int

    @property
    def rows(self) -> slice:
        """Its rows in the survey."""
        return slice(self.first, self.first + len(self.table))

    def field_name(self, column: str) -> str:
        """The surveyor's name of our column."""
        return self.fields.of.get(column, column)


@dataclass(frozen=True)
class Survey:
    """n rows of one or more layers. `x`, `y`: representative points on the plane `crs`, NaN where there is none.

    `raw_x`, `raw_y`: as in the file. `shapes`: geometries of lines and areas (None for points) or None when all are
    points. `lost`: rows whose geometry could not be read; `bare`: rows without their attributes.
    """

    layers: tuple[Layer, ...]
    layer_of: Codes
    records: Ints
    rows: Ints
    factors: Mapping[str, Factor]
    texts: Mapping[str, pa.Array]
    given: Mapping[str, Flags]
    x: Floats
    y: Floats
    raw_x: Floats
    raw_y: Floats
    shapes: Objects | None
    lost: Flags
    bare: Flags
    crs: int

    def __len__(self) -> int:
        return len(self.records)

    def has(self, column: str) -> Flags:
        """Per row: whether the row's layer has `column`."""
        return self.given[column][self.layer_of]

    def extra(self) -> pa.Array:
        """Per row the further fields as JSON text, `""` when there are none."""
        parts = [as_json({name: layer.table.columns[name] for name in layer.fields.extra}, len(layer.table))
                 for layer in self.layers]  # fmt: skip
        return joined(parts)


def gather(tables: Sequence[SourceTable], fields: Sequence[FieldMap], placed: Sequence[Placed]) -> Survey:
    """One survey of the layers `tables` with their mappings and places."""
    firsts = np.cumsum([0, *(len(table) for table in tables)])
    layers = tuple(
        Layer(table, fields[number], placed[number], number, int(firsts[number]))
        for number, table in enumerate(tables)
    )
    return Survey(
        layers=layers,
        layer_of=np.repeat(np.arange(len(layers), dtype=np.int32), [len(table) for table in tables]),
        records=np.concatenate([table.records for table in tables]),
        rows=np.concatenate([table.rows for table in tables]),
        factors={name: factor(_column(layers, name)) for name in FACTOR_COLUMNS},
        texts={name: _column(layers, name) for name in PLAIN_COLUMNS},
        given={name: _given(layers, name) for name in COMPONENT_TEXT_COLUMNS},
        x=np.concatenate([each.x for each in placed]),
        y=np.concatenate([each.y for each in placed]),
        raw_x=np.concatenate([table.x for table in tables]),
        raw_y=np.concatenate([table.y for table in tables]),
        shapes=_shapes(layers),
        lost=_flags([(table.unreadable, len(table)) for table in tables]),
        bare=_flags([(table.bare, len(table)) for table in tables]),
        crs=placed[0].plane,
    )


def _column(layers: Sequence[Layer], name: str) -> pa.Array:
    return joined([column_of(layer.table, layer.fields, name) for layer in layers])


def column_of(table: SourceTable, fields: FieldMap, name: str) -> pa.Array:
    """Our column `name` of one layer, the survey's words turned into ours; blank where the layer has none."""
    if name not in fields.of:
        return constant("", len(table))
    column, words = table.columns[fields.of[name]], fields.values.get(name)
    if not words:
        return column
    of = factor(column)
    return from_factor(Factor(of.codes, [words.get(text.strip(), text) for text in of.values]))


def joined(parts: Sequence[pa.Array]) -> pa.Array:
    """Text arrays one after the other; dictionary encoded when the parts are."""
    if len(parts) == 1:
        return parts[0]
    if all(pa.types.is_dictionary(part.type) for part in parts):
        same = [_string_dictionary(part) for part in parts]
        return pa.chunked_array(same).unify_dictionaries().combine_chunks()
    return pa.concat_arrays([_large(part) for part in parts])


def _string_dictionary(part: pa.Array) -> pa.Array:
    if part.type == pa.dictionary(pa.int32(), pa.string()):
        return part
    return pa.DictionaryArray.from_arrays(part.indices.cast(pa.int32()), part.dictionary.cast(pa.string()))


def _large(part: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(part.type):
        part = part.dictionary.take(part.indices)
    return part.cast(pa.large_string())


def _given(layers: Sequence[Layer], name: str) -> Flags:
    return np.array(
        [
            name in layer.fields.of and holds_text(layer.table.columns[layer.fields.of[name]])
            for layer in layers
        ],
        dtype=bool,
    )


def _shapes(layers: Sequence[Layer]) -> Objects | None:
    if all(layer.placed.shapes is None for layer in layers):
        return None
    parts = [
        np.full(len(layer.table), None, dtype=object) if layer.placed.shapes is None else layer.placed.shapes
        for layer in layers
    ]
    return np.concatenate(parts)


def _flags(parts: Sequence[tuple[Flags | None, int]]) -> Flags:
    return np.concatenate([np.zeros(rows, dtype=bool) if flags is None else flags for flags, rows in parts])
