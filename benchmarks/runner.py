"""Runs the sides of a comparison in turn, each in a process of its own, and tells medians and ratios."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.task import Comparison, Limit, NotHere, same
from benchmarks.workload import Workload


class _Child:
    """A side in its own process; `turn` times one round."""

    def __init__(self, words: list[str]) -> None:
        command = [sys.executable, "-m", "benchmarks", *words]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.why_not = self._hear().get("why_not")

    def turn(self) -> float:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        heard = self._hear()
        self.why_not = heard.get("why_not")
        return float(heard.get("seconds", float("nan")))

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"why_not": f"ended with {self.process.wait()}"}

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(60)


def compare(task: Comparison, folder: Path) -> dict[str, Any]:
    """Time both sides of `task` in turn; the row of the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        answers = [Path(scratch) / f"{side}.npz" for side in ("ours", "peer")]
        children = [
            _Child(["--side", task.name, side, "--folder", str(folder), "--answer", str(answer)])
            for side, answer in zip(("ours", "peer"), answers, strict=True)
        ]
        times: list[list[float]] = [[], []]
        for _ in range(task.rounds):
            for child, taken in zip(children, times, strict=True):
                if child.why_not is None:
                    taken.append(child.turn())
        for child in children:
            child.close()
        found = [_load(answer) for answer in answers]
    return _row(task, times, found, [child.why_not for child in children])


def _row(
    task: Comparison, times: list[list[float]], found: list, why_not: list[str | None]
) -> dict[str, Any]:
    ours_s, peer_s = (statistics.median(taken) if taken else None for taken in times)
    both = all(answer is not None for answer in found)
    return {
        "name": task.name, "ours_s": ours_s, "peer": task.peer.name, "peer_s": peer_s,
        "ratio": peer_s / ours_s if ours_s and peer_s else None, "goal": task.goal,
        "same_result": same(found[0], found[1], task.tolerance) if both else None,
        "note": "; ".join(words for words in why_not if words),
    }  # fmt: skip


def _load(path: Path) -> dict[str, np.ndarray] | None:
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def pace_ms() -> float:
    """Milliseconds for a million additions in plain Python, the best of five: how fast this machine is just now.

    Shared machines run two or three times slower from one minute to the next. A ratio bears that, a limit does not:
    its row says at which pace it was measured.
    """
    taken = []
    for _ in range(5):
        begun, total = time.perf_counter(), 0
        for number in range(1_000_000):
            total += number
        taken.append((time.perf_counter() - begun) * 1000)
    return min(taken)


def measure(task: Limit, folder: Path) -> dict[str, Any]:
    """Measure `task` in a process of its own; the row of the table."""
    pace = pace_ms()
    child = _Child(["--side", task.name, "value", "--folder", str(folder)])
    value = child.turn() if child.why_not is None else None
    child.close()
    return {
        "name": task.name,
        "value": value,
        "unit": task.unit,
        "limit": task.limit,
        "pace_ms": round(max(pace, pace_ms())),
        "note": child.why_not or "",
    }


def serve(task: Comparison | Limit, side: str, folder: Path, answer: Path | None) -> None:
    """The child's part: prepare, then one round for each line read; answers go out as JSON lines."""
    out = os.fdopen(os.dup(1), "w", buffering=1)  # libraries may print: keep the answers apart
    os.dup2(2, 1)

    def say(**words: Any) -> None:
        out.write(json.dumps(words) + "\n")

    workload = Workload(folder)
    try:
        if isinstance(task, Limit):
            _serve_limit(task, workload, say)
        else:
            _serve_rounds(task, side, workload, answer, say)
    except (NotHere, ImportError) as error:
        say(why_not=f"not here: {error}")
    except Exception as error:  # a peer that breaks must not end the run
        say(why_not=f"{type(error).__name__}: {str(error)[:300]}")


def _serve_limit(task: Limit, workload: Workload, say: Any) -> None:
    say(ready=True)
    sys.stdin.readline()
    say(seconds=task.measure(workload))


def _serve_rounds(task: Comparison, side: str, workload: Workload, answer: Path | None, say: Any) -> None:
    chosen = task.ours if side == "ours" else task.peer
    step = chosen.prepare(workload)
    say(ready=True)
    for line in sys.stdin:
        if line.strip() != "go":
            break
        gc.collect()
        begun = time.perf_counter()
        result = step()
        seconds = time.perf_counter() - begun
        if answer is not None and not answer.exists():
            np.savez(answer, **chosen.read(result))
        del result
        say(seconds=seconds)
