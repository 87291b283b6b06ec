"""CSV that spreadsheets would show otherwise than it was meant: open quotation marks, encodings mixed line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from census import ReadOptions, check, read
from census.reading.delimited import delimiter_of, read_delimited
from kernel.errors import Refused
from tests.census.survey_files import city, found

HEAD = "编码,名称,经度,纬度,备注\n"
LINES = [f"A{k},路灯,116.4{k},39.9,街口{k}\n" for k in range(1, 8)]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("row", [1, 2, 5, 8])
def test_that_an_open_quotation_mark_is_refused_with_its_row(tmp_path: Path, row: int) -> None:
    lines = [HEAD, *LINES]
    lines[row - 1] = '"' + lines[row - 1]
    with pytest.raises(Refused, match="quotation mark opens here") as refused:
        read([written(tmp_path / "0137_路灯.csv", "".join(lines))])
    assert refused.value.row == row
    assert "0137_路灯.csv" in str(refused.value)
    assert "quotation mark" in refused.value.remedy


def test_that_a_quotation_mark_closed_by_anothers_opening_is_refused_with_its_row(tmp_path: Path) -> None:
    lines = [HEAD, *LINES]
    lines[2] = lines[2].replace("街口2", '"街口2')
    lines[5] = lines[5].replace("街口5", '"街口5"')
    with pytest.raises(Refused, match="quotation mark opens here") as refused:
        read([written(tmp_path / "a.csv", "".join(lines))])
    assert (refused.value.row, refused.value.places["lines"]) == (3, 4)


def test_that_rows_between_two_stray_quotation_marks_are_quarantined_together(tmp_path: Path) -> None:
    lines = [HEAD, *LINES]
    lines[2] = lines[2].replace("街口2", '"街口2')
    lines[4] = lines[4].replace("街口4", '街口4"')
    draft = check(read([written(tmp_path / "0137_路灯.csv", "".join(lines))]), city(cells=False))
    assert (draft.read, len(draft.components), len(draft.quarantined)) == (5, 4, 1)
    assert draft.quarantined["row"].tolist() == [3]
    assert "A4" in draft.quarantined["raw"].iloc[0]
    assert ("swallowed_lines", 3) in found(draft.findings, severity="error")


def test_that_a_note_of_several_lines_is_a_note(tmp_path: Path) -> None:
    text = HEAD + 'A1,路灯,116.41,39.9,"第一行\n第二行, ""加引号"""\n' + "".join(LINES[1:])
    draft = check(read([written(tmp_path / "0137_路灯.csv", text)]), city(cells=False))
    assert (draft.read, len(draft.components)) == (7, 7)
    assert draft.components["note"].tolist()[0] == '第一行\n第二行, "加引号"'


@pytest.mark.parametrize(("usual", "other"), [("utf-8", "gbk"), ("gbk", "utf-8")])
@pytest.mark.parametrize("strange", [1, 2, 3])
def test_that_lines_in_another_encoding_are_read_by_their_bytes_and_named(
    tmp_path: Path, usual: str, other: str, strange: int
) -> None:
    lines = [HEAD, *LINES]
    raw = [line.encode(other if 2 <= k < 2 + strange else usual) for k, line in enumerate(lines)]
    path = tmp_path / "普查.csv"
    path.write_bytes(b"".join(raw))
    draft = check(read([path]), city(cells=False))
    assert draft.encoding.lower() == usual
    said = f"{usual.upper()} → {other.upper()}"
    rows = {("mixed_encoding", 3 + k): said for k in range(strange)}
    assert found(draft.findings, severity="warning").items() >= rows.items()
    assert draft.components["note"].tolist() == [f"街口{k}" for k in range(1, 8)]
    assert "unknown_class" not in set(draft.findings["code"])


def test_that_bytes_that_are_no_text_stay_a_spoilt_text_of_their_row(tmp_path: Path) -> None:
    path = tmp_path / "0137_路灯.csv"
    path.write_bytes((HEAD + "".join(LINES)).encode().replace("街口3".encode(), b"\xff\xfe" + "口".encode()))
    draft = check(read([path]), city(cells=False))
    assert ("mojibake_text", 4) in found(draft.findings, severity="warning")
    assert draft.read == len(draft.components) == 7


def test_that_a_very_long_text_is_told_and_not_cut(tmp_path: Path) -> None:
    long = "长" * 200_000
    text = HEAD + "".join(LINES[:-1]) + LINES[-1].replace("街口7", long)
    draft = check(read([written(tmp_path / "0137_路灯.csv", text)]), city(cells=False))
    assert found(draft.findings, severity="warning")[("overlong_text", 8)] == "200000"
    assert draft.components["note"].tolist()[-1] == long
    assert "备注" in set(draft.findings.loc[draft.findings["code"] == "overlong_text", "field"])


COMMAS_INSIDE = [
    f"A{k};路灯;116,4{k};39,9;{'东,西,南,北,中,左,右'[: 1 + 2 * (k % 7)]}\n" for k in range(1, 9)
]
SEMICOLONS_INSIDE = [f'A{k},"路灯;{";" * (9 + k)}",116.4{k},39.9,街口\n' for k in range(1, 9)]


@pytest.mark.parametrize(
    ("lines", "mark"),
    [
        ([HEAD.replace(",", ";"), *COMMAS_INSIDE], ";"),
        ([HEAD, *SEMICOLONS_INSIDE], ","),
        (
            ["普查成果表,共 8 行\n", HEAD.replace(",", "\t"), *(line.replace(",", "\t") for line in LINES)],
            "\t",
        ),
        ([HEAD], ","),
    ],
)
def test_that_marks_inside_of_texts_are_not_taken_for_those_between_cells(
    tmp_path: Path, lines: list[str], mark: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("".join(lines), encoding="utf-8-sig")
    assert delimiter_of(lines) == mark
    found_ = read_delimited(path, "a.csv", ReadOptions()).lines
    assert {len(cells) for _, cells in found_[-len(LINES) :]} == {5}


def test_that_a_table_is_given_back_with_the_mark_it_was_read_with(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("".join([HEAD.replace(",", ";"), *COMMAS_INSIDE]).encode("gbk"))
    form = read([tmp_path / "a.csv"]).tables[0].form
    assert form is not None and (form.delimiter, form.encoding) == (";", "GBK")
