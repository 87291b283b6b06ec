"""What the documents promise is there: linked files, and every command line that a reader could copy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.app import Desktop, _app
from cli.session import split_globals

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^(?:\$ )?(?:\S*python )?(?:uv run --no-project python )?main\.py (\S.*)$")


def commands() -> Iterator[tuple[str, str]]:
    """Document and words of each command in a code block; what follows a `#` or `…` is for the reader."""
    for document in DOCUMENTS:
        blocks = document.read_text(encoding="utf-8").split("```")[1::2]
        for line in (line.strip() for block in blocks for line in block.splitlines()):
            if found := COMMAND.match(line):
                yield document.name, re.split(r"\s#|\s…|\s\|", found.group(1))[0]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_that_what_a_document_links_exists(document: Path) -> None:
    targets = [t for t in LINK.findall(document.read_text(encoding="utf-8")) if not re.match(r"[a-z]+:", t)]
    assert [target for target in targets if not (document.parent / target).exists()] == []


@cache
def program() -> Any:
    """The whole command line, its verbs loaded."""
    return typer.main.get_command(_app(Desktop(lambda: 0, lambda: None, list)))


def unknown_words(words: list[str]) -> list[str]:
    """The verbs and options of one command line that the program does not have."""
    _, rest = split_globals(words)
    command = program()
    while rest and hasattr(command, "commands"):
        if rest[0] not in command.commands:
            return [rest[0]]
        command, rest = command.commands[rest[0]], rest[1:]
    known = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    return [word for word in rest if word.startswith("--") and word.split("=")[0] not in known]


def test_that_every_documented_command_line_is_known() -> None:
    found = list(commands())
    assert len(found) > 20
    wrong = {f"{document}: {line}": bad for document, line in found if (bad := unknown_words(line.split()))}
    assert wrong == {}
