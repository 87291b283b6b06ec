"""Head and foot of a page: what it shows, which sheet and page it is, where its figures come from."""

from __future__ import annotations

from exports.atlas.content import Atlas
from exports.atlas.paper import BOTTOM_MM, LEFT_MM, RIGHT_MM, Paper, clipped, width_mm
from gis import crs

HEAD_MM = 277.0  # base line of the head


def head(paper: Paper, atlas: Atlas, title: str, below: str, right: str = "", right_below: str = "") -> None:
    """Title and what explains it at the left, the sheet's number at the right."""
    ink, quiet = atlas.palette.text, atlas.palette.secondary
    title = clipped(title, 22, 200)
    paper.text(LEFT_MM + 1, HEAD_MM, title, 22, ink, weight="medium")
    paper.text(LEFT_MM + 1 + width_mm(title, 22) + 6, HEAD_MM, below, 10.5, quiet)
    if right:
        paper.text(RIGHT_MM, HEAD_MM, right, 22, atlas.palette.focus, weight="medium", ha="right")
        paper.text(RIGHT_MM - width_mm(right, 22) - 5, HEAD_MM, right_below, 10.5, quiet, ha="right")


def foot(paper: Paper, atlas: Atlas, page: int, pages: int) -> None:
    """Source and page number along the lower edge."""
    quiet = atlas.palette.secondary
    said = " · ".join(part for part in (atlas.source, synthetic(atlas)) if part)
    paper.text(LEFT_MM + 1, BOTTOM_MM, said, 7.0, quiet)
    number = atlas.words("Page {page} of {pages}", page=page, pages=pages)
    paper.text(RIGHT_MM, BOTTOM_MM, number, 8.0, quiet, ha="right")


def synthetic(atlas: Atlas) -> str:
    """The mark of made-up data, "" on real data."""
    return atlas.words("Synthetic data, not a real city") if atlas.synthetic else ""


def system(atlas: Atlas) -> str:
    """The coordinate system in the reader's words."""
    if atlas.crs in crs.CGCS2000_3_DEGREE:
        meridian = 75 + 3 * (atlas.crs - crs.CGCS2000_3_DEGREE.start)
        return atlas.words("CGCS2000, 3-degree Gauss-Krüger, central meridian {meridian}° E (EPSG:{epsg})",
                           meridian=meridian, epsg=atlas.crs)  # fmt: skip
    return f"{crs.system(atlas.crs).name} (EPSG:{atlas.crs})"
