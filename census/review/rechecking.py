"""Corrected rows asked by the same rules once more, without reading any file."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from census.checking import check
from census.context import Context
from census.draft import Draft
from census.options import CheckOptions
from census.reading.tables import SHEET, Reading, SourceTable, texts
from census.review import neighbours
from census.review.corrections import (
    ACCEPTED,
    BESIDE,
    DROP,
    DROPPED,
    REFUSED,
    ROW,
    TOUCHED_COLUMNS,
    Correction,
    Rebuilt,
    place_of,
)
from census.rules.own_rules import OwnRule
from census.rules.rules_table import Rule
from gis.frames import COMPONENT_TEXT_COLUMNS, components_frame
from kernel.errors import Refused


@dataclass(frozen=True)
class Read:
    """What the rules need to know of the session: its layers, edition, plane, and what the whole delivery had said."""

    notes: Mapping[str, str]
    standard: str
    crs: int
    findings: pd.DataFrame
    without_codes: bool = False

    @cached_property
    def layers(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What is noted of each layer, by (file, layer)."""
        read = [json.loads(note) for note in self.notes.values()]
        return {
            (form.get("file", ""), form.get("layer", "")): note
            for note in read
            if (form := note.get("form") or {})
        }

    def mapping_of(self, file: str, layer: str) -> dict[str, str]:
        """Our column → the layer's own field."""
        return dict(self.layers.get((file, layer), {}).get("mapping", {}))

    def words_of(self, file: str, layer: str) -> dict[str, dict[str, str]]:
        """Our column → the supplier's word → ours."""
        return dict(self.layers.get((file, layer), {}).get("values", {}))

    @cached_property
    def import_note(self) -> dict[str, Any]:
        """What is noted with every layer about the import itself: `class_code`, `convert`."""
        return next((dict(json.loads(note)) for note in self.notes.values()), {})


def refused_subjects(quarantined: pd.DataFrame, read: Read) -> pd.DataFrame:
    """Refused rows in our columns, as read: `ROW`, `row`, `place` -1, text columns, `extra`, x, y, geometry."""
    shapes = shapely.from_wkb(quarantined["shape"].to_numpy(dtype=object))
    out = quarantined[["file", "layer", "row", "record"]].reset_index(drop=True)
    maps = {key: read.mapping_of(*key) for key in set(zip(out["file"], out["layer"], strict=True))}
    raws = [json.loads(raw or "{}") for raw in quarantined["raw"]]
    words = {key: read.words_of(*key) for key in maps}
    of = [maps[key] for key in zip(out["file"], out["layer"], strict=True)]
    meant = [words[key] for key in zip(out["file"], out["layer"], strict=True)]
    for name in COMPONENT_TEXT_COLUMNS:
        own_words = [str(raw.get(own.get(name, ""), "")) for raw, own in zip(raws, of, strict=True)]
        out[name] = [
            ours.get(name, {}).get(word.strip(), word) for word, ours in zip(own_words, meant, strict=True)
        ]
    out["extra"] = [_extra(raw, own) for raw, own in zip(raws, of, strict=True)]
    points = shapely.get_type_id(shapes) <= 0
    middle = np.where(points, shapes, shapely.point_on_surface(shapes))
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    drawn = np.asarray(shapes, dtype=object)
    drawn[points] = None
    return out.assign(place=-1, x=x, y=y, geometry=drawn)


def _extra(raw: Mapping[str, Any], mapping: Mapping[str, str]) -> str:
    used = {field for column, field in mapping.items() if column in COMPONENT_TEXT_COLUMNS}
    rest = {name: text for name, text in raw.items() if name not in used and not name.startswith("WG_")}
    return json.dumps(rest, ensure_ascii=False) if rest else ""


def accepted_subjects(components: pd.DataFrame, origins: pd.DataFrame, places: np.ndarray) -> pd.DataFrame:
    """Accepted rows in the same columns; `places` among the components as read."""
    out = origins.iloc[places].astype({"file": "str", "layer": "str"}).reset_index(drop=True)
    columns = (*COMPONENT_TEXT_COLUMNS, "extra", "x", "y", "geometry")
    rows = components.iloc[places].reset_index(drop=True)
    for name in columns:
        out[name] = rows[name].astype("str") if name in COMPONENT_TEXT_COLUMNS else rows[name]
    return out.assign(place=places)


