"""A dry run where there is no store yet: told what would come in, nothing made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data import store as stores
from kernel.errors import StoreUnavailable

ROOT = Path(__file__).resolve().parents[2]
LAMPS = "编码,名称,经度,纬度\n110101013700001,路灯,116.4,39.9\n110101013700002,路灯,116.5,39.9\n"


def dry_run(store: str, folder: Path) -> dict:
    """`census import --dry-run` as a user calls it."""
    file = folder / "lamps.csv"
    file.write_text(LAMPS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", "--store", store, "--json", "census", "import", file, "--dry-run"],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_that_a_dry_run_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    store = tmp_path / "none" / "city.wangrid"
    assert not stores.exists(store)
    assert dry_run(str(store), tmp_path / "in")["read"] == 2
    assert not store.parent.exists()


@pytest.mark.postgis
def test_that_a_dry_run_makes_no_store_on_a_server(fresh_postgis: str, tmp_path: Path) -> None:
    assert not stores.exists(fresh_postgis)
    assert dry_run(fresh_postgis, tmp_path)["read"] == 2
    assert not stores.exists(fresh_postgis)
    stores.create(fresh_postgis).close()
    assert stores.exists(fresh_postgis)


def test_that_a_server_that_does_not_answer_is_not_an_absent_store() -> None:
    with pytest.raises(StoreUnavailable):
        stores.exists("postgresql://127.0.0.1:1/none")
