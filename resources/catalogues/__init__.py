"""Component and event classes of three editions, and of a city that extends one: `load` reads and checks them.

The lists are `components_<edition>.csv` and `events_<edition>.csv`; what is known of a list as a whole stands in
`editions.toml`, known variants of names in `variants.csv`, what moved between editions in `moves_2013_2026.csv`.
No list was typed from a printed standard by us; every row says how far it can be trusted, and geometry and accuracy
are our own defaults. A city changes them with a table of its own (`read_extensions`), never here.
"""

from __future__ import annotations

import pandas as pd

from kernel.errors import Refused
from resources.catalogues.catalogue import CLASS_COLUMNS, CONFIDENCE_WORDS, Catalogue, plain_name
from resources.catalogues.editions import DEFAULT, STANDARDS, edition, edition_key
from resources.catalogues.extensions import EXTENSION_COLUMNS, checked_extensions, extended, read_extensions
from resources.catalogues.national import national_classes, to_2026, variants

__all__ = [
    "CLASS_COLUMNS",
    "CONFIDENCE_WORDS",
    "DEFAULT",
    "EXTENSION_COLUMNS",
    "STANDARDS",
    "Catalogue",
    "edition_key",
    "load",
    "read_extensions",
    "to_2026",
]


def load(standard: str = DEFAULT, extensions: pd.DataFrame | None = None) -> Catalogue:
    """The classes of the edition `standard` (`2007`, `2013`, `2026` or the standard's number), checked.

    `extensions`: the city's own classes in `EXTENSION_COLUMNS`; rows of other editions are left aside. A row whose
    code is an empty slot fills it, any other row adds a class of the city's own.

    Raises `Refused` for an unknown edition and for the first row of `extensions` that cannot be used (all of them in
    `detail`), `Defect` when one of our own files is broken.
    """
    key = edition_key(standard)
    if not key:
        raise Refused(
            "There is no class list {value}.",
            remedy="Write 2007, 2013 or 2026.",
            value=standard,
            field="standard",
        )
    of = edition(key)
    classes = {kind: national_classes(key, kind) for kind in ("component", "event")}
    if extensions is not None and len(extensions):
        own = checked_extensions(extensions)
        own = own[own["standard"] == key]
        classes = {kind: extended(frame, own[own["kind"] == kind], of) for kind, frame in classes.items()}
    names = {kind: _names(frame) for kind, frame in classes.items()}
    return Catalogue(
        edition=of,
        components=classes["component"].copy(),
        events=classes["event"].copy(),
        component_names=names["component"],
        event_names=names["event"],
        component_codes=_codes(names["component"], "component"),
        event_codes=_codes(names["event"], "event"),
    )


def _names(classes: pd.DataFrame) -> dict[str, str]:
    named = classes[classes["name"] != ""]
    return dict(zip(named["code"], named["name"], strict=True))


def _codes(names: dict[str, str], kind: str) -> dict[str, str]:
    """Plain names and their known variants → code; a name of the list itself goes before any variant."""
    own = {plain_name(name): code for code, name in names.items()}
    codes: dict[str, str] = {}
    for variant, name in variants(kind):
        if plain_name(name) in own:
            codes.setdefault(plain_name(variant), own[plain_name(name)])
    return codes | own
