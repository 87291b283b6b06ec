"""How a delivery would be read: per layer its encoding, its place, which field is which column, what its words mean.

Nothing is kept. The same request imports afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

import census
from actions.census.import_census import ImportCensus, context_of
from actions.census.mappings import checks_of, fields_known
from census.checking import field_map
from census.classes import class_of_file
from census.mapping import PLACE_COLUMNS, FieldMap, known_field_names
from census.placing import Placed, place
from census.reading.tables import Floats, SourceTable, factor
from census.rules.position import city_for
from census.survey import column_of
from census.values import is_nothing, known_value
from gis.frames import COMPONENT_TEXT_COLUMNS
from kernel.clock import local_today
from kernel.errors import UserError
from kernel.progress import Part, Progress, Silent
from resources import fields as field_table

if TYPE_CHECKING:
    from data.store import Store

DOMAINS: Final = ("state", "accuracy", "source")
DEPARTMENTS: Final = ("authority_name", "owner_name", "maintainer_name")
ROWS: Final = 50
_SAMPLES: Final = 4
_MOST_WORDS: Final = 40
_MOST_POINTS: Final = 3_000
_MOST_CELLS: Final = 4_000


@dataclass(frozen=True)
class FieldPreview:
    """One field of the file: our column (`""`: stays among the further fields), how surely and why, some values."""

    field: str
    column: str
    certainty: float
    evidence: str
    samples: tuple[str, ...]
    rivals: tuple[str, ...] = ()
    left_out: bool = False


@dataclass(frozen=True)
class WordPreview:
    """One word of the file in a column with a domain, how many rows have it, what it becomes (`""`: nobody knows)."""

    column: str
    word: str
    rows: int
    becomes: str


@dataclass(frozen=True)
class LayerPreview:
    """One layer. `first`: its first rows in our columns; `points`: n × 2 metres on the city's plane, a sample."""

    file: str
    layer: str
    rows: int
    encoding: str
    encoding_certainty: float
    encoding_evidence: str
    crs: str
    crs_certainty: float
    crs_evidence: str
    remarks: tuple[str, ...]
    class_code: str
    fields: tuple[FieldPreview, ...]
    words: tuple[WordPreview, ...]
    first: pd.DataFrame
    points: Floats


@dataclass(frozen=True)
class MappingPreview:
    """Every layer, what could not be read, the suppliers that are known, our words by column, and the city's ground
    as outlines (n × 2 metres each)."""

    layers: tuple[LayerPreview, ...]
    unread: tuple[str, ...]
    suppliers: tuple[str, ...]
    choices: dict[str, tuple[str, ...]]
    ground: tuple[Floats, ...]


def preview_mapping(store: Store, request: ImportCensus, progress: Progress | None = None) -> MappingPreview:
    """Read the files as `request` says and show the mapping. Raises `Refused` for files that cannot be read at all."""
    progress = progress or Silent()
    checks = checks_of(store, request)
    context = context_of(store, request.today or local_today())
    words = context.class_words | known_field_names()
    options = census.ReadOptions(request.layer, request.encoding, words, fields_known(checks))
    reading = census.read(request.files, options, Part(progress, 0.0, 0.7))
    layers = [_layer(table, checks, context) for table in reading.tables if len(table)]
    progress.report(1.0)
    return MappingPreview(
        layers=tuple(layers),
        unread=tuple(str(error) for error in reading.unread),
        suppliers=tuple(dict.fromkeys(store.load_mappings()["supplier"])),
        choices=_choices(context),
        ground=_outlines(context),
    )


def _layer(table: SourceTable, checks: census.CheckOptions, context: census.Context) -> LayerPreview:
    fields = field_map(table, checks, context.class_words)
    placed, why = _placed(table, fields, checks, context)
    catalogue = context.catalogues[checks.standard or context.standard]
    return LayerPreview(
        file=table.file,
        layer=table.layer,
        rows=len(table),
        encoding=table.encoding.name,
        encoding_certainty=table.encoding.certainty,
        encoding_evidence=table.encoding.evidence,
        crs=placed.system.name if placed and placed.system else "",
        crs_certainty=placed.certainty if placed else 0.0,
        crs_evidence=placed.evidence if placed else why,
        remarks=tuple(
            note.rule for note in (*table.notes, *(placed.notes if placed else ())) if note.record < 0
        ),
        class_code=class_of_file(table.layer, table.file, catalogue) or checks.class_code,
        fields=tuple(_field(name, table, fields) for name in table.columns),
        words=_words(table, fields, context),
        first=_first(table, fields),
        points=_points(placed),
    )


