"""The schema: one description, two engines, old files always open."""

from __future__ import annotations

import ast
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from data import address as addresses
from data import opening, schema
from data import store as stores
from data.engines.embedded import APPLICATION_ID, EmbeddedEngine
from data.engines.engine import Engine
from data.engines.postgis import PostgisEngine
from data.store import Store
from data.tables import metadata
from gis.grid.coverage_editing import split
from kernel.errors import Refused
from tests.data.small_city import CRS, SOUTH, WEST, cells, components, draft, fixes

# What stands in PostGIS only, for spatial SQL and QGIS: docs/decisions/0021-rows-of-the-store.md.
SERVER_ONLY = {"component.geometry", "component_geometry", "area_shape", "cell_shape", "base_feature_shape"}


@pytest.mark.filterwarnings("ignore:Did not recognize type")
def test_that_the_migrations_make_exactly_the_tables_that_are_described(store: Store) -> None:
    def ours(thing: Any, name: str, kind: str, _reflected: bool, _to: Any) -> bool:
        known = f"{thing.table.name}.{name}" if kind == "column" else name
        return known not in SERVER_ONLY and name not in {schema.REVISION_TABLE, "spatial_ref_sys"}

    with store._engine.reading() as db:
        options = {"include_object": ours, "compare_type": False}
        assert compare_metadata(MigrationContext.configure(db, opts=options), metadata) == []


@pytest.mark.filterwarnings("ignore:Did not recognize type")
def test_that_both_engines_have_the_columns_types_and_keys_that_are_described(store: Store) -> None:
    with store._engine.reading() as db:
        inspector = sa.inspect(db)
        for table in metadata.sorted_tables:
            stored = {column["name"]: column for column in inspector.get_columns(table.name)}
            for column in table.columns:
                assert stored[column.name]["nullable"] == column.nullable, f"{table.name}.{column.name}"
            keys = inspector.get_pk_constraint(table.name)["constrained_columns"]
            assert keys == [column.name for column in table.primary_key.columns], table.name


def test_that_fixes_are_the_tree_of_their_key_in_a_file(tmp_path: Path) -> None:
    stores.create(tmp_path / "a.wangrid").close()
    with sqlite3.connect(tmp_path / "a.wangrid") as file:
        (made,) = file.execute("SELECT sql FROM sqlite_master WHERE name = 'fix'").fetchone()
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()
    assert "WITHOUT ROWID" in made and "PRIMARY KEY (time_s, patroller_id)" in made


def test_that_migrations_import_nothing_of_the_program() -> None:
    rooms = {"kernel", "resources", "gis", "census", "patrol", "data", "exports", "actions", "cli", "desktop"}
    for file in schema.MIGRATIONS.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & rooms, file.name


def older_store(place: str | Path, revision: str = "0001") -> None:
    """A store as an earlier schema had it, with settings and a cell (and a fix, where there were fixes)."""
    address = addresses.parse(place)
    if address.file is not None:
        address.file.touch()
        engine: Engine = EmbeddedEngine(address.file)
    else:
        engine = PostgisEngine(address.url)
    with engine.writing() as db:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes["connection"] = db
        command.upgrade(config, revision)
        if address.file is not None:
            db.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        for key, value in {"store_id": "old", "standard": "2013", "crs": "0", "self_approval": "1"}.items():
            db.execute(sa.text("INSERT INTO setting VALUES (:key, :value)"), {"key": key, "value": value})
        cell = sa.text(
            "INSERT INTO cell VALUES (1, '110101001001001', '110101001001', '', 1e4, '', '', :shape)"
        )
        db.execute(cell, {"shape": cells().geometry.to_wkb()[0]})
        if revision >= "0002":
            db.execute(
                sa.text("INSERT INTO fix (time_s, patroller_id, x, y) VALUES (1, 1, 2, 3), (2, 1, 2, 3)")
            )
        if revision >= "0003":
            db.execute(sa.text("UPDATE counter SET value = 2 WHERE name = 'fix'"))
    engine.close()


@pytest.mark.parametrize(("revision", "fixes_there"), [("0001", 0), ("0002", 2), ("0003", 2)])
def test_that_every_older_schema_is_brought_up_to_date(address: str, revision: str, fixes_there: int) -> None:
    older_store(address, revision)
    with stores.open(address) as store:
        told = store.info()
        assert (told.schema, told.cells, told.fixes) == (schema.newest(), 1, fixes_there)
        assert store.append_fixes(fixes(3)).counts["added"] == 3
        assert store.info().fixes == fixes_there + 3
        store.adopt_crs(CRS)
        frame, seen = store.cells_and_step()
        across = shapely.LineString([(WEST - 1, SOUTH + 50), (WEST + 101, SOUTH + 50)])
        assert store.edit_grid(split(frame, frame["code"][0], across), seen_step=seen).counts["cells"] == 3
        store.undo_grid_edit()
        assert store.load_cells().to_wkb().equals(frame.to_wkb())
        assert store.verify() == []


LIVES = [  # session, status, drafted_at, decided_at, and then stored_as, drafted_after
    (1, "committed", "2026-11-01T08:00:00Z", "2026-11-03T08:00:00Z", 2, 0),
    (2, "undone", "2026-11-01T09:00:00Z", "2026-11-02T08:00:00Z", 1, 0),
    (3, "rejected", "2026-11-02T08:00:00Z", "2026-11-02T09:00:00Z", 0, 0),
    (4, "draft", "2026-11-03T08:00:01Z", "", 0, 2),
]


