"""What a delivery adds up to: every row is counted once, also one that stands in no cell."""

from __future__ import annotations

import pandas as pd
import pytest

from census.totals import STREET_DIGITS, by_area

CELLS = ["110101001001001", "110101002001001"]
STREETS = pd.DataFrame({"code": [cell[:9] for cell in CELLS], "name": ["东华门", "景山"]})


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("dtype", ["object", "category", "str"])
def test_that_components_outside_every_cell_count_for_no_street(nothing: str | None, dtype: str) -> None:
    cells = pd.Series([CELLS[0], nothing, CELLS[1], nothing, CELLS[1]], dtype=dtype)
    counts = by_area(cells, cells.head(1), STREETS, STREET_DIGITS)
    assert counts.to_numpy().tolist() == [
        ["", "", 2, 0],
        [CELLS[0][:9], "东华门", 1, 1],
        [CELLS[1][:9], "景山", 2, 0],
    ]
