"""Wrong words, wrong files and wrong figures for the verbs of the grid: each end says why, and nothing is left behind."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import geopandas as gpd
import openpyxl
import pytest
import shapely

from cli.app import Desktop, run
from data import store as stores
from tests.data.small_city import CRS, SOUTH, WEST, cells, communities

FIRST, SECOND = "110101001001001", "110101001001002"
FAR = "110101001001010"
OTHER = "110101001002003"
ACROSS = f"{WEST - 5} {SOUTH + 50}, {WEST + 105} {SOUTH + 50}"
GRID = "responsibility_grid"
BOW = shapely.Polygon([(WEST, SOUTH), (WEST + 100, SOUTH + 100), (WEST + 100, SOUTH), (WEST, SOUTH + 100)])
DESKTOP = Desktop(lambda: 0, lambda: None, list)


@pytest.fixture
def folder(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of the test's own with a store and the files that the cases name."""
    place = tmp_path / "work"
    shutil.copytree(prepared, place)
    monkeypatch.chdir(place)
    return place


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that each test gets a copy of."""
    tmp_path = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        _prepare(tmp_path)
        yield tmp_path


def _prepare(tmp_path: Path) -> None:
    with stores.create(tmp_path / "city.wangrid", "2026", CRS, actor="王工") as store:
        store.replace_grid(cells(), communities=communities())
    stores.create(tmp_path / "bare.wangrid", "2026", 0).close()
    (tmp_path / "closed").mkdir()
    texts = {"n.csv": f"code,n\n{FIRST},1\n", "head.csv": "code,n\n", "nil.csv": "", "text.shp": "text", "text.gpkg": "text",
             "less.csv": f"code,n\n{FIRST},-4\n", "word.csv": f"code,n\n\n{FIRST},4\n\n{SECOND},vier\n", "rate.csv": f"code,办结率\n{FIRST},0.4\n",
             "bad.xlsx": "no workbook"}  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with ZipFile(tmp_path / "torn.xlsx", "w") as torn:
        torn.writestr("[Content_Types].xml", "<a")
    book("head.xlsx", ["编号", "名称", "单元网格编码"])
    book("unsound.xlsx", ["编号", "名称", "单元网格编码"], ["", "甲", FIRST], ["G2", "乙", "999"])
    write("area.gpkg", [shapely.box(WEST, SOUTH, WEST + 400, SOUTH + 300)], code=["110101"])
    write("empty.gpkg", [])
    write("lines.gpkg", [shapely.LineString([(WEST, SOUTH), (WEST + 9, SOUTH)])])
    write("bow.gpkg", [BOW])
    write("two.geojson", [shapely.LineString([(WEST + k, 0), (WEST + k, 9)]) for k in (0, 50)])


def book(name: str, *rows: list[str]) -> None:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(name)


def write(name: str, shapes: list[shapely.Geometry], **columns: list[str]) -> None:
    given = columns or {"id": list(map(str, range(len(shapes))))}
    frame = gpd.GeoDataFrame(given, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)
    frame.to_file(name, engine="pyogrio", **({} if shapes else {"geometry_type": "Polygon"}))


EDITS = [
    (3, "There is no cell 999", ("edit", "split", "999", "--line", ACROSS)),
    (3, "does not cross", ("edit", "split", FIRST, "--line", "1 1, 2 2")),
    (3, "No line was given", ("edit", "split", FIRST, "--line", " ")),
    (3, "is not a line", ("edit", "split", FIRST, "--line", "1 2")),
    (3, "is not a line", ("edit", "split", FIRST, "--line", "e e, 1- 2")),
    (3, "is not a line", ("edit", "split", FIRST, "--line", "1e999 2, 3 4")),
    (3, "does not exist", ("edit", "split", FIRST, "--line", "missing.geojson")),
    (3, "cannot be read", ("edit", "split", FIRST, "--line", "text.gpkg")),
    (3, "exactly one line", ("edit", "split", FIRST, "--line", "two.geojson")),
    (2, "--snap", ("edit", "split", FIRST, "--line", ACROSS, "--snap", "-1")),
    (2, "--snap", ("edit", "split", FIRST, "--line", ACROSS, "--snap", "inf")),
    (3, "two cells or more", ("edit", "merge", FIRST)),
    (3, "two cells or more", ("edit", "merge", FIRST, FIRST)),
    (3, "never crosses a community", ("edit", "merge", SECOND, OTHER)),
    (3, "not all neighbours", ("edit", "merge", FIRST, FAR)),
    (2, "--at", ("edit", "move", "--at", "1 1, 2 2", "--to", "2 2")),
    (2, "--to", ("edit", "move", "--at", "1 1", "--to", "north")),
    (2, "--reach", ("edit", "move", "--at", "1 1", "--to", "2 2", "--reach", "nan")),
    (3, "no corner", ("edit", "move", "--at", "1 1", "--to", "2 2")),
    (3, "no cells in community 110101", ("edit", "renumber", "110101")),
    (3, "could be taken back", ("edit", "undo")),
    (3, "could be done again", ("edit", "redo")),
    (3, "ever stood", ("lineage", "123")),
]  # fmt: skip

CARRIED = [
    (3, "no folder", ("n.csv", "--field", "n", "--out", "none/out.csv")),
    (3, "cannot be written", ("n.csv", "--field", "n", "--out", "out.pdf")),
    (3, "over itself", ("n.csv", "--field", "n", "--out", "n.csv")),
    (3, "no column m", ("n.csv", "--field", "m", "--out", "out.csv")),
    (2, "no column of amounts", ("n.csv", "--field", "", "--out", "out.csv")),
    (2, "no column of amounts", ("n.csv", "--field", "code", "--out", "out.csv")),
    (3, "no rows", ("head.csv", "--field", "n", "--out", "out.csv")),
    (3, "is empty", ("nil.csv", "--field", "n", "--out", "out.csv")),
    (3, "less than nothing", ("less.csv", "--field", "n", "--out", "out.csv")),
    (3, "row 5: vier in n", ("word.csv", "--field", "n", "--out", "out.csv")),
    (3, "rate or a mean", ("rate.csv", "--field", "办结率", "--out", "out.csv")),
    (2, "no way", ("n.csv", "--field", "n", "--by", "magic", "--out", "out.csv")),
    (2, "neither a day", ("n.csv", "--field", "n", "--since", "yesterday", "--out", "out.csv")),
]

PRINTED = [
    (3, "cannot end in", ("--out", "x.docx")),
    (3, "no folder", ("--out", "none/x.pdf")),
    (3, "no community 999", ("--out", "x.pdf", "--community", "999")),
    (3, "no unit grid cells", ("--store", "bare.wangrid", "--out", "x.gpkg")),
    (3, "no store", ("--store", "missing.wangrid", "--out", "x.gpkg")),
]

DIVIDED = [
    (3, "not a shapefile", ("--area", "text.shp", "--out", "o.gpkg")),
    (3, "no polygons for --area", ("--area", "empty.gpkg", "--out", "o.gpkg")),
    (3, "no polygons for --area", ("--area", "lines.gpkg", "--out", "o.gpkg")),
    (3, "no features for --roads", ("--area", "area.gpkg", "--roads", "empty.gpkg", "--out", "o.gpkg")),
    (3, "not valid|Self-intersection", ("--area", "bow.gpkg", "--out", "o.gpkg")),
    (3, "leaves nothing", ("--area", "area.gpkg", "--exclude", "area.gpkg", "--out", "o.gpkg")),
    (3, "cannot be written", ("--area", "area.gpkg", "--out", "o.gpkg", "--report", "r.doc")),
    (3, "no folder", ("--area", "area.gpkg", "--out", "o.gpkg", "--report", "none/r.xlsx")),
    (3, "over itself", ("--area", "area.gpkg", "--out", "area.gpkg")),
    (3, "sensible", ("--area", "area.gpkg", "--target-m2", "nan", "--out", "o.gpkg")),
    (3, "six digits", ("--area", "area.gpkg", "--district", "11", "--out", "o.gpkg")),
    (3, "No area", ("--out", "o.gpkg")),
]

CHECKED = [
    (3, "not a shapefile", ("text.shp",)),
    (3, "no polygons", ("empty.gpkg",)),
    (3, "no polygons", ("lines.gpkg",)),
    (2, "No file was named", ("",)),
    (3, "no layer nope", ("area.gpkg", "--layer", "nope")),
    (3, "no field nope", ("area.gpkg", "--id-field", "nope")),
]

LISTS = [
    (3, "does not exist", ("import", "missing.xlsx", "--kind", GRID)),
    (3, "cannot be read as a workbook", ("import", "bad.xlsx", "--kind", GRID)),
    (3, "cannot be read as a workbook", ("import", "torn.xlsx", "--kind", GRID)),
    (3, "no rows", ("import", "head.xlsx", "--kind", GRID)),
    (3, "no column", ("import", "n.csv", "--kind", GRID)),
    (2, "No file was named", ("import", "", "--kind", GRID)),
    (2, "nix", ("import", "head.xlsx", "--kind", "nix")),
    (2, "nix", ("list", "--kind", "nix")),
    (2, "nix", ("export", "--kind", "nix", "--out", "x.xlsx")),
    (3, "cannot be written", ("export", "--kind", GRID, "--out", "x.doc")),
    (3, "no folder", ("export", "--kind", GRID, "--out", "none/x.xlsx")),
    (3, "plane", ("import", "unsound.xlsx", "--kind", GRID, "--store", "bare.wangrid")),
]

CASES = [
    *((code, said, ("grid", *words)) for code, said, words in EDITS),
    *((code, said, ("grid", "carry", *words)) for code, said, words in CARRIED),
    *((code, said, ("grid", "atlas", *words)) for code, said, words in PRINTED),
    *((code, said, ("grid", "divide", *words)) for code, said, words in DIVIDED),
    *((code, said, ("grid", "check", *words)) for code, said, words in CHECKED),
    *((code, said, ("area", *words)) for code, said, words in LISTS),
]


def ask(capsys: pytest.CaptureFixture[str], *words: str, lang: str = "en") -> tuple[int, dict[str, Any]]:
    """The exit code and the one JSON object; the city's store where `words` name none."""
    store = () if "--store" in words else ("--store", "city.wangrid")
    code = run(["--json", "--lang", lang, "--as", "王工", *store, *words], DESKTOP)
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    return code, json.loads(told.out)


