"""A sheet of the component base atlas: class symbols on a quiet map, the classes with their counts beside it."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import PathCollection
from matplotlib.path import Path as Outline
from matplotlib.transforms import Affine2D

from exports import drawing
from exports.atlas import base_map, edging, furniture, lettering, map_page, table
from exports.atlas.content import Atlas
from exports.atlas.paper import INCH_MM, LEFT_MM, RIGHT_MM, Paper, clipped, new_paper
from exports.atlas.sheets import Sheet
from resources.symbols import Path2D, component_layers, symbol

SYMBOL_MM: Final = 3.4  # side of the box of 16 on paper
APART_MM: Final = 3.0  # between two symbols; what stands nearer to a more important one becomes a dot
DOT_MM: Final = 1.1
_BOX: Final = 16.0
_OPERATIONS: Final = {"M": Outline.MOVETO, "L": Outline.LINETO, "C": Outline.CURVE4, "Z": Outline.CLOSEPOLY}
LEGEND_TOP: Final = map_page.SIDE_TOP - map_page.LOCATOR_MM - map_page.FACTS_MM - 2
LEGEND_ROW_MM: Final = 4.6
LEGEND_MM: Final = LEGEND_TOP - table.HEAD_MM - furniture.BOTTOM + furniture.BAND_MM
CLOSE_ROW_MM: Final = 3.6
CLOSE_WIDTH_MM: Final = 38.5  # of one of two columns
OWNERS: Final = 8  # columns of the table by owner; further owners share one


def draw_sheet(atlas: Atlas, sheet: Sheet, page: int, pages: int) -> Any:
    """The figure of one sheet of the component base atlas."""
    paper = new_paper(atlas.palette.card)
    axes = map_page.draw_frame(paper, atlas, sheet, page, pages)
    base_map.draw(axes, atlas, sheet, cells=atlas.palette.cell_line)
    lettering.letter(axes, atlas, sheet, numbers=False)
    own = components_of(atlas, sheet)
    _components(axes, atlas, sheet, own)
    map_page.locator(paper, atlas, sheet)
    classes = by_class(own)
    map_page.facts(paper, atlas, sheet, [
        (f"{len(own):,}", atlas.words("Components")), (f"{len(classes):,}", atlas.words("classes")),
        (f"{own['owner_name'].nunique():,}", atlas.words("owners")),
        (f"{len(atlas.cells_of(sheet)):,}", atlas.words("cells")),
    ])  # fmt: skip
    _legend(paper, atlas, classes)
    return paper.figure


def components_of(atlas: Atlas, sheet: Sheet) -> pd.DataFrame:
    """The components in the cells of the sheet."""
    assert atlas.components is not None, "only the component base atlas has components"
    codes = set(atlas.cells_of(sheet)["code"])
    return atlas.components[atlas.cell_codes.isin(codes)]


def by_class(components: pd.DataFrame) -> pd.DataFrame:
    """`class_code, name, count`, by class code."""
    texts = components[["class_code", "name"]].astype(str)
    return texts.groupby(["class_code", "name"]).size().reset_index(name="count")


def owners_table(atlas: Atlas, sheet: Sheet) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the sheet's table of classes by owner: the largest owners, the rest together, the total."""
    own = components_of(atlas, sheet)
    names = own["owner_name"].astype(str).replace("", atlas.words("no owner given"))
    largest = names.value_counts().index[:OWNERS].tolist()
    other = atlas.words("other owners")
    shown = names.where(names.isin(largest), other)
    counts = pd.crosstab([own["class_code"].astype(str), own["name"].astype(str)], shown)
    heads = [*largest, *([other] if (shown == other).any() else [])]
    rows = [
        [
            code,
            name,
            *(f"{n:,}" if (n := int(row.get(head, 0))) else "–" for head in heads),
            f"{int(row.sum()):,}",
        ]
        for (code, name), row in counts.iterrows()
    ]
    total = ["", atlas.words("Total"), *(f"{int(counts[head].sum()):,}" for head in heads), f"{len(own):,}"]
    return heads, [*rows, total]


