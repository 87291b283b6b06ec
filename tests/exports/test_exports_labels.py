"""Identity labels: what is printed is rendered at 300 dpi, and a decoder reads every code again."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from actions.census.print_labels import PrintLabels, print_labels
from census.codes import grouped
from data import store as stores
from data.store import Store
from exports.atlas.paper import MM_PT, width_mm
from exports.label_sizes import SIZES
from exports.labels import Label, wrapped, write_labels
from exports.plain_pdf import write_sheets
from kernel.errors import Cancelled, Refused, WrongUsage
from kernel.progress import Silent, Watched
from tests.data.small_city import CRS, cells, communities, components, draft

DPI = 300
URL = "https://cg.example.gov.cn/c/{code}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A city of forty covers, two of them without a code, one gone."""
    made = stores.create(tmp_path / "city.wangrid", "2013", CRS)
    made.set_setting("self_approval", "1")
    made.replace_grid(cells(), communities=communities())
    made.commit_census(draft(components(38, extra='{"联系电话": "010-6512 0000"}')))
    made.commit_census(draft(components(2, seed=5, coded=False)))
    return made


def read(file: Path, page: int = 0) -> list[str]:
    """Every QR code of a page, as a telephone would read it."""
    with pypdfium2.PdfDocument(file) as document:
        image = document[page].render(scale=DPI / 72).to_pil()
    return sorted(found.text for found in zxingcpp.read_barcodes(image))


def text_of(file: Path) -> str:
    """The text of the first page."""
    with pypdfium2.PdfDocument(file) as document:
        return str(document[0].get_textpage().get_text_range())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("url", ["", URL])
def test_that_every_code_of_a_full_sheet_can_be_read(size: str, url: str, tmp_path: Path) -> None:
    codes = [f"11010101001{number:06d}" for number in range(1, SIZES[size].per_sheet + 2)]
    labels = [
        Label((url or "{code}").replace("{code}", code), grouped(code), "供水井盖", ("银杏社区",))
        for code in codes
    ]
    file = tmp_path / "labels.pdf"
    assert write_labels(labels, SIZES[size], file, "身份码", Silent()) == 2
    assert read(file) == sorted(label.content for label in labels[:-1])
    assert read(file, 1) == [labels[-1].content]


def test_that_a_label_names_code_class_place_owner_and_telephone(store: Store, tmp_path: Path) -> None:
    done = print_labels(store, PrintLabels(tmp_path / "a.pdf", communities=("110101001001",)))
    assert done.verified and done.labels == len(read(tmp_path / "a.pdf"))
    said = text_of(tmp_path / "a.pdf")
    assert "110101 01 01 0000" in said and "上水井盖" in said and "银杏社区" in said and "槐树里" not in said
    assert "自来水公司" in said and "010-6512" in said and "12319" in said


def test_that_the_citys_settings_say_where_the_code_leads(store: Store, tmp_path: Path) -> None:
    store.set_setting("label_url", URL)
    store.set_setting("label_hotline", "市民热线 12345")
    done = print_labels(store, PrintLabels(tmp_path / "a.pdf", codes=("1101010101000003",), size="90x60"))
    assert (done.labels, done.pages) == (1, 1)
    assert read(tmp_path / "a.pdf") == [URL.replace("{code}", "1101010101000003")]
    assert "12345" in text_of(tmp_path / "a.pdf")


def test_that_what_has_no_code_is_counted_and_has_no_label(store: Store, tmp_path: Path) -> None:
    done = print_labels(store, PrintLabels(tmp_path / "a.pdf"))
    assert (done.labels, done.without_code) == (38, 2)


def test_that_a_former_code_prints_the_present_one(store: Store, tmp_path: Path) -> None:
    store.recode_components("2026")
    print_labels(store, PrintLabels(tmp_path / "a.pdf", codes=("1101010101000003",)))
    assert read(tmp_path / "a.pdf") == ["11010101001000003"]


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ({"url": "https://x"}, Refused, "must contain"),
        ({"url": "https://x/{code}/" + "a" * 300}, Refused, "characters long"),
        ({"codes": ("999",)}, Refused, "no component"),
        ({"communities": ("110101001009",)}, Refused, "no community"),
        ({"class_codes": ("0102",)}, Refused, "No component"),
        ({"ids": (39, 40)}, Refused, "has a code"),
        ({"size": "10x10"}, WrongUsage, "no label"),
        ({"out": Path("labels.png")}, Refused, "cannot be written"),
    ],
)
def test_that_a_wish_that_cannot_be_met_is_refused_before_anything_is_written(
    store: Store, tmp_path: Path, words: dict[str, object], error: type[Exception], says: str
) -> None:
    out = tmp_path / "a.pdf"
    with pytest.raises(error, match=says):
        print_labels(store, PrintLabels(**({"out": out} | words)))  # type: ignore[arg-type]
    assert not out.exists()


def test_that_long_names_are_wrapped_and_cut_to_their_room() -> None:
    lines = wrapped("合成区停车管理有限责任公司第一分公司", 7.5, 20, 2)
    assert len(lines) == 2 and lines[1].endswith("…") and all(width_mm(line, 7.5) <= 21.5 for line in lines)
    assert wrapped("Street Lighting Company", 7.5, 26, 2)[0] == "Street Lighting"
    assert wrapped("", 7.5, 20, 2) == []


def test_that_words_stand_where_they_are_measured_and_can_be_searched(tmp_path: Path) -> None:
    said = "长江路 (A-17) 𠮷\u0007"  # the last two are not in the bundled typeface
    sheet = tmp_path / "words.pdf"
    write_sheets(
        [lambda sheet: sheet.text(20, 30, said, 12, "#102030")], (100, 60), sheet, "标题 (1)", Silent()
    )
    with pypdfium2.PdfDocument(sheet) as document:
        assert document.get_metadata_dict()["Title"] == "标题 (1)"
        words = document[0].get_textpage()
        assert words.get_text_range() == "长江路 (A-17) □□"
        assert words.count_rects() == 1
        left, bottom, right, _ = (side / MM_PT for side in words.get_rect(0))
    assert left == pytest.approx(20, abs=0.5) and bottom == pytest.approx(30, abs=1)
    assert right == pytest.approx(20 + width_mm("长江路 (A-17) □□", 12), abs=0.5)


def test_that_a_cancelled_print_leaves_no_file(tmp_path: Path) -> None:
    watched = Watched(lambda *_: watched.cancel())
    with pytest.raises(Cancelled):
        write_labels(
            [Label("1", "1", "井盖", ())] * 60, SIZES["60x40"], tmp_path / "a.pdf", "身份码", watched
        )
    assert not list(tmp_path.iterdir())
