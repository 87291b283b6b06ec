"""Sheets of boxes, lines and words written straight into a PDF: for print runs of thousands of alike marks.

Objects, streams and fonts follow ISO 32000-1. matplotlib measures and places every word anew, which costs ten times what
the words themselves do; maps and reports, where that is little, stay with it (`exports.pages`).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final

from fontTools import subset
from matplotlib.font_manager import get_font

from exports.atlas.paper import MM_PT, advance_em, glyph_of, printable
from exports.finished import finished
from exports.pages import verify_pages
from kernel.progress import Progress
from resources import fonts

CATALOG, PAGES, INFO, FONT, CID_FONT, DESCRIPTOR, FONT_FILE, TO_UNICODE = range(1, 9)
FIRST_PAGE: Final = 9
EM: Final = 1000  # units in which a PDF counts widths of glyphs
LEFT_OUT: Final = (
    "GPOS",
    "GSUB",
    "GDEF",
    "name",
    "post",
    "OS/2",
    "cmap",
)  # tables that place no glyph on paper
PER_BLOCK: Final = 100  # entries of a block in a character map

Segment = tuple[tuple[float, float], tuple[float, float]]


class Sheet:
    """One page: millimetres from its lower left corner, what is drawn later lies above."""

    def __init__(self, characters: dict[str, int]) -> None:
        self._said = [f"{MM_PT:.6f} 0 0 {MM_PT:.6f} 0 0 cm"]
        self._characters = characters

    def text(self, x: float, y: float, words: str, size_pt: float, colour: str) -> None:
        """Write `words` from `x` on, their baseline at `y`; a box stands for what the bundled typeface lacks."""
        glyphs = ""
        for character in printable(words):
            self._characters[character] = glyph_of(character)
            glyphs += f"{self._characters[character]:04X}"
        self._said.append(
            f"BT {_rgb(colour)} rg /F {size_pt / MM_PT:.4f} Tf {x:.3f} {y:.3f} Td <{glyphs}> Tj ET"
        )

    def lines(self, segments: Iterable[Segment], width_pt: float, colour: str) -> None:
        """Draw straight lines."""
        drawn = " ".join(f"{a:.3f} {b:.3f} m {c:.3f} {d:.3f} l" for (a, b), (c, d) in segments)
        self._said.append(f"q {_rgb(colour)} RG {width_pt / MM_PT:.4f} w {drawn} S Q")

    def boxes(self, x: float, y: float, unit_mm: float, boxes: str, colour: str) -> None:
        """Fill boxes, each `left bottom width height re` in units of `unit_mm` from (`x`, `y`)."""
        self._said.append(
            f"q {_rgb(colour)} rg {unit_mm:.5f} 0 0 {unit_mm:.5f} {x:.4f} {y:.4f} cm {boxes} f Q"
        )

    def stream(self) -> bytes:
        """What the page says."""
        return "\n".join(self._said).encode("ascii")


Draw = Callable[[Sheet], None]


def write_sheets(
    draws: Sequence[Draw], size_mm: tuple[float, float], target: Path, title: str, progress: Progress
) -> int:
    """Write a PDF with a page for each of `draws` and read it back; its number of pages. Cancel leaves no file."""
    characters: dict[str, int] = {}
    with (
        finished(target, lambda path: verify_pages(path, len(draws))) as waiting,
        waiting.open("wb") as handle,
    ):
        file = _File(handle)
        box = " ".join(f"{side * MM_PT:.3f}" for side in size_mm)
        for number, draw in enumerate(draws):
            progress.report(
                number / len(draws), "Printing page {page} of {pages}", page=number + 1, pages=len(draws)
            )
            sheet = Sheet(characters)
            draw(sheet)
            page = FIRST_PAGE + 2 * number
            file.put(page, f"/Type /Page /Parent {PAGES} 0 R /MediaBox [0 0 {box}] /Contents {page + 1} 0 R "
                           f"/Resources << /Font << /F {FONT} 0 R >> >>")  # fmt: skip
            file.put_stream(page + 1, sheet.stream())
        _put_font(file, characters)
        kids = " ".join(f"{FIRST_PAGE + 2 * number} 0 R" for number in range(len(draws)))
        file.put(PAGES, f"/Type /Pages /Count {len(draws)} /Kids [{kids}]")
        file.put(INFO, f"/Title <{_utf16(chr(0xFEFF) + title)}> /Creator (WanGrid)")
        file.put(CATALOG, f"/Type /Catalog /Pages {PAGES} 0 R")
        file.end()
    progress.report(1.0, "Printing page {page} of {pages}", page=len(draws), pages=len(draws))
    return len(draws)


@cache
def height_em(character: str) -> float:
    """How far `character` rises above the baseline, in sizes of type."""
    font = get_font(fonts.file())
    font.set_size(EM, 72)
    return float(font.load_char(ord(character)).bbox[3]) / 64 / EM


class _File:
    """Numbered objects one after another, and at the end where each of them begins."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._places: dict[int, int] = {}
        handle.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def put(self, number: int, entries: str) -> None:
        """Write a dictionary."""
        self._begin(number, entries)
        self._handle.write(b"endobj\n")

    def put_stream(self, number: int, data: bytes, entries: str = "") -> None:
        """Write a stream, compressed."""
        packed = zlib.compress(data)
        self._begin(number, f"/Length {len(packed)} /Filter /FlateDecode {entries}")
        self._handle.write(b"stream\n" + packed + b"\nendstream\nendobj\n")

    def end(self) -> None:
        """Write the table of places; every number up to the highest has been put."""
        at, count = self._handle.tell(), max(self._places) + 1
        rows = "".join(f"{self._places[number]:010d} 00000 n \n" for number in range(1, count))
        tail = f"trailer << /Size {count} /Root {CATALOG} 0 R /Info {INFO} 0 R >>\nstartxref\n{at}\n%%EOF\n"
        self._handle.write(f"xref\n0 {count}\n0000000000 65535 f \n{rows}{tail}".encode("ascii"))

    def _begin(self, number: int, entries: str) -> None:
        self._places[number] = self._handle.tell()
        self._handle.write(f"{number} 0 obj << {entries} >>\n".encode("ascii"))


