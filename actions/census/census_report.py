"""The report of an import as a workbook: totals, findings by kind, every finding, every refused row; two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.workbook import Workbook

from census.draft import Draft
from census.findings import worded
from resources.texts import words

_MOST_ROWS: Final = 1_000_000  # a sheet holds 1,048,576
_HEAD: Final = PatternFill("solid", fgColor="E8EDF2")
_TOTALS: Final = ("read", "accepted", "quarantined", "warnings", "new", "changed", "unchanged", "missing")
_TOTAL_WORDS: Final = {
    "read": ("Rows read", "读取行数"), "accepted": ("Accepted", "接收"), "quarantined": ("Refused", "未接收"),
    "warnings": ("Warnings", "警告"), "new": ("New", "新增"), "changed": ("Changed", "变更"),
    "unchanged": ("Unchanged", "未变"), "missing": ("Missing from the delivery", "库中有而本次未提交"),
}  # fmt: skip
_FINDING_WIDTHS: Final = (22, 12, 26, 18, 8, 16, 28, 60, 60, 60, 60, 16, 16)
_FINDING_HEADS: Final = (
    "代码 Code", "级别 Severity", "文件 File", "图层 Layer", "行 Row", "字段 Field", "值 Value", "说明", "处理办法",
    "Meaning", "What to do", "X", "Y",
)  # fmt: skip
_REFUSED_HEADS: Final = ("文件 File", "图层 Layer", "行 Row", "代码 Codes", "原始内容 As delivered")


def write_report(path: Path, draft: Draft, counts: Mapping[str, Any]) -> None:
    """Write the report of `draft` to `path` (.xlsx) and open it again; `counts` has new, changed, unchanged, missing."""
    book = openpyxl.Workbook(write_only=True)
    _write_totals(book, draft, counts)
    _write_findings(book, draft.findings)
    _write_refused(book, draft.quarantined)
    book.save(path)
    openpyxl.load_workbook(path, read_only=True).close()


def _write_totals(book: Workbook, draft: Draft, counts: Mapping[str, Any]) -> None:
    sheet = book.create_sheet("总计 Totals")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 44, 60
    values = {"read": draft.read, "accepted": len(draft.components), "quarantined": len(draft.quarantined),
              "warnings": draft.warnings} | {name: counts[name] for name in _TOTALS[4:]}  # fmt: skip
    sheet.append(_bold(sheet, ("普查导入报告 Census import report", draft.label)))
    for name in _TOTALS:
        english, chinese = _TOTAL_WORDS[name]
        sheet.append([f"{chinese} {english}", values[name]])
    sheet.append(["标准版本 Edition", draft.standard])
    sheet.append(["编码 Encoding", draft.encoding])
    sheet.append(["坐标系 Reference system", f"{draft.source_crs} → EPSG:{draft.crs}"])
    sheet.append([])
    sheet.append(_bold(sheet, ("问题类型 Finding", "数量 Number")))
    kinds = draft.findings.groupby(["severity", "code"]).size().sort_values(ascending=False)
    for (severity, code), number in kinds.items():
        sheet.append([f"{code} ({severity})", int(number)])


def _write_findings(book: Workbook, findings: pd.DataFrame) -> None:
    shown = findings.head(_MOST_ROWS)
    chinese, english = worded(shown, "zh_CN"), worded(shown, "en")
    columns = [shown[name] for name in ("code", "severity", "file", "layer", "row", "field", "value")]
    columns += [
        chinese["message"],
        chinese["remedy"],
        english["message"],
        english["remedy"],
        shown["x"],
        shown["y"],
    ]
    left_out = len(findings) - len(shown)
    _write_rows(book, "问题清单 Findings", _FINDING_HEADS, _FINDING_WIDTHS, columns, left_out)


def _write_refused(book: Workbook, refused: pd.DataFrame) -> None:
    shown = refused.head(_MOST_ROWS)
    columns = [shown[name] for name in ("file", "layer", "row", "finding_codes", "raw")]
    left_out = len(refused) - len(shown)
    _write_rows(book, "未接收 Refused", _REFUSED_HEADS, (26, 18, 8, 36, 120), columns, left_out)


def _write_rows(
    book: Workbook,
    title: str,
    heads: tuple[str, ...],
    widths: tuple[int, ...],
    columns: list[Any],
    left_out: int,
) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(number + 1)].width = width
    sheet.append(_bold(sheet, heads))
    for row in zip(*(column.tolist() for column in columns), strict=True):
        _append(sheet, [_plain(value) for value in row])
    if left_out:
        sheet.append([words("zh_CN", "{number} more rows do not fit on this sheet.", number=left_out)])


def _append(sheet: Any, row: list[Any]) -> None:
    try:
        sheet.append(row)
    except IllegalCharacterError:
        sheet.append(
            ["".join(c for c in cell if c.isprintable()) if isinstance(cell, str) else cell for cell in row]
        )


def _plain(value: Any) -> Any:
    """A cell value: numbers that are none stay empty, texts that begin like a formula stay texts."""
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, int) and value < 0:
        return None
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def _bold(sheet: Any, texts: Iterable[str]) -> list[WriteOnlyCell]:
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, value=text)
        cell.font, cell.fill, cell.alignment = Font(bold=True), _HEAD, Alignment(vertical="center")
        cells.append(cell)
    return cells
