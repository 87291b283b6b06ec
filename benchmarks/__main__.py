"""`python -m benchmarks [--only NAME] [--json FILE]`: every benchmark, a table, and the rows as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import runner, tasks
from benchmarks.task import Comparison
from benchmarks.workload import Workload


def main() -> int:
    """Run what was asked for; ends 1 when a side could not be run."""
    words = _words()
    if words.side:
        name, side = words.side
        runner.serve(tasks.find(name), side, words.folder, words.answer)
        return 0
    Workload(words.folder)
    rows = []
    print(f"{_machine()} · pace {runner.pace_ms():.0f} ms")
    print(f"{'':34} {'ours':>10} {'peer':>10} {'ratio':>7} {'goal':>6}  same result")
    for task in tasks.every():
        if words.only and words.only not in task.name:
            continue
        row = (
            runner.compare(task, words.folder)
            if isinstance(task, Comparison)
            else runner.measure(task, words.folder)
        )
        rows.append(row)
        print(_line(row), flush=True)
    if words.json:
        words.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False))
    return int(any(row.get("note") for row in rows))


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="only benchmarks whose name contains this")
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--folder", type=Path, default=Path("out/bench"), help="where the workload is kept")
    parser.add_argument("--side", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = named[0].split(":", 1)[1].strip() if named else model
    return f"{date.today()} · {os.cpu_count()} × {model} · Python {platform.python_version()} · {platform.system()}"


def _line(row: dict[str, Any]) -> str:
    if "limit" in row:
        value = "–" if row["value"] is None else f"{row['value']:.3g}"
        held = "kept" if row["value"] is not None and row["value"] <= row["limit"] else "NOT KEPT"
        return f"{row['name']:34} {value:>10} {row['unit']:<10} limit {row['limit']:g}: {held} (pace {row['pace_ms']}) {row['note']}"
    figures = [("–" if row[key] is None else f"{row[key]:.4f}") for key in ("ours_s", "peer_s")]
    ratio = "–" if row["ratio"] is None else f"{row['ratio']:.1f}"
    alike = {True: "yes", False: "NO", None: "–"}[row["same_result"]]
    return (f"{row['name']:34} {figures[0]:>10} {figures[1]:>10} {ratio:>7} {row['goal']:>6g}  {alike:<4} "
            f"{row['peer']} {row['note']}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
