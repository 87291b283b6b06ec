"""Refused rows as the company delivered them, with fields that say what is wrong and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
import shapely

from census.mapping import RETURN_FIELDS
from census.reading.forms import Form, form_from_json
from census.reading.tables import Objects
from census.review.redelivery import reference
from resources import texts

_SEPARATOR: Final = "; "


@dataclass(frozen=True)
class Returned:
    """Refused rows of one layer: n rows of text columns in the file's own names, their geometry as delivered.

    `form.fields` are the file's fields; the fields of `RETURN_FIELDS` come behind them.
    """

    form: Form
    columns: pd.DataFrame
    shapes: Objects


def returned_layers(
    quarantined: pd.DataFrame,
    findings: pd.DataFrame,
    notes: Mapping[str, str],
    mark: tuple[str, int],
    lang: str,
) -> list[Returned]:
    """The refused rows of a session by the layers they came in.

    `quarantined` has a column `place` beside its own: the row's place among the refused rows as read.
    `mark`: the store's id and the session's number; `lang` is the language of `WG_TODO`. Layers whose form was not
    kept (sessions of an older program) are left out.
    """
    places = quarantined
    todo = _todo(findings, lang)
    forms = [
        form_from_json(read["form"]) for note in notes.values() if (read := json.loads(note)).get("form")
    ]
    out = []
    for form in forms:
        own = places[(places["file"] == form.file) & (places["layer"] == form.layer)]
        if len(own):
            out.append(_returned(form, own, todo, mark))
            places = places[~places["place"].isin(own["place"])]
    return out


def _returned(
    form: Form, rows: pd.DataFrame, todo: Mapping[tuple[str, str, int], str], mark: tuple[str, int]
) -> Returned:
    raw = [json.loads(text or "{}") for text in rows["raw"]]
    fields = tuple(field for field in form.fields if field.name not in RETURN_FIELDS)
    columns = {field.name: [str(row.get(field.name, "")) for row in raw] for field in fields}
    keys = list(zip(rows["file"], rows["layer"], rows["record"], strict=True))
    columns[RETURN_FIELDS[0]] = [reference(*mark, place) for place in rows["place"]]
    columns[RETURN_FIELDS[1]] = [str(number) for number in rows["row"]]
    columns[RETURN_FIELDS[2]] = rows["finding_codes"].tolist()
    columns[RETURN_FIELDS[3]] = [todo.get(key, "") for key in keys]
    own = replace(form, fields=fields)
    shapes = shapely.from_wkb(rows["wkb"].to_numpy(dtype=object), on_invalid="ignore")
    return Returned(own, pd.DataFrame(columns, dtype="str"), shapes)


def _todo(findings: pd.DataFrame, lang: str) -> dict[tuple[str, str, int], str]:
    """Per row what is wrong and what to do about every error, in the language `lang`."""
    errors = findings[(findings["severity"] == "error") & (findings["record"] >= 0)]
    out: dict[tuple[str, str, int], str] = {}
    words: dict[str, str] = {}
    names = ("file", "layer", "record", "field", "value", "remedy")
    for file, layer, record, field, value, template in zip(
        *(errors[name].tolist() for name in names), strict=True
    ):
        remedy = words.setdefault(template, texts.words(lang, template) if template else "")
        place = " = ".join(part for part in (field, value) if part)
        said = f"{place}: {remedy}" if place else remedy
        key = (file, layer, record)
        out[key] = f"{out[key]}{_SEPARATOR}{said}" if key in out else said
    return out