@pytest.mark.parametrize(("code", "said", "words"), CASES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else None)  # fmt: skip
def test_that_each_refusal_says_why_and_leaves_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], code: int, said: str, words: tuple[str, ...]
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if "-" not in path.suffix}
    ended, told = ask(capsys, *words)
    error = told["error"]
    assert (ended, error["kind"] == "usage") == (code, code == 2), error
    assert re.search(said, error["message"]), error
    assert error["remedy"]
    after = {path: path.read_bytes() for path in folder.rglob("*.*") if "-" not in path.suffix}
    assert after == before


@pytest.mark.parametrize(("code", "words"), [(code, words) for code, _, words in CASES[::8]])
def test_that_a_chinese_surveyor_is_refused_in_chinese(
    folder: Path, capsys: pytest.CaptureFixture[str], code: int, words: tuple[str, ...]
) -> None:
    ended, told = ask(capsys, *words, lang="zh_CN")
    assert ended == code
    assert all(re.search("[\u4e00-\u9fff]", told["error"][part]) for part in ("message", "remedy"))


def test_that_a_fault_in_a_row_names_file_row_and_field(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = ask(capsys, "grid", "carry", "word.csv", "--field", "n", "--out", "out.csv")
    assert {name: told["error"][name] for name in ("file", "row", "field")} == {
        "file": "word.csv", "row": 5, "field": "n"
    }  # fmt: skip


def test_that_a_list_without_a_sound_row_is_told_row_by_row_and_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ask(capsys, "area", "import", "unsound.xlsx", "--kind", GRID)
    assert (code, told["accepted"], told["quarantined"]) == (1, 0, 2)
    assert {(row["row"], row["code"]) for row in told["details"]} >= {(2, "R1"), (3, "R2")}
    with stores.open(folder / "city.wangrid") as store:
        assert not len(store.load_responsibility_areas(GRID))


def test_that_an_exported_list_comes_back_as_csv_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book("sound.xlsx", ["编号", "名称", "单元网格编码"], ["G1", "甲", f"{FIRST} {SECOND}"])
    assert ask(capsys, "area", "import", "sound.xlsx", "--kind", GRID)[0] == 0
    assert ask(capsys, "area", "export", "--kind", GRID, "--out", "list.csv")[0] == 0
    code, told = ask(capsys, "area", "import", "list.csv", "--kind", GRID)
    assert (code, told["accepted"]) == (0, 1)
    with stores.open(folder / "city.wangrid") as store:
        assert store.load_responsibility_areas(GRID)["cell_codes"].tolist() == [(FIRST, SECOND)]


def test_that_a_ring_that_crosses_itself_is_told_as_such_though_its_halves_cancel_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "en", "grid", "check", "bow.gpkg"], DESKTOP) == 1
    assert "Self-intersection" in capsys.readouterr().out


def test_that_codes_of_a_wrong_length_are_shown_as_they_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = cells()
    short["code"] = short["code"].str[:14]
    short.to_file("short.gpkg")
    assert run(["--lang", "en", "grid", "check", "short.gpkg"], DESKTOP) == 1
    assert FIRST[:14] in capsys.readouterr().out


def test_that_communities_of_another_county_than_the_area_names_are_errors(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("far.gpkg", list(communities().geometry), code=["310101001001", "310101001002"])
    code, told = ask(
        capsys, "grid", "divide", "--area", "area.gpkg", "--communities", "far.gpkg", "--out", "o.gpkg"
    )
    assert code == 1
    assert told["findings"]["G4"] == told["cells"] == told["errors"]
