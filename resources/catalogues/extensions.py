"""A city's own classes: read, checked, told with file, row, field and remedy when they cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from kernel.errors import Refused
from resources.catalogues.catalogue import CLASS_COLUMNS
from resources.catalogues.editions import Edition, edition, edition_key
from resources.catalogues.national import national_classes

EXTENSION_COLUMNS: Final = (
    "standard", "kind", "major_code", "major_name", "minor_code", "code", "name", "geometry", "accuracy",
)  # fmt: skip
OPTIONAL_COLUMNS: Final = ("major_name", "geometry", "accuracy")
KINDS: Final = {
    "component": "component", "部件": "component", "event": "event", "matter": "event", "事件": "event", "事项": "event",
}  # fmt: skip
GEOMETRIES: Final = {
    "": "point", "point": "point", "点": "point", "line": "line", "线": "line", "area": "area", "面": "area",
    "polygon": "area",
}  # fmt: skip
NAME_LONGEST: Final = 30  # characters of the class name in the component table of 2026
FIRST_ROW: Final = 2  # the sheet row of the first record, under the headings

Fault = tuple[str, str, str]  # field, message, remedy


def read_extensions(path: Path | str) -> pd.DataFrame:
    """The city's classes in the CSV at `path`, in the columns `EXTENSION_COLUMNS`, checked.

    Raises `Refused` for a file that is no such table and for the first row that cannot be used; `error.detail` lists
    every such row.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise Refused("{file} does not exist.", remedy="Check the path of the file.", file=path) from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise Refused(
            "{file} is not a CSV table in UTF-8.",
            remedy="Save it from the spreadsheet as CSV UTF-8.",
            file=path,
        ) from None
    return checked_extensions(frame, str(path))


def checked_extensions(frame: pd.DataFrame, file: str = "classes") -> pd.DataFrame:
    """`frame` in the columns `EXTENSION_COLUMNS` and in our own words; `Refused` like `read_extensions`."""
    frame = frame.rename(columns=lambda column: str(column).strip().lower())
    missing = [c for c in EXTENSION_COLUMNS if c not in frame.columns and c not in OPTIONAL_COLUMNS]
    if missing:
        raise Refused(
            "{file} has no column {column}.",
            remedy="Name the columns standard, kind, major_code, minor_code, code, name, geometry, accuracy.",
            file=file, column=", ".join(missing),
        )  # fmt: skip
    table = frame.reindex(columns=list(EXTENSION_COLUMNS), fill_value="").fillna("").astype(str)
    table = table.apply(lambda column: column.str.strip()).reset_index(drop=True)
    _refuse_all(_faulty_rows(table, file, _fault))
    table["standard"] = table["standard"].map(edition_key)
    table["kind"] = table["kind"].str.lower().map(KINDS)
    table["geometry"] = table["geometry"].str.lower().map(GEOMETRIES).where(table["kind"] == "component", "")
    table["accuracy"] = table["accuracy"].str.upper()
    _refuse_all(_repeated_rows(table, file))
    _refuse_all(_faulty_rows(table, file, _conflict))
    return table


def extended(classes: pd.DataFrame, own: pd.DataFrame, of: Edition) -> pd.DataFrame:
    """`classes` (`CLASS_COLUMNS`) with the city's rows `own`: empty slots filled, own classes added, sorted by code."""
    if own.empty:
        return classes
    names = dict(zip(classes["major_code"], classes["major_name"], strict=True))
    own = own.assign(
        major_name=[names.get(row["major_code"]) or _own_major(row, of) for row in own.to_dict("records")],
        confidence="city", checked=True, source="city",
    )  # fmt: skip
    unnumbered = (own["kind"] == "event") & own["code"].isin(of.event_numbers_open)
    own = own.assign(is_extension=~(own["code"].isin(classes["code"]) | unnumbered))
    kept = classes[~classes["code"].isin(own["code"])]
    return pd.concat([kept, own[list(CLASS_COLUMNS)]]).sort_values("code", ignore_index=True)


def _own_major(row: Mapping[Hashable, str], of: Edition) -> str:
    known = of.own_majors.get(row["major_code"])
    if row["major_name"] or not known:
        return row["major_name"] or f"自定义大类 {row['major_code']}"
    return known[0 if row["kind"] == "component" else 1]


