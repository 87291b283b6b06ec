"""What is probably right where a row of a draft is wrong, and why: offered to a person, never taken by itself.

Only what a second witness says is offered: the place, the layer's name, the class list, the list of departments. Where
nobody testifies there is no proposal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely

from census.classes import CLASS_DIGITS, ID_DIGITS, class_of_file
from census.context import Context
from census.reading.tables import Codes
from census.review.corrections import ROW
from census.rules.attributes import is_spoilt
from census.values import is_nothing
from gis.assignment import assign
from resources.catalogues import Catalogue

# One proposal per row of the draft; `field` is our column, "" for a place, and `value` what a correction would set.
PROPOSAL_COLUMNS: Final = (
    "file",
    "layer",
    "row",
    "record",
    "field",
    "before",
    "value",
    "reason",
    "distance_m",
)
# Findings that doubt the place itself: it cannot testify for a cell or a county then.
PLACE_DOUBTED: Final = frozenset(
    {
        "near_duplicate",
        "duplicated_geometry",
        "swapped_xy",
        "zero_coordinate",
        "out_of_area",
        "outside_community",
    }
)
_COUNTY_DIGITS: Final = 6
_LOOK_ALIKE: Final = str.maketrans("OoIlＩＯ", "001110")
_PARTNERS: Final = {f"{role}_{one}": f"{role}_{other}" for role in ("authority", "owner", "maintainer")
                    for one, other in (("code", "name"), ("name", "code"))}  # fmt: skip


@dataclass(frozen=True)
class Witnesses:
    """Whom to ask: the city, the class list of the session's edition, the codes that other rows bear, and which rows
    (file, layer, record) have a finding of `PLACE_DOUBTED`."""

    context: Context
    catalogue: Catalogue
    taken: frozenset[str]
    doubted: frozenset[tuple[str, str, int]] = frozenset()

    @property
    def code_digits(self) -> int:
        """Length of a component's code in the edition."""
        return ID_DIGITS[self.catalogue.standard]

    def class_in(self, code: str) -> str:
        """The class that a well-formed code names, "" where it names none of the edition."""
        if len(code) != self.code_digits or not code.isdigit():
            return ""
        named = code[_COUNTY_DIGITS : _COUNTY_DIGITS + CLASS_DIGITS[self.catalogue.standard]]
        return named if named in self.catalogue.codes else ""

    def sure_cells_at(self, rows: pd.DataFrame) -> Codes:
        """As `cells_at`, -1 also where another finding doubts the place."""
        doubted = [key in self.doubted for key in zip(*(rows[name].tolist() for name in ROW), strict=True)]
        return np.where(doubted, np.int32(-1), self.cells_at(rows))

    def cells_at(self, rows: pd.DataFrame) -> Codes:
        """Position of the cell that holds each row's place, -1 for none."""
        cells = self.context.cells
        if not len(cells):
            return np.full(len(rows), -1, dtype=np.int32)
        return assign(rows["x"].to_numpy("f8"), rows["y"].to_numpy("f8"), cells.geometry.values)


Offer = Callable[[pd.DataFrame, Witnesses], pd.DataFrame]


