"""Every planted defect of the made-up census is found, and nothing else; the clean copy is silent."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from census import Context, Draft, ReadOptions, check, read
from gis.frames import as_cells
from resources import catalogues

pytestmark = pytest.mark.shared
Kinds = dict[tuple[str, int], set[str]]


@pytest.fixture(scope="module")
def pack(shared: Path) -> Path:
    return shared / "data/dongcheng_like"


@pytest.fixture(scope="module")
def dongcheng(pack: Path) -> Context:
    own = catalogues.read_extensions(pack / "city_extension.csv")
    admin = f"zip://{pack}/clean/admin_and_cells.gpkg.zip"
    cells = gpd.read_file(admin, layer="cells").rename(columns={"BGID": "code"})
    return Context(
        {edition: catalogues.load(edition, own) for edition in catalogues.STANDARDS},
        "2013",
        date(2026, 7, 1),
        4548,
        as_cells(cells),
        gpd.read_file(admin, layer="communities"),
        pd.read_csv(pack / "departments.csv", dtype="str"),
    )


@pytest.fixture(scope="module")
def planted(pack: Path) -> list[dict[str, str]]:
    with (pack / "defects.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def draft_of(source: str, context: Context, layer: str = "") -> Draft:
    return check(read([source], ReadOptions(layer=layer, known_words=context.class_words)), context)


def test_that_every_planted_record_defect_is_found_and_none_invented(
    pack: Path, dongcheng: Context, planted: list[dict[str, str]]
) -> None:
    records = [row for row in planted if row["level"] == "record"]
    wanted: Kinds = defaultdict(set)
    allowed: Kinds = defaultdict(set)
    for row in records:
        wanted[row["file"], int(row["row"])] |= {row["kind"], *row["implies"].split(";")} - {""}
        if row["related_row"]:
            allowed[row["file"], int(row["related_row"])].add(row["kind"])
    got: Kinds = defaultdict(set)
    for file in sorted({row["file"] for row in records}):
        draft = draft_of(f"zip://{pack}/dirty/census_shp_gbk.zip!{file}", dongcheng)
        for finding in draft.findings[draft.findings["severity"] != "information"].itertuples():
            got[finding.file, finding.record].add(finding.code)
    missed = {place: kinds - got[place] for place, kinds in wanted.items() if kinds - got[place]}
    false = {place: kinds - wanted[place] - allowed[place] for place, kinds in got.items()}
    false = {place: kinds for place, kinds in false.items() if kinds}
    assert missed == {}
    assert len(records) == 313
    assert false == {}


def test_that_every_file_fault_is_told_and_its_rows_come_in(
    pack: Path, dongcheng: Context, planted: list[dict[str, str]]
) -> None:
    faults = [row for row in planted if row["level"] == "file"]
    assert len(faults) == 14
    for row in faults:
        own_zip = row["kind"] == "zip_name_encoding"
        source = f"zip://{pack}/dirty/census_shp_gbk.zip!{row['file']}"
        draft = draft_of(str(pack / "dirty/zip_with_gbk_member_names.zip") if own_zip else source, dongcheng)
        about = draft.findings[draft.findings["record"] < 0]
        assert row["kind"] in set(about["code"]), row["file"]
        lost = draft.read if row["stored_value"] == "no .dbf" else 0
        assert (len(draft.quarantined), draft.crs) == (lost, 4548), row["file"]


@pytest.mark.parametrize("layer", ["components", "component_lines", "component_areas"])
def test_that_the_clean_copy_is_silent(pack: Path, dongcheng: Context, layer: str) -> None:
    draft = draft_of(f"{pack}/clean/dongcheng_clean.gpkg.zip", dongcheng, layer)
    assert draft.warnings == 0
    assert len(draft.quarantined) == 0
    assert set(draft.findings["code"]) <= {"drawn_otherwise"}


def test_that_the_whole_delivery_is_one_draft(pack: Path, dongcheng: Context) -> None:
    draft = draft_of(str(pack / "dirty"), dongcheng)
    assert draft.read == len(draft.components) + len(draft.quarantined) == 37_266
    assert draft.encoding == "GBK, UTF-8"
    assert set(draft.components["class_code"].unique()) >= {"0137", "0402", "0201", "0126"}
