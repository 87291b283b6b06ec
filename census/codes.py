"""Component codes: 16 digits in the editions 2007 and 2013 (county 6, class 4, sequence 6), 17 in 2026 (class 5).

Sources: the forms of both editions as `resources/catalogues/editions.toml` has them. A sequence counts per county and class
and is never given twice, also when its component was removed or its session undone; where the last ones stand is the
store's business, here they come in as a mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from census.classes import CLASS_DIGITS, ID_DIGITS
from kernel.errors import Refused
from resources import catalogues
from resources.catalogues import Catalogue

COUNTY_DIGITS: Final = 6
SEQUENCE_DIGITS: Final = 6
LAST_SEQUENCE: Final = 10**SEQUENCE_DIGITS - 1


@dataclass(frozen=True)
class Recoded:
    """Components in the classes of another edition. `frame` holds only those that changed, with `component_id`;
    `former[n]` is the code each had ("" for none). `taken` are the last sequences by prefix after it."""

    frame: pd.DataFrame
    former: list[str]
    taken: dict[str, int]


def prefixes(counties: Sequence[str], class_codes: Sequence[str], standard: str) -> list[str]:
    """County and class of each component as the head of its code, "" where either has not the edition's form."""
    digits = CLASS_DIGITS[standard]
    return [
        county + class_code if _is_number(county, COUNTY_DIGITS) and _is_number(class_code, digits) else ""
        for county, class_code in zip(counties, class_codes, strict=True)
    ]


def split(code: str) -> tuple[str, int]:
    """Prefix and sequence of a code of any edition; ("", 0) for what is none."""
    if not code.isascii() or not code.isdigit() or len(code) not in set(ID_DIGITS.values()):
        return "", 0
    return code[:-SEQUENCE_DIGITS], int(code[-SEQUENCE_DIGITS:])


def grouped(code: str) -> str:
    """A code in groups that can be read aloud: county, major, minor, sequence. Other texts stay as they are."""
    prefix, _ = split(code)
    if not prefix:
        return code
    county, major, minor = prefix[:COUNTY_DIGITS], prefix[COUNTY_DIGITS:8], prefix[8:]
    return f"{county} {major} {minor} {code[-SEQUENCE_DIGITS:]}"


def allot(heads: Sequence[str], taken: Mapping[str, int]) -> tuple[list[str], dict[str, int]]:
    """A new code for each prefix of `heads`, in order, and the last sequences afterwards; "" gets none.

    Raises:
        Refused: a county has no sequence left in a class.
    """
    last = dict(taken)
    codes = []
    for head in heads:
        if not head:
            codes.append("")
            continue
        last[head] = last.get(head, 0) + 1
        codes.append(f"{head}{last[head]:0{SEQUENCE_DIGITS}d}")
    full = [head for head, number in last.items() if number > LAST_SEQUENCE]
    if full:
        raise Refused(
            "County {county} has no number left in class {class_code}: {most} were given.",
            remedy="Give this class to the city's administrator; a code has six digits for its number.",
            county=full[0][:COUNTY_DIGITS],
            class_code=full[0][COUNTY_DIGITS:],
            most=LAST_SEQUENCE,
        )
    return codes, last


def unanswered(class_codes: Sequence[str], new: Catalogue, own: Mapping[str, str]) -> list[str]:
    """Classes in use that have no counterpart in the edition 2026, by the moves of the edition or the city's `own`."""
    targets = class_targets(class_codes, new, own)
    return sorted(code for code, target in targets.items() if not target)


def class_targets(class_codes: Sequence[str], new: Catalogue, own: Mapping[str, str]) -> dict[str, str]:
    """Old class → class of 2026 ("" where there is none). What is no class of 2013 is not named."""
    old = sorted({code for code in class_codes if _is_number(code, CLASS_DIGITS["2013"])})
    moved = catalogues.to_2026(pd.Series(old, dtype="str")).fillna("").tolist() if old else []
    targets = dict(zip(old, (str(code) for code in moved), strict=True)) | dict(own)
    return {code: target if target in new.codes else "" for code, target in targets.items() if code in old}


@dataclass(frozen=True)
class Register:
    """What was ever given: the last sequence of each prefix, and which component (id) each code went to."""

    taken: Mapping[str, int]
    owners: Mapping[str, int]


def recoded(
    frame: pd.DataFrame, old: Catalogue, new: Catalogue, own: Mapping[str, str], register: Register
) -> Recoded:
    """Components of 2013 in the classes and codes of 2026; those of other editions are left out.

    A code keeps its county and its sequence and takes the new class, so that 3205080101000001 becomes
    32050801001000001; where that code is another's (two classes became one), it gets the next free sequence.
    A name that is the old class's own becomes the new one's. `own`: the city's word for classes the edition does not move.
    """
    targets = class_targets(frame["class_code"].astype(str).unique().tolist(), new, own)
    mine = frame[frame["class_code"].astype(str).isin([code for code, to in targets.items() if to])]
    mine = mine.reset_index(drop=True)
    classes = [targets[code] for code in mine["class_code"].astype(str)]
    former = [str(code) for code in mine["code"]]
    stored = [str(code) for code in frame["code"]]
    known = last_by_prefix(stored)
    taken = {head: max(known.get(head, 0), register.taken.get(head, 0)) for head in {*known, *register.taken}}
    used = set(stored) - set(former)
    whole = Register(taken, register.owners)
    codes, last = _moved(mine["component_id"].tolist(), former, classes, whole, used)
    renamed = {old.name_of(code): new.name_of(to) for code, to in targets.items() if to and old.name_of(code)}
    names = mine["name"].astype(str).map(lambda name: renamed.get(name, name))
    out = mine.assign(
        code=pd.array(codes, dtype="str"), class_code=pd.Categorical(classes), name=pd.Categorical(names)
    )
    return Recoded(out, former, last)


def _moved(
    ids: list[int], former: list[str], classes: list[str], register: Register, used: set[str]
) -> tuple[list[str], dict[str, int]]:
    """New codes with the old sequences; what would be another's is numbered on. Also the last sequences after it."""
    codes: list[str] = [""] * len(former)
    again: list[tuple[int, str]] = []
    last = dict(register.taken)
    for place, (key, code, to) in enumerate(zip(ids, former, classes, strict=True)):
        prefix, sequence = split(code)
        if not prefix:
            continue  # it never had a code
        head = prefix[:COUNTY_DIGITS] + to
        wanted = f"{head}{sequence:0{SEQUENCE_DIGITS}d}"
        if wanted in used or register.owners.get(wanted, key) != key:
            again.append((place, head))
            continue
        used.add(wanted)
        codes[place] = wanted
        last[head] = max(last.get(head, 0), sequence)
    later, last = allot([head for _, head in again], last)
    for (place, _), code in zip(again, later, strict=True):
        codes[place] = code
    return codes, last


def _is_number(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdigit()


def last_by_prefix(codes: Sequence[str]) -> dict[str, int]:
    """The highest sequence of each prefix among `codes`; texts that are no codes count for nothing."""
    found: dict[str, int] = {}
    for code in codes:
        prefix, sequence = split(code)
        if prefix:
            found[prefix] = max(found.get(prefix, 0), sequence)
    return found
