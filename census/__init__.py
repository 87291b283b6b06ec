"""Survey files become drafts: `read` what is there, `check` it against the city, nothing is stored yet."""

from __future__ import annotations

from census.checking import check
from census.context import Context
from census.draft import Draft
from census.options import CheckOptions, ReadOptions
from census.sources import read
from census.tables import Reading

__all__ = ["CheckOptions", "Context", "Draft", "ReadOptions", "Reading", "check", "read"]