def _refuse_all(faults: Iterator[Refused]) -> None:
    """Raise the first of `faults`, with every one of them in its `detail`."""
    found = list(faults)
    if found:
        found[0].detail = "\n".join(str(fault) for fault in found)
        raise found[0]


def _faulty_rows(
    table: pd.DataFrame, file: str, look: Callable[[Mapping[Hashable, str]], Fault | None]
) -> Iterator[Refused]:
    for row, record in enumerate(table.to_dict("records"), start=FIRST_ROW):
        fault = look(record)
        if fault:
            field, template, remedy = fault
            national, first = _near(record)
            yield Refused(
                template, remedy=remedy, file=file, row=row, field=field,
                value=record[field], national=national, first=first,
            )  # fmt: skip


def _near(record: Mapping[Hashable, str]) -> tuple[str, str]:
    """What a message may name: the national class that the row collides with, the edition's first own minor."""
    key = edition_key(record["standard"])
    if not key:
        return "", ""
    of, classes = edition(key), national_classes(key, KINDS.get(record["kind"].lower(), "component"))
    met = (classes["code"] == record["code"]) | (classes["name"] == record["name"])
    met &= classes["name"] != ""
    national = " ".join(classes.loc[met, ["code", "name"]].head(1).to_numpy().ravel())
    return national, f"{of.own_minor_first:0{of.minor_digits}d}"


def _repeated_rows(table: pd.DataFrame, file: str) -> Iterator[Refused]:
    seen: dict[tuple[str, str, str], int] = {}
    for row, record in enumerate(table.to_dict("records"), start=FIRST_ROW):
        for field in ("code", "name"):
            key = (record["standard"], record["kind"], record[field])
            if key in seen:
                yield Refused(
                    "{file}, row {row}: {value} already stands in row {first}.",
                    remedy="Give each class a code and a name of its own.",
                    file=file, row=row, field=field, value=record[field], first=seen[key],
                )  # fmt: skip
            seen.setdefault(key, row)


def _fault(record: Mapping[Hashable, str]) -> Fault | None:
    """The first thing wrong in one row by itself."""
    key = edition_key(record["standard"])
    if not key:
        return "standard", "{file}, row {row}: no edition is called {value}.", "Write 2007, 2013 or 2026."
    if record["kind"].lower() not in KINDS:
        return "kind", "{file}, row {row}: {value} is no kind of class.", "Write component or event."
    code = _code_fault(record, edition(key))
    if code:
        return code
    if not record["name"] or len(record["name"]) > NAME_LONGEST:
        return (
            "name",
            "{file}, row {row}: the class has no name of 1 to 30 characters.",
            "Give the class a name.",
        )
    if record["geometry"].lower() not in GEOMETRIES:
        return "geometry", "{file}, row {row}: {value} is no kind of geometry.", "Write point, line or area."
    if record["accuracy"].upper() not in ("", "A", "B", "C"):
        return "accuracy", "{file}, row {row}: {value} is no accuracy class.", "Write A, B, C or nothing."
    return None


def _code_fault(record: Mapping[Hashable, str], of: Edition) -> Fault | None:
    text = "Format the code columns as text, so that the spreadsheet keeps leading zeros."
    if not _digits(record["major_code"], 2):
        return "major_code", "{file}, row {row}: {value} is not a major of two digits.", text
    if not _digits(record["minor_code"], of.minor_digits):
        return "minor_code", "{file}, row {row}: {value} is not a minor of this edition.", text
    if record["code"] != record["major_code"] + record["minor_code"]:
        return "code", "{file}, row {row}: the code {value} is not its major and minor together.", text
    return None


def _conflict(record: Mapping[Hashable, str]) -> Fault | None:
    """How one row, right by itself, collides with the national list of its edition."""
    of = edition(record["standard"])
    classes = national_classes(of.key, record["kind"])
    named = classes[classes["name"] != ""]
    if record["code"] in set(named["code"]):
        return (
            "code",
            "{file}, row {row}: {value} is the code of the national class {national}.",
            "Take a free number; for a class of your own the highest free one.",
        )
    if record["name"] in set(named["name"]):
        return (
            "name",
            "{file}, row {row}: {value} is the name of the national class {national}.",
            "Leave the row out, or give your class another name.",
        )
    if record["code"] not in set(classes["code"]) and int(record["minor_code"]) < of.own_minor_first:
        return (
            "minor_code",
            "{file}, row {row}: own classes of this edition have minors from {first} on.",
            "Number own classes downward from the highest minor.",
        )
    return None


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()
