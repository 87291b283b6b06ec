"""Pages drawn one by one into a PDF that is read back: one page in memory at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages

from exports import typeface
from exports.finished import finished
from kernel.errors import Defect
from kernel.progress import Progress

Draw = Callable[[int, int], Any]  # page number and number of pages in, a figure out
# How a page begins in the file: `/Type /Page`, not `/Pages`.
_PAGE: Final = re.compile(rb"/Type\s*/Page\b(?!s)")


def write_pages(pages: Sequence[Draw], target: Path, metadata: Mapping[str, str], progress: Progress) -> int:
    """Write the PDF; returns its number of pages. Cancel is heard between pages and leaves no file."""
    with (
        finished(target, lambda path: verify_pages(path, len(pages))) as path,
        # Half the time of the usual 6, a few percent larger.
        mpl.rc_context(typeface.settings() | {"pdf.compression": 4}),
        PdfPages(path, metadata=dict(metadata)) as pdf,
    ):
        for number, draw in enumerate(pages, start=1):
            progress.report((number - 1) / len(pages), "Printing page {page} of {pages}", page=number,
                            pages=len(pages))  # fmt: skip
            figure = draw(number, len(pages))
            pdf.savefig(figure)
            figure.clear()
    progress.report(1.0, "Printing page {page} of {pages}", page=len(pages), pages=len(pages))
    return len(pages)


def verify_pages(path: Path, pages: int) -> None:
    """Raise `Defect` where a file is no whole PDF of so many pages."""
    data = path.read_bytes()
    found = len(_PAGE.findall(data))
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-32:] or found != pages:
        raise Defect(
            "{file}: {pages} pages were printed, {found} read back.", file=path.name, pages=pages, found=found
        )