def apply(
    subjects: pd.DataFrame, correction: Correction, values: Mapping[tuple[str, str, int], str]
) -> pd.DataFrame:
    """`subjects` with the correction made; `values` are the new text or place of each row (file, layer, record)."""
    keys = list(zip(*(subjects[name].tolist() for name in ROW), strict=True))
    rows = np.array([key in values for key in keys], dtype=bool)
    wanted = [values[key] for key in keys if key in values]
    out = subjects.copy()
    if correction.kind == DROP:
        out.loc[rows, "dropped"] = True
    elif correction.moves:
        drawn = rows & ~shapely.is_missing(out["geometry"].to_numpy(dtype=object))
        if drawn.any():
            raise Refused("Row {row} is a line or an area, which cannot be moved by its point.",
                          remedy="Ask the survey company to draw it again.", row=int(out["row"][drawn].iloc[0]))  # fmt: skip
        out.loc[rows, ["x", "y"]] = np.array([place_of(value) for value in wanted]).reshape(-1, 2)
    else:
        out.loc[rows, correction.field] = wanted
    name = "place" if correction.moves else correction.field
    out.loc[rows, "corrected"] = [f"{own} {name}".strip() for own in out.loc[rows, "corrected"]]
    return out


def fresh(subjects: pd.DataFrame) -> pd.DataFrame:
    """Subjects that no correction has touched yet."""
    return subjects.assign(corrected="", dropped=False)


def rebuild(
    subjects: pd.DataFrame,
    read: Read,
    context: Context,
    others: Others,
    rules: Mapping[str, Rule],
    own_rules: tuple[OwnRule, ...] = (),
) -> Rebuilt:
    """Check the corrected `subjects` again beside the `others` that nobody corrected.

    Raises `Refused` where an accepted row would not be sound any more.
    """
    kept = subjects[~subjects["dropped"].to_numpy(dtype=bool)].reset_index(drop=True)
    draft = _checked(kept, read, context, rules, own_rules) if len(kept) else None
    crowd = _near_findings(kept, draft, read, context, rules, others)
    standing = _standing(kept, read, context)
    clash = kept["code"].isin(list(others.codes)) & (kept["code"] != "")
    keys = _keys(kept)
    why = _reasons(keys, draft, clash, pd.concat([crowd, standing]))
    status = np.where([bool(each) for each in why], REFUSED, ACCEPTED)
    touched = kept.assign(status=status, finding_codes=why)
    _require_sound(touched, crowd, others.beside)
    gone = subjects[subjects["dropped"].to_numpy(dtype=bool)].assign(status=DROPPED, finding_codes="")
    beside = others.beside.assign(status=BESIDE, finding_codes="", place=-1)
    parts = [part[list(TOUCHED_COLUMNS)] for part in (touched, gone, beside) if len(part)]
    touched = pd.concat(parts or [touched[list(TOUCHED_COLUMNS)]], ignore_index=True)
    told = [crowd, standing, _clashes(kept[clash], rules), _unchanged(read.findings, others.beside)]
    if draft is None:
        return Rebuilt(touched, components_frame({}, 0), pd.concat(told, ignore_index=True))
    accepted = {key for key, each in zip(keys, why, strict=True) if not each}
    own = draft.findings[(draft.findings["record"] >= 0) & ~draft.findings["code"].isin(neighbours.CODES)]
    findings = pd.concat([own, *told])
    order = np.array([key in accepted for key in _keys(draft.origins)], dtype=bool)
    components = _with_extra(draft.components[order].reset_index(drop=True), draft.origins[order], kept)
    touched = _in_order(touched, draft.origins[order])
    return Rebuilt(touched, components, findings.reset_index(drop=True))


@dataclass(frozen=True)
class Others:
    """Rows of the draft that nobody corrected: `codes` of the accepted ones; as subjects those `beside` corrected rows and
    the `witnesses` beside them (`census.review.neighbours`)."""

    codes: frozenset[str]
    beside: pd.DataFrame
    witnesses: pd.DataFrame


