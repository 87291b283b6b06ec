"""Symbols: one for every class, told apart at 16 px, the same rule in both themes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from resources import catalogues, styles, symbols
from resources.symbols.compose import FOLDER
from resources.symbols.paths import area, commands, drawn, moved, operations

PIXELS = 16
SUPERSAMPLES = 4
LEAST_DIFFERENCE = 8.0  # whole pixels that change between two glyphs at 16 px; a glyph covers about 40
LEAST_DIFFERENCE_OF_EVENTS = 5.0  # events are shown one by one and with their name
LEAST_INK = 12.0


def rings(path: symbols.Path2D) -> Iterator[list[tuple[float, float]]]:
    """The closed figures of a path, cubics flattened."""
    line: list[tuple[float, float]] = []
    for name, *numbers in path:
        n = [float(number) for number in numbers]
        if name == "M":
            line = [(n[0], n[1])]
        elif name == "L":
            line.append((n[0], n[1]))
        elif name == "C":
            x0, y0 = line[-1]
            for t in np.linspace(0, 1, 9)[1:]:
                u = 1 - t
                k = u**3, 3 * u * u * t, 3 * u * t * t, t**3
                line.append(
                    (
                        k[0] * x0 + k[1] * n[0] + k[2] * n[2] + k[3] * n[4],
                        k[0] * y0 + k[1] * n[1] + k[2] * n[3] + k[3] * n[5],
                    )
                )
        else:
            yield line


def coverage(path: symbols.Path2D) -> np.ndarray:
    """How much of each pixel of a 16 × 16 picture a path covers, 0 … 1 (even-odd rule)."""
    places = (np.arange(PIXELS * SUPERSAMPLES) + 0.5) / SUPERSAMPLES
    x, y = np.meshgrid(places, places)
    inside = np.zeros(x.shape, dtype=bool)
    for ring in rings(path):
        inside ^= shapely.contains_xy(shapely.Polygon(ring), x, y)
    return inside.reshape(PIXELS, SUPERSAMPLES, PIXELS, SUPERSAMPLES).mean((1, 3))


@cache
def glyphs(standard: str, kind: str) -> dict[str, np.ndarray]:
    """Rasterised glyphs of all named classes by code."""
    names = getattr(catalogues.load(standard), f"{kind}_names")
    return {code: coverage(symbols.symbol(code, standard, kind=kind).glyph) for code in names}


@pytest.mark.parametrize("standard", catalogues.STANDARDS)
def test_that_every_component_class_has_a_line_of_its_own(standard: str) -> None:
    with (FOLDER / "classes.csv").open(encoding="utf-8", newline="") as file:
        drawn_names = {row["name"] for row in csv.DictReader(file) if row["kind"] == "component"}
    assert set(catalogues.load(standard).component_names.values()) <= drawn_names


@pytest.mark.parametrize("standard", catalogues.STANDARDS)
def test_that_glyphs_of_a_major_differ_at_16_pixels(standard: str) -> None:
    catalogue = catalogues.load(standard)
    pictures = glyphs(standard, "component")
    alike = [
        (catalogue.name_of(first), catalogue.name_of(second), round(float(difference), 1))
        for first, second in combinations(pictures, 2)
        if first[:2] == second[:2]
        and (difference := np.abs(pictures[first] - pictures[second]).sum()) < LEAST_DIFFERENCE
    ]
    assert alike == []


@pytest.mark.parametrize("standard", catalogues.STANDARDS)
def test_that_no_glyph_is_faint_or_leaves_its_shape(standard: str) -> None:
    for code, picture in glyphs(standard, "component").items():
        assert picture.sum() >= LEAST_INK, code
        outside = picture * (coverage(symbols.symbol(code, standard).shape) == 0)
        assert outside.sum() == 0, code


@pytest.mark.parametrize("standard", catalogues.STANDARDS)
def test_that_every_event_class_has_a_glyph_of_its_own(standard: str) -> None:
    catalogue = catalogues.load(standard)
    pictures = glyphs(standard, "event")
    dot = coverage(symbols.symbol("0699", "2013", "无此类", "event").glyph)
    alike = [
        (catalogue.name_of(first, "event"), catalogue.name_of(second, "event"))
        for first, second in combinations(pictures, 2)
        if first[:2] == second[:2]
        and np.abs(pictures[first] - pictures[second]).sum() < LEAST_DIFFERENCE_OF_EVENTS
    ]
    assert alike == []
    for code, picture in pictures.items():
        assert np.abs(picture - dot).sum() > LEAST_DIFFERENCE, code
        outside = picture * (coverage(symbols.symbol(code, standard, kind="event").shape) == 0)
        assert outside.sum() == 0, code


def test_that_a_matter_of_a_component_shows_the_component_in_a_bubble() -> None:
    component, matter = symbols.symbol("01037", "2026"), symbols.symbol("01037", "2026", kind="event")
    assert component.shape != matter.shape
    assert matter.shape == symbols.symbol("06013", "2026", kind="event").shape


def test_that_all_153_symbols_differ_in_shape_or_glyph() -> None:
    catalogue = catalogues.load("2026")
    seen = {
        (symbols.symbol(code, "2026").shape, symbols.symbol(code, "2026").glyph) for code in catalogue.codes
    }
    assert len(seen) == 153


def test_that_the_major_gives_the_shape() -> None:
    shapes = {symbols.symbol(f"0{major}001", "2026", "x").shape for major in range(1, 8)}
    assert len(shapes) == 7
    assert symbols.symbol("2101", "2007", "自定义").shape == symbols.symbol("2201", "2007", "自定义").shape


def test_that_a_class_looks_alike_in_every_edition() -> None:
    for old, new in (("0137", "01037"), ("0305", "03005"), ("0402", "04002")):
        assert symbols.symbol(old, "2013").glyph == symbols.symbol(new, "2026").glyph


def test_that_an_own_class_falls_to_its_family_and_else_to_a_dot() -> None:
    box = symbols.symbol("0198", "2013", "智慧配电箱")
    kiosk = symbols.symbol("0199", "2013", "爱心驿亭")
    strange = symbols.symbol("0197", "2013", "爱心")
    slot = symbols.symbol("0116", "2013")
    assert len({box.glyph, kiosk.glyph, strange.glyph}) == 3
    assert strange.glyph == slot.glyph
    assert (shapely.Polygon(next(rings(strange.glyph))).centroid.distance(shapely.Point(8, 8))) < 0.01


def test_that_a_filled_slot_gets_the_glyph_of_its_name() -> None:
    assert symbols.symbol("0203", "2013", "停车计费设备").glyph == symbols.symbol("02003", "2026").glyph


def test_that_rare_and_public_things_are_drawn_before_trees_and_lids() -> None:
    ranks = {
        name: symbols.rank(name)
        for name in ("公共厕所", "公交站设施", "交通信号灯", "路灯", "行道树", "污水井盖")
    }
    assert ranks == {"公共厕所": 1, "公交站设施": 1, "交通信号灯": 1, "路灯": 4, "行道树": 5, "污水井盖": 5}


@pytest.mark.parametrize("code", ["01001", "02014", "03005", "04002", "05003"])
def test_that_svg_holds_shape_and_glyph(code: str) -> None:
    text = symbols.svg(symbols.symbol(code, "2026"), "#2f628c", "#ffffff", 24, halo="#f6f4ee")
    root = ElementTree.fromstring(text)
    assert root.get("width") == "24"
    assert [path.get("fill") for path in root] == ["none", "#2f628c", "#ffffff"]


@pytest.mark.parametrize("theme", styles.THEMES)
def test_that_states_differ_without_colour(theme: str) -> None:
    palette = styles.palette(theme)
    lamp = symbols.symbol("01037", "2026")
    looks = {
        state: tuple(
            (layer.path, bool(layer.fill), layer.width, layer.dash)
            for layer in symbols.component_layers(lamp, palette.majors["01"], palette, state)
        )
        for state in (*symbols.STATES, *symbols.CONCERNS)
    }
    assert looks["移除"] == looks["废弃"]  # removed things are shown in history only, as given up
    assert len(set(looks.values())) == len(looks) - 1


@pytest.mark.parametrize("theme", styles.THEMES)
@pytest.mark.parametrize("role", symbols.ROLES)
@pytest.mark.parametrize("status", ["moving", "standing", "offline", "outside", "sos"])
def test_that_people_and_vehicles_are_painted_within_their_extent(theme: str, role: str, status: str) -> None:
    for heading in (0, 45, 90, 200):
        layers = symbols.patrol_layers(role, status, styles.palette(theme), heading)
        assert all(layer.fill or layer.stroke for layer in layers)
        points = [point for layer in layers for ring in rings(layer.path) for point in ring]
        low, high = min(map(min, points)), max(map(max, points))
        assert symbols.EXTENT[0] <= low <= high <= symbols.EXTENT[2], (heading, low, high)
        ElementTree.fromstring(symbols.layers_svg(layers))


def test_that_a_wedge_points_where_someone_goes() -> None:
    palette = styles.palette("light")
    for heading, (dx, dy) in {0: (0, -1), 90: (1, 0), 180: (0, 1), 270: (-1, 0)}.items():
        wedge = symbols.patrol_layers("监督员", "moving", palette, heading)[1].path
        tip = np.array(wedge[0][1:], dtype=float) - 8
        assert np.allclose(tip / np.hypot(*tip), (dx, dy), atol=1e-3)


def test_that_an_emergency_looks_alike_for_every_role() -> None:
    palette = styles.palette("dark")
    assert len({symbols.patrol_layers(role, "sos", palette) for role in symbols.ROLES}) == 1


@pytest.mark.parametrize("words", ["M1", "Q1 2 3 4", "M1 2 Z3", "H", "O1 2"])
def test_that_words_outside_the_language_are_a_mistake(words: str) -> None:
    with pytest.raises(ValueError, match="not a drawing command"):
        list(commands(words))


@given(st.floats(0.2, 3), st.floats(-5, 5), st.floats(-5, 5))
def test_that_moving_words_moves_their_area(scale: float, dx: float, dy: float) -> None:
    words = "M1 1 H6 V5 C6 7 3 7 1 5 Z R2 7 3 2 0.5 O8 8 1"
    before, after = area(words), area(moved(words, scale, dx, dy))
    assert after.area == pytest.approx(before.area * scale**2, rel=1e-3)
    assert after.centroid.x == pytest.approx(before.centroid.x * scale + dx, abs=1e-2)


def test_that_operations_keep_holes_open() -> None:
    ring = area("O8 8 6").difference(area("O8 8 3"))
    assert coverage(operations(ring)).sum() == pytest.approx(np.pi * 27, rel=0.03)
    assert drawn("M1 2 H3 V4 Z") == (("M", 1.0, 2.0), ("L", 3.0, 2.0), ("L", 3.0, 4.0), ("Z",))
