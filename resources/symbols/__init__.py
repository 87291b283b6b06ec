"""Map symbols of every class, composed by rule: shape = major class, glyph = class, ring and badge = state.

A glyph is a mark (`motifs.csv`) in a frame (`frames.csv`): a post shows what it carries, a box what it holds, a lid,
which is the disc itself, what flows under it. `classes.csv` says which mark and frame a class has; a city's own class
without a line there falls to a family by its name (`families.csv`) or shows a dot, never a wrong glyph.

Everything is drawn in a box of 16 × 16, y down, and stays tellable at 16 px.
"""

from resources.symbols.compose import Symbol, rank, svg, symbol
from resources.symbols.paths import Operation, Path2D, svg_data

__all__ = ["Operation", "Path2D", "Symbol", "rank", "svg", "svg_data", "symbol"]
