"""The rules as a city's table: what is checked, how grave it is, which words it has (`resources/census/rules.csv`).

Words and remedies are English templates; their Chinese stands in `resources/texts/census.csv` like every other text.
A city that adds a rule may write its own language here: a text without translation is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import resources
from kernel.errors import Defect
from resources.list_fields import read_rows

ERROR, WARNING, INFORMATION = "error", "warning", "information"
SEVERITIES: Final = (ERROR, WARNING, INFORMATION)
FOLDER: Final = Path(resources.__file__).parent / "census"
RULE_COLUMNS: Final = (
    "rule", "code", "severity", "principle", "limit", "enabled", "words", "remedy",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule. `rule` names it uniquely, `code` is what findings carry; several rules may share one code.

    `words` is an English template whose places are the finding's own columns (`{file}`, `{row}`, `{field}`,
    `{value}`); `remedy` has no places. `limit` is the rule's number (metres, share, year) or NaN.
    """

    rule: str
    code: str
    severity: str
    principle: str
    limit: float
    enabled: bool
    words: str
    remedy: str


@cache
def load_rules(path: Path = FOLDER / "rules.csv") -> Mapping[str, Rule]:
    """The rules of the table at `path` by their name. Raises `Defect` naming the line that is broken."""
    rules: dict[str, Rule] = {}
    for line, row in enumerate(read_rows(path), start=2):
        if row["severity"] not in SEVERITIES or row["enabled"] not in ("yes", "no") or row["rule"] in rules:
            raise Defect("{file}, row {row}: this rule is broken.", file=path.name, row=line)
        rules[row["rule"]] = _rule(row)
    return rules


def _rule(row: Mapping[str, str]) -> Rule:
    return Rule(
        rule=row["rule"],
        code=row["code"],
        severity=row["severity"],
        principle=row["principle"],
        limit=float(row["limit"] or "nan"),
        enabled=row["enabled"] == "yes",
        words=row["words"],
        remedy=row["remedy"],
    )


@cache
def word_set(name: str) -> frozenset[str]:
    """The words of `resources/census/<name>.txt`, one a line, folded as they stand there."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
