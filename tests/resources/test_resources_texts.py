"""Every sentence of ours has its Chinese, says the same things in it, and is said somewhere."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from kernel.errors import Cancelled, Defect, Refused, fill
from resources import texts

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("kernel", "resources", "gis", "census", "patrol", "data", "exports", "actions", "cli", "desktop")
ERRORS = {
    "WanGridError",
    "UserError",
    "Refused",
    "WrongUsage",
    "Conflict",
    "StoreUnavailable",
    "NotAllowed",
    "Cancelled",
    "Defect",
}
TRANSLATORS = {
    "words",
    "translated",
    "Text",
    "tr",
}  # the first text among their arguments that is no language
TEMPLATE_PARAMETERS = {"template", "wording"}
RULES = ROOT / "resources" / "census" / "rules.csv"


class Said:
    """One template of ours and where it is said."""

    def __init__(self, template: str, path: Path, line: int) -> None:
        self.template = template
        self.place = f"{path.relative_to(ROOT)}:{line}"
        room = "census" if path == RULES else path.relative_to(ROOT).parts[0]
        self.file = (
            "resources/texts/desktop_<part>.csv" if room == "desktop" else f"resources/texts/{room}.csv"
        )

    def __str__(self) -> str:
        return f"{self.file} ← {self.place}: {self.template!r}"


@cache
def trees() -> dict[Path, ast.Module]:
    paths = [ROOT / "main.py", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))]
    return {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in paths if "migrations" not in path.parts
    }


@cache
def asked_for() -> dict[str, int]:
    """Functions of ours that take a template: name → place among the arguments (without self)."""
    found: dict[str, int] = {}
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [
                    arg.arg
                    for arg in (*node.args.posonlyargs, *node.args.args)
                    if arg.arg not in ("self", "cls")
                ]
                for index, name in enumerate(names):
                    if name in TEMPLATE_PARAMETERS:
                        found[node.name] = index
    return found


def strings(node: ast.expr, names: dict[str, ast.expr]) -> Iterator[ast.Constant]:
    """Text constants that `node` may stand for: itself, either side of a choice, a constant of the module."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node
    elif isinstance(node, ast.IfExp):
        yield from strings(node.body, names)
        yield from strings(node.orelse, names)
    elif isinstance(node, ast.Name) and node.id in names:
        yield from strings(names[node.id], names)


def module_names(tree: ast.Module) -> dict[str, ast.expr]:
    """Constants of a module by name."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and value is not None:
            found[target.id] = value
    return found


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def templates_of(node: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that are templates."""
    name = called(node)
    if name in TRANSLATORS:
        texts_given = [
            arg for arg in node.args if not (isinstance(arg, ast.Constant) and arg.value in texts.LANGUAGES)
        ]
        if isinstance(node.func, ast.Name) and name in ("words", "translated"):
            texts_given = texts_given[1:] if len(texts_given) == len(node.args) else texts_given
        yield from texts_given[:1]
    elif name in ERRORS:
        yield from node.args[:1]
    elif name == "report" and len(node.args) > 1:
        yield node.args[1]
    elif name in asked_for() and len(node.args) > asked_for()[name]:
        yield node.args[asked_for()[name]]
    for keyword in node.keywords:
        if keyword.arg == "remedy" or keyword.arg in TEMPLATE_PARAMETERS:
            yield keyword.value


