"""The words of the command line and how each end is told.

Exit codes: 0 done · 1 done with findings · 2 wrong usage · 3 refused · 70 a bug · 130 cancelled.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer
from typer.exceptions import TyperException

from cli.session import Session, split_globals
from cli.usage import wrong_usage
from kernel.errors import Cancelled, Defect, WanGridError


@dataclass(frozen=True)
class Desktop:
    """What only the desktop can do, as callables that load Qt when called."""

    open_window: Callable[..., int]
    draw_page: Callable[..., object]
    check: Callable[[], list[dict[str, object]]]


def run(words: list[str], desktop: Desktop) -> int:
    """Do what `words` ask and return the exit code."""
    options, rest = split_globals(words)
    session = Session(options)
    if not rest:
        rest = ["desktop"]
    try:
        session.require_sound()
        return _call(rest, session, desktop)
    except WanGridError as error:
        return _tell(session, error)
    except KeyboardInterrupt:
        return _tell(session, Cancelled())
    except (
        Exception
    ) as error:  # the last net: a bug becomes a report id, never a traceback on the user's screen
        return _tell(session, _defect(error))


def _call(rest: list[str], session: Session, desktop: Desktop) -> int:
    command = typer.main.get_command(_app(desktop))
    try:
        code = command.main(args=rest, prog_name="main.py", standalone_mode=False, obj=session)
    except typer.Exit as end:
        return end.exit_code
    except TyperException as error:
        raise wrong_usage(error) from None
    except typer.Abort:
        raise KeyboardInterrupt from None
    if code == Cancelled.exit_code:  # how the parser hands on Ctrl-C: as a number, without a word
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _app(desktop: Desktop) -> typer.Typer:
    from cli import nouns

    app = typer.Typer(
        no_args_is_help=False,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="WanGrid 万格. Global options, before or after the verb: --store PATH|postgresql://…  --json  "
        "--lang zh_CN|en  --as NAME  --yes. Without a verb the desktop opens.",
    )
    nouns.register(app, desktop)
    return app


def _tell(session: Session, error: WanGridError) -> int:
    from resources.texts import explain

    message, remedy = explain(session.lang, error)
    _print_error(
        session,
        {
            "kind": error.kind,
            "message": message,
            "file": error.file,
            "row": error.row,
            "field": error.field,
            "remedy": remedy or None,
            "report_id": getattr(error, "report_id", None),
        },
    )
    return error.exit_code


def _print_error(session: Session, parts: dict[str, Any]) -> None:
    whole = dict.fromkeys(("kind", "message", "file", "row", "field", "remedy", "report_id")) | parts
    if session.globals.json and not session.answered:
        print(json.dumps({"error": whole}, ensure_ascii=False))
    place = [str(whole["file"] or "")] + [f"{name} {whole[name]}" for name in ("row", "field") if whole[name]]
    sys.stderr.write(f"{whole['message']}\n")
    if place[0] and place[0] not in str(whole["message"]):
        sys.stderr.write(f"  {' · '.join(part for part in place if part)}\n")
    if whole["remedy"]:
        sys.stderr.write(f"  → {whole['remedy']}\n")


def _defect(error: Exception) -> Defect:
    """Log `error` with its traceback under a report id in the user's log folder."""
    from platformdirs import user_log_path

    defect = Defect("A bug in WanGrid stopped this; nothing was changed. ({name}: {what})",
                    name=type(error).__name__, what=str(error)[:200])  # fmt: skip
    folder = user_log_path("wangrid", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(folder / "wangrid.log", encoding="utf-8")
    except OSError:
        handler = logging.StreamHandler(sys.stderr)
    logger = logging.getLogger("wangrid")
    logger.addHandler(handler)
    logger.error("report %s", defect.report_id, exc_info=error)
    logger.removeHandler(handler)
    handler.close()
    return defect
