"""The house's laws, each as a sentence that fails when it is broken. The list of exceptions starts empty."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEVELS = (("desktop", "cli"), ("actions",), ("exports",), ("data",), ("census", "patrol"), ("gis",), ("resources",),
          ("kernel",))  # fmt: skip
LEVEL = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
QT = {"PySide6", "shiboken6"}
SQL = {"sqlalchemy", "psycopg", "sqlite3", "alembic"}
NETWORK = {"socket", "http", "urllib.request", "requests", "PySide6.QtNetwork"}

LONGEST_FILE = 400
LONGEST_BODY = 100
LONG_BODY = 30
SHARE_OF_LONG_BODIES = 0.05


def files(room: str) -> list[Path]:
    """Python files of a room; migrations are frozen history and follow no budget."""
    return sorted(path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    """Names of everything `path` imports, at top level or later."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def breaches(rooms: list[str], forbidden: set[str]) -> list[str]:
    """`file → name` for each import in `rooms` of a forbidden name or of what lies inside it."""
    return sorted(
        {
            f"{path.relative_to(ROOT)} → {name}"
            for room in rooms
            for path in files(room)
            for name in imported(path)
            if any(name == banned or name.startswith(f"{banned}.") for banned in forbidden)
        }
    )


@pytest.mark.parametrize("room", LEVEL)
def test_that_imports_go_down_only(room: str) -> None:
    higher_or_beside = {other for other, level in LEVEL.items() if other != room and level <= LEVEL[room]}
    assert breaches([room], higher_or_beside) == []


def test_that_only_the_desktop_speaks_qt() -> None:
    assert breaches([room for room in LEVEL if room != "desktop"], QT) == []


def test_that_only_data_speaks_sql() -> None:
    assert breaches([room for room in LEVEL if room != "data"], SQL) == []


def test_that_only_map_tiles_use_the_network() -> None:
    found = [line for line in breaches(list(LEVEL), NETWORK) if not line.startswith("desktop/map/")]
    assert found == []


def test_that_the_kernel_needs_no_third_party() -> None:
    known = set(sys.stdlib_module_names) | {"kernel"}
    foreign = {name for path in files("kernel") for name in imported(path) if name.split(".")[0] not in known}
    assert foreign == set()


def test_that_migrations_import_nothing_of_the_program() -> None:
    found = [
        f"{path.name} → {name}"
        for path in (ROOT / "data/migrations/versions").glob("*.py")
        for name in imported(path)
        if name.split(".")[0] in LEVEL
    ]
    assert found == []


def test_that_no_file_outgrows_its_room() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in LEVEL
        for path in files(room)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_that_the_window_stays_small() -> None:
    assert len((ROOT / "desktop/window.py").read_text(encoding="utf-8").splitlines()) <= 300


def bodies() -> Iterator[tuple[str, int]]:
    """Name and length of each function's body, from the first statement after the docstring."""
    for room in LEVEL:
        for path in files(room):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    statements = (
                        node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
                    )
                    length = (node.end_lineno or 0) - statements[0].lineno + 1
                    yield f"{path.relative_to(ROOT)}:{node.name}", length


def test_that_functions_do_one_thing() -> None:
    lengths = dict(bodies())
    long = {name: length for name, length in lengths.items() if length > LONG_BODY}
    assert {name: length for name, length in long.items() if length > LONGEST_BODY} == {}
    assert len(long) / len(lengths) <= SHARE_OF_LONG_BODIES, sorted(long.items(), key=lambda item: -item[1])[
        :20
    ]


def test_that_public_functions_of_the_pure_rooms_and_the_store_explain_themselves() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in [*files("gis"), *files("census"), *files("patrol"), *files("data")]
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("words", [["--help"], ["census", "--help"], ["doctor", "--help"]])
def test_that_asking_for_help_loads_nothing_heavy(words: list[str]) -> None:
    look = (
        "import runpy, sys; sys.argv = ['main.py', *sys.argv[1:]]\n"
        "try: runpy.run_path('main.py', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print([m for m in ('PySide6', 'geopandas', 'pandas', 'numpy', 'sqlalchemy', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_that_the_project_file_lists_every_package() -> None:
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for room in LEVEL
        for path in (ROOT / room).rglob("__init__.py")
    }
    assert found == listed


def test_that_benchmarks_and_tools_take_only_names_that_there_are() -> None:
    """They run seldom, so nobody sees at once that a name they take has moved."""
    missing = [
        f"{path.relative_to(ROOT)} → {node.module}.{alias.name}"
        for room in ("benchmarks", "tools")
        for path in files(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in LEVEL
        for alias in node.names
        if not hasattr(import_module(node.module), alias.name)
        and not (ROOT / node.module.replace(".", "/") / f"{alias.name}.py").exists()
    ]
    assert missing == []
