"""A deterministic city of the size of a large pilot area, made once into a folder.

24,025 cells (155 × 155, mean exactly 10,000 m², eight vertices each, inner vertices moved at random), nested in 506
communities, 30 streets and 6 districts; 1,077,000 components of the 153 classes of GB/T 47678.5-2026 with
seeded faults, as a GBK shapefile with 14 attributes; 200 map windows. Coordinates are rounded to 1 mm, EPSG:4548.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from resources import catalogues

CRS = 4548
X0, Y0, CELL_M = 520_000.0, 3_340_000.0, 100.0
COUNTY = ("330102", "330103", "330104", "330105", "330106", "330108")
STATES = ("完好", "破损", "丢失", "废弃")
SOURCES = ("实测", "地形图", "基础地理数据", "其他")
NOTES = ("", "", "", "", "", "", "位于人行道内侧", "井盖下沉约3cm", "被绿化遮挡", "编号牌缺失,待补测")
OWNERS = 20
# Name of the rule → share of rows the fault is put on (disjoint rows).
FAULTS = {"duplicate_code": 0.002, "unknown_class": 0.001, "out_of_area": 0.001, "point_outside_cell": 0.003,
          "change_before_initial": 0.001, "missing_owner": 0.002}  # fmt: skip
# Field, DBF width, our column.
FIELDS = (
    ("GLBJBSM", 17), ("GLBJMC", 40), ("ZGBMDM", 18), ("ZGBMMC", 40), ("QSDWDM", 18), ("QSDWMC", 40), ("YHDWDM", 18),
    ("YHDWMC", 40), ("SZDYWGBSM", 15), ("GLBJZT", 8), ("CSRQ", 10), ("BGRQ", 10), ("SJLY", 18), ("BZ", 60),
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How large; the default is the pilot area the performance goals speak of."""

    side: int = 155
    components: int = 1_077_000
    seed: int = 20_040_701
    own_notes: bool = False

    @property
    def name(self) -> str:
        """Folder name of this size."""
        return f"city-{self.side}x{self.side}-{self.components}-{self.seed}{'-notes' if self.own_notes else ''}-v2"


class Workload:
    """One size on disk; what is asked for is made when it is not there yet."""

    def __init__(self, folder: Path, size: Size = Size()) -> None:
        self.size = size
        self.folder = folder / size.name
        if not (self.folder / "ready").exists():
            _make(self.folder, size)

    @property
    def shapefile(self) -> Path:
        """Components as a GBK shapefile."""
        return self.folder / "components.shp"

    @property
    def cells_file(self) -> Path:
        """GeoPackage with the layers cells, communities, streets, counties."""
        return self.folder / "cells.gpkg"

    @cached_property
    def cells(self) -> gpd.GeoDataFrame:
        """Cells in code order of making: code, geometry."""
        return pyogrio.read_dataframe(self.cells_file, layer="cells")

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """communities, streets or counties: code, name, geometry."""
        return pyogrio.read_dataframe(self.cells_file, layer=name)

    @cached_property
    def points(self) -> dict[str, np.ndarray]:
        """x, y, class_number, cell, fault of every component, in file order."""
        with np.load(self.folder / "points.npz") as arrays:
            return {name: arrays[name] for name in arrays.files}

    @cached_property
    def windows(self) -> np.ndarray:
        """float64[200, 4]: xmin, ymin, xmax, ymax of map windows 200 m to 4 km wide."""
        return np.load(self.folder / "windows.npy")

    @cached_property
    def class_codes(self) -> list[str]:
        """The 153 codes; `class_number` counts in them."""
        return class_codes()


def class_codes() -> list[str]:
    """Codes of the edition in force, sorted."""
    return sorted(catalogues.load("2026").components.query("name != ''")["code"])


def _make(folder: Path, size: Size) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(size.seed)
    cells, layers = _cells(size.side, rng)
    _write_cells(folder / "cells.gpkg", cells, layers)
    points = _points(cells, size, rng)
    np.savez(folder / "points.npz", **points)
    _write_components(folder / "components.shp", cells, points, size, rng)
    np.save(folder / "windows.npy", _windows(size.side, rng))
    (folder / "ready").write_text(json.dumps({"cells": len(cells), "components": size.components}))


