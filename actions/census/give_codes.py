"""Codes that the store gives itself: to stored components without one, to all of them in another edition; and the list
of what was given, which goes back to the survey company."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from actions.census.export_components import with_geometry
from census.lists import read_list, require_unique
from exports.geopackage import write_layer
from kernel.errors import Refused
from kernel.progress import Part, Progress, Silent

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class CodesGiven:
    """The session that gave codes: `coded` components got one, `left` have none (no county or class to tell it by)."""

    session: int
    status: str
    standard: str
    coded: int
    left: int


@dataclass(frozen=True)
class Recode:
    """Which edition, and a CSV `old,new` of what becomes of classes that the edition does not move ("" for none)."""

    to: str
    moves: str = ""


@dataclass(frozen=True)
class ExportGivenCodes:
    """Which session, and where to: csv, gpkg, shp, geojson or parquet."""

    session: int
    out: Path


@dataclass(frozen=True)
class GivenCodesExported:
    """`rows` written to `file` and read back (`verified`)."""

    rows: int
    file: str
    verified: bool


def give_codes(store: Store, request: None = None, progress: Progress | None = None) -> CodesGiven:
    """Give every stored component without a code one, as a session that `undo` takes back."""
    done = store.number_components(progress=progress or Silent())
    return _given(store, int(done.keys[0]))


def recode(store: Store, request: Recode, progress: Progress | None = None) -> CodesGiven:
    """Move the store and all its components to another edition; the old codes go on finding them.

    Raises `Refused` naming the classes that have no counterpart, and for a list of moves that cannot be used.
    """
    moves = {}
    if request.moves:
        rows = read_list(request.moves, ("old", "new"))
        require_unique(rows, "old", request.moves)
        moves = dict(zip(rows["old"].tolist(), rows["new"].tolist(), strict=True))
    done = store.recode_components(request.to, moves, progress=progress or Silent())
    return _given(store, int(done.keys[0]))


def export_given_codes(
    store: Store, request: ExportGivenCodes, progress: Progress | None = None
) -> GivenCodesExported:
    """Write each code that the session gave with the file and row it belongs to. Raises `Refused` when it gave none."""
    progress = progress or Silent()
    given = store.given_codes(request.session)
    if not len(given):
        store.session(request.session)
        raise Refused(
            "Session {session} gave no codes.",
            remedy="Import with --give-codes, or give codes to what is stored with `census give-codes`.",
            session=request.session,
        )
    frame = store.load_components(ids=given["component_id"].tolist(), progress=Part(progress, 0.0, 0.6))
    told = frame.drop(columns="code").merge(given, on="component_id")
    names = ["file", "row", "code", "former"]
    told = told[
        ["component_id", *names, *(name for name in told.columns if name not in {"component_id", *names})]
    ]
    write_layer(with_geometry(told, store.info(with_hash=False).crs), request.out, "codes")
    progress.report(1.0, "Writing {file}", file=request.out.name)
    return GivenCodesExported(len(told), str(request.out), True)


def _given(store: Store, number: int) -> CodesGiven:
    row = store.session(number)
    codes = store.load_components(["code"])["code"]
    return CodesGiven(
        session=number,
        status=row["status"],
        standard=store.info(with_hash=False).standard,
        coded=len(store.given_codes(number)),
        left=int((codes == "").sum()),
    )
