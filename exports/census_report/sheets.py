"""The sheets of a report's workbook as plain rows with heads, widths and number formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from census.accuracy import errors_m
from census.accuracy_sheet import sample_heads, sheet_title
from exports.census_report.content import CensusReport
from exports.census_report.cover import facts
from exports.census_report.flow import session_words
from exports.census_report.signing import parties, to_sign

COUNT: Final = "#,##0"
METRES: Final = "0.000"
TEXT: Final = "@"
PLAIN: Final = "General"


@dataclass(frozen=True)
class Sheet:
    """A sheet: a width and a number format for each of its `heads`; `strong`: rows (from 0) that are sums."""

    title: str
    heads: Sequence[str]
    widths: Sequence[float]
    formats: Sequence[str]
    rows: Sequence[Sequence[Any]] = ()
    strong: frozenset[int] = frozenset()
    filtered: bool = True
    row_pt: float = 0.0


def all_of(report: CensusReport) -> list[Sheet]:
    """The short sheets, in order."""
    return [summary(report), files(report), layers(report), classes(report), *areas(report), departments(report),
            kinds(report), sample(report), signing(report)]  # fmt: skip


def summary(report: CensusReport) -> Sheet:
    """What the cover says."""
    session, tr = report.session, report.words
    rows: list[tuple[str, Any]] = [
        (tr("City"), report.city or tr("Unnamed city")), (tr("Session"), session_words(report)),
        (tr("Delivery"), str(session["label"])), (tr("Status"), report.status()),
        (tr("Printed on"), report.printed),
    ]  # fmt: skip
    if report.synthetic:
        rows.append((tr("Data"), tr("Synthetic data, not a real city")))
    rows += facts(report)
    rows += [
        (tr("Rows read"), int(session["read"])), (tr("Accepted"), int(session["accepted"])),
        (tr("Refused"), int(session["quarantined"])), (tr("Warnings"), int(session["warnings"])),
        (tr("New"), int(session["new"])), (tr("Changed"), int(session["changed"])),
        (tr("Unchanged"), int(session["unchanged"])), (tr("Not delivered"), int(session["missing"])),
        (tr("Components committed"), report.content[0]), (tr("Hash of what was committed"), report.content[1] or "–"),
        (tr("Sample: seed"), report.sample.seed), (tr("Sample: of each class at most"), report.sample.size),
    ]  # fmt: skip
    return Sheet(
        tr("Summary"),
        (tr("Component census report"), ""),
        (34, 80),
        (PLAIN, COUNT),
        rows,
        filtered=False,
    )


def files(report: CensusReport) -> Sheet:
    """The files with their hashes."""
    heads = (report.words("File"), report.words("Bytes"), "SHA-256")
    rows = list(report.delivered.itertuples(index=False, name=None))
    return Sheet(report.words("Delivered files"), heads, (48, 16, 70), (TEXT, COUNT, TEXT), rows)


def layers(report: CensusReport) -> Sheet:
    """What was found about each layer."""
    tr = report.words
    heads = (tr("Layer"), tr("Rows"), tr("Encoding found"), tr("Certainty"), tr("Evidence"),
             tr("Reference system found"))  # fmt: skip
    rows = [
        (str(one["layer"]), int(one["rows"]), str(one["encoding"]), one["certainty"], tr(str(one["evidence"])), str(one["crs"]))
        for one in report.layers
    ]  # fmt: skip
    return Sheet(tr("Layers"), heads, (48, 12, 16, 12, 60, 34), (TEXT, COUNT, TEXT, "0%", TEXT, TEXT), rows)


def classes(report: CensusReport) -> Sheet:
    """Counts by class with a sum above each major class."""
    tr, frame = report.words, report.totals.classes
    heads = (tr("Major class"), tr("Code"), tr("Class"), tr("Delivered"), tr("In the store"))
    rows: list[tuple[Any, ...]] = []
    strong: set[int] = set()
    for (code, name), part in frame.groupby(["major_code", "major_name"], sort=True):
        strong.add(len(rows))
        rows.append(
            (name or code, code, tr("Total"), int(part["delivered"].sum()), int(part["stored"].sum()))
        )
        rows += [
            (name or code, row.code, row.name or "–", int(row.delivered), int(row.stored))
            for row in part.itertuples(index=False)
        ]
    formats = (TEXT, TEXT, TEXT, COUNT, COUNT)
    return Sheet(tr("Classes"), heads, (24, 12, 30, 14, 14), formats, rows, frozenset(strong))


def areas(report: CensusReport) -> list[Sheet]:
    """Counts by street and by community."""
    tr, outside = report.words, report.words("outside every cell")
    return [
        Sheet(
            title,
            (tr("Code"), head, tr("Delivered"), tr("In the store")),
            (18, 34, 14, 14),
            (TEXT, TEXT, COUNT, COUNT),
            [
                (code, name or ("" if code else outside), int(delivered), int(stored))
                for code, name, delivered, stored in frame.itertuples(index=False)
            ],
        )
        for title, head, frame in (
            (tr("Streets"), tr("Street"), report.totals.streets),
            (tr("Communities"), tr("Community"), report.totals.communities),
        )
    ]


def departments(report: CensusReport) -> Sheet:
    """Counts by department and role."""
    tr = report.words
    heads = (tr("Code"), tr("Department"), tr("In charge"), tr("Owns"), tr("Maintains"))
    rows = [
        (code, name or ("" if code else tr("none given")), *map(int, counts))
        for code, name, *counts in report.totals.departments.itertuples(index=False)
    ]
    return Sheet(tr("Departments"), heads, (24, 44, 14, 14, 14), (TEXT, TEXT, COUNT, COUNT, COUNT), rows)


def kinds(report: CensusReport) -> Sheet:
    """Every kind of finding with its number."""
    tr = report.words
    heads = (tr("Severity"), tr("Code"), tr("Number"), tr("Meaning"), tr("What to do"))
    rows = [
        (report.severity(kind.severity), kind.code, kind.number, report.meaning(kind),
         tr(kind.remedy) if kind.remedy else "")
        for kind in report.kinds
    ]  # fmt: skip
    return Sheet(tr("Findings by kind"), heads, (10, 26, 12, 70, 70), (TEXT, TEXT, COUNT, TEXT, TEXT), rows)


def sample(report: CensusReport) -> Sheet:
    """The components to measure again, the measured position empty or as it was given back."""
    rows = report.sample.rows
    errors = errors_m(rows)["error_m"].round(3)
    values = [
        (*row, error)
        for row, error in zip(rows.itertuples(index=False, name=None), errors.tolist(), strict=True)
    ]
    formats = (PLAIN, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, "0.0", METRES, METRES, METRES, METRES, METRES)
    widths = (6, 22, 12, 18, 20, 28, 10, 9, 15, 15, 15, 15, 10)
    heads = [*sample_heads(report.lang), report.words("Error, m")]
    return Sheet(sheet_title(report.lang), heads, widths, formats, values)


def signing(report: CensusReport) -> Sheet:
    """Room for three signatures."""
    rows = [(party, *[""] * len(to_sign(report))) for party in parties(report)]
    heads = (report.words("Signatures"), *to_sign(report))
    return Sheet(
        report.words("Signatures"), heads, (20, 34, 18, 22, 14, 22), [PLAIN] * 6, rows, filtered=False
    )


def findings_head(report: CensusReport) -> Sheet:
    """The head of the list of every finding."""
    tr = report.words
    heads = (tr("Severity"), tr("Code"), tr("File"), tr("Layer"), tr("Row"), tr("Field"), tr("Value"),
             tr("Meaning"), tr("What to do"), "x", "y")  # fmt: skip
    return Sheet(tr("Findings"), heads, (10, 24, 28, 20, 9, 16, 28, 64, 64, 14, 14), [PLAIN] * len(heads))


def refused_head(report: CensusReport) -> Sheet:
    """The head of the list of refused rows."""
    tr = report.words
    heads = (
        tr("File"),
        tr("Layer"),
        tr("Row"),
        tr("Codes of the findings"),
        tr("As delivered"),
    )
    return Sheet(tr("Refused rows"), heads, (28, 20, 9, 40, 120), [PLAIN] * len(heads))
