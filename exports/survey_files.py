"""Rows of a survey written back as the kind of file they came in: columns and values as they were delivered."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pyarrow as pa
import pyogrio
import shapely
from openpyxl.cell import WriteOnlyCell

from census.reading.forms import DATE, NUMBER, TEXT, TIME, TRUTH, WHOLE, FormField
from census.review.returning import Returned
from exports.dbase import write_dbase
from exports.finished import finished
from kernel.errors import Refused

SHEETS: Final = (".xlsx", ".xlsm")
TEXTS: Final = (".csv", ".tsv", ".txt")
DRIVERS: Final = {
    ".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON", ".geojsonl": "GeoJSONSeq", ".fgb": "FlatGeobuf",
    ".gdb": "OpenFileGDB", ".tab": "MapInfo File", ".mif": "MapInfo File", ".kml": "KML", ".gml": "GML",
}  # fmt: skip
_ANY_SYSTEM: Final = "EPSG:4326"  # GDAL wants one; the delivery's own words take the place of what it writes
_ARROW: Final = {TEXT: pa.large_string(), WHOLE: pa.int64(), NUMBER: pa.float64(), DATE: pa.date32(),
                 TIME: pa.timestamp("ms"), TRUTH: pa.bool_()}  # fmt: skip


def ending_of(layer: Returned) -> str:
    """The ending of the file that `layer` is written as: its own, `.gpkg` for formats that cannot be written."""
    ending = layer.form.ending
    known = ending in (".shp", *SHEETS, *TEXTS) or ending in DRIVERS
    return (".xlsx" if ending in SHEETS else ending) if known else ".gpkg"


def write_survey_files(layers: Sequence[Returned], out: Path) -> list[Path]:
    """Write the layers, those of one file into one file: `out` is a folder, a .zip, or the file itself.

    Raises:
        Refused: several files, but `out` is none of a folder and a zip; or `out` has another ending than the file.
    """
    files: dict[str, list[Returned]] = {}
    for layer in layers:
        files.setdefault(layer.form.file, []).append(layer)
    names = {file: str(PurePosixPath(file).with_suffix(ending_of(own[0]))) for file, own in files.items()}
    if out.suffix.lower() != ".zip" and not out.is_dir():
        _require_one(names, out)
        names = dict.fromkeys(names, out.name)
    with tempfile.TemporaryDirectory(prefix="wangrid-") as scratch:
        for file, own in files.items():
            target = Path(scratch) / names[file]
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_file(own, target)
        return _put(Path(scratch), out, list(names.values()))


def _require_one(names: dict[str, str], out: Path) -> None:
    if len(names) > 1:
        raise Refused(
            "The refused rows came in {count} files, so they cannot leave in one.",
            remedy="Name a folder that exists, or a file ending in .zip.",
            file=out,
            count=len(names),
        )
    (name,) = names.values()
    ending = Path(name).suffix
    if out.suffix.lower() != ending:
        raise Refused(
            "The refused rows came as {ending}; they leave as the same kind of file.",
            remedy="Let the name end in {ending}, or name a folder or a .zip.",
            file=out,
            ending=ending,
        )


def _put(scratch: Path, out: Path, names: list[str]) -> list[Path]:
    """The written files in their place, whole or not at all."""
    parts = sorted(
        (part for part in scratch.rglob("*") if part.is_file()), key=lambda part: part.suffix == ".shp"
    )
    if out.suffix.lower() == ".zip":
        with finished(out) as waiting, ZipFile(waiting, "w", ZIP_DEFLATED) as archive:
            for part in parts:
                archive.write(part, part.relative_to(scratch))
        return [out]
    folder = out if out.is_dir() else out.parent
    for part in parts:
        target = folder / part.relative_to(scratch)
        target.parent.mkdir(parents=True, exist_ok=True)
        with finished(target) as waiting:
            shutil.copyfile(part, waiting)
    return [folder / name for name in names]


def _write_file(layers: Sequence[Returned], path: Path) -> None:
    ending = path.suffix.lower()
    if ending == ".shp":
        _write_shapefile(layers[0], path)
    elif ending in SHEETS:
        _write_workbook(layers, path)
    elif ending in TEXTS:
        _write_text(layers[0], path)
    else:
        for layer in layers:
            _write_vector(layer, path)


# ---------------------------------------------------------------- one file per kind


def _write_shapefile(layer: Returned, path: Path) -> None:
    """GDAL draws the shapes; the table is ours, so that widths, types and encoding are those of the delivery."""
    kind = layer.form.geometry if layer.form.geometry not in ("", "Unknown") else _kind(layer)
    bare = pa.table({"n": pa.array(range(len(layer.columns)), pa.int32()), "geometry": _wkb(layer)})
    pyogrio.write_arrow(
        bare, path, driver="ESRI Shapefile", geometry_name="geometry", geometry_type=kind, crs=_ANY_SYSTEM
    )
    path.with_suffix(".prj").unlink(missing_ok=True)
    given = {field.name: field for field in layer.form.fields}
    fields = [given.get(name, FormField(name)) for name in layer.columns.columns]
    path.with_suffix(".dbf").unlink()
    write_dbase(path.with_suffix(".dbf"), layer.columns, fields, layer.form.encoding or "GBK")
    if layer.form.declared_crs:
        path.with_suffix(".prj").write_text(layer.form.declared_crs, "utf-8")


def _kind(layer: Returned) -> str:
    kinds = {shape.geom_type for shape in layer.shapes if shape is not None}
    return kinds.pop().removeprefix("Multi") if kinds else "Point"


def _wkb(layer: Returned) -> pa.Array:
    return pa.array(shapely.to_wkb(layer.shapes), pa.binary())


def _write_vector(layer: Returned, path: Path) -> None:
    fields = {field.name: field for field in layer.form.fields}
    columns = {
        name: _typed(layer.columns[name], fields.get(name, FormField(name)))
        for name in layer.columns.columns
        if name not in ("fid", "OGC_FID")
    }
    driver = DRIVERS[path.suffix.lower()]
    kinds = {shape.geom_type for shape in layer.shapes if shape is not None}
    kind = layer.form.geometry if not kinds or kinds == {layer.form.geometry} else "Unknown"
    pyogrio.write_arrow(
        pa.table(columns | {"geometry": _wkb(layer)}), path, driver=driver, geometry_name="geometry",
        layer=layer.form.layer, geometry_type=kind or "Unknown", crs=layer.form.declared_crs or None, append=path.exists(),
    )  # fmt: skip


def _typed(texts: Iterable[str], field: FormField) -> pa.Array:
    """A column in the field's own type; as text where one of its values is none of that type."""
    values = list(texts)
    try:
        return pa.array([_READ[field.kind](text) if text else None for text in values], _ARROW[field.kind])
    except (ValueError, pa.ArrowInvalid):
        return pa.array(values, pa.large_string())