def _near_findings(
    kept: pd.DataFrame,
    draft: Draft | None,
    read: Read,
    context: Context,
    rules: Mapping[str, Rule],
    others: Others,
) -> pd.DataFrame:
    """C7 among corrected rows and their neighbours: findings about both, not about the witnesses."""
    if len(others.beside):
        crowd = pd.concat([part for part in (kept, others.beside, others.witnesses) if len(part)])
        draft = _checked(crowd, read, context, rules, ())
    found = read.findings.head(0) if draft is None else draft.findings
    found = found[found["code"].isin(neighbours.CODES)]
    asked = {*_keys(kept), *_keys(others.beside)}
    return found[np.array([key in asked for key in _keys(found)], dtype=bool)]


def _unchanged(findings: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """What was found of rows beside corrected ones and has nothing to do with their neighbours."""
    few = findings[findings["record"].isin(set(beside["record"])) & ~findings["code"].isin(neighbours.CODES)]
    keys = set(_keys(beside))
    return few[np.array([key in keys for key in _keys(few)], dtype=bool)]


def _standing(kept: pd.DataFrame, read: Read, context: Context) -> pd.DataFrame:
    """What only the whole delivery could tell of a row, and stands until that is corrected which it is about."""
    released = {"collapsed_layer": "place", "missing_attributes": "code", "swallowed_lines": ""}
    released |= (
        {} if context.bounds is not None else {"out_of_area": "place"}
    )  # far from the rest of the layer
    corrected = dict(zip(_keys(kept), (set(each.split()) for each in kept["corrected"]), strict=True))
    few = read.findings[
        read.findings["code"].isin(released) & read.findings["record"].isin(set(kept["record"]))
    ]
    stands = [
        key in corrected and released[code] not in corrected[key]
        for key, code in zip(_keys(few), few["code"], strict=True)
    ]
    return few[np.array(stands, dtype=bool)]


def _reasons(
    keys: list[tuple[str, str, int]], draft: Draft | None, clash: pd.Series, found: pd.DataFrame
) -> list[str]:
    """Why each corrected row is refused, codes joined by `;`, "" for an accepted one."""
    codes = dict(zip(*_keyed(draft.quarantined, "finding_codes"), strict=True)) if draft is not None else {}
    errors = found[found["severity"] == "error"]
    more: dict[tuple[str, str, int], list[str]] = {}
    for key, code in zip(_keys(errors), errors["code"], strict=True):
        more.setdefault(key, []).append(code)
    out = []
    for key, again in zip(keys, clash, strict=True):
        own = [code for code in codes.get(key, "").split(";") if code and code not in neighbours.CODES]
        own += ["duplicate_code"] if again else []
        out.append(";".join(dict.fromkeys([*own, *more.get(key, [])])))
    return out


def _checked(
    kept: pd.DataFrame,
    read: Read,
    context: Context,
    rules: Mapping[str, Rule],
    own_rules: tuple[OwnRule, ...],
) -> Draft:
    fields: dict[tuple[str, str], dict[str, str]] = {}
    tables = []
    for (file, layer, extra), rows in kept.groupby(["file", "layer", "corrected"], sort=False):
        key = (str(file), str(layer))
        table, own = _table(rows, read.mapping_of(*key), set(str(extra).split()))
        tables.append(table)
        fields[key] = fields.get(key, {}) | own
    said = set(read.findings["code"][read.findings["record"] < 0])
    spared = {field for code, field in zip(read.findings["code"], read.findings["field"], strict=True)
              if code == "mostly_empty"}  # fmt: skip
    of_whole = {
        "department_form": replace(
            rules["department_form"], limit=1.0 if "department_form" in said else -1.0
        ),
        "collapsed_layer": replace(rules["collapsed_layer"], limit=-1.0),
        "far_away": replace(rules["far_away"], limit=np.inf),
    }
    options = CheckOptions(
        crs=str(read.crs), of_layers=fields, class_code=read.import_note.get("class_code", ""), standard=read.standard,
        spared=frozenset(spared), without_codes=read.without_codes, convert=bool(read.import_note.get("convert")),
    )  # fmt: skip
    return check(
        Reading((), tuple(tables)),
        context,
        options,
        rules={**rules, **of_whole},
        own_rules=own_rules,
    )


def _table(
    rows: pd.DataFrame, mapping: Mapping[str, str], corrected: set[str]
) -> tuple[SourceTable, dict[str, str]]:
    """The rows as a table on the city's plane in the surveyor's own field names, and which column each field is.

    A corrected column that the layer did not have goes by its own name, unless a field of another meaning has it.
    """
    taken = set(mapping.values())
    names = {column: mapping.get(column) or _free_name(column, taken)
             for column in COMPONENT_TEXT_COLUMNS if column in mapping or column in corrected}  # fmt: skip
    shapes = rows["geometry"].to_numpy(dtype=object)
    table = SourceTable(
        file=str(rows["file"].iloc[0]), path=str(rows["file"].iloc[0]), layer=str(rows["layer"].iloc[0]), family=SHEET,
        columns={field: texts(rows[column].tolist()) for column, field in names.items()},
        records=rows["record"].to_numpy("i8"), rows=rows["row"].to_numpy("i8"),
        x=rows["x"].to_numpy("f8"), y=rows["y"].to_numpy("f8"),
        shapes=None if shapely.is_missing(shapes).all() else shapes,
    )  # fmt: skip
    return table, {field: column for column, field in names.items()}


def _free_name(column: str, taken: set[str]) -> str:
    return next(name for more in itertools.count() if (name := column + "_" * more) not in taken)


def _keys(frame: pd.DataFrame) -> list[tuple[str, str, int]]:
    return list(zip(*(frame[name].tolist() for name in ROW), strict=True))


def _keyed(frame: pd.DataFrame, column: str) -> tuple[list[tuple[str, str, int]], list[str]]:
    return _keys(frame), frame[column].tolist()


def _require_sound(touched: pd.DataFrame, crowd: pd.DataFrame, beside: pd.DataFrame) -> None:
    """Raise `Refused` where an accepted row became unsound, corrected itself or `beside` one that was."""
    errors = crowd[crowd["severity"] == "error"]
    codes = dict(zip(*_keyed(errors, "code"), strict=True))
    by_others = beside.assign(status=REFUSED, finding_codes=[codes.get(key, "") for key in _keys(beside)])
    touched = pd.concat([touched, by_others[by_others["finding_codes"] != ""]])
    spoilt = touched[(touched["place"] >= 0) & (touched["status"] == REFUSED)]
    if len(spoilt):
        raise Refused(
            "{count} rows that were accepted would be refused, the first is row {row} of {file}: {codes}.",
            remedy="Choose another value, or correct fewer rows.",
            count=len(spoilt),
            row=int(spoilt["row"].iloc[0]),
            file=spoilt["file"].iloc[0],
            codes=spoilt["finding_codes"].iloc[0],
        )


def _clashes(rows: pd.DataFrame, rules: Mapping[str, Rule]) -> pd.DataFrame:
    rule = rules["duplicate_code"]
    return pd.DataFrame(
        {
            "code": rule.code, "severity": rule.severity, "file": rows["file"], "layer": rows["layer"], "row": rows["row"],
            "record": rows["record"], "field": "code", "value": rows["code"], "message": rule.words,
            "remedy": rule.remedy, "x": rows["x"], "y": rows["y"],
        }
    )  # fmt: skip


def _with_extra(components: pd.DataFrame, origins: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    extra = dict(zip(*_keyed(kept, "extra"), strict=True))
    return components.assign(extra=[extra[key] for key in _keys(origins)])


def _in_order(touched: pd.DataFrame, origins: pd.DataFrame) -> pd.DataFrame:
    """The accepted rows first, in the order of their components."""
    number = {key: place for place, key in enumerate(_keys(origins))}
    order = np.argsort([number.get(key, len(number)) for key in _keys(touched)], kind="stable")
    return touched.iloc[order].reset_index(drop=True)
