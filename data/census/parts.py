"""The rows of a session that are no components (yet): Parquet with zstd, cut into chunks a driver takes in one go."""

from __future__ import annotations

from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from data.journal import Work
from data.shapes import from_wkb, to_wkb
from data.tables import session_finding, session_part

COMPONENTS: Final = "components"
QUARANTINE: Final = "quarantine"
FINDINGS: Final = "findings"
ORIGINS: Final = "origins"  # of drafts: where each row of COMPONENTS came from
ANSWERS: Final = "answers"  # rows that answer those that an earlier session refused
# What corrections made of the rows they touched; these stand instead of the parts above.
TOUCHED: Final = "touched"
TOUCHED_COMPONENTS: Final = "touched_components"
TOUCHED_FINDINGS: Final = "touched_findings"
FILES: Final = "files"
CHUNK_BYTES: Final = 16 * 1024 * 1024


def save(work: Work, session_id: int, part: str, frame: pd.DataFrame) -> None:
    """Keep a frame with the session."""
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pandas(_without_shapes(frame), preserve_index=False)
    pq.write_table(table, sink, compression="zstd")
    data = memoryview(sink.getvalue())
    for chunk, start in enumerate(range(0, len(data), CHUNK_BYTES)):
        row = {"session_id": session_id, "part": part, "chunk": chunk}
        work.db.execute(sa.insert(session_part).values(**row, data=bytes(data[start : start + CHUNK_BYTES])))


def rows(db: sa.Connection, session_id: int, part: str) -> int:
    """How many rows a part has; 0 when the session has none."""
    data = _data(db, session_id, part)
    return pq.read_metadata(pa.BufferReader(data)).num_rows if data else 0


def load(
    db: sa.Connection, session_id: int, part: str, columns: list[str] | None = None
) -> pd.DataFrame | None:
    """The frame as it was kept (or only `columns`), or None when the session has no such part."""
    data = _data(db, session_id, part)
    if not data:
        return None
    frame: pd.DataFrame = pq.read_table(pa.BufferReader(data), columns=columns).to_pandas()
    if "geometry" in frame.columns:
        frame["geometry"] = from_wkb(frame["geometry"].tolist())
    return frame


def _data(db: sa.Connection, session_id: int, part: str) -> bytes:
    query = sa.select(session_part.c.data).order_by(session_part.c.chunk)
    mine = query.where(session_part.c.session_id == session_id, session_part.c.part == part)
    return b"".join(db.execute(mine).scalars())


def has(db: sa.Connection, session_id: int, part: str) -> bool:
    """Whether the session keeps the part."""
    mine = sa.and_(session_part.c.session_id == session_id, session_part.c.part == part)
    return db.execute(sa.select(session_part.c.chunk).where(mine).limit(1)).first() is not None


def forget(work: Work, session_id: int, part: str) -> None:
    """Give up a part that is no longer needed."""
    mine = sa.and_(session_part.c.session_id == session_id, session_part.c.part == part)
    work.db.execute(sa.delete(session_part).where(mine))


def count_findings(work: Work, session_id: int, findings: pd.DataFrame) -> None:
    """Keep the number of findings by code and severity where SQL can count them."""
    if findings.empty:
        return
    counts = findings.groupby(["code", "severity"], sort=False, observed=True).size()
    rows = [
        {"session_id": session_id, "code": code, "severity": severity, "rows": int(count)}
        for (code, severity), count in counts.items()
    ]
    work.db.execute(sa.insert(session_finding), rows)


def finding_counts(db: sa.Connection, session_id: int) -> dict[str, int]:
    """Number of findings by code."""
    query = sa.select(session_finding.c.code, sa.func.sum(session_finding.c.rows).label("rows"))
    mine = query.where(session_finding.c.session_id == session_id).group_by(session_finding.c.code)
    return {row.code: int(row.rows) for row in db.execute(mine.order_by(session_finding.c.code))}


def _without_shapes(frame: pd.DataFrame) -> pd.DataFrame:
    if "geometry" not in frame.columns:
        return frame
    out = pd.DataFrame(frame.drop(columns="geometry"))
    out["geometry"] = pd.Series(to_wkb(frame["geometry"]), dtype=object, index=frame.index)
    return out
