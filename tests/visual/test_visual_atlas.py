"""Pages of the printed atlas for the manual: drawn from the demo city as the PDF draws them, at 100 dpi."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pytest

from actions.build_demo import BuildDemo, build_demo
from actions.grid.print_atlas import PrintAtlas, gather
from data import store as stores
from data.store import Store
from exports import typeface
from exports.atlas import book
from kernel.progress import Silent
from tests.visual.test_visual_pictures import keep_or_compare

pytestmark = [pytest.mark.visual, pytest.mark.xdist_group("visual")]

COMMUNITY = "110101001002"
A3_AT_100_DPI = (1653, 1169)
COVER, INDEX, SHEET = 1, 2, 4


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo city as `demo` makes it."""
    with stores.open(
        tmp_path_factory.mktemp("atlas") / "demo.wangrid", create=True, standard="2026"
    ) as store:
        build_demo(store, BuildDemo(), Silent())
        yield store


@pytest.mark.parametrize(
    ("name", "community", "components", "page"),
    [
        ("atlas-cover-zh", "", False, COVER), ("atlas-index-zh", "", False, INDEX),
        ("atlas-sheet-zh", COMMUNITY, False, SHEET), ("atlas-components-zh", COMMUNITY, True, SHEET),
    ],
)  # fmt: skip
def test_that_the_manual_shows_the_atlas_as_it_is(
    demo: Store, tmp_path: Path, name: str, community: str, components: bool, page: int
) -> None:
    request = PrintAtlas(tmp_path / "a.pdf", community=community, components=components, lang="zh_CN")
    pages = book.pages_of(gather(demo, request))
    with mpl.rc_context(typeface.settings()):
        pages[page - 1].draw(page, len(pages)).savefig(tmp_path / f"{name}.png", dpi=100)
    keep_or_compare(tmp_path / f"{name}.png", A3_AT_100_DPI)
