"""What is remembered of a supplier: which of its fields is which column of ours, and what its words mean.

A profile belongs to one set of field names (its signature), for a company delivers lamps and covers in different
tables. A layer with the same fields gets the whole profile; another layer of the supplier gets what is remembered of
the fields it has, the latest first. Words are remembered for the supplier as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

ValueMaps = Mapping[str, Mapping[str, str]]  # our column → the survey's text → our text
NO_VALUES: Final[ValueMaps] = MappingProxyType({})


@dataclass(frozen=True)
class Profile:
    """`fields`: the survey's field → our column, `""` for one that is left out; `signature`: the fields it was for."""

    supplier: str
    signature: tuple[str, ...]
    fields: Mapping[str, str]
    values: ValueMaps = field(default_factory=dict)


def signature_of(names: Iterable[str]) -> tuple[str, ...]:
    """What makes two layers the same table: their field names, whatever the order and case."""
    return tuple(sorted({name.strip().casefold() for name in names}))


def remembered_fields(profiles: Sequence[Profile], names: Iterable[str]) -> dict[str, str]:
    """What `profiles` (the latest first) say of fields called `names`: field → column.

    A profile made for the same fields is taken as it is; else each field, and each column, goes to the first profile
    that knows it.
    """
    there = list(names)
    same = next((profile for profile in profiles if profile.signature == signature_of(there)), None)
    chosen = [same] if same else profiles
    out: dict[str, str] = {}
    for profile in chosen:
        for name in there:
            column = profile.fields.get(name)
            if column is not None and name not in out and (column == "" or column not in out.values()):
                out[name] = column
    return out


def remembered_values(profiles: Sequence[Profile]) -> dict[str, dict[str, str]]:
    """What the words of a supplier mean, by our column; the latest profile wins."""
    out: dict[str, dict[str, str]] = {}
    for profile in reversed(profiles):
        out = joined_values(out, profile.values)
    return out


def joined_values(first: ValueMaps, over: ValueMaps) -> dict[str, dict[str, str]]:
    """Both, where both speak of the same word `over` is right."""
    return {
        column: {**first.get(column, {}), **over.get(column, {})}
        for column in dict.fromkeys((*first, *over))
        if first.get(column) or over.get(column)
    }
