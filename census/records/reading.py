"""Field records from a gateway's JSON or a table: each row becomes a record or is refused with field and remedy."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from census.dates import read_date
from census.records.record import FIELDS, KINDS, NEW, Record
from kernel.errors import Refused

LARGEST_BYTES: Final = 64 * 1024 * 1024
LONGEST_TEXT: Final = 2_000
DEGREES: Final = ("lon", "lat")
PLANE: Final = ("x", "y")
# Names under which gateways and tables send what a record has.
NAMES: Final[Mapping[str, str]] = {
    "id": "foreign_id", "上报编号": "foreign_id", "编号": "foreign_id", "kind": "kind", "type": "kind", "上报类型": "kind",
    "类型": "kind", "code": "code", "部件标识码": "code", "标识码": "code", "class": "class_code", "class_code": "class_code",
    "小类代码": "class_code", "部件类别": "class_code", "name": "name", "部件名称": "name", "state": "state", "部件状态": "state",
    "状态": "state", "主管部门": "authority_name", "主管部门代码": "authority_code", "权属单位": "owner_name",
    "权属单位代码": "owner_code", "养护单位": "maintainer_name", "养护单位代码": "maintainer_code", "初始时间": "initial_date",
    "变更时间": "change_date", "数据来源": "source", "定位精度": "accuracy", "位置": "location", "note": "note", "备注": "note",
    "说明": "note", "lon": "lon", "经度": "lon", "lat": "lat", "纬度": "lat", "x": "x", "y": "y", "photos": "photos",
    "照片": "photos", "reported_by": "reported_by", "上报人": "reported_by", "reported_at": "reported_at",
    "上报时间": "reported_at",
} | {name: name for name in FIELDS}  # fmt: skip
KIND_WORDS: Final[Mapping[str, str]] = {
    "新增": "new", "变更": "changed", "变化": "changed", "破损": "damaged", "损坏": "damaged", "移除": "removed", "拆除": "removed",
    "废弃": "removed",
} | {kind: kind for kind in KINDS}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Why a row is no record: `message` and `remedy` are templates over file, row, field and value."""

    file: str
    row: int
    field: str
    value: str
    message: str
    remedy: str


@dataclass(frozen=True)
class Sent:
    """A record as it was sent; `lon`, `lat` in degrees (CGCS2000) where it says them instead of x and y."""

    record: Record
    lon: float
    lat: float
    file: str
    row: int


