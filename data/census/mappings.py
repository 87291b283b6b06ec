"""Mapping profiles as they are stored: per supplier and set of fields one row; fields and words as JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa

from census.profiles import Profile
from data.engines.engine import Engine
from data.journal import Work, put
from data.tables import Code, metadata

MAPPING_COLUMNS: Final = ("supplier", "names", "fields", "values", "learned_by", "learned_at")

mapping_profile = sa.Table(
    "mapping_profile",
    metadata,
    *(
        sa.Column(name, Code, primary_key=True, nullable=False, autoincrement=False)
        for name in ("supplier", "signature")
    ),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("names", "fields", "value_words", "learned_by", "learned_at")
    ),
)


def load(engine: Engine, db: sa.Connection) -> pd.DataFrame:
    """Every profile, the latest first: `MAPPING_COLUMNS`; `names` a tuple, `fields` and `values` mappings."""
    order = (mapping_profile.c.learned_at.desc(), mapping_profile.c.supplier, mapping_profile.c.signature)
    found = engine.rows(db, sa.select(mapping_profile).order_by(*order))
    rows = pd.DataFrame(found)
    out = {
        "supplier": rows["supplier"],
        "names": [tuple(json.loads(text)) for text in rows["names"]],
        "fields": [json.loads(text) for text in rows["fields"]],
        "values": [json.loads(text) for text in rows["value_words"]],
        "learned_by": rows["learned_by"],
        "learned_at": rows["learned_at"],
    }
    return pd.DataFrame(out, columns=list(MAPPING_COLUMNS))


def remember(work: Work, profile: Profile) -> None:
    """Keep `profile` in the place of the supplier's former one for the same fields."""
    key = {"supplier": profile.supplier, "signature": _signature(profile)}
    values = {
        "names": _json(list(profile.signature)),
        "fields": _json(dict(profile.fields)),
        "value_words": _json({column: dict(words) for column, words in profile.values.items()}),
        "learned_by": work.actor,
        "learned_at": work.at,
    }
    put(work.db, mapping_profile, key, values)


def forget(work: Work, supplier: str) -> int:
    """Drop every profile of a supplier; how many there were."""
    return work.db.execute(sa.delete(mapping_profile).where(mapping_profile.c.supplier == supplier)).rowcount


def _signature(profile: Profile) -> str:
    return hashlib.sha256("\n".join(profile.signature).encode()).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
