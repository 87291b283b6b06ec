"""The surveyor's main job: a GBK shapefile of a million components, read, checked, assigned and stored.

Each way ends with the rows on disk. Ours does more (it checks some twenty rules, keeps what it refused with the
reason, can be undone); what is compared is what both must find: which rows break each of six rules, and the cell of
every row that breaks none.
"""

from __future__ import annotations

import itertools
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import servers
from benchmarks.task import Answer, Comparison, Limit, NotHere, Side
from benchmarks.workload import FAULTS, Workload, class_codes, departments

RULES = tuple(FAULTS)


def _embedded(workload: Workload) -> Callable[[], Any]:
    """A new embedded store with cells for every round, then the census import of the product."""
    folder = Path(tempfile.mkdtemp(prefix="bench-store-"))
    turns = itertools.count()
    urls = [str(folder / f"{k}.wangrid") for k in range(4)]
    for url in urls:
        _prepare_store(url, workload)
    return lambda: _import(urls[next(turns)], workload)


def _postgis(workload: Workload) -> Callable[[], Any]:
    server = servers.postgis()
    turns = itertools.count()
    urls = [server.new_database(f"ours{k}") for k in range(4)]
    for url in urls:
        _prepare_store(url, workload)
    return lambda: _import(urls[next(turns)], workload)


def _prepare_store(url: str, workload: Workload) -> None:
    from data import store as stores

    opened = stores.create(url, standard="2026", crs=4548, actor="bench")
    try:
        opened.set_setting("self_approval", "1")
        opened.replace_grid(workload.cells, counties=_area(workload, "counties", 0), streets=_area(workload, "streets", 6),
                            communities=_area(workload, "communities", 9))  # fmt: skip
        opened.replace_departments(departments())
    finally:
        opened.close()


def _area(workload: Workload, layer: str, parent_digits: int) -> Any:
    frame = workload.layer(layer)
    frame["parent_code"] = frame["code"].str.slice(0, parent_digits)
    return frame


def imported(url: str, workload: Workload) -> tuple[str, int]:
    """The workload's million in a new store at `url`: the store and the session."""
    _prepare_store(url, workload)
    return _import(url, workload)


def _import(url: str, workload: Workload) -> tuple[str, int]:
    from actions.census.import_census import ImportCensus, import_census
    from data import store as stores

    opened = stores.open(url, actor="bench")
    try:
        done = import_census(
            opened, ImportCensus(files=(str(workload.shapefile),), mode="submit", actor="bench")
        )
    finally:
        opened.close()
    return url, done.session


def _stored(result: tuple[str, int]) -> Answer:
    """Read back: rows of each rule from the findings, the cell of every clean row from the components."""
    from data import store as stores

    url, session = result
    opened = stores.open(url, actor="bench")
    try:
        findings = opened.load_findings(session)
        kept = opened.load_components(["code", "cell_code", "owner_name"])
    finally:
        opened.close()
    answer = {
        rule: np.unique(findings.loc[findings["code"] == rule, "record"].to_numpy("i8")) for rule in RULES
    }
    kept = kept[
        kept["owner_name"].astype(str) != ""
    ]  # a missing owner is a warning of ours: the row is stored
    return answer | _cells_by_code(kept["code"].astype(str), kept["cell_code"].astype(str))


def _cells_by_code(code: pd.Series, cell: pd.Series) -> Answer:
    kept = pd.DataFrame({"code": code.to_numpy(), "cell": cell.to_numpy()}).sort_values("code")
    digest = pd.util.hash_pandas_object(kept, index=False).to_numpy()
    return {"clean_rows": np.array([len(kept)]), "cells_digest": np.array([digest.sum(dtype="u8")])}


def _geopandas(workload: Workload) -> Callable[[], Any]:
    """What a GIS programmer writes: read, join, six rules, GeoPackage with its R-tree."""
    import geopandas as gpd

    folder = Path(tempfile.mkdtemp(prefix="bench-gpd-"))
    turns = itertools.count()

    def step() -> Path:
        frame = gpd.read_file(workload.shapefile, encoding="GBK")
        cells = gpd.read_file(workload.cells_file, layer="cells")
        joined = gpd.sjoin(frame, cells[["code", "geometry"]], how="left", predicate="intersects")
        joined = joined[~joined.index.duplicated()]
        frame["cell"] = joined["code"].fillna("")
        _six_rules(frame)
        target = folder / f"{next(turns)}.gpkg"
        frame.to_file(target, layer="census", driver="GPKG")
        return target

    return step


