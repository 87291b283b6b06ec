"""Tracks into the store, and the roster that walks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from actions.patrol.import_tracks import ImportTracks, import_tracks
from actions.patrol.simulate_patrol import SimulatePatrol, simulate_patrol
from data import store as stores
from data.store import Store
from kernel.errors import Cancelled, Refused
from kernel.progress import Watched
from tests.gis.grid_builders import drawn_grid

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with stores.open(tmp_path / "city.wangrid", create=True, crs=4548) as opened:
        yield opened


@pytest.fixture
def city(store: Store) -> Store:
    store.replace_grid(drawn_grid(8, 8))
    store.save_patrollers(pd.DataFrame({"patroller_id": [1, 2], "code": ["JD01", "JD02"], "name": ["甲", "乙"],
                                        "company": "", "team": "", "role": ""}))  # fmt: skip
    return store


def fixes(store: Store) -> pd.DataFrame:
    return store.load_fixes(0, 1e11)


def csv(path: Path, *moments: str, patroller: str = "") -> str:
    head = "patroller,time,lon,lat" if patroller else "time,lon,lat"
    rows = [f"{patroller + ',' if patroller else ''}{moment},116.4,39.9" for moment in moments]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return str(path)


def test_that_every_row_is_accepted_or_counted(tmp_path: Path, store: Store) -> None:
    file = csv(
        tmp_path / "JD09.csv", "2026-11-21T06:00:00Z", "2026-11-21T06:00:00Z", "never", "2026-11-21T06:00:10Z"
    )
    done = import_tracks(store, ImportTracks((file,)), clock=lambda: NOW)
    assert (done.patrollers, done.fixes, done.accepted) == (1, 4, 2)
    assert done.rejected == {"no_time": 1, "repeated": 1}
    assert store.load_patrollers()[["code", "name"]].values.tolist() == [["JD09", "JD09"]]
    assert len(fixes(store)) == 2


def test_that_a_second_import_of_the_same_tracks_adds_nothing(tmp_path: Path, store: Store) -> None:
    file = csv(tmp_path / "a.csv", "2026-11-21T06:00:00Z", "2026-11-21T06:00:10Z")
    import_tracks(store, ImportTracks((file,)), clock=lambda: NOW)
    again = import_tracks(store, ImportTracks((file,)), clock=lambda: NOW)
    assert (again.accepted, again.rejected) == (0, {"repeated": 2})
    assert len(store.load_patrollers()) == 1


def test_that_patrollers_of_the_roster_are_known_by_code_and_by_name(tmp_path: Path, city: Store) -> None:
    files = [
        csv(tmp_path / f"{k}.csv", f"2026-11-21T06:00:0{k}Z", patroller=who)
        for k, who in enumerate(("JD02", "甲", "丙"))
    ]
    import_tracks(city, ImportTracks(tuple(files)), clock=lambda: NOW)
    assert sorted(fixes(city)["patroller_id"]) == [1, 2, 3]
    assert city.load_patrollers()["name"].tolist() == ["甲", "乙", "丙"]


def test_that_the_user_may_say_whose_tracks_they_are(tmp_path: Path, city: Store) -> None:
    file = csv(tmp_path / "x.csv", "2026-11-21T06:00:00Z")
    import_tracks(city, ImportTracks((file,), patroller="JD01"), clock=lambda: NOW)
    assert fixes(city)["patroller_id"].tolist() == [1]


def test_that_a_folder_of_people_is_read(tmp_path: Path, store: Store) -> None:
    for who in ("JD01", "JD02"):
        csv(tmp_path / "shift" / who / "morning.csv", "2026-11-21T06:00:00Z")
    done = import_tracks(store, ImportTracks((str(tmp_path / "shift"),)), clock=lambda: NOW)
    assert (done.files, done.patrollers, done.accepted) == (2, 2, 2)
    assert set(store.load_patrollers()["code"]) == {"JD01", "JD02"}


def test_that_a_store_without_plane_takes_one_that_fits(tmp_path: Path) -> None:
    with stores.open(tmp_path / "new.wangrid", create=True) as fresh:
        import_tracks(
            fresh, ImportTracks((csv(tmp_path / "a.csv", "2026-11-21T06:00:00Z"),)), clock=lambda: NOW
        )
        assert fresh.info(with_hash=False).crs == 4548


@pytest.mark.parametrize("text", [b"", b"lon,lat\n1,2\n", b"\x00\xff" * 50])
def test_that_one_bad_file_leaves_the_store_as_it_was(tmp_path: Path, store: Store, text: bytes) -> None:
    good = csv(tmp_path / "good.csv", "2026-11-21T06:00:00Z")
    (tmp_path / "bad.csv").write_bytes(text)
    with pytest.raises(Refused, match=r"bad\.csv"):
        import_tracks(store, ImportTracks((good, str(tmp_path / "bad.csv"))), clock=lambda: NOW)
    assert fixes(store).empty
    assert store.load_patrollers().empty


def test_that_what_holds_no_track_is_refused(tmp_path: Path, store: Store) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refused, match="holds no tracks"):
        import_tracks(store, ImportTracks((str(tmp_path / "empty"),)))
    with pytest.raises(Refused, match="does not exist"):
        import_tracks(store, ImportTracks((str(tmp_path / "none.gpx"),)))


@pytest.mark.shared
def test_that_a_zip_of_116_geolife_files_comes_in(shared: Path, store: Store) -> None:
    done = import_tracks(store, ImportTracks((str(shared / "data/geolife/geolife_plt_sample.zip"),)))
    assert (done.files, done.patrollers, done.fixes) == (116, 11, 169_016)
    assert done.accepted == store.info(with_hash=False).fixes
    assert done.accepted + sum(done.rejected.values()) == done.fixes


# -- the walking roster


def test_that_a_simulated_shift_lies_in_the_store_and_ends_now(city: Store) -> None:
    done = simulate_patrol(city, SimulatePatrol(minutes=30, speed=0), clock=lambda: NOW)
    assert (done.patrollers, done.fixes, done.accepted, done.rejected) == (2, 360, 360, {})
    stored = fixes(city)
    assert len(stored) == 360
    assert NOW.timestamp() - 1_800 <= stored["time_s"].min()
    assert NOW.timestamp() - 20 < stored["time_s"].max() < NOW.timestamp()


def test_that_the_same_shift_again_adds_nothing(city: Store) -> None:
    request = SimulatePatrol(minutes=5, speed=0, start_s=1_795_000_000.0)
    simulate_patrol(city, request)
    again = simulate_patrol(city, request)
    assert (again.fixes, again.accepted, again.rejected) == (60, 0, {"repeated": 60})


def test_that_a_paced_walk_keeps_its_pace_and_writes_as_it_goes(city: Store) -> None:
    seen: list[int] = []
    woken = threading.Event()

    def changed(changes: object) -> None:
        seen.append(len(fixes(city)))
        woken.set()

    watch = city.watch(changed)
    done = simulate_patrol(city, SimulatePatrol(minutes=1, speed=60))
    assert 0.7 < done.seconds < 6.0
    assert woken.wait(5)
    watch.close()
    assert len(fixes(city)) == 12
    assert min(seen) < 12


def test_that_a_paced_walk_ends_at_once_when_cancelled(city: Store) -> None:
    def stop_early(share: float, words: str, places: dict[str, object]) -> None:
        if words == "Sending fixes":
            progress.cancel()

    progress = Watched(stop_early)
    with pytest.raises(Cancelled):
        simulate_patrol(city, SimulatePatrol(minutes=600, speed=1000), progress)
    assert 0 < len(fixes(city)) < 7_200


def test_that_a_store_without_roster_or_cells_is_told_what_is_missing(store: Store) -> None:
    with pytest.raises(Refused, match="no cells"):
        simulate_patrol(store, SimulatePatrol())
    store.replace_grid(drawn_grid())
    with pytest.raises(Refused, match="no patrollers"):
        simulate_patrol(store, SimulatePatrol())


@pytest.mark.parametrize("minutes", [-3.0, 0.0, float("nan"), float("inf")])
def test_that_a_walk_without_length_is_refused(minutes):
    with stores.open(":memory:", create=True) as store, pytest.raises(Refused, match="makes no sense"):
        simulate_patrol(store, SimulatePatrol(minutes=minutes))