def table_pages(atlas: Atlas, sheet: Sheet) -> int:
    """How many pages the table by owner takes."""
    classes = len(by_class(components_of(atlas, sheet))) + 1
    return math.ceil(classes / table.ROWS_PER_COLUMN)


def draw_owners(atlas: Atlas, sheet: Sheet, part: int, page: int, pages: int) -> Any:
    """The figure of page `part` (from 0) of the table of classes by owner."""
    paper = new_paper(atlas.palette.card)
    edging.head(paper, atlas, sheet.title, atlas.words("Components by class and owner"),
                atlas.words("Sheet {number}", number=sheet.number))  # fmt: skip
    edging.foot(paper, atlas, page, pages)
    heads, rows = owners_table(atlas, sheet)
    width = RIGHT_MM - LEFT_MM
    start, room = 0.28, 0.72 / (len(heads) + 1)
    columns = [table.Column(atlas.words("Class"), 0.0), table.Column(atlas.words("Name"), 0.07, room=0.2)]
    columns += [
        table.Column(clipped(head, 7.2, room * width - 2), start + room * (k + 1), True)
        for k, head in enumerate(heads)
    ]
    columns.append(table.Column(atlas.words("Total"), 1.0, True))
    first = part * table.ROWS_PER_COLUMN
    table.draw_table(
        paper, atlas, columns, rows[first : first + table.ROWS_PER_COLUMN], LEFT_MM, table.PAGE_TOP, width
    )
    return paper.figure


def _components(axes: Any, atlas: Atlas, sheet: Sheet, own: pd.DataFrame) -> None:
    """Lines and areas as they are, points as symbols; what collides becomes a dot, nothing vanishes."""
    shapes = own[own["geometry"].notna()]
    for major, part in shapes.groupby(shapes["class_code"].astype(str).str[:2]):
        drawing.lines(axes, part["geometry"].to_numpy(), atlas.palette.major(str(major)), 1.2, zorder=5.0)
    edition = atlas.catalogue.standard if atlas.catalogue else ""
    kinds = own.assign(
        class_code=own["class_code"].astype(str), name=own["name"].astype(str), state=own["state"].astype(str)
    )
    kinds = kinds.assign(
        rank=[symbol(c, edition, n).rank for c, n in zip(kinds["class_code"], kinds["name"], strict=True)]
    )
    kinds = kinds.sort_values(["rank", "class_code"], kind="stable")
    room = _room_for_symbols(kinds[["x", "y"]].to_numpy(), APART_MM / 1000 * sheet.scale)
    for major, part in kinds[~room].groupby(kinds["class_code"].str[:2]):
        _dots(axes, part, atlas.palette.major(str(major)), atlas.palette.land)
    scale = SYMBOL_MM / INCH_MM * 72 / _BOX
    for (code, name, state), part in kinds[room].groupby(["class_code", "name", "state"], sort=False):
        hue = atlas.palette.major(code[:2])
        for layer in component_layers(symbol(code, edition, name), hue, atlas.palette, state):
            _stamp(axes, layer, part[["x", "y"]].to_numpy(), scale)


def _room_for_symbols(xy: np.ndarray, apart_m: float) -> np.ndarray:
    """Which places keep their distance from all earlier ones that do (bool[n])."""
    near = shapely.STRtree(shapely.points(xy)) if len(xy) else None
    kept = np.zeros(len(xy), bool)
    for index in range(len(xy)):
        if near is not None:
            around = near.query(shapely.Point(xy[index]), predicate="dwithin", distance=apart_m)
            kept[index] = not kept[around].any()
    return kept


def _dots(axes: Any, part: pd.DataFrame, fill: str, rim: str) -> None:
    size = (DOT_MM / INCH_MM * 72) ** 2
    axes.scatter(part["x"], part["y"], s=size, facecolors=fill, edgecolors=rim, linewidths=0.5, zorder=6.0)


