"""The sizes that identity labels are printed in, and how many of them a sheet of A4 takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SHEET_MM: Final = (210.0, 297.0)
EDGE_MM: Final = 7.0  # what office printers leave white


@dataclass(frozen=True)
class Size:
    """A label's size, and of what is on it: side of the QR code with its quiet zone, sizes of type in points."""

    width_mm: float
    height_mm: float
    qr_mm: float
    code_pt: float
    title_pt: float
    text_pt: float

    @property
    def across(self) -> int:
        """Labels side by side on a sheet."""
        return int((SHEET_MM[0] - 2 * EDGE_MM) // self.width_mm)

    @property
    def down(self) -> int:
        """Labels under one another."""
        return int((SHEET_MM[1] - 2 * EDGE_MM) // self.height_mm)

    @property
    def per_sheet(self) -> int:
        """Labels on one sheet."""
        return self.across * self.down


SIZES: Final = {
    "40x30": Size(40, 30, 22.5, 7.5, 7, 5.5),
    "60x40": Size(60, 40, 31, 10.5, 10, 7.5),
    "90x60": Size(90, 60, 48, 15, 15, 10.5),
}
