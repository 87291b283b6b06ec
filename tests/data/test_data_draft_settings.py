"""What may never be stored decides nothing about the city: neither its plane nor its edition."""

from __future__ import annotations

import queue

import pytest

from census.draft import Draft, empty_quarantine
from data.store import open
from gis.frames import components_frame, empty_components
from kernel.changes import CLASSES, SESSIONS, SETTINGS, Changes


def draft_of(rows: int, standard: str, crs: int) -> Draft:
    frame = components_frame({"class_code": "0137", "x": range(rows), "y": range(rows)}, rows)
    return Draft(
        "a delivery",
        ("a.shp",),
        standard,
        crs,
        rows,
        frame if rows else empty_components(),
        empty_quarantine(),
    )


@pytest.mark.parametrize(("rows", "dry_run"), [(0, False), (3, True)])
def test_that_an_empty_draft_and_a_dry_run_leave_the_citys_settings(
    address: str, rows: int, dry_run: bool
) -> None:
    with open(address, create=True, standard="2026", actor="王工") as store:
        store.save_draft(draft_of(rows, "2013", 32614), dry_run=dry_run)
        assert (store.info().standard, store.info().crs) == ("2026", 0)


def test_that_a_draft_with_rows_gives_a_new_store_its_plane_and_tells_so(address: str) -> None:
    heard: queue.Queue[Changes] = queue.Queue()
    with open(address, create=True, standard="2026", actor="王工") as store:
        store.watch(heard.put)
        store.save_draft(draft_of(3, "2013", 4548))
        assert (store.info().standard, store.info().crs) == ("2013", 4548)
        assert heard.get(timeout=20).kinds == {SESSIONS, SETTINGS, CLASSES}
