"""Which field is which column and what words mean: told by a file, remembered per supplier, listed and forgotten."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import census
from census.draft import Draft
from census.lists import read_list
from census.profiles import Profile, joined_values, signature_of
from kernel.errors import Refused
from kernel.progress import Progress

if TYPE_CHECKING:
    from actions.census.import_census import ImportCensus
    from data.store import Store


@dataclass(frozen=True)
class Mapping:
    """`fields`: the survey's field → our column, `""` to leave it out; `values`: our column → its word → ours."""

    fields: dict[str, str]
    values: dict[str, dict[str, str]]


def read_mapping(path: str) -> Mapping:
    """The mapping CSV at `path`: `field,column`, or `field,column,value,becomes` with a row for each word.

    A row with a `value` says what this word means; its field may stay empty when the column is clear. Raises `Refused`
    with the row for a field that is sent to two columns, or a word that becomes two.
    """
    frame = read_list(path, ("field", "column"), ("value", "becomes"))
    out = Mapping({}, {})
    for number, row in zip(frame.index, frame.to_dict("records"), strict=True):
        name, column, word = row["field"], row["column"], row.get("value", "")
        if name and out.fields.setdefault(name, column) != column:
            raise _twice(path, int(number), name)
        if word and out.values.setdefault(column, {}).setdefault(word, row.get("becomes", "")) != row.get(
            "becomes", ""
        ):
            raise _twice(path, int(number), word)
    return out


def _twice(path: str, row: int, text: str) -> Refused:
    return Refused(
        "{file}, row {row}: {text} is mapped twice, to different things.",
        remedy="Keep one of the two rows.",
        file=path,
        row=row,
        text=text,
    )


def checks_of(store: Store, request: ImportCensus) -> census.CheckOptions:
    """How a request wants its files checked: the file of the mapping, the form's own, what is remembered."""
    told = read_mapping(request.mapping) if request.mapping else Mapping({}, {})
    return census.CheckOptions(
        crs=request.crs,
        mapping={**told.fields, **request.fields},
        class_code=request.class_code,
        standard=request.standard,
        values=joined_values(told.values, request.values),
        profiles=store.profiles_of(request.supplier) if request.supplier else (),
    )


def fields_known(checks: census.CheckOptions) -> dict[str, str]:
    """What the user and the supplier's profiles say of fields, whichever layer they are in: field → column."""
    out: dict[str, str] = {}
    for profile in reversed(checks.profiles):
        out |= profile.fields
    return {**out, **checks.mapping}


def learn(store: Store, supplier: str, draft: Draft) -> None:
    """Remember how each layer of `draft` was mapped, as the supplier's way for tables with these fields."""
    for note in draft.notes.values():
        of = json.loads(note)
        fields = {name: column for column, name in of["mapping"].items()}
        fields |= dict.fromkeys(of.get("left_out", ()), "")
        store.remember_mapping(Profile(supplier, signature_of(of["fields"]), fields, of.get("values", {})))


@dataclass(frozen=True)
class SupplierMapping:
    """One remembered table of a supplier."""

    supplier: str
    fields: dict[str, str]
    values: dict[str, dict[str, str]]
    learned_by: str
    learned_at: str


def list_mappings(store: Store) -> list[SupplierMapping]:
    """Everything that is remembered, the latest first."""
    rows: list[dict[str, Any]] = store.load_mappings().to_dict("records")
    return [
        SupplierMapping(row["supplier"], row["fields"], row["values"], row["learned_by"], row["learned_at"])
        for row in rows
    ]


@dataclass(frozen=True)
class MappingsForgotten:
    """How many tables of the supplier were remembered."""

    supplier: str
    forgotten: int


def forget_mappings(store: Store, supplier: str, progress: Progress | None = None) -> MappingsForgotten:
    """Forget a supplier. Raises `Refused` when nothing was remembered of it."""
    forgotten = store.forget_mappings(supplier).counts["forgotten"]
    if not forgotten:
        raise Refused(
            "Nothing is remembered of a supplier called {supplier}.",
            remedy="See census mappings for the names.",
            supplier=supplier,
        )
    return MappingsForgotten(supplier, forgotten)
