"""Which schema a store has, which one this program knows, and the way from one to the other."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from data.engines.engine import Engine
from kernel.errors import Refused

MIGRATIONS: Final = Path(__file__).parent / "migrations"
REVISION_TABLE: Final = "schema_revision"


@cache
def newest(migrations: Path = MIGRATIONS) -> int:
    """Number of the last step this program knows."""
    return max(int(step.name[:4]) for step in (migrations / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def current(engine: Engine) -> int:
    """Number of the store's schema; 0 when nothing of ours is there."""
    with engine.reading() as db:
        return current_in(db)


def current_in(db: sa.Connection) -> int:
    """Number of the schema as this transaction sees it."""
    if not sa.inspect(db).has_table(REVISION_TABLE, schema=db.dialect.default_schema_name):
        return 0
    return number_of(db)


def number_of(db: sa.Connection) -> int:
    """As `current_in`, of a store that is known to be one."""
    found = db.execute(sa.text(f"SELECT version_num FROM {REVISION_TABLE}")).scalar()
    return int(found) if found else 0


def upgrade(db: sa.Connection, migrations: Path = MIGRATIONS) -> None:
    """Bring the store to the newest schema, inside the transaction of `db`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = db
    command.upgrade(config, "head")


def refuse_newer(found: int, place: str) -> None:
    """Raise `Refused` for a store that a newer program made."""
    if found > newest():
        raise Refused(
            "{file} was made by a newer WanGrid: its schema is {found}, this program knows {known}.",
            remedy="Update WanGrid on this machine; nothing in the store was changed.",
            file=place,
            found=found,
            known=newest(),
        )
