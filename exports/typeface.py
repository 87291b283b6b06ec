"""The bundled typeface for matplotlib: Chinese in every figure and print, text that stays text in a PDF."""

from __future__ import annotations

from functools import cache
from typing import Any

from matplotlib import font_manager

from resources import fonts


def settings() -> dict[str, Any]:
    """What `matplotlib.rc_context` takes: our family, TrueType subsets in PDF, outlines in SVG."""
    return {"font.family": _family(), "pdf.fonttype": 42, "svg.fonttype": "path", "axes.unicode_minus": False}


@cache
def _family() -> str:
    """Register the bundled font files with matplotlib once; returns their family name."""
    for file in fonts.files():
        font_manager.fontManager.addfont(str(file))
    return fonts.FAMILY
