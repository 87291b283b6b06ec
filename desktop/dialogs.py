"""Asking for files, without ever blocking: the answer comes to a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.words import Text, Words

CENSUS_FILES = "*.shp *.zip *.gpkg *.geojson *.json *.csv *.xlsx *.parquet *.tab *.kml *.gdb"
AREA_FILES = "*.shp *.zip *.gpkg *.geojson *.json *.kml *.parquet"
TRACK_FILES = "*.gpx *.csv *.plt *.zip"
RASTER_FILES = "*.mbtiles *.tif *.tiff"
STORE_FILES = "*.wangrid *.db *.sqlite"


def choose_files(
    parent: QWidget, words: Words, title: Text, patterns: str, on_chosen: Callable[[list[Path]], object]
) -> QFileDialog:
    """Ask for one or more existing files."""
    dialog = _dialog(parent, words, title, patterns)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda files: on_chosen([Path(file) for file in files]))
    dialog.open()
    return dialog


def choose_target(
    parent: QWidget,
    words: Words,
    title: Text,
    suffix: str,
    name: str,
    on_chosen: Callable[[Path], object],
    also: Sequence[str] = (),
) -> QFileDialog:
    """Ask where to write a file with `suffix` (no dot), or one of the suffixes `also` where the person writes it."""
    dialog = _dialog(parent, words, title, " ".join(f"*.{one}" for one in (suffix, *also)))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda file: on_chosen(Path(file)))
    dialog.open()
    return dialog


def _dialog(parent: QWidget, words: Words, title: Text, patterns: str) -> QFileDialog:
    dialog = QFileDialog(parent, words(title))
    dialog.setNameFilters([f"{words(title)} ({patterns})", words(Text("All files (*)"))])
    dialog.finished.connect(dialog.deleteLater)
    return dialog
