"""Glyphs drawn ahead are those that the tables give."""

from __future__ import annotations

from resources import catalogues
from resources.symbols import glyphs
from resources.symbols.compose import drawn_glyph, glyph_of


def test_that_the_glyphs_were_drawn_from_the_tables_that_are_here() -> None:
    assert glyphs.is_fresh(), "write them anew: resources/symbols/glyphs.py says how"


def test_that_every_class_of_the_newest_edition_has_its_glyph_drawn_ahead() -> None:
    known = catalogues.load("2026").components
    for code, name in zip(known["code"], known["name"], strict=True):
        recipe = glyph_of(code, "2026", name)
        found = glyphs.kept(*recipe)
        assert found is not None, (code, name)
        assert [operation[0] for operation in found] == [each[0] for each in drawn_glyph(*recipe)]
