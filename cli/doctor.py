"""`doctor`: is this machine ready, and what to do where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli.session import Session

if TYPE_CHECKING:
    from cli.app import Desktop


def register(app: typer.Typer, means: Desktop) -> None:
    """Hang the verb on `app`; `means.check` looks at Qt and the fonts."""

    @app.command()
    def doctor(ctx: typer.Context) -> int:
        """Check versions, Qt, fonts, stores and projections; say the remedy. Ends 1 where something is wrong."""
        from actions.check_health import CheckHealth, check_health

        session: Session = ctx.obj
        health = check_health(CheckHealth(store_url=session.store_url, actor=session.actor))
        checks = [*health.checks, *means.check()]
        for check in checks:
            check["remedy"] = session.words(str(check["remedy"])) if check["remedy"] else None
        ok = all(check["ok"] for check in checks)
        session.answer({"ok": ok, "checks": checks}, human=_told)
        return 0 if ok else 1


def _told(values: dict) -> str:
    lines = []
    for check in values["checks"]:
        lines.append(f"{'✓' if check['ok'] else '✗'} {check['name']:<18} {check['detail']}")
        if check["remedy"] and not check["ok"]:
            lines.append(f"    → {check['remedy']}")
    return "\n".join(lines)