def read_json(file: Path) -> list[tuple[int, Any]]:
    """What a gateway's file lists, with numbers from 1: one object, a list of them, or `{"records": […]}`.

    Raises:
        Refused: no JSON, not UTF-8, too large, or something else than objects; names line and column.
    """
    if file.stat().st_size > LARGEST_BYTES:
        raise Refused("{file} is larger than {most} MB.", remedy="Send the records in several files.", file=file,
                      most=LARGEST_BYTES // 2**20)  # fmt: skip
    try:
        content = json.loads(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused("{file} is not UTF-8 at byte {byte}.", remedy="JSON is written in UTF-8; write the file again.",
                      file=file, byte=error.start) from None  # fmt: skip
    except (ValueError, RecursionError) as error:
        place = f"{getattr(error, 'lineno', 1)}:{getattr(error, 'colno', 1)}"
        raise Refused("{file} is no JSON: it breaks at line and column {place}.",
                      remedy="Ask the sender for the file again.", file=file, place=place) from None  # fmt: skip
    rows = content.get("records", [content]) if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise Refused("{file} holds no records.", remedy="Send an object, a list of objects, or an object with `records`.",
                      file=file)  # fmt: skip
    return list(enumerate(rows, start=1))


def records_of(rows: Sequence[tuple[int, Any]], file: str) -> tuple[list[Sent], list[Problem]]:
    """Every row, with its own number, as a record, or the reason why it is none."""
    sent: list[Sent] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        if not isinstance(row, dict):
            problems.append(
                Problem(
                    file, number, "", str(row)[:60], "This is no record.", "Send an object for each record."
                )
            )
            continue
        values, found = _values(row, file, number)
        found += _problems(values, file, number)
        foreign = values.get("foreign_id", "")
        if foreign and foreign in seen:
            found.append(Problem(file, number, "id", foreign, "The number {value} stands twice in {file}.",
                                 "Give every record a number of its own."))  # fmt: skip
        seen.setdefault(foreign, number)
        problems += found
        if not found:
            sent.append(_sent(values, file, number))
    return sent, problems


def _values(row: Mapping[str, Any], file: str, number: int) -> tuple[dict[str, str], list[Problem]]:
    """The row's texts under our names; photos joined by line feeds."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    inner = row.get("fields")
    whole = {**row, **inner} if isinstance(inner, dict) else dict(row)
    whole.pop("fields", None)
    for key, value in whole.items():
        name = NAMES.get(str(key).strip())
        if name is None:
            continue
        listed = isinstance(value, list) and all(isinstance(part, str) for part in value)
        if isinstance(value, (dict, list)) and not (name == "photos" and listed):
            problems.append(
                Problem(
                    file,
                    number,
                    str(key),
                    str(value)[:60],
                    "{field} is no plain value.",
                    "Send a text or a number.",
                )
            )
            continue
        text = "\n".join(value) if listed else "" if value is None else str(value).strip()
        if len(text) > LONGEST_TEXT:
            problems.append(
                Problem(
                    file,
                    number,
                    str(key),
                    text[:60],
                    "{field} is longer than 2,000 characters.",
                    "Shorten it.",
                )
            )
            continue
        values[name] = text
    return values, problems


def _problems(values: Mapping[str, str], file: str, row: int) -> list[Problem]:
    """What keeps the row from being a record."""
    out: list[Problem] = []

    def add(field: str, message: str, remedy: str) -> None:
        out.append(Problem(file, row, field, values.get(field, ""), message, remedy))

    kind = KIND_WORDS.get(values.get("kind", ""), "")
    if not kind:
        add(
            "kind",
            "{value} is no kind of record.",
            "Write new, changed, damaged or removed (新增、变更、破损、移除).",
        )
    if kind and kind != NEW and not values.get("code"):
        add(
            "code",
            "A record about a stored component names its code.",
            "Send the code on the component's label.",
        )
    if kind == NEW and not (values.get("class_code") or values.get("name")):
        add("class_code", "A new component has no class.", "Send its class code or its class name.")
    for field, message, remedy in _wrong_places(values, kind):
        add(field, message, remedy)
    if values.get("reported_at") and read_date(values["reported_at"]) is None:
        add("reported_at", "{value} is no date.", "Write 2026-11-21 or 2026-11-21T08:30:00.")
    return out


def _wrong_places(values: Mapping[str, str], kind: str) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the row's places: the field, message and remedy."""
    given = {name: values[name] for name in (*DEGREES, *PLANE) if values.get(name)}
    bad = [name for name, text in given.items() if not _is_number(text)]
    for name in bad:
        yield (
            name,
            "{value} is no coordinate.",
            "Send degrees in lon and lat, or metres on the city's plane in x and y.",
        )
    for pair in (DEGREES, PLANE):
        alone = [name for name in pair if name in given]
        if len(alone) == 1:
            yield alone[0], "A place has only one of its two coordinates.", "Send lon and lat, or x and y."
    if kind == NEW and not given:
        yield "lon", "A new component has no place.", "Send lon and lat, or x and y."
    beyond = [name for name, most in (("lon", 180.0), ("lat", 90.0))
              if name in given and name not in bad and abs(float(given[name])) > most]  # fmt: skip
    if beyond:
        yield (
            beyond[0],
            "{value} is no place in degrees.",
            "Send lon from -180 to 180 and lat from -90 to 90.",
        )


def _sent(values: Mapping[str, str], file: str, row: int) -> Sent:
    numbers = {name: float(values[name]) if values.get(name) else math.nan for name in (*DEGREES, *PLANE)}
    record = Record(
        kind=KIND_WORDS[values["kind"]],
        fields={name: values[name] for name in FIELDS if values.get(name)},
        code=values.get("code", ""),
        x=numbers["x"],
        y=numbers["y"],
        photos=tuple(
            part.strip() for part in values.get("photos", "").replace(";", "\n").split("\n") if part.strip()
        ),
        reported_by=values.get("reported_by", ""),
        reported_at=values.get("reported_at", ""),
        foreign_id=values.get("foreign_id", ""),
    )
    return Sent(record, numbers["lon"], numbers["lat"], file, row)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
