"""A map sheet: map and frame at the left, locator, facts, legend and table of cells at the right."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd

from exports import drawing
from exports.atlas import base_map, edging, furniture, lettering, table
from exports.atlas.content import Atlas
from exports.atlas.legend import draw_legend
from exports.atlas.paper import RIGHT_MM, Paper, new_paper, width_mm
from exports.atlas.sheets import Sheet

SIDE_MM: Final = 328.0  # left edge of the column beside the map
SIDE_TOP: Final = 272.0
LOCATOR_MM: Final = 46.0
FACTS_MM: Final = 21.0
LEGEND_MM: Final = 38.0
TABLE_TOP: Final = SIDE_TOP - LOCATOR_MM - FACTS_MM - LEGEND_MM - 4.0
TABLE_MM: Final = TABLE_TOP - table.HEAD_MM - furniture.BOTTOM + furniture.BAND_MM
ROWS: Final = int(TABLE_MM // table.DENSE_MM)


def draw_sheet(atlas: Atlas, sheet: Sheet, page: int, pages: int) -> Any:
    """The figure of one sheet of the unit grid atlas."""
    paper = new_paper(atlas.palette.card)
    cells = atlas.cells_of(sheet)
    axes = draw_frame(paper, atlas, sheet, page, pages)
    base_map.draw(axes, atlas, sheet)
    lettering.letter(axes, atlas, sheet)
    locator(paper, atlas, sheet)
    facts(paper, atlas, sheet, _figures(atlas, cells))
    draw_legend(paper, atlas, SIDE_MM, SIDE_TOP - LOCATOR_MM - FACTS_MM - 2)
    on_sheet = cells if len(cells) <= ROWS else cells.iloc[: ROWS - 1]
    row_mm = min(table.ROW_MM, TABLE_MM / max(len(on_sheet), 1))
    bottom = table.draw_cells(paper, atlas, on_sheet, SIDE_MM, TABLE_TOP, RIGHT_MM - SIDE_MM, row_mm)
    if len(cells) > len(on_sheet):
        more = atlas.words("{count} more cells on the next page", count=len(cells) - len(on_sheet))
        paper.text(SIDE_MM, bottom - 3.2, more, 8.0, atlas.palette.secondary)
    return paper.figure


def rows_left(atlas: Atlas, sheet: Sheet) -> int:
    """How many cells do not fit into the table beside the map."""
    cells = len(atlas.cells_of(sheet))
    return 0 if cells <= ROWS else cells - ROWS + 1


def draw_frame(paper: Paper, atlas: Atlas, sheet: Sheet, page: int, pages: int) -> Any:
    """Head, foot, frame, scale and arrow of a sheet; returns the axes of its map."""
    code = sheet.community_code
    below = " · ".join(part for part in (spaced(code), street_name(atlas, code), atlas.city) if part)
    of = atlas.words("of {count} sheets", count=len(atlas.sheets))
    edging.head(paper, atlas, sheet.title, below, atlas.words("Sheet {number}", number=sheet.number), of)
    edging.foot(paper, atlas, page, pages)
    axes = paper.map(furniture.LEFT, furniture.BOTTOM, *furniture.MAP_MM, sheet.window, atlas.palette.land)
    furniture.frame(paper, atlas, sheet)
    furniture.north_arrow(paper, atlas, furniture.RIGHT - 11, furniture.TOP - 23)
    _scale_line(paper, atlas, sheet)
    return axes


def locator(paper: Paper, atlas: Atlas, sheet: Sheet) -> None:
    """Where in the city the sheet lies."""
    width, height = RIGHT_MM - SIDE_MM, LOCATOR_MM - 3
    window = around(atlas.communities.total_bounds, width, height)
    bottom = SIDE_TOP - height
    axes = paper.map(SIDE_MM, bottom, width, height, window, atlas.palette.ground)
    colours = atlas.palette
    drawing.fill(axes, atlas.outlines, colours.card, colours.line, 0.35)
    drawing.fill(axes, [sheet.piece], colours.focus, colours.focus, 0.5, zorder=2)
    if len(atlas.streets):
        drawing.lines(axes, atlas.streets.geometry.simplify(8), colours.secondary, 0.5, zorder=3)


def facts(paper: Paper, atlas: Atlas, sheet: Sheet, figures: list[tuple[str, str]]) -> None:
    """A row of figures with their words below."""
    y = SIDE_TOP - LOCATOR_MM - 7.0
    widths = [max(width_mm(figure, 15), width_mm(words, 7.5)) for figure, words in figures]
    gap = (RIGHT_MM - SIDE_MM - sum(widths)) / max(len(figures) - 1, 1)
    x = SIDE_MM
    for (figure, words), width in zip(figures, widths, strict=True):
        paper.text(x, y, figure, 15, atlas.palette.text, weight="medium")
        paper.text(x, y - 5.5, words, 7.5, atlas.palette.secondary)
        x += width + gap
    paper.line((SIDE_MM, RIGHT_MM), (y - 10.0, y - 10.0), atlas.palette.line, 0.6)


def around(bounds: Any, width: float, height: float, air: float = 1.06) -> tuple[float, float, float, float]:
    """The window of the shape width × height that holds `bounds` with some air."""
    xmin, ymin, xmax, ymax = bounds
    m_per_mm = max((xmax - xmin) / width, (ymax - ymin) / height) * air
    x, y = (xmin + xmax) / 2, (ymin + ymax) / 2
    half_width, half_height = m_per_mm * width / 2, m_per_mm * height / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def spaced(code: str) -> str:
    """A code in its groups: county 6, street 3, community 3, sequence 3."""
    return " ".join(part for part in (code[:6], code[6:9], code[9:12], code[12:15]) if part)


def street_name(atlas: Atlas, community_code: str) -> str:
    """The name of the community's street, "" where the store knows none."""
    found = atlas.streets[atlas.streets["code"] == community_code[:9]]["name"].tolist()
    return str(found[0]) if found else ""


def _figures(atlas: Atlas, cells: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    area = float(cells["area_m2"].sum())
    mean = area / len(cells) if len(cells) else 0.0
    return [
        (f"{len(cells):,}", atlas.words("cells")),
        (f"{area / 1e4:,.1f}", atlas.words("hectares")),
        (f"{mean:,.0f}", atlas.words("m² per cell")),
        (f"{int(cells['components'].sum()):,}", atlas.words("Components")),
    ]


def _scale_line(paper: Paper, atlas: Atlas, sheet: Sheet) -> None:
    ink, quiet = atlas.palette.text, atlas.palette.secondary
    y = furniture.BOTTOM - furniture.BAND_MM - 6.4
    paper.text(furniture.LEFT - furniture.BAND_MM, y, f"1 : {sheet.scale:,}", 13, ink, weight="medium")
    bar = furniture.scale_bar(paper, atlas, furniture.LEFT + 26, y - 0.3, sheet.scale)
    paper.text(bar + 12, y + 0.3, edging.system(atlas), 8.0, quiet)
    paper.text(furniture.RIGHT + furniture.BAND_MM, y + 0.3, atlas.words("Edition {date}", date=atlas.edition), 8.0,
               quiet, ha="right")  # fmt: skip
