"""What stands in a store, once for both engines. Migrations create it; a test holds the two together.

Bulk rows are normalised: texts with few values are keys into `term`, responsible units (code, name) keys into `unit`,
cells keys into `cell`; 0 means "" or "outside every cell". All ids are given by `counter` inside the write's own
transaction, never by the engine. There are no foreign keys from bulk rows: a check per row and key would cost more
than the rows themselves on both engines; one place writes these rows, and `verify` counts orphans.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import UserDefinedType

metadata = sa.MetaData()


class Shape(UserDefinedType[bytes]):
    """Geometry as two-dimensional little-endian WKB in and out: a BLOB in a file, `geometry` in PostGIS."""

    cache_ok = True

    def column_expression(self, column: Any) -> Any:
        """Read as WKB on either engine."""
        return _AsWkb(column, type_=self)


class _AsWkb(sa.sql.functions.GenericFunction[bytes]):
    inherit_cache = True
    name = "as_wkb"


@compiles(Shape, "sqlite")
def _shape_in_a_file(_type: Shape, _compiler: Any, **_: Any) -> str:
    return "BLOB"


@compiles(Shape, "postgresql")
def _shape_in_postgis(_type: Shape, _compiler: Any, **_: Any) -> str:
    return "geometry"


@compiles(_AsWkb, "sqlite")
def _wkb_from_a_file(function: Any, compiler: Any, **words: Any) -> str:
    return str(compiler.process(function.clauses, **words))


@compiles(_AsWkb, "postgresql")
def _wkb_from_postgis(function: Any, compiler: Any, **words: Any) -> str:
    return f"ST_AsBinary({compiler.process(function.clauses, **words)}, 'NDR')"


Code: Final = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
Big: Final = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
Real: Final[sa.Double[float]] = sa.Double()


def _column(name: str, kind: Any, *, key: bool = False, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=key, nullable=null, autoincrement=False)


def _table(name: str, *parts: Any, **words: Any) -> sa.Table:
    return sa.Table(name, metadata, *parts, **words)


setting = _table("setting", _column("key", Code, key=True), _column("value", sa.Text))
# `counter`: the last id given for each kind of row, the number of commits ("sequence") and of commits that changed
# what is mapped or analysed ("version"), and the number of fixes ("fix").
counter = _table("counter", _column("name", Code, key=True), _column("value", Big))
# The data version of the last commit that touched a kind, and a random mark of that commit: two copies of one store
# that went different ways have equal versions, but never equal marks.
kind_version = _table(
    "kind_version", _column("kind", Code, key=True), _column("version", Big), _column("mark", sa.Text)
)
change_log = _table(
    "change_log",
    _column("sequence", Big, key=True),
    _column("version", Big),
    _column("at", sa.Text),
    _column("actor", sa.Text),
    _column("source", sa.Text),
    _column("kinds", sa.Text),
    _column("keys", sa.Text),
    _column("counts", sa.Text),
)

department = _table("department", _column("code", Code, key=True), _column("name", sa.Text))
class_extension = _table(
    "class_extension",
    _column("standard", Code, key=True),
    _column("kind", Code, key=True),
    _column("code", Code, key=True),
    _column("major_code", Code),
    _column("minor_code", Code),
    _column("name", sa.Text),
    _column("geometry", sa.Text),
    _column("accuracy", sa.Text),
)

area = _table(
    "area",
    _column("level", Code, key=True),
    _column("code", Code, key=True),
    _column("name", sa.Text),
    _column("parent_code", Code),
    _column("initials", Code),
    _column("shape", Shape),
)
cell = _table(
    "cell",
    _column("cell_id", sa.Integer, key=True),
    _column("code", Code),
    _column("community_code", Code),
    _column("name", sa.Text),
    _column("area_m2", Real),
    _column("initial_date", sa.Text),
    _column("note", sa.Text),
    _column("shape", Shape),
    sa.Index("cell_code", "code", unique=True),
)


def _cell_as_it_stood() -> list[sa.Column[Any]]:
    return [
        _column("community_code", Code),
        _column("name", sa.Text),
        _column("area_m2", Real),
        _column("initial_date", sa.Text),
        _column("note", sa.Text),
        _column("shape", Shape),
    ]


# One change of the grid: an edit by hand, its undo or redo (`of_step` is then the edit), or a whole new grid.
grid_step = _table(
    "grid_step",
    _column("step_id", sa.Integer, key=True),
    _column("at", sa.Text),
    _column("actor", sa.Text),
    _column("kind", Code),  # split, merge, move, renumber, snap, redivision, undo, redo
    _column("state", Code),  # of an edit: done, undone, dropped (undone and edited on); of all others final
    _column("of_step", sa.Integer),
    _column("communities", sa.Text),  # codes of those whose ground or codes changed, with commas
)
# The cells of an edit as they were before and after it, so that it can be taken back and done again exactly.
grid_step_cell = _table(
    "grid_step_cell",
    _column("step_id", sa.Integer, key=True),
    _column("side", Code, key=True),  # before, after
    _column("code", Code, key=True),
    *_cell_as_it_stood(),
)
# What a step took from the lists of responsibility areas (side lost) and gave to them (gained).
grid_step_area = _table(
    "grid_step_area",
    _column("step_id", sa.Integer, key=True),
    *(_column(name, Code, key=True) for name in ("side", "kind", "area_code", "cell_code")),
)
# What became of each cell that a step changed; a successor "" is ground that lies in no cell any more.
cell_succession = _table(
    "cell_succession",
    _column("step_id", sa.Integer, key=True),
    _column("predecessor", Code, key=True),
    _column("successor", Code, key=True),
    _column("area_m2", Real),
    _column("share_of_predecessor", Real),
    _column("share_of_successor", Real),
    _column("components", sa.Integer),
)
# Cells that step `step_id` ended, as they last stood. A code that stands in `cell` too had other ground then.
retired_cell = _table(
    "retired_cell",
    _column("code", Code, key=True),
    _column("step_id", sa.Integer, key=True),
    *_cell_as_it_stood(),
    _column("retired_at", sa.Text),
)
# Who edits the cells of a community at the moment; it binds nobody any more from `until` on.
community_hold = _table(
    "community_hold",
    _column("community_code", Code, key=True),
    _column("holder", sa.Text),
    _column("since", sa.Text),
    _column("until", sa.Text),
)

responsibility_area = _table(
    "responsibility_area",
    _column("kind", Code, key=True),
    _column("code", Code, key=True),
    *(
        _column(name, sa.Text)
        for name in ("name", "company", "team", "person", "department", "layer", "start", "end", "note")
    ),
    *(
        _column(name, Real, null=True)
        for name in ("population", "length_m", "width_m", "area_m2", "swept_m2")
    ),
    _column("shape", Shape, null=True),
)
# Cells by code, not by key; a step of the grid that ends a cell leads its areas to what took its ground.
responsibility_area_cell = _table(
    "responsibility_area_cell",
    _column("kind", Code, key=True),
    _column("area_code", Code, key=True),
    _column("cell_code", Code, key=True),
)

base_feature = _table(
    "base_feature",
    _column("feature_id", sa.Integer, key=True),
    _column("kind", Code),
    _column("name", sa.Text),
    _column("subtype", sa.Text),
    _column("rank", sa.Integer),
    _column("width_m", Real),
    _column("initials", Code),
    _column("shape", Shape),
    sa.Index("base_feature_kind", "kind"),
)

term = _table(
    "term",
    _column("term_id", sa.Integer, key=True),
    _column("text", Code),
    sa.Index("term_text", "text", unique=True),
)
unit = _table(
    "unit",
    _column("unit_id", sa.Integer, key=True),
    _column("code", Code),
    _column("name", Code),
    sa.Index("unit_code_name", "code", "name", unique=True),
)

TERM_FIELDS: Final = ("class_code", "name", "state", "initial_date", "change_date", "source", "accuracy")
UNIT_FIELDS: Final = ("authority", "owner", "maintainer")
TEXT_FIELDS: Final = ("location", "note", "extra")


def _component_columns() -> list[sa.Column[Any]]:
    return [
        _column("code", Code, null=True),  # NULL when the survey gave none, so that the rest can be unique
        *(_column(f"{name}_term", sa.Integer) for name in TERM_FIELDS),
        *(_column(f"{name}_unit", sa.Integer) for name in UNIT_FIELDS),
        _column("cell_id", sa.Integer),
        *(_column(name, sa.Text) for name in TEXT_FIELDS),
        _column("x", Real),
        _column("y", Real),
        _column("shape", Shape, null=True),  # lines and areas only
        _column("session_id", sa.Integer),  # the session that wrote this version
    ]


component = _table(
    "component",
    _column("component_id", sa.Integer, key=True),
    *_component_columns(),
    sa.Index("component_code", "code", unique=True),
)
# A row is the version that session `replaced_by` replaced.
component_history = _table(
    "component_history",
    _column("component_id", sa.Integer, key=True),
    _column("replaced_by", sa.Integer, key=True),
    *_component_columns(),
)

session = _table(
    "session",
    _column("session_id", sa.Integer, key=True),
    _column("status", Code),
    _column("label", sa.Text),
    _column("files", sa.Text),
    _column("layer", sa.Text),
    _column("standard", sa.Text),
    _column("crs", sa.Integer),
    _column("source_crs", sa.Text),
    _column("encoding", sa.Text),
    _column("notes", sa.Text),
    _column("read", sa.Integer),
    _column("accepted", sa.Integer),
    _column("quarantined", sa.Integer),
    _column("warnings", sa.Integer),
    _column("new", sa.Integer),
    _column("changed", sa.Integer),
    _column("unchanged", sa.Integer),
    _column("missing", sa.Integer),
    _column("cells_version", Big),
    _column("drafted_by", sa.Text),
    _column("drafted_at", sa.Text),
    _column("submitted_by", sa.Text),
    _column("submitted_at", sa.Text),
    _column("decided_by", sa.Text),
    _column("decided_at", sa.Text),
    _column("undone_by", sa.Text),
    _column("undone_at", sa.Text),
    _column("reason", sa.Text),  # why it was returned
    _column("redelivery_of", sa.Text),  # numbers of the sessions whose refused rows it answers, with commas
    # Its place in the order of all commits, 0 until it has one; and the last place that was taken when it was drafted.
    _column("stored_as", sa.Integer),
    _column("drafted_after", sa.Integer),
)
# Rows of a session that are no components (yet): Parquet with zstd, cut into chunks.
session_part = _table(
    "session_part",
    sa.Column("session_id", sa.Integer, sa.ForeignKey("session.session_id"), primary_key=True),
    _column("part", Code, key=True),  # see data.census.parts
    _column("chunk", sa.Integer, key=True),
    _column("data", sa.LargeBinary),
)
session_finding = _table(
    "session_finding",
    sa.Column("session_id", sa.Integer, sa.ForeignKey("session.session_id"), primary_key=True),
    _column("code", Code, key=True),
    _column("severity", Code, key=True),
    _column("rows", sa.Integer),
)

# What a person corrected in a draft, and each row that it concerned with the value before and after.
session_correction = _table(
    "session_correction",
    sa.Column("session_id", sa.Integer, sa.ForeignKey("session.session_id"), primary_key=True),
    _column("number", sa.Integer, key=True),
    _column("at", sa.Text),
    _column("actor", sa.Text),
    _column("kind", Code),  # set, move, drop
    _column("field", Code),
    _column("value", sa.Text),
    _column("rows", sa.Integer),
    _column("undone_by", sa.Text),
    _column("undone_at", sa.Text),
)
session_correction_row = _table(
    "session_correction_row",
    _column("session_id", sa.Integer, key=True),
    _column("number", sa.Integer, key=True),
    _column("place", sa.Integer, key=True),
    _column("file", sa.Text),
    _column("layer", sa.Text),
    _column("row", sa.Integer),
    _column("record", sa.Integer),
    _column("before", sa.Text),
    _column("after", sa.Text),
    _column("component_id", sa.Integer),  # 0 until the session is committed
    sa.Index("session_correction_component", "component_id"),
)

# The last sequence that county and class (`prefix`) ever had in a component's code; it never goes back.
code_counter = _table("code_counter", _column("prefix", Code, key=True), _column("value", Big))
# Every code that the store gave itself, and the one that stood there before (""); kept also when the session is undone.
given_code = _table(
    "given_code",
    _column("session_id", sa.Integer, key=True),
    _column("component_id", sa.Integer, key=True),
    _column("code", Code),
    _column("former", Code),
    _column("undone", sa.Integer),
    _column("file", sa.Text),
    _column("row", sa.Integer),  # the surveyor's own row number, -1 where the code was given later
    sa.Index("given_code_former", "former"),
    sa.Index("given_code_code", "code"),
)
# Sessions that give codes: what they do (give: to rows of a delivery; number: to stored components; recode), the
# edition that was used before it, and the city's own moves of classes as JSON.
session_codes = _table(
    "session_codes",
    _column("session_id", sa.Integer, key=True),
    _column("wish", Code),
    _column("former_standard", Code),
    _column("standard", Code),
    _column("moves", sa.Text),
)

patroller = _table(
    "patroller",
    _column("patroller_id", sa.Integer, key=True),
    _column("code", Code),
    _column("name", sa.Text),
    _column("company", sa.Text),
    _column("team", sa.Text),
    _column("role", sa.Text),
)
# Keyed by time first, so that a batch of fixes lands on a few pages at the end of the tree.
fix = _table(
    "fix",
    _column("time_s", Real, key=True),
    _column("patroller_id", sa.Integer, key=True),
    _column("x", Real),
    _column("y", Real),
    _column("speed_m_s", Real, null=True),
    _column("heading_deg", Real, null=True),
    _column("accuracy_m", Real, null=True),
    sqlite_with_rowid=False,
)