def _stamp(axes: Any, layer: Any, xy: np.ndarray, scale: float) -> None:
    """One layer of a symbol at many places; `scale`: points per unit of the box."""
    stamped = PathCollection(
        [_outline(layer.path)], facecolors=layer.fill or "none", edgecolors=layer.stroke or "none",
        linewidths=layer.width * scale, linestyles=[(0, [d / layer.width for d in layer.dash])] if layer.dash else "solid",
        offsets=xy, offset_transform=axes.transData, joinstyle="round", zorder=7.0,
    )  # fmt: skip
    stamped.set_transform(
        Affine2D().translate(-_BOX / 2, -_BOX / 2).scale(scale, -scale).scale(axes.figure.dpi / 72)
    )
    axes.add_collection(stamped, autolim=False)


def _outline(path: Path2D) -> Outline:
    """A path of the box of 16 as matplotlib has it."""
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    for name, *numbers in path:
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True)) or [points[-1]]
        points += pairs
        codes += [int(_OPERATIONS[name])] * len(pairs)
    return Outline(points, codes)


def _legend(paper: Paper, atlas: Atlas, classes: pd.DataFrame) -> None:
    """Symbol, name and count of each class in one column with its code, or in two close ones without."""
    ink, quiet = atlas.palette.text, atlas.palette.secondary
    x, top = map_page.SIDE_MM, LEGEND_TOP
    paper.text(x, top - 4.0, atlas.words("Legend"), 9.5, ink, weight="medium")
    paper.text(RIGHT_MM, top - 4.0, atlas.words("Number"), 7.2, quiet, ha="right")
    close = len(classes) > int(LEGEND_MM // LEGEND_ROW_MM)
    row_mm, width = (CLOSE_ROW_MM, CLOSE_WIDTH_MM) if close else (LEGEND_ROW_MM, RIGHT_MM - x)
    per_column = int(LEGEND_MM // row_mm)
    room = 2 * per_column if close else per_column
    shown = classes.nlargest(room if len(classes) <= room else room - 1, "count").sort_values("class_code")
    for k, (code, name, count) in enumerate(shown[["class_code", "name", "count"]].itertuples(index=False)):
        left = x + (k // per_column) * (RIGHT_MM - x - width)
        y = top - table.HEAD_MM - row_mm * (k % per_column + 0.5) - 1.0
        _legend_line(paper, atlas, (left, y, width), ("" if close else code, name, count), code)
    if len(classes) > len(shown):
        more = atlas.words("{count} more classes in the table", count=len(classes) - len(shown))
        y = top - table.HEAD_MM - row_mm * (per_column - 0.5) - 1.0
        paper.text(RIGHT_MM, y, more, 6.6, quiet, ha="right", va="center_baseline")


def _legend_line(
    paper: Paper, atlas: Atlas, place: tuple[float, float, float], said: tuple[str, str, int], code: str
) -> None:
    """One class at `place` (left, middle, width); without its code the line is set smaller."""
    ink, quiet = atlas.palette.text, atlas.palette.secondary
    (x, y, width), (shown_code, name, count) = place, said
    size = 7.8 if shown_code else 6.6
    edition = atlas.catalogue.standard if atlas.catalogue else ""
    for layer in component_layers(symbol(code, edition, name), atlas.palette.major(code[:2]), atlas.palette):
        _stamp(paper.axes, layer, np.array([[x + 2.0, y]]), SYMBOL_MM / INCH_MM * 72 / _BOX)
    paper.text(x + 6.0, y, shown_code, size, quiet, va="center_baseline")
    indent = 19.0 if shown_code else 5.2
    paper.text(x + indent, y, clipped(name, size, width - indent - 6), size, ink, va="center_baseline")
    paper.text(x + width, y, f"{count:,}", size, ink, ha="right", va="center_baseline")
