"""A small language for shapes, read into geometry: `M x y`, `L x y`, `H x`, `V y`, `C x1 y1 x2 y2 x y`, `Z` as in SVG
(absolute only), `O cx cy r` for a circle, `R x y width height radius` for a rectangle with round corners.

Geometry is shapely's, so that strokes become areas, parts unite and holes are cut by rule; what leaves this room are
plain tuples of drawing operations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import shapely
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

Operation = tuple[str | float, ...]  # ("M", x, y) ("L", x, y) ("C", x1, y1, x2, y2, x, y) ("Z",)
Path2D = tuple[Operation, ...]
Point = tuple[float, float]

ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Z": 0, "O": 3, "R": 5}
CURVE_STEPS = 10
NOTHING: BaseGeometry = Polygon()


def area(words: str) -> BaseGeometry:
    """The area that the closed figures of `words` fill together."""
    return shapely.union_all([Polygon(line) for line in _lines(words) if len(line) > 2])


def stroke(words: str, width: float) -> BaseGeometry:
    """The area of the lines of `words` drawn with a round pen of `width`."""
    return shapely.union_all([LineString(line).buffer(width / 2, quad_segs=6) for line in _lines(words)])


def moved(words: str, scale: float, dx: float, dy: float) -> str:
    """`words` scaled about the origin, then shifted."""
    return " ".join(_moved(command, numbers, scale, dx, dy) for command, numbers in commands(words))


def commands(words: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """The commands of `words` with their numbers; further numbers after M or L are further points. `ValueError`
    for what is not in the language."""
    for letter, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", words):
        numbers = tuple(map(float, re.findall(r"-?\d*\.?\d+", text)))
        arity = ARITY.get(letter, -1)
        if arity < 0 or (len(numbers) % arity if arity else numbers) or (arity and not numbers):
            raise ValueError(f"not a drawing command: {letter}{text}")
        if not arity:
            yield letter, ()
        for start in range(0, len(numbers), arity or 1):
            yield ("L" if letter == "M" and start else letter), numbers[start : start + arity]


def operations(geometry: BaseGeometry, digits: int = 3) -> Path2D:
    """The rings of an area as drawing operations; holes run the other way, so that either fill rule leaves them open."""
    found: list[Operation] = []
    for part in shapely.get_parts(geometry):
        if isinstance(part, Polygon) and not part.is_empty:
            oriented = shapely.orient_polygons(part)
            for ring in (oriented.exterior, *oriented.interiors):
                found += _ring([(round(x, digits), round(y, digits)) for x, y in ring.coords[:-1]])
    return tuple(found)


def drawn(words: str) -> Path2D:
    """`words` as drawing operations, curves kept as cubics; for outlines that are not composed with others."""
    return tuple(_drawn(words))


def svg_data(path: Path2D) -> str:
    """The `d` attribute of an SVG path."""
    return " ".join(
        str(op[0]) + " ".join(f"{number:g}" for number in op[1:]) if len(op) > 1 else "Z" for op in path
    )


def _ring(points: list[Point]) -> list[Operation]:
    (x, y), *rest = points
    return [("M", x, y), *(("L", px, py) for px, py in rest), ("Z",)]


def _drawn(words: str) -> Iterator[Operation]:
    here = (0.0, 0.0)
    for command, n in commands(words):
        if command in "OR":
            yield from operations(area(f"{command}{' '.join(map(str, n))}"))
            continue
        if command in "HV":
            here = (n[0], here[1]) if command == "H" else (here[0], n[0])
            yield ("L", *here)
            continue
        here = (n[-2], n[-1]) if n else here
        yield (command, *n)


def _lines(words: str) -> Iterator[list[Point]]:
    """Each figure of `words` as a list of points, curves flattened."""
    line: list[Point] = []
    for command, n in commands(words):
        if command in "MOR":
            if line:
                yield line
            line = [(n[0], n[1])] if command == "M" else []
            if command != "M":
                yield _closed(command, n)
        elif command == "Z":
            line.append(line[0])
        elif command == "C":
            line += _curve(line[-1], (n[0], n[1]), (n[2], n[3]), (n[4], n[5]))
        else:
            x, y = line[-1]
            line.append((n[0], y) if command == "H" else (x, n[0]) if command == "V" else (n[0], n[1]))
    if line:
        yield line


def _closed(command: str, n: tuple[float, ...]) -> list[Point]:
    if command == "O":
        return list(shapely.Point(n[0], n[1]).buffer(n[2], quad_segs=10).exterior.coords)
    x, y, width, height, radius = n
    inner = box(x + radius, y + radius, x + width - radius, y + height - radius)
    return list((inner.buffer(radius, quad_segs=5) if radius else inner).exterior.coords)


def _curve(a: Point, b: Point, c: Point, d: Point) -> list[Point]:
    points = []
    for step in range(1, CURVE_STEPS + 1):
        t = step / CURVE_STEPS
        u = 1 - t
        k = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
        points.append(
            (
                k[0] * a[0] + k[1] * b[0] + k[2] * c[0] + k[3] * d[0],
                k[0] * a[1] + k[1] * b[1] + k[2] * c[1] + k[3] * d[1],
            )
        )
    return points


def _moved(command: str, n: tuple[float, ...], scale: float, dx: float, dy: float) -> str:
    if command == "O":
        moved: tuple[float, ...] = (n[0] * scale + dx, n[1] * scale + dy, n[2] * scale)
    elif command == "R":
        moved = (n[0] * scale + dx, n[1] * scale + dy, n[2] * scale, n[3] * scale, n[4] * scale)
    elif command == "V":
        moved = (n[0] * scale + dy,)
    else:
        moved = tuple(value * scale + (dy if index % 2 else dx) for index, value in enumerate(n))
    return command + " ".join(f"{value:.4f}" for value in moved)
