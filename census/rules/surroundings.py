"""What stands around a component: water and buildings where its class forbids them, the community and district that the
survey states."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
import shapely

from census.classes import Identity
from census.context import Context
from census.reading.tables import Codes, Flags, Ints, factor
from census.rules.findings import Findings
from census.rules.rules_table import FOLDER
from census.survey import Layer, Survey
from gis.assignment import assign
from resources.list_fields import read_rows

# Further fields in which surveys state where a component lies, and how many digits of its cell's code say the same.
STATED: Final[Mapping[str, tuple[str, ...]]] = {
    "outside_community": ("所在社区", "所属社区", "社区代码", "社区编码", "社区名称", "社区", "COMMUNITY"),
    "outside_street": ("所在街道", "所属街道", "街道代码", "街道编码", "街道"),
    "outside_district": ("所在区", "所属区", "行政区", "行政区划代码", "区划代码", "区县", "区县代码"),
}
DIGITS: Final = {"outside_community": 12, "outside_street": 9, "outside_district": 6}


@cache
def _allowed(place: str) -> tuple[str, ...]:
    """Words in the names of classes that may stand on `place` (`resources/census/allowed_places.csv`)."""
    return tuple(row["word"] for row in read_rows(FOLDER / "allowed_places.csv") if row["place"] == place)


def check_ground(
    survey: Survey, identity: Identity, placed: Flags, context: Context, findings: Findings
) -> None:
    """Components in water or inside a building, farther from its edge than the rule's limit."""
    for rule, place in (("on_water", "water"), ("in_building", "buildings")):
        shapes = context.ground.get(place)
        if shapes is None or not len(shapes) or findings.rule(rule) is None:
            continue
        forbidden = ~np.array(
            [any(word in name for word in _allowed(place)) for name in identity.names], dtype=bool
        )
        rows = np.flatnonzero(placed & (identity.of >= 0))
        rows = rows[forbidden[identity.of[rows]]]
        inside, depth_m = _depth(survey, rows, shapes)
        deep = depth_m > findings.limit(rule)
        findings.add(rule, inside[deep], values=[f"{depth:.1f} m" for depth in depth_m[deep]])


def _depth(survey: Survey, rows: Ints, shapes: np.ndarray) -> tuple[Ints, np.ndarray]:
    """Rows that lie in one of `shapes` (areas), and how far from its edge."""
    areas = shapes[np.isin(shapely.get_type_id(shapes), (3, 6))]
    area = assign(survey.x[rows], survey.y[rows], areas)
    inside = rows[area >= 0]
    points = shapely.points(survey.x[inside], survey.y[inside])
    return inside, shapely.distance(points, shapely.boundary(areas)[area[area >= 0]])


def check_stated(survey: Survey, cell: Codes, context: Context, findings: Findings) -> None:
    """The community, street or district written beside a component is not the one it stands in."""
    for rule, names in STATED.items():
        if findings.rule(rule) is None:
            continue
        for layer in survey.layers:
            for field in layer.fields.extra:
                if field.upper() in names:
                    _check_field(survey, layer, field, rule, cell, context, findings)


def _check_field(
    survey: Survey, layer: Layer, field: str, rule: str, cell: Codes, context: Context, findings: Findings
) -> None:
    column = factor(layer.table.columns[field])
    digits = DIGITS[rule]
    codes = {code[:digits] for code in context.cell_codes}
    named = {**{name: code for code, name in _names(context, digits)}, **{code: code for code in codes}}
    stated = [named.get(text.strip(), "") for text in column.values]
    rows = column.flags([bool(code) for code in stated]) + layer.first
    rows = rows[cell[rows] >= 0]
    stands = [context.cell_codes[number][:digits] for number in cell[rows]]
    said = [stated[code] for code in column.codes[rows - layer.first]]
    wrong = np.array([one != other for one, other in zip(stands, said, strict=True)], dtype=bool)
    values = column.at(rows[wrong] - layer.first)
    findings.add(rule, rows[wrong], field, values)


def _names(context: Context, digits: int) -> list[tuple[str, str]]:
    """(code, name) of the communities, as far as their names are unique."""
    if digits != 12 or not len(context.communities):
        return []
    frame = context.communities
    single = frame[~frame["name"].duplicated(keep=False) & (frame["name"] != "")]
    return list(zip(single["code"].tolist(), single["name"].tolist(), strict=True))