def _six_rules(frame: pd.DataFrame) -> None:
    frame["duplicate_code"] = frame["GLBJBSM"].duplicated(keep=False)
    frame["unknown_class"] = ~frame["GLBJBSM"].str.slice(6, 11).isin(class_codes())
    frame["out_of_area"] = frame["cell"] == ""
    frame["point_outside_cell"] = frame["cell"] != frame["SZDYWGBSM"]
    frame["change_before_initial"] = frame["BGRQ"].fillna("9999") < frame["CSRQ"]
    frame["missing_owner"] = frame["QSDWMC"].fillna("") == ""


def _geopackage(target: Path) -> Answer:
    import pyogrio

    frame = pyogrio.read_dataframe(target, columns=["GLBJBSM", "cell", *RULES], read_geometry=False)
    return _found(frame)


def _found(frame: pd.DataFrame) -> Answer:
    answer = {rule: np.flatnonzero(frame[rule].astype(bool)).astype("i8") for rule in RULES}
    clean = ~frame[list(RULES)].astype(bool).any(axis=1)
    return answer | _cells_by_code(frame.loc[clean, "GLBJBSM"], frame.loc[clean, "cell"])


def _ogr2ogr(workload: Workload) -> Callable[[], Any]:
    """GDAL's loader, then the join and the rules in SQL; logged table, keys and index built, ANALYZE."""
    if not shutil.which("ogr2ogr"):
        raise NotHere("ogr2ogr is not installed")
    server = servers.postgis()
    url = server.new_database("peer")
    _ogr(["-nln", "cells", "-lco", "GEOMETRY_NAME=geom"], url, workload.cells_file, "cells")
    server.run(url, "ANALYZE cells")

    def step() -> tuple[Any, str]:
        server.run(url, "DROP TABLE IF EXISTS census, joined")
        _ogr(["-nln", "census", "-lco", "GEOMETRY_NAME=geom", "-lco", "SPATIAL_INDEX=NONE", "--config", "PG_USE_COPY",
              "YES", "-oo", "ENCODING=GBK"], url, workload.shapefile)  # fmt: skip
        for statement in _JOIN.format(classes=",".join(f"'{code}'" for code in class_codes())).split(";"):
            server.run(url, statement)
        return server, url

    return step


_JOIN = """
CREATE TABLE joined AS SELECT c.*, coalesce(g.code, '') AS cell,
  count(*) OVER (PARTITION BY glbjbsm) > 1 AS duplicate_code,
  substr(glbjbsm, 7, 5) NOT IN ({classes}) AS unknown_class,
  g.code IS NULL AS out_of_area, coalesce(g.code, '') <> szdywgbsm AS point_outside_cell,
  coalesce(bgrq < csrq, false) AS change_before_initial, coalesce(qsdwmc, '') = '' AS missing_owner
  FROM census c LEFT JOIN LATERAL (SELECT code FROM cells WHERE ST_Intersects(cells.geom, c.geom)
  ORDER BY ogc_fid LIMIT 1) g ON true;
ALTER TABLE joined ADD PRIMARY KEY (ogc_fid);
CREATE INDEX ON joined USING gist (geom);
ANALYZE joined"""


def _ogr(options: list[str], url: str, source: Path, layer: str = "") -> None:
    command = ["ogr2ogr", "-f", "PostgreSQL", f"PG:{url}", *options, str(source), *([layer] if layer else [])]
    subprocess.run(command, check=True, capture_output=True)


def _joined_table(result: tuple[Any, str]) -> Answer:
    server, url = result
    names = ["GLBJBSM", "cell", *RULES]
    rows = server.fetch(
        url, f"SELECT {', '.join(name.lower() for name in names)} FROM joined ORDER BY ogc_fid"
    )
    return _found(pd.DataFrame(rows, columns=names))


def _memory_mib(workload: Workload) -> float:
    """The most memory that this process, which does nothing else, had at any time of an import."""
    with tempfile.TemporaryDirectory(prefix="bench-memory-") as folder:
        imported(str(Path(folder) / "city.wangrid"), workload)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


TASKS = [
    Comparison("census_embedded", Side("WanGrid", _embedded, _stored), Side("geopandas + GPKG", _geopandas, _geopackage),
               goal=8),
    Comparison("census_postgis", Side("WanGrid", _postgis, _stored), Side("ogr2ogr + SQL", _ogr2ogr, _joined_table),
               goal=4),
    Limit("census_memory", _memory_mib, "MiB", 3072.0),
]  # fmt: skip