def _put_font(file: _File, characters: Mapping[str, int]) -> None:
    """The glyphs in use, numbered as in the whole typeface, with their widths and the characters they stand for."""
    face = get_font(fonts.file())
    scale = EM / face.units_per_EM
    box = " ".join(str(round(edge * scale)) for edge in face.bbox)
    widths = " ".join(
        f"{glyph} [{advance_em(character) * EM:.0f}]" for character, glyph in characters.items()
    )
    file.put(FONT, f"/Type /Font /Subtype /Type0 /BaseFont /{face.postscript_name} /Encoding /Identity-H "
                   f"/DescendantFonts [{CID_FONT} 0 R] /ToUnicode {TO_UNICODE} 0 R")  # fmt: skip
    file.put(CID_FONT, f"/Type /Font /Subtype /CIDFontType2 /BaseFont /{face.postscript_name} /CIDToGIDMap /Identity "
                       "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
                       f"/FontDescriptor {DESCRIPTOR} 0 R /W [{widths}]")  # fmt: skip
    file.put(DESCRIPTOR, f"/Type /FontDescriptor /FontName /{face.postscript_name} /Flags 4 /FontBBox [{box}] "
                         f"/ItalicAngle 0 /Ascent {face.ascender * scale:.0f} /Descent {face.descender * scale:.0f} "
                         f"/CapHeight {height_em('H') * EM:.0f} /StemV 80 /FontFile2 {FONT_FILE} 0 R")  # fmt: skip
    glyphs = _glyphs(set(characters.values()))
    file.put_stream(FONT_FILE, glyphs, f"/Length1 {len(glyphs)}")
    file.put_stream(TO_UNICODE, _character_map(characters).encode("ascii"))


def _glyphs(numbers: set[int]) -> bytes:
    """The typeface with these glyphs only."""
    options = subset.Options(retain_gids=True, hinting=False, layout_features=[], notdef_outline=True)
    options.drop_tables += LEFT_OUT
    cut = subset.Subsetter(options)
    cut.populate(gids=sorted(numbers))
    out = io.BytesIO()
    with subset.load_font(str(fonts.file()), options) as font:
        cut.subset(font)
        font.save(out)
    return out.getvalue()


def _character_map(characters: Mapping[str, int]) -> str:
    """Which character each glyph stands for, so that the text can be searched and copied."""
    rows = [f"<{glyph:04X}> <{_utf16(character)}>" for character, glyph in characters.items()]
    blocks = [rows[first : first + PER_BLOCK] for first in range(0, len(rows), PER_BLOCK)]
    said = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /WanGrid def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{said}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )


def _utf16(words: str) -> str:
    return words.encode("utf-16-be").hex().upper()


@cache
def _rgb(colour: str) -> str:
    """`#rrggbb` as three numbers."""
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.4f}" for at in (1, 3, 5))
