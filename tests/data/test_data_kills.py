"""A few kills of the harness on both stores; `python -m tests.data.kills` does it at length."""

from __future__ import annotations

from tests.data import kills


def test_that_a_session_killed_at_any_step_is_whole_or_not_there(made: str, engine_name: str) -> None:
    kills.prepare(made)
    cuts = [kills.sigkill] if engine_name == "sqlite" else [kills.sigkill, kills.terminate_backend(made)]
    report = kills.run(made, 8, cuts, seed=5)
    assert report.kills == 8 and len(report.met) > 1