def _cells(side: int, rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, dict[str, gpd.GeoDataFrame]]:
    """Eight-cornered cells that tile the square exactly: corners and edge middles shared by both neighbours."""
    nodes = (
        np.stack(np.meshgrid(np.arange(2 * side + 1), np.arange(2 * side + 1), indexing="ij"), -1)
        * CELL_M
        / 2
    )
    move = rng.uniform(-14, 14, nodes.shape)
    move[[0, -1]] = 0
    move[:, [0, -1]] = 0
    nodes = np.round(nodes + move + (X0, Y0), 3)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(side) * 2, np.arange(side) * 2, indexing="ij"))
    around = ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0))
    rings = np.stack([nodes[i + di, j + dj] for di, dj in around], axis=1)
    shapes = shapely.polygons(rings)
    community, street, county = _nesting(i // 2, j // 2, side)
    sequence = pd.Series(community).groupby(community).cumcount().to_numpy() + 1
    codes = [f"{c}{n:03d}" for c, n in zip(community, sequence, strict=True)]
    cells = gpd.GeoDataFrame({"code": codes, "community_code": community}, geometry=shapes, crs=CRS)
    layers = {name: _dissolved(shapes, keys) for name, keys in
              (("communities", community), ("streets", street), ("counties", county))}  # fmt: skip
    return cells, layers


def _nesting(i: np.ndarray, j: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Community, street and county code of each lattice place: blocks of 9 × 9 in 5 × 6 streets in 6 counties."""
    a, b = i * 5 // side, j * 6 // side
    county = np.array([COUNTY[k] for k in b])
    street = np.array([f"{c}{k + 1:03d}" for c, k in zip(county, a, strict=True)])
    block = (i // 9) * 100 + j // 9
    community = np.empty(len(i), dtype="U12")
    for code in np.unique(street):
        inside = street == code
        _, number = np.unique(block[inside], return_inverse=True)
        community[inside] = [f"{code}{n + 1:03d}" for n in number]
    return community, street, county


def _dissolved(shapes: np.ndarray, keys: np.ndarray) -> gpd.GeoDataFrame:
    codes, group = np.unique(keys, return_inverse=True)
    merged = [shapely.coverage_union_all(shapes[group == k]) for k in range(len(codes))]
    return gpd.GeoDataFrame(
        {"code": codes, "name": [f"合成{c[-3:]}" for c in codes]}, geometry=merged, crs=CRS
    )


def _write_cells(path: Path, cells: gpd.GeoDataFrame, layers: dict[str, gpd.GeoDataFrame]) -> None:
    for name, frame in {"cells": cells, **layers}.items():
        pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())


def _points(cells: gpd.GeoDataFrame, size: Size, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Most components along street lines every 100 to 300 m, some around centres, a few anywhere."""
    n, extent = size.components, size.side * CELL_M
    kind = rng.choice(3, n, p=(0.85, 0.10, 0.05))
    along, across = rng.uniform(0, extent, n), rng.integers(0, size.side // 2, n) * 2 * CELL_M + CELL_M / 2
    across = across + rng.choice((-9.0, 9.0), n) + rng.normal(0, 1.5, n)
    flip = rng.random(n) < 0.5
    xy = np.where(flip[:, None], np.c_[along, across], np.c_[across, along])
    centres = rng.uniform(0.2 * extent, 0.8 * extent, (12, 2))
    around = centres[rng.integers(0, 12, n)] + rng.normal(0, extent / 30, (n, 2))
    anywhere = rng.uniform(0, extent, (n, 2))
    xy = np.where((kind == 1)[:, None], around, np.where((kind == 2)[:, None], anywhere, xy))
    xy = np.clip(xy, 0.5, extent - 0.5)
    fault = _faults(n, rng)
    xy[fault == "out_of_area"] += (extent + 500, 0)
    weights = rng.pareto(1.2, 153) + 0.2
    classes = rng.choice(153, n, p=weights / weights.sum())
    x, y = np.round(xy[:, 0] + X0, 3), np.round(xy[:, 1] + Y0, 3)
    return {
        "x": x,
        "y": y,
        "class_number": classes.astype("i2"),
        "cell": _cell_of(cells, x, y),
        "fault": fault,
    }


def _faults(n: int, rng: np.random.Generator) -> np.ndarray:
    fault = np.full(n, "", dtype="U24")
    rows = rng.permutation(n)
    start = 0
    for name, share in FAULTS.items():
        count = int(n * share)
        fault[rows[start : start + count]] = name
        start += count
    return fault


def _cell_of(cells: gpd.GeoDataFrame, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The lowest cell that covers each point, by shapely's tree: the truth that others are held against."""
    tree = shapely.STRtree(cells.geometry.values)
    point, cell = tree.query(shapely.points(x, y), predicate="covered_by")
    out = np.full(len(x), np.iinfo("i4").max, dtype="i4")
    np.minimum.at(out, point, cell.astype("i4"))
    return np.where(out == np.iinfo("i4").max, -1, out).astype("i4")


def _windows(side: int, rng: np.random.Generator) -> np.ndarray:
    extent = side * CELL_M
    width = np.exp(rng.uniform(np.log(200), np.log(4000), 200))
    corner = rng.uniform(0, np.maximum(extent - width, 1)[:, None], (200, 2)) + (X0, Y0)
    return np.round(np.c_[corner, corner[:, 0] + width, corner[:, 1] + width * 0.5625], 3)


def _write_components(
    path: Path, cells: gpd.GeoDataFrame, points: dict, size: Size, rng: np.random.Generator
) -> None:
    columns = _attributes(cells, points, size, rng)
    n = size.components
    _write_dbf(path.with_suffix(".dbf"), columns, n)
    _write_shp(path, points["x"], points["y"])
    path.with_suffix(".cpg").write_text("GBK")
    from pyproj import CRS as Crs

    path.with_suffix(".prj").write_text(Crs.from_epsg(CRS).to_wkt("WKT1_ESRI"))


def _attributes(
    cells: gpd.GeoDataFrame, points: dict, size: Size, rng: np.random.Generator
) -> list[np.ndarray]:
    n, fault = size.components, points["fault"]
    codes = np.array(class_codes())
    names = catalogues.load("2026")
    class_code = codes[points["class_number"]].astype("U5")
    class_code[fault == "unknown_class"] = "01980"
    cell = points["cell"]
    cell_codes = cells["code"].to_numpy(dtype="U15")
    declared = cell_codes[np.maximum(cell, 0)]
    wrong = fault == "point_outside_cell"
    declared[wrong] = cell_codes[(cell[wrong] + 7) % len(cells)]
    object_id = _object_ids(np.char.ljust(declared, 6).astype("U6"), class_code, fault)
    name_of = {code: names.name_of(code) for code in codes}
    class_name = np.array([name_of.get(c, "未知") for c in codes] + ["未知"])[
        np.where(fault == "unknown_class", len(codes), points["class_number"])
    ]
    owner_codes, owner_names = _departments()
    who = [rng.integers(0, OWNERS, n) for _ in range(3)]
    owner = who[1]
    missing = fault == "missing_owner"
    first, change, state = _dates_and_states(n, fault, rng)
    note = np.array(NOTES)[rng.integers(0, len(NOTES), n)]
    if size.own_notes:
        note = np.array([f"{k:07d}号杆东侧约{k % 97}米处" for k in range(n)])
    return [
        object_id, class_name, owner_codes[who[0]], owner_names[who[0]], np.where(missing, "", owner_codes[owner]),
        np.where(missing, "", owner_names[owner]), owner_codes[who[2]], owner_names[who[2]], declared,
        np.array(STATES)[state], first, change, np.array(SOURCES)[rng.integers(0, len(SOURCES), n)], note,
    ]  # fmt: skip


def _object_ids(county: np.ndarray, class_code: np.ndarray, fault: np.ndarray) -> np.ndarray:
    """17 digits: county + class + running number in county and class; a duplicate repeats the row before it."""
    key = np.char.add(county, class_code)
    number = pd.Series(key).groupby(key).cumcount().to_numpy() + 1
    ids = np.char.add(key, np.char.zfill(number.astype("U6"), 6))
    twin = np.flatnonzero((fault == "duplicate_code") & (np.roll(fault, 1) != "duplicate_code"))
    twin = twin[twin > 0]
    ids[twin] = ids[twin - 1]
    return ids


def _dates_and_states(
    n: int, fault: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    days = np.datetime64("2024-01-01") + rng.integers(0, 365, n)
    later = days + rng.integers(1, 300, n)
    state = rng.choice(4, n, p=(0.95, 0.03, 0.01, 0.01))
    change = np.where(state > 0, np.datetime_as_string(later), "")
    early = fault == "change_before_initial"
    change[early] = np.datetime_as_string(days[early] - 40)
    return np.datetime_as_string(days), change, state


def _departments() -> tuple[np.ndarray, np.ndarray]:
    """Twenty made-up departments with 18-character codes whose check character is right (GB 32100-2015)."""
    codes = np.array([_with_check(f"1133010200{k:07d}") for k in range(1, OWNERS + 1)])
    return codes, np.array([f"合成第{k:02d}养护管理单位" for k in range(1, OWNERS + 1)])


def _with_check(body: str) -> str:
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(signs.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return body + signs[(31 - total % 31) % 31]


def departments() -> pd.DataFrame:
    """code, name: what a store is given before the import."""
    codes, names = _departments()
    return pd.DataFrame({"code": codes, "name": names})


def _write_dbf(path: Path, columns: list[np.ndarray], n: int) -> None:
    layout = np.dtype([("flag", "S1"), *((name, f"S{width}") for name, width in FIELDS)])
    header = np.zeros(32 + 32 * len(FIELDS) + 1, dtype="u1")
    header[0], header[1:4], header[29] = 3, (126, 11, 21), 0x4D
    header[4:8] = np.frombuffer(np.uint32(n).tobytes(), "u1")
    header[8:10] = np.frombuffer(np.uint16(len(header)).tobytes(), "u1")
    header[10:12] = np.frombuffer(np.uint16(layout.itemsize).tobytes(), "u1")
    for k, (name, width) in enumerate(FIELDS):
        start = 32 + 32 * k
        header[start : start + len(name)] = np.frombuffer(name.encode(), "u1")
        header[start + 11], header[start + 16] = ord("C"), width
    header[-1] = 0x0D
    with path.open("wb") as out:
        out.write(header.tobytes())
        for start in range(0, n, 100_000):
            out.write(_records(columns, slice(start, min(start + 100_000, n)), layout))
        out.write(b"\x1a")


def _records(columns: list[np.ndarray], rows: slice, layout: np.dtype) -> bytes:
    block = np.empty(rows.stop - rows.start, dtype=layout)
    block["flag"] = b" "
    for (name, width), values in zip(FIELDS, columns, strict=True):
        distinct, index = np.unique(values[rows], return_inverse=True)
        padded = np.array([str(v).encode("gbk").ljust(width)[:width] for v in distinct], dtype=f"S{width}")
        block[name] = padded[index]
    return block.tobytes()


def _write_shp(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    n = len(x)
    record = np.dtype([("number", ">i4"), ("length", ">i4"), ("type", "<i4"), ("x", "<f8"), ("y", "<f8")])
    records = np.empty(n, dtype=record)
    records["number"], records["length"], records["type"] = np.arange(1, n + 1), 10, 1
    records["x"], records["y"] = x, y
    index = np.stack([50 + np.arange(n) * 14, np.full(n, 10)], axis=1).astype(">i4")
    box = np.array([x.min(), y.min(), x.max(), y.max(), 0, 0, 0, 0], dtype="<f8").tobytes()

    def head(length_bytes: int) -> bytes:
        big = np.array([9994, 0, 0, 0, 0, 0, length_bytes // 2], dtype=">i4").tobytes()
        return big + np.array([1000, 1], dtype="<i4").tobytes() + box

    path.write_bytes(head(100 + 28 * n) + records.tobytes())
    path.with_suffix(".shx").write_bytes(head(100 + 8 * n) + index.tobytes())
