"""What is printed: the labels of a thousand components, the report of a census of a million."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

from benchmarks.task import Limit
from benchmarks.tasks.census import imported
from benchmarks.workload import Workload

LABELS = 1_000


def _label_ms(workload: Workload) -> float:
    """Processor time of one label on full sheets, in milliseconds."""
    from census.codes import grouped
    from exports.label_sizes import SIZES
    from exports.labels import Label, write_labels
    from kernel.progress import Silent

    owner = "北京市自来水集团有限责任公司 010-6512 0000"
    codes = [f"{workload.class_codes[0]:0>11}{number:06d}" for number in range(LABELS)]
    labels = [Label(code, grouped(code), "供水井盖", ("银杏社区", owner, "城管热线 12319")) for code in codes]
    with tempfile.TemporaryDirectory(prefix="bench-labels-") as folder:
        began = time.process_time()
        write_labels(labels, SIZES["60x40"], Path(folder) / "labels.pdf", "", Silent())
        return (time.process_time() - began) / LABELS * 1000


def _report(workload: Workload, ending: str) -> float:
    """Seconds until the report of a committed session of a million components is written and read back."""
    from actions.census.report_census import ReportCensus, report_census
    from data import store as stores

    with tempfile.TemporaryDirectory(prefix="bench-report-") as folder:
        url, session = imported(str(Path(folder) / "city.wangrid"), workload)
        with stores.open(url, actor="bench") as store:
            began = time.perf_counter()
            report_census(store, ReportCensus(session, Path(folder) / f"report{ending}", "zh_CN"))
            return time.perf_counter() - began


def _memory_mib(workload: Workload) -> float:
    """The most memory that this process had at any time of an import and both reports of it."""
    for ending in (".pdf", ".xlsx"):
        _report(workload, ending)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


TASKS = [
    Limit("label", _label_ms, "ms", 2.5),
    Limit("census_report_pdf", lambda workload: _report(workload, ".pdf"), "s", 60.0),
    Limit("census_report_xlsx", lambda workload: _report(workload, ".xlsx"), "s", 60.0),
    Limit("census_report_memory", _memory_mib, "MiB", 2048.0),
]
