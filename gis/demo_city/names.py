"""Invented names from parts: places, streets, estates. No place is meant; all of it is synthetic."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from gis.demo_city.plan import stage_rng

CITY_NAME = "合成示例市"
COUNTY_NAME = "合成示例区"
RIVER_NAME, CANAL_NAME, LAKE_NAME, RESERVOIR_NAME = "合澜河", "合月河", "合镜湖", "合源水库"
RAILWAY_NAME = "合成铁路"
RING_NAMES = "一二三四五六七八九"


@cache
def words(kind: str) -> tuple[str, ...]:
    """The words of one kind from `resources/names/words.csv`."""
    return tuple(row["word"] for row in table("words") if row["kind"] == kind)


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `resources/names/{name}.csv`."""
    text = files("resources").joinpath("names", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def stems(seed: int, purpose: str) -> Iterator[str]:
    """Two-character place words in an order of their own for each purpose; after the last one numbered ones."""
    pairs = [a + b for a in words("first") for b in words("second") if a != b]
    order = stage_rng(seed, f"names {purpose}").permutation(len(pairs))
    turn = 0
    while True:
        for k in order:
            yield pairs[k] + (words("ordinal")[(turn - 1) % 10] if turn else "")
        turn += 1


def named(seed: int, purpose: str, count: int, suffix: str = "") -> list[str]:
    """`count` names with one suffix, none twice."""
    source = stems(seed, purpose)
    return [next(source) + suffix for _ in range(count)]


def drawn(seed: int, kind: str, count: int) -> list[str]:
    """`count` words of one kind, drawn at random."""
    known = words(kind)
    return [known[k] for k in stage_rng(seed, f"words {kind}").integers(0, len(known), count)]


def varied(seed: int, purpose: str, suffixes: list[str]) -> list[str]:
    """One name for each suffix given, none twice."""
    source = stems(seed, purpose)
    return [next(source) + suffix for suffix in suffixes]