def test_that_sessions_of_an_older_store_are_put_in_the_order_of_their_commits(address: str) -> None:
    older_store(address, "0012")
    engine = opening._engine(addresses.parse(address), create=False, read_only=False)
    with engine.writing() as db:
        table = sa.Table("session", sa.MetaData(), autoload_with=db)
        blank = {column.name: "" if isinstance(column.type, sa.Text) else 0 for column in table.columns}
        for number, status, drafted_at, decided_at, *_ in LIVES:
            own = {"session_id": number, "status": status, "drafted_at": drafted_at, "decided_at": decided_at}
            db.execute(sa.insert(table).values(blank | own))
        db.execute(sa.text("UPDATE counter SET value = 4 WHERE name = 'session'"))
    engine.close()
    with stores.open(address) as store:
        found = store.load_sessions().sort_values("session_id")
        assert found[["stored_as", "drafted_after"]].values.tolist() == [list(life[4:]) for life in LIVES]
        store.adopt_crs(CRS)
        fifth = int(store.commit_census(draft(components(2))).keys[0])
        assert store.session(fifth)["stored_as"] == 3


def test_that_an_older_store_is_backed_up_beside_itself_and_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "老城.wangrid"
    older_store(file)
    with pytest.raises(Refused, match="older"):
        stores.open(file, read_only=True)
    with stores.open(file) as store:
        assert store.info().schema == schema.newest() > 1
        assert store.load_cells()["code"].tolist() == ["110101001001001"]
        store.append_fixes(fixes(2))
    (backup,) = tmp_path.glob("老城.backup-1-*.wangrid")
    with sqlite3.connect(backup) as old:
        assert old.execute(f"SELECT version_num FROM {schema.REVISION_TABLE}").fetchone() == ("0001",)
        assert old.execute("SELECT count(*) FROM cell").fetchone() == (1,)
    old.close()
    stores.open(file).close()
    assert len(list(tmp_path.glob("老城.backup-*"))) == 1  # once is enough


def test_that_a_migration_that_fails_leaves_the_old_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.wangrid"
    older_store(file)

    def breaks(db: sa.Connection) -> None:
        db.exec_driver_sql("CREATE TABLE half (a)")
        raise RuntimeError("power cut")

    monkeypatch.setattr(opening.schema, "upgrade", breaks)
    with pytest.raises(RuntimeError, match="power cut"):
        stores.open(file)
    monkeypatch.undo()
    with sqlite3.connect(file) as old:
        names = {name for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    old.close()
    assert "half" not in names and "fix" not in names
    stores.open(file).close()


def test_that_an_older_backup_can_be_restored(tmp_path: Path) -> None:
    older_store(tmp_path / "old.wangrid")
    before = (tmp_path / "old.wangrid").read_bytes()
    stores.restore(tmp_path / "old.wangrid", tmp_path / "new.wangrid")
    with stores.open(tmp_path / "new.wangrid") as store:
        assert store.info().cells == 1 and store.info().store_id != "old"
    assert (tmp_path / "old.wangrid").read_bytes() == before


def test_that_a_store_of_a_newer_program_is_refused_and_left_alone(made: str) -> None:
    statement = f"UPDATE {schema.REVISION_TABLE} SET version_num = '%s'"
    if made.startswith("postgresql"):
        newer, back = (
            lambda words=words: _on_server(made, words)
            for words in (statement % "0999", statement % f"{schema.newest():04d}")
        )
    else:
        newer, back = (
            lambda words=words: _in_file(made, words)
            for words in (statement % "0999", statement % f"{schema.newest():04d}")
        )
    before = stores.open(made, actor="王工")
    newer()
    try:
        with pytest.raises(Refused, match="schema is 999"):  # a newer program came while this one had it open
            before.set_setting("city", "北京")
        before.close()
        for read_only in (False, True):
            with pytest.raises(Refused, match="schema is 999") as told:
                stores.open(made, read_only=read_only)
        assert "Update WanGrid" in told.value.remedy
    finally:
        back()
    with stores.open(made, actor="王工") as store:
        store.set_setting("self_approval", "1")
        store.replace_grid(cells())
        assert store.commit_census(draft(components(2))).counts["new"] == 2


def _in_file(place: str, statement: str) -> None:
    connection = sqlite3.connect(place)
    connection.execute(statement)
    connection.commit()
    connection.close()


def _on_server(place: str, statement: str) -> None:
    with psycopg.connect(place) as connection:
        connection.execute(statement)


def test_that_the_server_keeps_geometry_in_the_stores_plane(fresh_postgis: str) -> None:
    with stores.create(fresh_postgis, "2013", CRS) as store:
        store.set_setting("self_approval", "1")
        store.replace_grid(cells())
        store.commit_census(draft(components(30)))
    with psycopg.connect(fresh_postgis) as connection:
        inside = connection.execute(
            "SELECT count(*) FROM component k JOIN cell c USING (cell_id)"
            " WHERE ST_Contains(c.shape, k.geometry) AND ST_SRID(k.geometry) = 4548"
        ).fetchone()
    assert inside == (30,)
