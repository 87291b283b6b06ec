"""The form of a delivered layer: what it takes to write some of its rows back as the same kind of file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyogrio

from census.reading import dbf
from census.reading.delimited import delimiter_of
from census.reading.tables import SHAPEFILE, SHEET, VECTOR, SourceTable

TEXT, WHOLE, NUMBER, DATE, TIME, TRUTH = "text", "whole", "number", "date", "time", "truth"
_BOM: Final = b"\xef\xbb\xbf"
_HEAD_BYTES: Final = 65_536


@dataclass(frozen=True)
class FormField:
    """One field. `kind` is one of text, whole, number, date, time, truth; of a .dbf also its letter and widths."""

    name: str
    kind: str = TEXT
    letter: str = ""
    width: int = 0
    decimals: int = 0


@dataclass(frozen=True)
class Form:
    """`ending` of the file (`.shp`), its fields in order, and what the format needs beyond rows.

    `geometry` is GDAL's name of the layer's kind (`Point`, `Unknown`); `declared_crs` what the file says of its system.
    """

    file: str
    layer: str
    ending: str
    fields: tuple[FormField, ...]
    encoding: str
    declared_crs: str
    geometry: str = ""
    delimiter: str = ""
    byte_order_mark: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def form_from_json(values: Mapping[str, Any]) -> Form:
    """The form that `Form.as_json` gave."""
    fields = tuple(FormField(**each) for each in values["fields"])
    return Form(**{**values, "fields": fields})


def form_of(table: SourceTable, path: Path) -> Form:
    """The form of `table`, which was read from the file at `path`."""
    ending = path.suffix.lower()
    form = Form(
        table.file, table.layer, ending, _texts(table.columns), table.encoding.name, table.declared_crs
    )
    if table.family == SHAPEFILE:
        return _of_shapefile(form, path)
    if table.family == SHEET:
        return _of_sheet(form, path)
    return _of_vector(form, path) if table.family == VECTOR else form


def _texts(names: Sequence[str] | Mapping[str, Any]) -> tuple[FormField, ...]:
    return tuple(FormField(name) for name in names)


# Shape types of the ESRI whitepaper, those with height or measure folded onto the plain ones.
_SHAPES: Final = {1: "Point", 3: "LineString", 5: "Polygon", 8: "MultiPoint"}
_KIND_OF_LETTER: Final = {"N": NUMBER, "F": NUMBER, "D": DATE, "L": TRUTH}


def _of_shapefile(form: Form, path: Path) -> Form:
    beside = {each.suffix.lower(): each for each in path.parent.iterdir() if each.stem == path.stem}
    geometry = _shape_type(path)
    if ".dbf" not in beside:
        return replace(form, fields=(), geometry=geometry)
    header = dbf.read_header(beside[".dbf"])
    if len(header.fields) != len(form.fields):
        return replace(form, geometry=geometry)
    fields = tuple(
        FormField(named.name, _KIND_OF_LETTER.get(raw.type, TEXT), raw.type, raw.width, raw.decimals)
        for named, raw in zip(form.fields, header.fields, strict=True)
    )
    return replace(form, fields=fields, geometry=geometry)


def _shape_type(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(36)
    return _SHAPES.get(int.from_bytes(head[32:36], "little") % 10, "Unknown")


def _of_sheet(form: Form, path: Path) -> Form:
    if form.ending in (".xlsx", ".xlsm"):
        return form
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    lines = head.decode(form.encoding, errors="replace").splitlines()
    return replace(form, delimiter=delimiter_of(lines), byte_order_mark=head.startswith(_BOM))


def _of_vector(form: Form, path: Path) -> Form:
    try:
        info = pyogrio.read_info(path, layer=form.layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError):
        return form  # a text format in GBK that was read from a copy: its fields stay text
    kinds = dict(zip(map(str, info["fields"]), map(_kind_of_type, info["dtypes"]), strict=True))
    fields = tuple(FormField(field.name, kinds.get(field.name, TEXT)) for field in form.fields)
    return replace(form, fields=fields, geometry=str(info["geometry_type"] or ""))


def _kind_of_type(dtype: object) -> str:
    name = str(dtype)
    if name.startswith(("int", "uint")):
        return WHOLE
    if name.startswith("float"):
        return NUMBER
    if name.startswith("datetime64[D"):
        return DATE
    return TIME if name.startswith("datetime") else TRUTH if name == "bool" else TEXT
