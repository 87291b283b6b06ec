"""What a division says about its input and its result, beside the grid rules."""

from __future__ import annotations

from typing import Final

from gis.grid.grid_rules_findings import ERROR, INFORMATION, WARNING, Saying

OTHER_SYSTEM: Final = Saying(
    "D1", INFORMATION, "The layer {value} has another reference system than the area; it was projected.",
    "Nothing to do; keep layers of one project in one system.",
)  # fmt: skip
NO_COUNTY: Final = Saying(
    "D2", WARNING, "The district's code is not known; the codes begin with {value}.",
    "Give the code with --district, for example 110101.",
)  # fmt: skip
PROVISIONAL_CODES: Final = Saying(
    "D3", WARNING, "The layer {value} has no field of unique codes; numbers were given from north to south.",
    "Give the layer a field with the official codes.",
)  # fmt: skip
PROVISIONAL_COMMUNITIES: Final = Saying(
    "D4", WARNING, "No communities were given; {value} provisional ones were used.",
    "Give the official communities with --communities before the codes are published.",
)  # fmt: skip
COMMUNITIES_OVERLAP: Final = Saying(
    "D5", ERROR, "Two communities overlap: {value}.", "Settle their border, then divide again."
)
NO_COMMUNITY: Final = Saying(
    "D6", ERROR, "A part of the area belongs to no community: {value}.",
    "Give the part to a community, or leave it out with --exclude.",
)  # fmt: skip
BEYOND_AREA: Final = Saying(
    "D7", INFORMATION, "A community reaches beyond the area; this part was left out: {value}.",
    "Nothing to do if the area is meant to end there.",
)  # fmt: skip
SMALL_CELL: Final = Saying(
    "D8", INFORMATION, "Row {row}: the cell stays below {value} because it has no neighbour in its community.",
    "Nothing to do; the cell carries a note.",
)  # fmt: skip
TIDIED: Final = Saying(
    "D9",
    INFORMATION,
    "{value} outlines had vertices within 0.01 m of each other; these were joined.",
    "Nothing to do; the place of the border stays within a centimetre.",
)
SAME_CODE: Final = Saying(
    "D10",
    INFORMATION,
    "Features of the layer {value} with the same code were taken as one area.",
    "Nothing to do if they are parts of one area.",
)
BLUNTED: Final = Saying(
    "D11",
    INFORMATION,
    "{value} spikes of the given outlines lost their point, less than 0.5 m² each.",
    "Nothing to do; redraw the outline there if the point is meant.",
)
OWN_CELLS: Final = Saying(
    "D12",
    INFORMATION,
    "Compounds and large buildings that are cells of their own, not counted in mean and share: {value}.",
    "Nothing to do; the cells carry a note.",
)
