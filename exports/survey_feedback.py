"""What departments must see to after a special survey: a workbook with an overview and a sheet for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import openpyxl
import pandas as pd

from exports.finished import finished
from exports.sheets import append_rows, sheet_name, verify_rows
from kernel.errors import Refused
from resources.surveys import outcomes

NOBODY: Final = "未登记单位"
_FAULTS: Final = ("missing", "damaged", "abandoned")
_HEADS: Final = (
    "问题",
    "部件标识码",
    "类别代码",
    "类别名称",
    "单元网格",
    "状态",
    "主管部门",
    "权属单位",
    "养护单位",
    "说明",
    "采集员",
    "x",
    "y",
)
_WIDTHS: Final = (10, 22, 10, 18, 18, 8, 22, 22, 22, 40, 12, 14, 14)


def write_feedback(
    faults: pd.DataFrame, about: Mapping[str, Any], class_names: Mapping[str, str], target: Path
) -> Path:
    """Write `census.special_survey.progress.faults` by department; read back. Raises `Refused` for another ending."""
    if target.suffix.lower() != ".xlsx":
        raise Refused("{file}: a feedback list is a workbook.", remedy="End its name in .xlsx.", file=target)
    groups = {str(name) or NOBODY: rows for name, rows in faults.groupby("department", sort=True)}
    written: dict[str, int] = {}
    with finished(target, lambda path: verify_rows(path, written)) as path:
        written |= _write(path, groups, about, class_names)
    return target


def _write(
    path: Path, groups: Mapping[str, pd.DataFrame], about: Mapping[str, Any], class_names: Mapping[str, str]
) -> dict[str, int]:
    """The whole workbook; how many rows each sheet has."""
    book = openpyxl.Workbook(write_only=True)
    overview = [
        [name, *(int((rows["fault"] == fault).sum()) for fault in _FAULTS), len(rows)]
        for name, rows in groups.items()
    ]
    heads = ["单位", *(outcomes()[fault].zh for fault in _FAULTS), "合计"]
    append_rows(book, "汇总", heads, overview, (36, 10, 10, 10, 10))
    written = {"汇总": len(overview)}
    for name, rows in groups.items():
        title = sheet_name(book, name)
        append_rows(
            book, title, _HEADS, [_line(row, class_names) for row in rows.to_dict("records")], _WIDTHS
        )
        written[title] = len(rows)
    append_rows(book, "普查", ["项目", "内容"], _about(about), (16, 60))
    book.save(path)
    return written


def _line(row: Mapping[Any, Any], class_names: Mapping[str, str]) -> list[Any]:
    said = "；".join(part for part in (row["changes"], row["note"]) if part)
    return [outcomes()[row["fault"]].zh, row["code"], row["class_code"], class_names.get(row["class_code"], ""),
            row["cell_code"], row["state"], row["authority_name"], row["owner_name"], row["maintainer_name"], said,
            row["collector"], round(float(row["x"]), 3), round(float(row["y"]), 3)]  # fmt: skip


def _about(about: Mapping[str, Any]) -> list[list[Any]]:
    status = "已结束" if about["closed_at"] else "进行中"
    return [["名称", about["name"]], ["类别", about["classes"]], ["范围", about["area"] or "全市"],
            ["计划人", about["planned_by"]], ["计划时间", about["planned_at"]], ["状态", status],
            ["结束时间", about["closed_at"]]]  # fmt: skip