def _truth(text: str) -> bool:
    return text.lower() in ("true", "t", "1")


def _time(text: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(text)


_READ: Final[dict[str, Callable[[str], Any]]] = {
    TEXT: str, WHOLE: int, NUMBER: float, DATE: date.fromisoformat, TIME: _time, TRUTH: _truth,
}  # fmt: skip


def _write_text(layer: Returned, path: Path) -> None:
    encoding = "utf-8-sig" if layer.form.byte_order_mark else layer.form.encoding or "utf-8"
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=layer.form.delimiter or ",")
        writer.writerow(layer.columns.columns)
        writer.writerows(layer.columns.itertuples(index=False, name=None))


def _write_workbook(layers: Sequence[Returned], path: Path) -> None:
    """Every cell is text but the coordinates: long codes keep their digits."""
    book = openpyxl.Workbook(write_only=True)
    for layer in layers:
        sheet = book.create_sheet(layer.form.layer)
        sheet.append(list(layer.columns.columns))
        numbers = _place_columns(layer)
        for row in layer.columns.itertuples(index=False, name=None):
            sheet.append([_cell(sheet, text, place in numbers) for place, text in enumerate(row)])
    book.save(path)


def _place_columns(layer: Returned) -> set[int]:
    from census.reading.places import coordinate_fields

    names = list(layer.columns.columns)
    pair = coordinate_fields(names)
    return {names.index(name) for name in pair[:2]} if pair else set()


def _cell(sheet: Any, text: str, number: bool) -> Any:
    if number:
        try:
            return float(text)
        except ValueError:
            pass
    cell = WriteOnlyCell(sheet, openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text) or None)
    cell.number_format = "@"
    if text:
        cell.data_type = "s"  # a text that begins with = is no formula
    return cell
