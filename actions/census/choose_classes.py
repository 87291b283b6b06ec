"""Which class set a store uses, and what a city adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from census.classes import ID_DIGITS
from census.lists import read_list
from kernel.errors import Refused, WrongUsage
from resources import catalogues

if TYPE_CHECKING:
    from data.store import Store


_OPTIONAL = ("major_name", "geometry", "accuracy")
_REQUIRED = tuple(name for name in catalogues.EXTENSION_COLUMNS if name not in _OPTIONAL)


@dataclass(frozen=True)
class ClassSet:
    """The edition in use, its named component classes, and how many of them the city added or filled in.

    `other_codes`: stored components whose code has the form of another edition.
    """

    standard: str
    classes: int
    extensions: int
    other_codes: int


def catalogue_of(store: Store | None, standard: str = "") -> catalogues.Catalogue:
    """The catalogue of `standard` (default: the store's own) with the store's extensions."""
    wanted = standard or (store.info(with_hash=False).standard if store else catalogues.DEFAULT)
    _require_edition(wanted)
    extensions = store.load_extensions() if store else None
    return catalogues.load(wanted, extensions)


def use_standard(store: Store, edition: str) -> ClassSet:
    """Make `edition` the store's own. Raises `WrongUsage` for an edition that there is not."""
    _require_edition(edition)
    store.use_standard(edition)
    return _class_set(store)


def extend_classes(store: Store, file: Path) -> ClassSet:
    """Add the classes of a CSV (`standard,kind,major_code,minor_code,code,name,geometry,accuracy`) to the store.

    Rows of every edition may stand in one file. Raises `Refused` naming file, row, field and remedy; then nothing was
    added.
    """
    rows = catalogues.checked_extensions(read_list(file, _REQUIRED, _OPTIONAL), str(file))
    before = store.load_extensions()
    merged = pd.concat([before, rows], ignore_index=True).drop_duplicates(
        ["standard", "kind", "code"], keep="last"
    )
    for edition in sorted(set(rows["standard"])):
        _require_edition(edition, file)
        catalogues.load(edition, merged)
    store.extend_classes(merged)
    return _class_set(store)


def _require_edition(edition: str, file: Path | None = None) -> None:
    if edition not in catalogues.STANDARDS:
        family = Refused if file else WrongUsage  # a row of a file, or a word of the call
        raise family("There is no edition {edition}.", remedy="Use one of: {editions}.", edition=edition, file=file,
                      editions=", ".join(catalogues.STANDARDS))  # fmt: skip


def _class_set(store: Store) -> ClassSet:
    catalogue = catalogue_of(store)
    added = store.load_extensions()
    own = added[(added["standard"] == catalogue.standard) & (added["kind"] == "component")]
    lengths = store.load_components(["code"])["code"].astype("str").str.len()
    other = (lengths > 0) & (lengths != ID_DIGITS[catalogue.standard])
    named = int((catalogue.components["name"] != "").sum())
    return ClassSet(catalogue.standard, named, len(own), int(other.sum()))
