"""The rules that a store's censuses are asked: those that ship, and what the city decided about them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from census.lists import read_list, require_unique
from census.rules.own_rules import CHECKS, PATTERN, VALUES, WORDS, OwnRule
from census.rules.rules_table import SEVERITIES, Rule, load_rules
from gis.frames import COMPONENT_TEXT_COLUMNS
from kernel.errors import Refused
from kernel.progress import Progress, Silent
from resources.texts import words

if TYPE_CHECKING:
    from data.store import Store

SETTING: Final = "census_rules"
DECISIONS: Final = ("enabled", "severity", "limit")
OWN: Final = ("check", "field", "value", "class_code", "words", "remedy")
LISTED: Final = ("rule", "code", "severity", "principle", "limit", "enabled", "own", "check", "field", "value",
                 "class_code", "words", "remedy")  # fmt: skip


@dataclass(frozen=True)
class CityRules:
    """The table as the city wants it: every rule by name, and those that are its own."""

    rules: Mapping[str, Rule]
    own: tuple[OwnRule, ...]


@dataclass(frozen=True)
class ImportRules:
    """A CSV with the column `rule` and any of `DECISIONS` and `OWN`; it takes the place of what was decided before."""

    file: str


@dataclass(frozen=True)
class RulesImported:
    """How many shipped rules the city changed, and how many it added."""

    changed: int
    own: int


def rules_of(store: Store) -> CityRules:
    """The rules of the store."""
    return _built(json.loads(store.setting(SETTING) or "[]"))


def list_rules(store: Store, lang: str) -> pd.DataFrame:
    """Every rule with its state, its words in the language `lang`; columns `LISTED`."""
    city = rules_of(store)
    own = {each.rule.rule: each for each in city.own}
    rows = []
    for rule in city.rules.values():
        added = own.get(rule.rule)
        rows.append({
            "rule": rule.rule, "code": rule.code, "severity": rule.severity, "principle": rule.principle,
            "limit": None if rule.limit != rule.limit else rule.limit, "enabled": rule.enabled, "own": added is not None,
            **{name: getattr(added, name, "") for name in ("check", "field", "value", "class_code")},
            "words": words(lang, rule.words), "remedy": words(lang, rule.remedy) if rule.remedy else "",
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(LISTED))


def import_rules(store: Store, request: ImportRules, progress: Progress | None = None) -> RulesImported:
    """Take the city's decisions from a CSV. Raises `Refused` naming row, field and remedy; then nothing has changed."""
    (progress or Silent()).report(0.0)
    frame = read_list(request.file, ("rule",), (*DECISIONS, *OWN))
    require_unique(frame, "rule", request.file)
    rows = [{str(name): text for name, text in row.items() if text} for row in frame.to_dict("records")]
    for number, row in zip(frame.index, rows, strict=True):
        _require_sound(row, int(number), request.file)
    city = _built(rows)
    store.set_setting(SETTING, json.dumps(rows, ensure_ascii=False))
    return RulesImported(len(rows) - len(city.own), len(city.own))


def reset_rules(store: Store) -> RulesImported:
    """Ask the rules that ship, and no others."""
    store.set_setting(SETTING, "[]")
    return RulesImported(0, 0)


def _built(rows: Sequence[Mapping[str, str]]) -> CityRules:
    rules, own = dict(load_rules()), []
    for row in rows:
        name = row["rule"]
        if name not in rules:
            text, remedy = WORDS[row["check"]]
            rules[name] = Rule(name, name, "warning", "", float("nan"), True, row.get("words", text),
                               row.get("remedy", remedy))  # fmt: skip
            own.append((name, row))
        rules[name] = _decided(rules[name], row)
    made = [OwnRule(rules[name], row["field"], row["check"], row.get("value", ""), row.get("class_code", ""))
            for name, row in own]  # fmt: skip
    return CityRules(rules, tuple(made))


def _decided(rule: Rule, row: Mapping[str, str]) -> Rule:
    values: dict[str, Any] = {}
    if "enabled" in row:
        values["enabled"] = row["enabled"].lower() in ("yes", "true", "1", "是")
    if "severity" in row:
        values["severity"] = row["severity"]
    if "limit" in row:
        values["limit"] = float(row["limit"])
    return replace(rule, **values)


def _require_sound(row: Mapping[str, str], number: int, file: str) -> None:
    faults = [
        ("severity", row.get("severity", "error") in SEVERITIES, ", ".join(SEVERITIES)),
        ("enabled", row.get("enabled", "yes").lower() in ("yes", "no", "true", "false", "1", "0", "是", "否"), "yes, no"),
        ("limit", re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", row.get("limit", "0")) is not None, "0.5"),
    ]  # fmt: skip
    if row["rule"] not in load_rules():
        faults += [
            ("check", row.get("check") in CHECKS, ", ".join(CHECKS)),
            ("field", row.get("field") in COMPONENT_TEXT_COLUMNS, ", ".join(COMPONENT_TEXT_COLUMNS)),
            ("value", row.get("check") not in (PATTERN, VALUES) or _is_sound_value(row), "^A[0-9]{4}$"),
        ]
    for field, right, known in faults:
        if not right:
            raise Refused("{file}, row {row}: {value} cannot be the {field} of the rule {rule}.",
                          remedy="Write for example: {known}.", file=Path(file), row=number, field=field,
                          value=row.get(field, "–"), rule=row["rule"], known=known)  # fmt: skip


def _is_sound_value(row: Mapping[str, str]) -> bool:
    if not row.get("value"):
        return False
    try:
        re.compile(row["value"])
    except re.error:
        return row["check"] == VALUES
    return True
