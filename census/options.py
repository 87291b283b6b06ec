"""What the user may decide about reading, before evidence is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from census.profiles import Profile, ValueMaps


@dataclass(frozen=True)
class ReadOptions:
    """How to read. Empty means: by evidence.

    `layer` of files with several; `encoding` overrides what the bytes say; `known_words` are texts that a census is
    expected to hold (class names, field names), the touchstone for encodings. `fields`: source field → our column, of
    which reading needs those of coordinates.
    """

    layer: str = ""
    encoding: str = ""
    known_words: frozenset[str] = field(default_factory=frozenset)
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckOptions:
    """How to check. Empty means: by evidence.

    `crs`: EPSG number, authority text or WKT, or `GCJ-02` / `BD-09`. `mapping`: source field → column of
    `gis.frames.COMPONENT_COLUMNS`, `""` to leave a field out. `class_code` for rows whose class nothing tells.
    `standard`: 2007, 2013 or 2026. `without_codes`: rows without a code are welcome, the store will give them one.
    `spared`: fields whose empty rows are no findings, where that was decided about the whole delivery before; None lets
    the rows themselves tell. `convert`: lines and areas become points where the class list asks for points.
    `of_layers`: the mapping of single layers by (file, layer), in the place of `mapping`.
    `values`: what the survey's words mean, by our column. `profiles`: what is remembered of the supplier, the latest
    first; the user's own words come before it.
    """

    crs: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    class_code: str = ""
    standard: str = ""
    without_codes: bool = False
    spared: frozenset[str] | None = None
    values: ValueMaps = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    convert: bool = False
    of_layers: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