def propose(finding: str, asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    """Proposals for the rows that have the finding: `PROPOSAL_COLUMNS`.

    `asked`: file, layer, row, record, `field` (our column that the finding is about), the text columns, x and y.
    """
    offer = OFFERS.get(finding)
    if offer is None or not len(asked):
        return pd.DataFrame(columns=list(PROPOSAL_COLUMNS))
    asked = asked.drop_duplicates([*ROW, "field"]).reset_index(drop=True)
    offered = offer(asked, witnesses)
    out = asked[["file", "layer", "row", "record"]].assign(
        field=offered.get("field", asked["field"]), value=offered["value"], reason=offered["reason"],
        distance_m=offered.get("distance_m", np.nan),
    )  # fmt: skip
    out["before"] = _texts_of(asked, out["field"])
    out = out[(out["value"] != "") & (out["value"] != out["before"])]
    return _unclaimed(out, witnesses)[list(PROPOSAL_COLUMNS)].reset_index(drop=True)


def _texts_of(asked: pd.DataFrame, fields: pd.Series) -> list[str]:
    """What stands in each row's own field of `fields`; the place for "", "" for what is no column."""
    columns = {name: asked[name].astype(str).tolist() for name in set(fields) if name in asked.columns}
    columns[""] = [f"{x:.3f},{y:.3f}" for x, y in zip(asked["x"], asked["y"], strict=True)]
    return [columns[name][row] if name in columns else "" for row, name in enumerate(fields)]


def _unclaimed(offered: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    """Without codes that another row bears, or that two rows would get."""
    codes = offered["field"] == "code"
    borne = np.array([value in witnesses.taken for value in offered["value"]], dtype=bool)
    claimed = borne | offered["value"].duplicated(keep=False)
    return offered[~(codes & claimed)]


# -- witnesses of a place ------------------------------------------------------------------------------------------


def _cell_of_place(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    cells, numbers = witnesses.context.cells, witnesses.context.cell_numbers
    codes = np.array([*witnesses.context.cell_codes, ""], dtype=object)
    written = np.array([numbers.get(text.strip(), -1) for text in asked["cell_code"]], dtype=np.int64)
    away_m = np.full(len(asked), np.nan)
    known = written >= 0
    points = shapely.points(asked.loc[known, ["x", "y"]].to_numpy("f8"))
    away_m[known] = shapely.distance(points, cells.geometry.values[written[known]])
    reason = np.where(known, "The point stands in this cell, {distance} m from the one that is written.",
                      "The point stands in this cell; the one that is written does not exist.")  # fmt: skip
    return pd.DataFrame({"field": "cell_code", "value": codes[witnesses.sure_cells_at(asked)], "reason": reason,
                         "distance_m": away_m})  # fmt: skip


def _turned_place(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    turned = asked.assign(x=asked["y"], y=asked["x"])
    inside = witnesses.cells_at(turned) >= 0
    places = [
        f"{x:.3f},{y:.3f}" if at else "" for x, y, at in zip(turned["x"], turned["y"], inside, strict=True)
    ]
    return pd.DataFrame({"field": "", "value": places,
                         "reason": "With easting and northing turned the point stands in the city."})  # fmt: skip


def _county_of_place(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    cells = np.array([*witnesses.context.cell_codes, ""], dtype=object)[witnesses.sure_cells_at(asked)]
    value = [f"{cell[:_COUNTY_DIGITS]}{code[_COUNTY_DIGITS:]}" if cell and witnesses.class_in(code) else ""
             for cell, code in zip(cells, asked["code"], strict=True)]  # fmt: skip
    return pd.DataFrame({"value": value, "reason": "The point stands in this county."})


# -- witnesses of a class ------------------------------------------------------------------------------------------


def _class_of_layer(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    """The class that the layer's name tells, in the place of the unknown one in the code."""
    of = _classes_of_layers(asked, witnesses)
    after = _COUNTY_DIGITS + CLASS_DIGITS[witnesses.catalogue.standard]
    value = [
        f"{code[:_COUNTY_DIGITS]}{own}{code[after:]}"
        if own and field == "code" and len(code) == witnesses.code_digits and code.isdigit() else ""
        for code, own, field in zip(asked["code"], of, asked["field"], strict=True)
    ]  # fmt: skip
    return pd.DataFrame({"value": value, "reason": "The layer is named after this class."})


def _name_of_code(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    """The name of the class that code and layer agree upon."""
    of = _classes_of_layers(asked, witnesses)
    value = [witnesses.catalogue.name_of(own) if own and own == witnesses.class_in(code) else ""
             for code, own in zip(asked["code"], of, strict=True)]  # fmt: skip
    return pd.DataFrame(
        {"field": "name", "value": value, "reason": "The code and the layer both say this class."}
    )


def _classes_of_layers(asked: pd.DataFrame, witnesses: Witnesses) -> list[str]:
    pairs = list(zip(asked["layer"].astype(str), asked["file"].astype(str), strict=True))
    told = {pair: class_of_file(*pair, witnesses.catalogue) for pair in set(pairs)}
    return [told[pair] for pair in pairs]


def _accuracy_of_class(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    components = witnesses.catalogue.components
    of = dict(zip(components["code"], components["accuracy"], strict=True))
    value = [str(of.get(witnesses.class_in(code), "")) for code in asked["code"]]
    return pd.DataFrame({"value": value, "reason": "The class list asks this accuracy of the class."})


# -- witnesses of a text -------------------------------------------------------------------------------------------


def _code_rewritten(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    """The code without blanks, full-width digits and letters that look like digits, where it is sound then."""
    plain = [
        "".join(unicodedata.normalize("NFKC", code).split()).translate(_LOOK_ALIKE) for code in asked["code"]
    ]
    value = [code if witnesses.class_in(code) else "" for code in plain]
    return pd.DataFrame(
        {"value": value, "reason": "The same digits without blanks, wide or look-alike characters."}
    )


def _department_of_partner(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    """The code that the list has for the name beside it, or the name that it has for the code."""
    listed = witnesses.context.departments
    once = listed[~listed["name"].duplicated(keep=False)]
    code_of = dict(zip(once["name"], once["code"], strict=True))
    name_of = dict(zip(listed["code"], listed["name"], strict=True))
    partners = _texts_of(asked, asked["field"].map(_PARTNERS).fillna("none"))
    value = ["" if is_nothing(partner) else str((code_of if field.endswith("_code") else name_of).get(partner.strip(), ""))
             for partner, field in zip(partners, asked["field"], strict=True)]  # fmt: skip
    return pd.DataFrame(
        {"value": value, "reason": "The city's list of departments says so of the text beside it."}
    )


def _text_restored(asked: pd.DataFrame, witnesses: Witnesses) -> pd.DataFrame:
    value = [_restored(text) for text in _texts_of(asked, asked["field"])]
    return pd.DataFrame(
        {"value": value, "reason": "The same bytes read in the encoding that they were written in."}
    )


def _restored(text: str) -> str:
    """Text whose UTF-8 bytes were read as GBK or Latin, "" where that does not bring a sound text back."""
    for encoding in ("gbk", "gb18030", "latin-1", "cp1252"):
        try:
            again = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if again != text and not is_spoilt(again):
            return again
    return ""


OFFERS: Final[Mapping[str, Offer]] = {
    "point_outside_cell": _cell_of_place,
    "bad_cell_form": _cell_of_place,
    "unknown_cell": _cell_of_place,
    "swapped_xy": _turned_place,
    "county_mismatch": _county_of_place,
    "unknown_class": _class_of_layer,
    "class_name_mismatch": _name_of_code,
    "bad_accuracy": _accuracy_of_class,
    "bad_code_form": _code_rewritten,
    "missing_owner": _department_of_partner,
    "bad_department_code": _department_of_partner,
    "unknown_department": _department_of_partner,
    "mojibake_text": _text_restored,
}