@cache
def said() -> list[Said]:
    """Every template found in the code and in the census's table of rules."""
    found = []
    for path, tree in trees().items():
        names = module_names(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for argument in templates_of(node):
                    found += [Said(text.value, path, text.lineno) for text in strings(argument, names)]
    if RULES.exists():
        with RULES.open(encoding="utf-8", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                found += [Said(row[column], RULES, line) for column in ("words", "remedy") if row[column]]
    return found


@cache
def known() -> dict[str, str]:
    return {english: chinese for path in texts.files() for english, chinese in texts.read(path)}


@cache
def all_strings() -> set[str]:
    """Every text constant of the code and every cell of our data."""
    constants = {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for path in (ROOT / "resources").rglob("*.csv"):
        if path.parent != texts.FOLDER:
            with path.open(encoding="utf-8", newline="") as file:
                constants.update(cell for row in csv.reader(file) for cell in row)
    return constants


def speaks(template: str) -> bool:
    """Whether a template has words: `{count}` or `{a} / {b}` alone needs no translation."""
    return bool(re.search(r"[A-Za-z]{2}", re.sub(r"{[^}]*}", "", template)))


def places(template: str) -> set[str]:
    return set(re.findall(r"{(\w+)", template))


def test_that_every_sentence_in_the_code_has_its_chinese() -> None:
    missing = sorted({str(one) for one in said() if speaks(one.template) and not known().get(one.template)})
    assert not missing, f"{len(missing)} sentences without Chinese:\n" + "\n".join(missing)


def test_that_no_error_is_worded_by_an_f_string() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in ERRORS
        for argument in templates_of(node)
        if isinstance(argument, ast.JoinedStr)
    ]
    assert found == [], "these cannot be translated; use named places"


def test_that_every_translation_is_said_somewhere() -> None:
    unused = sorted(
        f"{path.name}: {english!r}"
        for path in texts.files()
        for english, _ in texts.read(path)
        if english not in all_strings()
    )
    assert not unused, f"{len(unused)} rows that nobody says:\n" + "\n".join(unused)


@pytest.mark.parametrize("path", texts.files(), ids=lambda path: path.name)
def test_that_translations_keep_their_places(path: Path) -> None:
    broken = [f"{en!r} ↔ {zh!r}" for en, zh in texts.read(path) if zh and places(en) != places(zh)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("path", texts.files(), ids=lambda path: path.name)
def test_that_templates_can_be_filled(path: Path) -> None:
    for pair in texts.read(path):
        for template in pair:
            template.format(**dict.fromkeys(places(template), 1))


def test_that_one_sentence_has_one_translation() -> None:
    seen: dict[str, tuple[str, str]] = {}
    differing = []
    for path in texts.files():
        for english, chinese in texts.read(path):
            first = seen.setdefault(english, (path.name, chinese))
            if first[1] != chinese:
                differing.append(f"{english!r}: {first[0]} {first[1]!r}, {path.name} {chinese!r}")
    assert not differing, "\n".join(differing)


def test_that_words_are_translated_before_their_places_are_filled() -> None:
    assert texts.words("zh_CN", "{file} does not exist.", file="网格.shp") == "网格.shp 不存在。"
    assert texts.words("en", "{file} does not exist.", file="网格.shp") == "网格.shp does not exist."


def test_that_a_text_without_translation_is_shown_in_english() -> None:
    assert texts.words("zh_CN", "Nobody says this about {x}.", x=1) == "Nobody says this about 1."


def test_that_an_unknown_language_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="fr"):
        texts.words("fr", "x")


def test_that_an_error_is_explained_with_message_and_remedy() -> None:
    error = Refused("{file} does not exist.", remedy="Check the path of the file.", file="a.csv")
    assert texts.explain("zh_CN", error) == ("a.csv 不存在。", "请检查文件路径。")
    assert texts.explain("en", error) == ("a.csv does not exist.", "Check the path of the file.")


def test_that_a_defect_is_explained_with_the_id_to_report() -> None:
    error = Defect("{file} does not exist.", file="a.csv", report_id="ABCD2345")
    assert "ABCD2345" in texts.explain("zh_CN", error)[1]
    assert texts.explain("zh_CN", Cancelled())[1] == ""


def test_that_a_foreign_error_is_told_as_a_bug_of_ours() -> None:
    message, remedy = texts.explain("en", ZeroDivisionError("division by zero"))
    assert message == fill(
        "A bug in WanGrid stopped this: {name}: {what}",
        {"name": "ZeroDivisionError", "what": "division by zero"},
    )
    assert remedy


def test_that_a_table_with_other_columns_is_a_defect(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("english,chinese\na,b\n", encoding="utf-8")
    with pytest.raises(Defect, match=r"x\.csv"):
        texts.read(path)
