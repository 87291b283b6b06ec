"""Map symbols of every class, composed by rule: shape = major class, glyph = class, ring and badge = state.

A glyph is a mark (`motifs.csv`) in a frame (`frames.csv`): a post shows what it carries, a box what it holds, a lid,
which is the disc itself, what flows under it. `classes.csv` says which mark and frame a class has; a city's own class
without a line there falls to a family by its name (`families.csv`) or shows a dot, never a wrong glyph.

Everything is drawn in a box of 16 × 16, y down, and stays tellable at 16 px.
"""

from resources.symbols.compose import Symbol, class_rank, rank, svg, symbol
from resources.symbols.layers import (
    CONCERNS,
    EXTENT,
    ROLES,
    STATES,
    Layer,
    component_layers,
    layers_svg,
    patrol_layers,
)
from resources.symbols.paths import Operation, Path2D, svg_data

__all__ = [
    "CONCERNS", "EXTENT", "ROLES", "STATES", "Layer", "Operation", "Path2D", "Symbol", "class_rank", "component_layers",
    "layers_svg", "patrol_layers", "rank", "svg", "svg_data", "symbol",
]  # fmt: skip
