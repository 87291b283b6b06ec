"""Text inside files that GDAL reads: found by its bytes, and given to GDAL in a copy that declares it rightly.

GDAL believes what a file says of its encoding. A MapInfo table that calls its Chinese text `Neutral`, a GeoJSON or KML
in GBK, a drawing with the code page of another country would come out spoilt or not at all. The surveyor's own file is
never touched.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from census.options import ReadOptions
from census.reading import dbf, encodings
from census.reading.tables import Encoding, Note, family_of
from kernel.errors import Refused

_TEXT_FORMATS: Final = frozenset((".geojson", ".json", ".topojson", ".geojsonl", ".kml", ".gml"))
_OWN: Final = Encoding("UTF-8", 1.0, "the format's own")
_XML_SAYS: Final = re.compile(rb"""(<\?xml[^>]*?encoding=["'])([A-Za-z0-9._-]+)(["'])""")

# MapInfo's words for encodings. `Neutral` says that nothing was said.
_CHARSETS: Final = {
    "windowssimpchinese": "GBK", "windowstradchinese": "BIG5", "utf-8": "UTF-8", "windowslatin1": "CP1252",
    "neutral": "",
}  # fmt: skip
_CHARSET_OF: Final = {"gbk": b"WindowsSimpChinese", "big5": b"WindowsTradChinese", "utf8": b"UTF-8"}
_CHARSET: Final = re.compile(rb'(charset\s+"?)([A-Za-z0-9_-]+)', re.IGNORECASE)
_DRAWING_PAGE: Final = re.compile(rb"(\$DWGCODEPAGE\s+3\s+)(\S+)")
_DRAWING_VERSION: Final = re.compile(rb"(\$ACADVER\s+1\s+AC)(\d+)")
_UNICODE_DRAWING: Final = 1021  # from this version on drawings are UTF-8


@dataclass(frozen=True)
class Readable:
    """A file that GDAL reads rightly, how its text was found to be written, and what there is to say about that."""

    path: Path
    encoding: Encoding = _OWN
    notes: tuple[Note, ...] = ()


@contextmanager
def readable(path: Path, shown: str, options: ReadOptions) -> Iterator[Readable]:
    """`path` itself, or while the block lasts a copy of it whose text GDAL will read as what it is."""
    ending = path.suffix.lower()
    with tempfile.TemporaryDirectory(prefix="wangrid-") as folder:
        if ending in _TEXT_FORMATS:
            yield _text_format(path, Path(folder), shown, options)
        elif ending in (".tab", ".mif"):
            yield _mapinfo(path, Path(folder), shown, options)
        elif ending == ".dxf":
            yield _drawing(path, Path(folder), shown, options)
        else:
            yield Readable(path)


def _found(samples: list[bytes], declared: str, shown: str, options: ReadOptions) -> Encoding:
    if options.encoding:
        return Encoding(encodings.known_encoding(options.encoding, shown), 1.0, "given by the user")
    return encodings.detect(samples, declared, options.known_words)


def _notes(found: Encoding) -> tuple[Note, ...]:
    if not found.contradicted:
        return ()
    return (Note("misdeclared_encoding", f"{found.declared} → {found.name}"),)


# ---------------------------------------------------------------- GeoJSON, KML and their like


def _text_format(path: Path, folder: Path, shown: str, options: ReadOptions) -> Readable:
    raw = path.read_bytes()
    says = _XML_SAYS.search(raw[:400])
    if not options.encoding and _decodes(raw, "utf-8"):
        if says is None or family_of(says[2].decode()) == "utf8" or raw.isascii():
            return Readable(path)
        found = Encoding("UTF-8", 1.0, "valid UTF-8 throughout", says[2].decode().upper())
    else:
        declared = "UTF-8" if says is None else says[2].decode().upper()
        found = _found(raw.splitlines(), declared, shown, options)
    text = encodings.forgiving(raw, "gb18030" if found.name == "GBK" else found.name)
    if text is None:
        return Readable(path)
    copy = folder / path.name
    copy.write_bytes(_XML_SAYS.sub(rb"\g<1>UTF-8\g<3>", text.encode(), count=1))
    return Readable(copy, found, _notes(found))


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


# ---------------------------------------------------------------- MapInfo


def _mapinfo(path: Path, folder: Path, shown: str, options: ReadOptions) -> Readable:
    head = path.read_bytes()
    beside = {each.suffix.lower(): each for each in path.parent.iterdir() if each.stem == path.stem}
    samples = head[:65_536].splitlines() if path.suffix.lower() == ".mif" else head.splitlines()
    samples += _table_texts(beside)
    says = _CHARSET.search(head)
    word = says[2].decode().lower() if says else "neutral"
    declared = _CHARSETS.get(word, "")
    found = _found(samples, declared, shown, options)
    charset = _CHARSET_OF.get(family_of(found.name))
    if found.evidence == "plain ASCII" or charset is None or family_of(declared) == family_of(found.name):
        return Readable(path, found if declared else _OWN)
    for part in beside.values():
        if part != path:
            _link(part, folder / part.name)
    copy = folder / path.name
    fixed = _CHARSET.sub(lambda hit: hit[1] + charset, head)
    copy.write_bytes(fixed if says else b"!table\n!version 300\n!charset " + charset + b"\n" + fixed)
    said = _notes(found) or (Note("undeclared_encoding", found.name),)
    return Readable(copy, found, said)


def _table_texts(beside: dict[str, Path]) -> list[bytes]:
    """Texts of the attributes: the .mid of an exchange file, the .dat of a table."""
    if ".mid" in beside:
        return [cell for line in beside[".mid"].read_bytes().splitlines() for cell in line.split(b'"')]
    if ".dat" not in beside:
        return []
    try:
        raw = dbf.read_table(beside[".dat"]).raw
    except Refused:
        return beside[".dat"].read_bytes().split(b"\x00")
    return [text for column in raw if column.field.type == "C" for text in column.samples()]


def _link(source: Path, target: Path) -> None:
    with contextlib.suppress(OSError):
        target.symlink_to(source.resolve())
        return
    shutil.copyfile(source, target)


# ---------------------------------------------------------------- drawings


def _drawing(path: Path, folder: Path, shown: str, options: ReadOptions) -> Readable:
    raw = path.read_bytes()
    if raw.isascii() and not options.encoding:
        return Readable(path)
    version, page = _DRAWING_VERSION.search(raw[:20_000]), _DRAWING_PAGE.search(raw[:20_000])
    unicode = version is not None and int(version[2]) >= _UNICODE_DRAWING
    declared = "UTF-8" if unicode else encodings.declared_by_page(page[2].decode() if page else "")
    found = _found(raw.splitlines(), declared, shown, options)
    if family_of(found.name) == family_of(declared) or family_of(found.name) not in _CHARSET_OF:
        return Readable(path, found)
    copy = folder / path.name
    copy.write_bytes(
        _as_simplified_chinese(raw.decode("gb18030" if found.name == "GBK" else found.name, "replace"))
    )
    return Readable(copy, found, _notes(found) or (Note("undeclared_encoding", found.name),))


def _as_simplified_chinese(text: str) -> bytes:
    """The drawing with the one code page that GDAL surely follows; a letter that it lacks becomes `?`."""
    raw = _DRAWING_VERSION.sub(rb"\g<1>1018", text.encode("gbk", errors="replace"), count=1)
    if _DRAWING_PAGE.search(raw):
        return _DRAWING_PAGE.sub(rb"\g<1>ANSI_936", raw, count=1)
    if b"HEADER" in raw[:200]:
        return re.sub(rb"(HEADER\s*?\r?\n)", rb"\g<1>  9\n$DWGCODEPAGE\n  3\nANSI_936\n", raw, count=1)
    return b"  0\nSECTION\n  2\nHEADER\n  9\n$DWGCODEPAGE\n  3\nANSI_936\n  0\nENDSEC\n" + raw
