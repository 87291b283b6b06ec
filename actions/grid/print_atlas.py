"""The unit grid atlas and the component base atlas of a stored city, as PDF or as a GeoPackage with styles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from exports.atlas import book, qgis, sheets
from exports.atlas.content import Atlas, Layer
from gis.frames import BASE_KINDS
from kernel.clock import local_today
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent
from resources import catalogues
from resources.texts import words

if TYPE_CHECKING:
    from data.store import Store

FORMS: Final = (".pdf", ".gpkg")
MINOR: Final = 4  # rank of a minor street
GONE: Final = "移除"  # a component in this state is in the register, but no longer in the street
_COLUMNS: Final = ("class_code", "name", "owner_name", "cell_code", "state", "x", "y", "geometry")


@dataclass(frozen=True)
class PrintAtlas:
    """`out`: pdf or gpkg; `community`: a code of 12 digits, "" for the whole city; `components`: the base atlas."""

    out: Path
    community: str = ""
    components: bool = False
    lang: str = "en"


@dataclass(frozen=True)
class AtlasPrinted:
    """Pages and map sheets of the finished file; a GeoPackage has sheets and no pages."""

    pages: int
    sheets: int
    file: str


def print_atlas(store: Store, request: PrintAtlas, progress: Progress | None = None) -> AtlasPrinted:
    """Print the stored grid; the file is read back before it gets its name.

    Raises `Refused` for a store without cells, a community that is not there, or an ending that is not in `FORMS`.
    """
    progress = progress or Silent()
    out = Path(request.out)
    if out.suffix.lower() not in FORMS:
        raise Refused("{file}: an atlas cannot end in {ending}.", remedy="Use one of: {forms}.", file=out,
                      ending=out.suffix or "–", forms=", ".join(FORMS))  # fmt: skip
    progress.report(0.0, "Gathering what is printed")
    atlas = gather(store, request)
    if out.suffix.lower() == ".gpkg":
        qgis.write_map(atlas, out, Part(progress, 0.1, 1.0))
        return AtlasPrinted(0, len(atlas.printed), str(out))
    pages = book.write_book(atlas, out, Part(progress, 0.05, 1.0))
    return AtlasPrinted(pages, len(atlas.printed), str(out))


def gather(store: Store, request: PrintAtlas) -> Atlas:
    """Everything the atlas prints, and its sheets."""
    cells = store.load_cells()
    if not len(cells):
        raise Refused("{file} has no unit grid cells to print.",
                      remedy="Divide an area or import a grid first.", file=store.place)  # fmt: skip
    info = store.info(with_hash=False)
    communities = sheets.communities_of(cells, store.load_areas("community"))
    if request.community and request.community not in set(communities["code"]):
        raise Refused("There is no community {code} with cells in the store.",
                      remedy="Give one of the 12-digit codes of the index map.", code=request.community)  # fmt: skip
    components = _components(store, request, cells)
    base = {kind: _ranked(store.load_base(kind)) for kind in BASE_KINDS}
    catalogue = catalogues.load(info.standard, store.load_extensions())
    return Atlas(
        city=store.setting("city"),
        lang=request.lang,
        edition=f"{local_today():%Y-%m-%d}",
        crs=info.crs,
        source=_source(store, info.data_version, request.lang),
        synthetic=store.setting("synthetic") == "1",
        cells=_counted(cells, components),
        communities=communities,
        streets=store.load_areas("street"),
        counties=store.load_areas("county"),
        sheets=sheets.plan(communities),
        base={kind: Layer(frame) for kind, frame in base.items() if len(frame)},
        components=components.reset_index(drop=True) if request.components else None,
        catalogue=catalogue,
        community_code=request.community,
    )


def _components(store: Store, request: PrintAtlas, cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """The components of the cells that are printed, those that are gone left out."""
    printed = cells["code"][cells["community_code"] == request.community] if request.community else None
    columns = _COLUMNS if request.components else ("cell_code", "state")
    found = store.load_components(columns, cell_codes=printed)
    return found[found["state"] != GONE]


def _ranked(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A base layer of which what has no rank is taken for minor, so that an unclassified network stays quiet."""
    return frame.assign(rank=frame["rank"].where(frame["rank"] > 0, MINOR))


def _counted(cells: gpd.GeoDataFrame, components: pd.DataFrame) -> gpd.GeoDataFrame:
    """The cells with the number of components in each."""
    counts = components["cell_code"].astype(str).value_counts()
    return cells.assign(components=cells["code"].map(counts).fillna(0).astype(int))


def _source(store: Store, version: int, lang: str) -> str:
    parts = [
        words(lang, "Source: {source}", source=store.setting("city") or Path(store.place).name),
        words(lang, "data version {version}", version=version),
        "WanGrid",
    ]
    return " · ".join(parts)
