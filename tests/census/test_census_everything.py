"""Every file of the data pack, read and checked: accepted + quarantined = read, or the whole file refused in words.

The large ones are left to `WANGRID_EVERYTHING=1`; the rest takes less than a minute.
"""

from __future__ import annotations

import os
import zipfile
from datetime import date
from pathlib import Path

import pytest

from census import CheckOptions, Context, ReadOptions, check, read
from census.mapping import known_field_names
from kernel.errors import UserError
from resources import catalogues

LARGE = 250_000  # bytes; a file above is left out of the usual run, but for those named
ALWAYS = ("census_shp_gbk.zip", "dongcheng_clean.gpkg.zip")
ARCHIVES_READ_BY_MEMBER = 40

# What is no survey: no place in it, a list, a program, or several layers of areas of which none is of components.
NO_SURVEY = (
    ".md", ".py", ".gal", "area_code_2020_names_lost.csv.gz", "divisions_2021_5level.csv.gz", "modood_2023_areas.csv",
    "modood_2023_cities.csv", "modood_2023_provinces.csv", "modood_2023_streets.csv.gz", "beijing_village_bd09.json.zip",
    "beijing_village_bd09_script.csv.zip", "wangfujing_heat_bd09mc.csv.zip", "city_extension.csv", "admin_and_cells.gpkg.zip",
    "defects.csv", "departments.csv", "summary.json", "geolife_plt_sample.zip", "measured.csv", "columbus_expected.csv",
    "getisord_16x16.csv", "getisord_expected_z.csv", "reference.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def nowhere() -> Context:
    """A store without a city."""
    return Context({each: catalogues.load(each) for each in catalogues.STANDARDS}, "2026", date(2026, 7, 1))


def files_of(shared: Path) -> list[Path]:
    """The files of the pack that this run reads."""
    every = [path for path in sorted((shared / "data").rglob("*")) if path.is_file()]
    if os.environ.get("WANGRID_EVERYTHING"):
        return every
    return [path for path in every if path.stat().st_size <= LARGE or path.name in ALWAYS]


def outcome(source: str, context: Context) -> tuple[int, int, int] | str:
    """`read, accepted, quarantined`, or why the whole file is refused."""
    words = context.class_words | known_field_names()
    try:
        reading = read([source], ReadOptions(known_words=words))
        draft = check(reading, context, CheckOptions(class_code="01037"))
    except UserError as error:
        assert error.remedy, error
        return str(error)
    assert reading.read == draft.read
    return draft.read, len(draft.components), len(draft.quarantined)


@pytest.mark.shared
def test_that_every_file_of_the_pack_is_accounted_for(shared: Path, nowhere: Context) -> None:
    refused, odd = [], []
    for path in files_of(shared):
        found = outcome(str(path), nowhere)
        if isinstance(found, str):
            refused.append(path.name)
        elif found[0] != found[1] + found[2] or found[0] == 0:
            odd.append((path.name, found))
    assert odd == []
    assert [name for name in refused if not name.endswith(NO_SURVEY)] == []


@pytest.mark.shared
def test_that_members_of_archives_are_accounted_for(shared: Path, nowhere: Context) -> None:
    archives = [
        path for path in files_of(shared) if path.suffix == ".zip" and path.parent.name == "china_osm"
    ]
    read_ = 0
    for path in archives[:ARCHIVES_READ_BY_MEMBER]:
        for name in zipfile.ZipFile(path).namelist():
            if name.endswith((".shp", ".geojson")):
                found = outcome(f"zip://{path}!{name}", nowhere)
                assert not isinstance(found, str), found
                assert found[0] == found[1] + found[2] > 0
                read_ += found[0]
    assert read_ > 20_000
