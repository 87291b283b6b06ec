"""The sections of a report as blocks, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from census.accuracy import errors_m
from exports.census_report.blocks import Column, gap, heading, paragraph, table
from exports.census_report.content import CensusReport
from exports.census_report.finding_blocks import kind_block
from exports.census_report.flow import Block
from exports.census_report.signing import signatures

MOST_DEPARTMENTS: Final = 150
_BY_HAND_MM: Final = 6.6  # rows that are filled in with a pen


def blocks_of(report: CensusReport) -> list[Block]:
    """Everything behind the cover."""
    return [*files(report), *classes(report), *areas(report), *departments(report), *findings(report),
            *accuracy(report), *signatures(report)]  # fmt: skip


def files(report: CensusReport) -> list[Block]:
    """The files with their hashes, then what was found about each layer."""
    columns = (Column(report.words("File"), 40), Column(report.words("Bytes"), 20, right=True),
               Column("SHA-256", 110, indent_mm=4, size_pt=7.6))  # fmt: skip
    rows = [(name, f"{size:,}", digest) for name, size, digest in report.delivered.itertuples(index=False)]
    note = report.words("as they were read; the hash tells any other version apart")
    out = [heading(report, report.words("Delivered files"), note, breaks=True), *table(report, columns, rows)]
    wide = (Column(report.words("Layer"), 60), Column(report.words("Rows"), 16, right=True),
            Column(report.words("Encoding found"), 26, indent_mm=4), Column(report.words("Certainty"), 16, right=True),
            Column(report.words("Reference system found"), 52, indent_mm=4))  # fmt: skip
    said = [
        (str(layer["layer"]), f"{int(layer['rows']):,}", str(layer["encoding"]) or "–", certainty(layer), str(layer["crs"]))
        for layer in report.layers
    ]  # fmt: skip
    return [*out, heading(report, report.words("Layers")), *table(report, wide, said)]


def certainty(layer: object) -> str:
    """How sure the encoding is, in per cent."""
    value = layer["certainty"]  # type: ignore[index]
    return f"{float(value):.0%}" if isinstance(value, int | float) else str(value)


def classes(report: CensusReport) -> list[Block]:
    """Counts by class, a sum above each major class."""
    frame = report.totals.classes
    most = max(int(frame["delivered"].max()), 1) if len(frame) else 1
    rows: list[tuple[str, ...]] = []
    strong: list[bool] = []
    bars: list[float] = []
    for (code, name), part in frame.groupby(["major_code", "major_name"], sort=True):
        lines = [(code, name or "–", "", part["delivered"].sum(), part["stored"].sum())]
        lines += [
            (row.code, row.name or "–", "", row.delivered, row.stored) for row in part.itertuples(index=False)
        ]
        rows += [(*line[:3], f"{line[3]:,}", f"{line[4]:,}") for line in lines]
        strong += [True, *[False] * len(part)]
        bars += [0.0, *(part["delivered"] / most)]
    note = report.words("delivered: new and changed components of this session")
    return [heading(report, report.words("Components by class"), note, breaks=True),
            *table(report, _counted(report, report.words("Class")), rows, strong=strong, bars=bars)]  # fmt: skip


def areas(report: CensusReport) -> list[Block]:
    """Counts by street, then by community."""
    out: list[Block] = []
    for title, head, frame in (
        (report.words("Components by street"), report.words("Street"), report.totals.streets),
        (report.words("Components by community"), report.words("Community"), report.totals.communities),
    ):
        most = max(int(frame["delivered"].max()), 1) if len(frame) else 1
        rows = [
            (code or "–", name or ("–" if code else report.words("outside every cell")), "", f"{delivered:,}",
             f"{stored:,}")
            for code, name, delivered, stored in frame.itertuples(index=False)
        ]  # fmt: skip
        bars = list(frame["delivered"] / most)
        out += [heading(report, title), *table(report, _counted(report, head), rows, bars=bars)]
    return out


def _counted(report: CensusReport, what: str) -> tuple[Column, ...]:
    return (Column(report.words("Code"), 30), Column(what, 58), Column("", 38, bar=True),
            Column(report.words("Delivered"), 22, right=True), Column(report.words("In the store"), 22, right=True))  # fmt: skip


def departments(report: CensusReport) -> list[Block]:
    """Counts by department and role."""
    frame = report.totals.departments
    columns = (Column(report.words("Department"), 74), Column(report.words("Code"), 42),
               Column(report.words("In charge"), 18, right=True), Column(report.words("Owns"), 18, right=True),
               Column(report.words("Maintains"), 18, right=True))  # fmt: skip
    shown = frame.head(MOST_DEPARTMENTS)
    rows = [
        (
            name or (code and "–") or report.words("none given"),
            code or "–",
            *(f"{count:,}" for count in counts),
        )
        for code, name, *counts in shown.itertuples(index=False)
    ]
    out = [heading(report, report.words("Components by department")), *table(report, columns, rows)]
    if len(frame) > len(shown):
        more = report.words("{count} more stand in the workbook.", count=len(frame) - len(shown))
        out.append(paragraph(report, more, quiet=True))
    return out


def findings(report: CensusReport) -> list[Block]:
    """Every kind of finding with examples and a map, and where the refused rows are."""
    refused, number = int(report.session["quarantined"]), report.number
    note = report.words("{kinds} kinds, {findings} findings", kinds=len(report.kinds),
                        findings=f"{len(report.findings):,}")  # fmt: skip
    out = [heading(report, report.words("Findings by kind"), note, breaks=True)]
    if refused:
        out += [paragraph(report, refused_words(report, refused, number)), gap(3.0)]
    if not report.kinds:
        out.append(paragraph(report, report.words("Nothing was found."), quiet=True))
    return out + [kind_block(report, kind) for kind in report.kinds]


def refused_words(report: CensusReport, refused: int, number: int) -> str:
    """How many rows were refused and where they can be had."""
    said = report.words("{count} rows were refused and are kept with their reasons.", count=f"{refused:,}")
    if not number:
        return said
    where = report.words("census export-refused {session} gives them back as the files they came in.",
                         session=number)  # fmt: skip
    return f"{said} {where}"


def accuracy(report: CensusReport) -> list[Block]:
    """The sample to measure in the field, or what the measuring found."""
    sample = report.sample
    note = report.words("{count} components, at most {size} of each class, seed {seed}", count=len(sample.rows),
                        size=sample.size, seed=sample.seed)  # fmt: skip
    out = [heading(report, report.words("Accuracy sample"), note, breaks=True)]
    if not len(sample.rows):
        return [*out, paragraph(report, report.words("No component names its accuracy class."), quiet=True)]
    out += [*table(report, _found_columns(report), found_rows(report))]
    if not sample.measured:
        hint = report.words("Measure each component again and fill in its position, here or in the workbook; "
                            "give the workbook back with --sample.")  # fmt: skip
        out.append(paragraph(report, hint, quiet=True, keep=True))
    return out + table(report, _sample_columns(report), _sample_rows(report), row_mm=_BY_HAND_MM)


def _found_columns(report: CensusReport) -> Sequence[Column]:
    heads = (report.words("Grade"), report.words("Limit, m"), report.words("Sampled"), report.words("Measured"),
             report.words("Mean square, m"), report.words("Largest, m"), report.words("Over the limit"),
             report.words("Over twice"))  # fmt: skip
    return [
        *(Column(head, wide, right=place > 0)
          for place, (head, wide) in enumerate(zip(heads, (12, 17, 17, 17, 27, 22, 23, 17), strict=True))),
        Column(report.words("Result"), 18, indent_mm=4),
    ]  # fmt: skip


def found_rows(report: CensusReport) -> list[tuple[str, ...]]:
    """What was measured, class by class, as texts."""
    verdict = {None: "–", True: report.words("kept"), False: report.words("not kept")}
    return [
        (f.accuracy, f"{f.limit_m:g}", f"{f.sampled:,}", f"{f.measured:,}", metres(f.mean_square_m), metres(f.largest_m),
         f"{f.beyond:,}", f"{f.gross:,}", verdict[f.kept])
        for f in report.sample.found
    ]  # fmt: skip


def metres(value: float) -> str:
    """A length to a centimetre, a dash where there is none."""
    return "–" if value != value else f"{value:.2f}"


def _sample_columns(report: CensusReport) -> Sequence[Column]:
    """Room to write in, or the errors where something was measured."""
    begin = (Column(report.words("No."), 8), Column(report.words("Component code"), 31), Column(report.words("Name"), 21),
             Column(report.words("Grade"), 11))  # fmt: skip
    surveyed = (Column("x, m", 19, right=True), Column("y, m", 20, right=True))
    if report.sample.measured:
        return (*begin, *surveyed, Column(report.words("x measured"), 22, right=True),
                Column(report.words("y measured"), 22, right=True), Column(report.words("Error, m"), 16, right=True))  # fmt: skip
    return (*begin, Column(report.words("Cell"), 27), *surveyed, Column(report.words("x measured"), 17, right=True),
            Column(report.words("y measured"), 16, right=True))  # fmt: skip


def _sample_rows(report: CensusReport) -> list[tuple[str, ...]]:
    rows = report.sample.rows
    errors = errors_m(rows)["error_m"]
    out = []
    for row, error in zip(rows.itertuples(index=False), errors, strict=True):
        begin = (str(row.number), row.code or "–", row.name, row.accuracy)
        place = (f"{row.x:.2f}", f"{row.y:.2f}")
        measured = tuple(
            "" if pd.isna(value) else f"{value:.2f}" for value in (row.measured_x, row.measured_y, error)
        )
        out.append(
            (*begin, *place, *measured)
            if report.sample.measured
            else (*begin, row.cell_code or "–", *place, "", "")
        )
    return out
