"""Make the bundled typeface from Noto Sans CJK: `python resources/fonts/make_subset.py [FOLDER_OF_THE_TTC]`.

Takes the Simplified Chinese face of `NotoSansCJK-{Regular,Medium,Bold}.ttc` (Debian: fonts-noto-cjk,
fonts-noto-cjk-extra), keeps the characters below and those of `characters.txt`, and turns the cubic outlines into
quadratic ones, since PDF writers embed TrueType outlines more reliably. Same input, same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

FOLDER: Final = Path(__file__).parent
SOURCE: Final = Path("/usr/share/fonts/opentype/noto")
FACE: Final = "Noto Sans CJK SC"
FAMILY: Final = "Noto Sans SC WanGrid"
FILE: Final = "NotoSansSCWanGrid"
OUTLINE_ERROR: Final = 0.7  # in thousandths of the em: invisible at 48 px
BLOCKS: Final = (
    (0x0020, 0x007E), (0x00A0, 0x00FF), (0x2010, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x214F),
    (0x2150, 0x218B), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x25FF), (0x2600, 0x2671),
    (0x2713, 0x2718), (0x3000, 0x303F), (0x3200, 0x33FF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEE),
)  # fmt: skip
# Bold sets one figure per card: digits, Latin, signs and the units that stand beside a figure.
BOLD_MORE: Final = "万亿个件条处米公里平方小时分秒天日月年周人次％，。、：（）—·±×÷≤≥"
NOTICE: Final = "Subset of Noto Sans CJK SC 2.004 with quadratic outlines, made for WanGrid."


def main(source: Path = SOURCE) -> None:
    """Write the three files beside this script."""
    full = text_characters()
    small = {*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, BOLD_MORE)}
    for style, characters in (("Regular", full), ("Medium", full), ("Bold", small)):
        font = sc_face(source / f"NotoSansCJK-{style}.ttc")
        reduce(font, characters)
        make_quadratic(font)
        rename(font, style)
        path = FOLDER / f"{FILE}-{style}.ttf"
        font.save(path)
        sys.stdout.write(
            f"{path.name}: {len(font.getBestCmap()):,} characters, {path.stat().st_size:,} bytes\n"
        )


def text_characters() -> set[int]:
    """Code points of the text weights: blocks of signs, GB 2312, and the characters of `characters.txt`."""
    signs = {point for first, last in BLOCKS for point in range(first, last + 1)}
    gb2312 = (
        bytes((high, low)).decode("gb2312", "ignore")
        for high in range(0xA1, 0xF8)
        for low in range(0xA1, 0xFF)
    )
    lines = (FOLDER / "characters.txt").read_text(encoding="utf-8").splitlines()
    more = "".join(line for line in lines if not line.startswith("#"))
    return signs | set(map(ord, "".join(gb2312))) | set(map(ord, more))


def sc_face(path: Path) -> TTFont:
    """The Simplified Chinese face of a Noto Sans CJK collection."""
    faces = TTCollection(str(path), lazy=True, recalcTimestamp=False).fonts
    return next(
        face for face in faces if FACE in (face["name"].getDebugName(16), face["name"].getDebugName(1))
    )


def reduce(font: TTFont, characters: set[int]) -> None:
    """Keep `characters` with kerning; drop hints, vertical metrics and all other features."""
    options = Options(hinting=False, desubroutinize=True, notdef_outline=True, recalc_timestamp=False)
    options.layout_features = ["kern"]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "DSIG", "STAT"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def make_quadratic(font: TTFont) -> None:
    """Replace the cubic outlines (`CFF `) by quadratic ones (`glyf`)."""
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    outlines = {name: _quadratic(glyphs[name]) for name in order}
    font["loca"], glyf = newTable("loca"), newTable("glyf")
    font["glyf"] = glyf
    glyf.glyphOrder, glyf.glyphs = order, outlines
    for name in order:
        outlines[name].recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(outlines[name], "xMin", 0))
    del font["CFF "]
    font["maxp"] = _maximum(len(order))
    font["maxp"].recalc(font)
    font["post"].formatType, font["head"].glyphDataFormat = 3.0, 0
    font.sfntVersion = "\000\001\000\000"


def _quadratic(glyph: Any) -> Any:
    pen = TTGlyphPen(None)
    glyph.draw(Cu2QuPen(pen, OUTLINE_ERROR, reverse_direction=True))
    return pen.glyph()


def _maximum(glyphs: int) -> Any:
    maxp = newTable("maxp")
    maxp.tableVersion, maxp.numGlyphs = 0x00010000, glyphs
    for name in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints",
        "maxCompositeContours", "maxComponentDepth",
    ):  # fmt: skip
        setattr(maxp, name, 0)
    maxp.maxZones = 1
    return maxp


def rename(font: TTFont, style: str) -> None:
    """Give the face a family name of its own, so that an installed Noto Sans CJK is never taken for it."""
    linked = style in ("Regular", "Bold")  # the two styles an old four-style family knows
    names = {
        1: FAMILY if linked else f"{FAMILY} {style}", 2: style if linked else "Regular",
        3: f"2.004;{FILE}-{style}", 4: f"{FAMILY} {style}", 5: "Version 2.004", 6: f"{FILE}-{style}",
        10: NOTICE, 16: FAMILY, 17: style,
    }  # fmt: skip
    for record, words in names.items():
        font["name"].removeNames(nameID=record)
        font["name"].setName(words, record, 3, 1, 0x409)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
