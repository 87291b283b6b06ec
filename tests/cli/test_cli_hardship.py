"""Full disks, Ctrl-C, folders that may only be read, stores of another day, two at once: told in words, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data import store as stores
from tests.data.small_city import CRS, components, draft

resource = pytest.importorskip("resource", reason="Windows limits no file's size")
ROOT = Path(__file__).resolve().parents[2]
HEAD = "编码,名称,经度,纬度\n"


def start(*words: object, file_bytes: int = 0, user: int | None = None) -> subprocess.Popen[str]:
    """`main.py words --json` in a process of its own, in which no file may grow beyond `file_bytes` (0: any size)."""

    def limit() -> None:
        if file_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    return subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "--json", "--lang", "en", *map(str, words)],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "WANGRID_BUSY_S": "0.5"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=limit, user=user,
    )  # fmt: skip


def end(process: subprocess.Popen[str]) -> tuple[int, dict]:
    """Its exit code and its one JSON object; no traceback was shown."""
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode, json.loads(out)


def lamps(path: Path, count: int, first: int = 1) -> Path:
    """A CSV of street lamps."""
    rows = [f"1101010137{k:06d},路灯,{116.3 + k % 1000 / 1e4:.4f},{39.9 + k // 1000 / 1e4:.4f}\n"
            for k in range(first, first + count)]  # fmt: skip
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    """A store with 3,000 components, larger than the limits below."""
    file = tmp_path / "s" / "city.wangrid"
    with stores.create(file, "2013", CRS) as store:
        store.commit_census(draft(components(3000)))
    return file


def hash_of(file: Path) -> str:
    with stores.open(file, read_only=True) as store:
        assert store.verify() == []
        return store.info().data_hash


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm")))


def test_that_an_edition_nobody_knows_is_wrong_usage(tmp_path: Path) -> None:
    code, told = end(start("--store", tmp_path / "s.wangrid", "classes", "use", "1999"))
    assert (code, told["error"]["kind"]) == (2, "usage")
    assert "2013" in told["error"]["remedy"]
    assert list(tmp_path.iterdir()) == []


def test_that_a_backup_onto_a_full_disk_leaves_nothing_behind(store_file: Path, tmp_path: Path) -> None:
    before, folder = hash_of(store_file), tmp_path / "backups"
    folder.mkdir()
    code, told = end(
        start("--store", store_file, "store", "backup", folder / "b.wangrid", file_bytes=100_000)
    )
    assert code == 3
    assert "disk is full" in told["error"]["message"] and told["error"]["remedy"]
    assert list(folder.iterdir()) == []
    assert hash_of(store_file) == before


def test_that_a_picture_onto_a_full_disk_leaves_the_older_one(store_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "map.png").write_bytes(b"older")
    code, told = end(start("--store", store_file, "desktop", "--page", "map", "--screenshot", folder / "map.png",
                           file_bytes=40_000))  # fmt: skip
    assert code == 3
    assert "disk is full" in told["error"]["message"] and told["error"]["remedy"]
    assert names(folder) == ["map.png"]
    assert (folder / "map.png").read_bytes() == b"older"


def test_that_a_demo_onto_a_full_disk_leaves_no_store(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    code, told = end(start("--store", folder / "d.wangrid", "demo", "--cells", 40, "--components", 2000,
                           file_bytes=400_000))  # fmt: skip
    assert code == 3
    assert "disk is full" in told["error"]["message"] and told["error"]["remedy"]
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc to see how far the import is")
def test_that_ctrl_c_amid_an_import_ends_130_and_changes_nothing(store_file: Path, tmp_path: Path) -> None:
    before = hash_of(store_file)
    file = lamps(tmp_path / "b.csv", 200_000, first=10_000)
    process = start("--store", store_file, "census", "import", file, "--submit")
    wait_until_open(process, file)
    process.send_signal(signal.SIGINT)
    code, told = end(process)
    assert (code, told["error"]["kind"]) == (130, "cancelled")
    assert hash_of(store_file) == before
    with stores.open(store_file) as store:
        assert len(store.load_sessions()) == 1


def wait_until_open(process: subprocess.Popen[str], file: Path) -> None:
    """Wait until the process has the store open, which it opens before it reads any census."""
    folder, until = Path(f"/proc/{process.pid}/fd"), time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        if any(str(link).endswith(".wangrid") for link in _links(folder)):
            return
    pytest.fail("the import never opened the store")


def _links(folder: Path) -> Iterator[str]:
    for name in folder.iterdir():
        try:
            yield str(name.readlink())
        except FileNotFoundError:
            continue


def test_that_a_store_of_a_newer_program_is_refused_in_words(store_file: Path) -> None:
    with closing(sqlite3.connect(store_file)) as connection:
        connection.execute("UPDATE schema_revision SET version_num = '9999'")
        connection.commit()
    code, told = end(start("--store", store_file, "store", "info"))
    assert code == 3
    assert "newer" in told["error"]["message"] and told["error"]["remedy"]


@pytest.fixture
def closed_folder(store_file: Path) -> Iterator[Path]:
    """The store's folder, in which nobody may write, not even root."""
    folder = store_file.parent
    if os.geteuid():
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)
        return
    for words in (["mount", "--bind", folder, folder], ["mount", "-o", "remount,ro,bind", folder]):
        if subprocess.run(words, capture_output=True, check=False).returncode:
            subprocess.run(["umount", folder], capture_output=True, check=False)
            pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    "words",
    [("--store", "{}/city.wangrid", "census", "import", "{}/../b.csv"), ("--store", "{}/new.wangrid", "store", "create"),
     ("--store", "{}/city.wangrid", "store", "backup", "{}/b.wangrid")],
    ids=["import", "create", "backup"],
)  # fmt: skip
def test_that_a_folder_that_may_only_be_read_is_told_in_words(
    closed_folder: Path, words: tuple[str, ...]
) -> None:
    lamps(closed_folder.parent / "b.csv", 3, first=10_000)
    before = names(closed_folder)
    code, told = end(start(*(word.format(closed_folder) for word in words)))
    assert code == 3
    assert str(closed_folder) in told["error"]["message"] and told["error"]["remedy"]
    assert names(closed_folder) == before


def test_that_a_second_writer_waits_or_is_told_in_words(store_file: Path, tmp_path: Path) -> None:
    first = lamps(tmp_path / "b.csv", 2000, first=10_001)
    second = lamps(tmp_path / "c.csv", 2000, first=20_001)
    both = [start("--store", store_file, "census", "import", file, "--submit") for file in (first, second)]
    ends = [end(process) for process in both]
    committed = [told for code, told in ends if code == 0]
    for code, told in ends:
        assert code == 0 or (code == 3 and "Another program is writing" in told["error"]["message"])
    with stores.open(store_file, read_only=True) as store:
        assert store.verify() == []
        assert store.info().components == 3000 + 2000 * len(committed)
    assert committed
