"""From a reading to a draft: map, place, check, and part the rows that may come in from those that may not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from census import classes
from census.components import Checked, accepted_components
from census.context import Context
from census.draft import Draft
from census.mapping import FieldMap, map_fields
from census.options import CheckOptions
from census.placing import Placed, place
from census.profiles import joined_values, remembered_fields, remembered_values
from census.quarantine import quarantine
from census.reading.tables import Codes, Flags, Reading, SourceTable, factor
from census.review import redelivery
from census.rules import attributes, position, surroundings
from census.rules.findings import Findings
from census.rules.own_rules import OwnRule, check_own
from census.rules.rules_table import Rule, load_rules
from census.survey import Layer, Survey, gather
from census.values import require_known_words
from gis.frames import COMPONENT_TEXT_COLUMNS
from kernel.progress import Progress, Silent

_RARELY_MISSED = ("class_code", "location", "note", "source", "change_date")


def check(
    reading: Reading,
    context: Context,
    options: CheckOptions | None = None,
    progress: Progress | None = None,
    rules: Mapping[str, Rule] | None = None,
    own_rules: tuple[OwnRule, ...] = (),
) -> Draft:
    """The draft of a reading: accepted rows on the city's plane, refused rows with their reasons, every finding.

    Raises `Refused` when a layer has no reference system that fits, or a mapping that makes no sense.
    """
    options, progress = options or CheckOptions(), progress or Silent()
    progress.report(0.0, "Placing the survey on the city's plane")
    survey = _survey(reading, context, options)
    findings = Findings(survey, rules or load_rules(), options.spared)
    findings.add_unread(reading.unread)
    findings.add_remarks(reading.remarks)
    standard = options.standard or classes.edition_of(
        survey, context.catalogues, context.standard, options.class_code
    )
    progress.report(0.3, "Checking {rows} rows", rows=len(survey))
    checked = _run_rules(survey, context, standard, options, findings)
    check_own(survey, checked.identity, own_rules, findings)
    if options.convert:
        survey = position.converted(survey, checked.identity, context.catalogues[standard], findings)
    progress.report(0.9, "Collecting findings")
    refused = _refused(survey, findings)
    return Draft(
        label=", ".join(dict.fromkeys(table.file for table in reading.tables)),
        files=reading.files,
        standard=standard,
        crs=survey.crs,
        read=len(survey),
        components=accepted_components(survey, ~refused, context, checked),
        quarantined=quarantine(survey, refused, findings),
        findings=findings.frame(),
        encoding=reading.encoding,
        source_crs=", ".join(dict.fromkeys(_system(layer) for layer in survey.layers if len(layer.table))),
        layer=reading.layer,
        notes=_notes(survey, options),
        origins=_origins(survey, ~refused),
        answers=redelivery.answers_of(survey, refused),
    )


def _survey(reading: Reading, context: Context, options: CheckOptions) -> Survey:
    words = context.class_words
    maps: list[FieldMap] = []
    placed: list[Placed] = []
    plane = context.crs
    for table in reading.tables:
        fields = field_map(table, options, words)
        city = position.city_for(table, fields.of.get("cell_code", ""), context, plane)
        where = place(table, city, options.crs)
        plane = plane or where.plane
        maps.append(fields)
        placed.append(where)
    return gather(reading.tables, maps, placed)


def field_map(table: SourceTable, options: CheckOptions, class_words: frozenset[str]) -> FieldMap:
    """Which field of a layer is which column, and what its words mean: by the user, the supplier's profile, evidence.

    Raises `Refused` for a column or a word that does not exist.
    """
    values = joined_values(remembered_values(options.profiles), options.values)
    require_known_words(values)
    remembered = remembered_fields(options.profiles, table.columns)
    given = options.of_layers.get((table.file, table.layer), options.mapping)
    return map_fields(table, given, class_words, remembered, values)


def _run_rules(
    survey: Survey, context: Context, standard: str, options: CheckOptions, findings: Findings
) -> Checked:
    """Every rule; returns what the accepted rows are made of."""
    catalogue = context.catalogues[standard]
    for layer in survey.layers:
        findings.add_notes(layer, (*layer.table.notes, *layer.placed.notes))
        _say_mapping(layer, survey, findings)
    placed = position.check_geometry(survey, findings)
    cell = position.assigned_cells(survey, placed, context)
    _say_about_city(survey, context, standard, findings)
    position.check_area(survey, placed, cell, context, findings)
    position.check_cells(survey, placed, cell, context, findings)
    identity = classes.identify(survey, catalogue, options.class_code, findings)
    classes.check_classes(survey, identity, context.class_words, findings)
    counties = position.counties_of(context)
    counties_here = position.county_of_place(cell, context)
    classes.check_codes(survey, identity, counties, counties_here, findings, options.without_codes)
    if not options.convert:
        position.check_kinds(survey, identity, catalogue, findings)
    surroundings.check_ground(survey, identity, placed, context, findings)
    surroundings.check_stated(survey, cell, context, findings)
    position.check_duplicates(survey, identity, placed, catalogue, findings)
    attributes.check_departments(survey, context.departments, findings)
    state = attributes.check_words(survey, "state", "wrong_state", "state_mapped", findings)
    accuracy = attributes.check_words(survey, "accuracy", "bad_accuracy", "accuracy_mapped", findings)
    days = attributes.check_dates(survey, standard, context.today, findings)
    attributes.check_text(survey, findings)
    attributes.check_length(survey, findings)
    return Checked(identity, cell, state, accuracy, days["initial_date"].iso, days["change_date"].iso)


def _say_mapping(layer: Layer, survey: Survey, findings: Findings) -> None:
    """Columns that no field gives, columns that several could give, words that were turned into ours."""
    missing = [
        name
        for name in COMPONENT_TEXT_COLUMNS
        if name not in _RARELY_MISSED and not survey.given[name][layer.number]
    ]
    if missing and not survey.bare[layer.rows].all():
        findings.add_to_layer("missing_fields", layer, "", ", ".join(missing))
    for column, names in layer.fields.rivals.items():
        said = f"{column} = {layer.fields.of[column]}; {', '.join(names)}"
        findings.add_to_layer("ambiguous_mapping", layer, column, said)
    for column, words in layer.fields.values.items():
        of = factor(layer.table.columns[layer.fields.of[column]])
        counts = np.bincount(of.codes, minlength=len(of.values))
        turned = [f"{text.strip()} → {words[text.strip()]} ({count})"
                  for text, count in zip(of.values, counts, strict=True) if text.strip() in words]  # fmt: skip
        if turned:
            findings.add_to_layer("values_mapped", layer, column, ", ".join(turned))


def _say_about_city(survey: Survey, context: Context, standard: str, findings: Findings) -> None:
    if not len(context.cells):
        findings.add_to_layer("no_cells", survey.layers[0])
    if standard != context.standard:
        findings.add_to_layer("edition_differs", survey.layers[0], "", standard)


def _refused(survey: Survey, findings: Findings) -> Flags:
    refused = np.zeros(len(survey), dtype=bool)
    for found in findings.refusing():
        refused[found.rows] = True
    return refused


def _origins(survey: Survey, accepted: Flags) -> pd.DataFrame:
    layers = [layer.table for layer in survey.layers]
    number = survey.layer_of[accepted]
    return pd.DataFrame(
        {
            "file": _by_layer(number, [table.file for table in layers]),
            "layer": _by_layer(number, [table.layer for table in layers]),
            "row": survey.rows[accepted],
            "record": survey.records[accepted],
        }
    )


def _by_layer(number: Codes, names: list[str]) -> pd.Categorical:
    first: dict[str, int] = {}
    to = np.array([first.setdefault(name, len(first)) for name in names], dtype=np.int32)
    return pd.Categorical.from_codes(to[number], pd.Index(list(first), dtype="str"))


def _system(layer: Layer) -> str:
    return layer.placed.system.name if layer.placed.system else "–"


def _notes(survey: Survey, options: CheckOptions) -> dict[str, str]:
    """What the review shows about each layer, and asking again needs: encoding with its certainty, system, mapping."""
    return {
        name: json.dumps(
            {
                "encoding": layer.table.encoding.name,
                "certainty": layer.table.encoding.certainty,
                "evidence": layer.table.encoding.evidence,
                "crs": _system(layer),
                "crs_certainty": layer.placed.certainty,
                "crs_evidence": layer.placed.evidence,
                "fields": list(layer.table.columns),
                "mapping": dict(layer.fields.of),
                "left_out": list(layer.fields.left_out),
                "values": {column: dict(words) for column, words in layer.fields.values.items()},
                "rows": len(layer.table),
                "class_code": options.class_code,
                "convert": options.convert,
                "form": layer.table.form.as_json() if layer.table.form else None,
            },
            ensure_ascii=False,
        )
        for name, layer in _named(survey.layers)
    }


def _named(layers: Sequence[Layer]) -> Iterator[tuple[str, Layer]]:
    """Each layer by its file's path, and by its own name too where the path does not say it or stands for several."""
    paths = Counter(layer.table.path for layer in layers)
    for layer in layers:
        path, own = layer.table.path, layer.table.layer
        yield path if own in path and paths[path] == 1 else f"{path}|{own}", layer