def _placed(
    table: SourceTable, fields: FieldMap, checks: census.CheckOptions, context: census.Context
) -> tuple[Placed | None, str]:
    """The layer on the plane, or why it cannot be placed."""
    try:
        city = city_for(table, fields.of.get("cell_code", ""), context, context.crs)
        return place(table, city, checks.crs), ""
    except UserError as error:
        return None, str(error)


def _field(name: str, table: SourceTable, fields: FieldMap) -> FieldPreview:
    column = next((column for column, own in fields.of.items() if own == name), "")
    certainty, evidence = fields.why.get(column, (0.0, ""))
    return FieldPreview(
        name, column, certainty, evidence, _samples(table.columns[name]), fields.rivals.get(column, ()),
        name in fields.left_out,
    )  # fmt: skip


def _samples(values: pa.Array) -> tuple[str, ...]:
    texts = factor(values.slice(0, 5_000)).values
    return tuple([text.strip() for text in texts if text.strip()][:_SAMPLES])


def _words(table: SourceTable, fields: FieldMap, context: census.Context) -> tuple[WordPreview, ...]:
    """Words of columns with a domain, and of classes and departments those that nobody knows; the frequent first."""
    out: list[WordPreview] = []
    known = set(context.departments["name"])
    for column in (*DOMAINS, "name", *(DEPARTMENTS if known else ())):
        if column not in fields.of:
            continue
        of = factor(table.columns[fields.of[column]])
        counts = np.bincount(of.codes, minlength=len(of.values))
        found = [_word(column, text.strip(), int(count), fields, context, known)
                 for text, count in zip(of.values, counts, strict=True) if not is_nothing(text)]  # fmt: skip
        told = [word for word in found if column in DOMAINS or not word.becomes or word.becomes != word.word]
        out += sorted(told, key=lambda word: (bool(word.becomes), -word.rows))[:_MOST_WORDS]
    return tuple(out)


def _word(
    column: str, text: str, rows: int, fields: FieldMap, context: census.Context, departments: set[str]
) -> WordPreview:
    given = fields.values.get(column, {}).get(text)
    if given is None and column in DOMAINS:
        given = known_value(column, text) or ""
    elif given is None:
        known = context.class_words if column == "name" else departments
        given = text if text in known else ""
    return WordPreview(column, text, rows, given)


def _first(table: SourceTable, fields: FieldMap) -> pd.DataFrame:
    """The first rows in our columns, words already ours, `row` the surveyor's own number."""
    head = {"row": table.rows[:ROWS]}
    texts: dict[str, Any] = {
        name: [str(text) for text in column_of(table, fields, name).slice(0, ROWS).to_pylist()]
        for name in COMPONENT_TEXT_COLUMNS
        if name in fields.of
    }
    return pd.DataFrame({**head, **texts, "x": table.x[:ROWS], "y": table.y[:ROWS]})


def _points(placed: Placed | None) -> Floats:
    if placed is None:
        return np.empty((0, 2))
    rows = np.flatnonzero(np.isfinite(placed.x) & np.isfinite(placed.y))
    rows = rows[:: max(1, len(rows) // _MOST_POINTS)]
    return np.column_stack([placed.x[rows], placed.y[rows]])


def _choices(context: census.Context) -> dict[str, tuple[str, ...]]:
    """Our columns that a field may be (`""`), and our words of each column with a domain."""
    values = field_table.values()
    out = {
        column: tuple(dict.fromkeys(values.loc[values["column"] == column, "value"])) for column in DOMAINS
    }
    out["name"] = tuple(sorted(set(context.catalogues[context.standard].component_names.values()) - {""}))
    out |= dict.fromkeys(DEPARTMENTS, tuple(context.departments["name"].tolist()))
    return {"": (*COMPONENT_TEXT_COLUMNS, *PLACE_COLUMNS), **out}


def _outlines(context: census.Context) -> tuple[Floats, ...]:
    ground = context.cells if 0 < len(context.cells) <= _MOST_CELLS else context.communities
    ground = ground if len(ground) else context.cells[:_MOST_CELLS]
    rings = shapely.get_exterior_ring(shapely.get_parts(ground.geometry.values))
    return tuple(shapely.get_coordinates(ring) for ring in rings)
