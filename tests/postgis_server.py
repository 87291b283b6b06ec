"""A private PostGIS for the suite: its own folder, its own port, an unprivileged account, gone at the end.

The workers of one test run share a cluster. Who needs it first starts it, who lets go of it last stops it; clusters
that a killed run left behind are swept when the next one starts. Settings are honest (fsync, synchronous commit), so
that tests which kill something mean what they say.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

PREFIX = "wangrid-test-pg-"
ACCOUNTS = ("postgres", "nobody")  # who runs the server when the suite runs as root
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
}


class NoServer(Exception):
    """This machine cannot run a PostGIS; the message says what is missing."""


class PostgisServer:
    """One cluster in one folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    @classmethod
    def start(cls, folder: Path) -> PostgisServer:
        """Make and start a cluster in `folder`, which must not exist yet."""
        server = cls(folder, _free_port())
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder, _account())
        try:
            server._run(
                "initdb", "-D", server.data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres"
            )
            server.resume()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return server

    @property
    def data(self) -> str:
        """The cluster's own folder."""
        return str(self.folder / "data")

    def url(self, database: str = "postgres") -> str:
        """Address of a database of this cluster."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def resume(self) -> None:
        """Start the server on what its folder holds."""
        options = {**SETTINGS, "port": str(self.port), "unix_socket_directories": str(self.folder)}
        words = " ".join(f"-c {key}={value}" for key, value in options.items())
        self._run("pg_ctl", "-D", self.data, "-o", words, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """Stop the server; `immediate` is as if its power were cut."""
        self._run("pg_ctl", "-D", self.data, "-m", how, "-w", "stop")

    def remove(self) -> None:
        """Stop the server, if it still runs, and remove everything."""
        with contextlib.suppress(RuntimeError):
            self.stop("immediate")
        for _ in range(5):  # a dying process of the server may write a last file behind our back
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                return

    def create_database(self, name: str) -> str:
        """An empty database with PostGIS; its address."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")
        return self.url(name)

    def _run(self, program: str, *words: str) -> None:
        command = [_binary(program), *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _account(), "--", *command]
        with tempfile.TemporaryFile() as said:  # not a pipe: the server lives on and would keep it open
            done = subprocess.run(
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False
            )
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program} failed: {said.read().decode(errors='replace')}")


@contextlib.contextmanager
def shared_server() -> Iterator[PostgisServer]:
    """The cluster of this test run, started by whoever comes first.

    Raises:
        NoServer: PostgreSQL or PostGIS is not installed.
    """
    _require_programs()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"{PREFIX}{run}"
    with _registry() as users:
        _sweep(users)
        entry = users.get(folder.name)
        server = PostgisServer(folder, entry["port"]) if entry else PostgisServer.start(folder)
        users.setdefault(folder.name, {"port": server.port, "pids": []})["pids"].append(os.getpid())
    try:
        yield server
    finally:
        with _registry() as users:
            users[folder.name]["pids"].remove(os.getpid())
            _sweep(users)


@contextlib.contextmanager
def _registry() -> Iterator[dict[str, dict]]:
    """Clusters of the suite on this machine and the processes that use each; locked while open."""
    path = Path(tempfile.gettempdir()) / f"{PREFIX}users-{os.geteuid()}.json"
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        users = json.loads(file.read() or "{}")
        try:
            yield users
        finally:
            file.seek(0)
            file.truncate()
            json.dump(users, file)


def _sweep(users: dict[str, dict]) -> None:
    """Stop and remove clusters that no living process uses."""
    for name in list(users):
        users[name]["pids"] = [pid for pid in users[name]["pids"] if Path(f"/proc/{pid}").exists()]
        if not users[name]["pids"]:
            PostgisServer(Path(tempfile.gettempdir()) / name, users.pop(name)["port"]).remove()


def _require_programs() -> None:
    _binary("initdb")
    share = [*Path("/usr/share/postgresql").glob("*/extension/postgis.control")]
    if not share and not shutil.which("pg_config"):
        raise NoServer("PostGIS is not installed (Debian: postgresql-15-postgis-3)")


def _binary(name: str) -> str:
    """The newest installed PostgreSQL's program."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if not program:
        raise NoServer(f"{name} is not installed (Debian: postgresql-15-postgis-3)")
    return program


def _account() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ACCOUNTS if name in known)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
