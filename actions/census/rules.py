"""The rules that a store's censuses are asked: those that ship, with what the city decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from census.rules_table import Rule, load_rules

if TYPE_CHECKING:
    from data.store import Store


def rules_of(store: Store) -> Mapping[str, Rule]:
    """The rules by name."""
    return load_rules()
