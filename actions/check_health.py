"""Is this machine ready for WanGrid? Everything but the desktop, which checks itself."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import WanGridError

NEEDED = ("geopandas", "shapely", "pyproj", "pyogrio", "pyarrow", "numpy", "pandas", "scipy", "folium", "matplotlib",
          "rasterio", "psycopg", "SQLAlchemy", "alembic", "openpyxl")  # fmt: skip
_LEAST_FREE_BYTES = 2 * 2**30


@dataclass(frozen=True)
class CheckHealth:
    """Which store to look at, and who asks."""

    store_url: str
    actor: str = ""


@dataclass(frozen=True)
class Health:
    """`checks`: name, ok, detail, remedy (an English template, or "")."""

    ok: bool
    checks: tuple[dict[str, object], ...]


def check_health(request: CheckHealth) -> Health:
    """Run every check; a check that breaks is itself a finding."""
    checks = (
        _look("Python", _python, "Install Python 3.11, 3.12 or 3.13."),
        _look("packages", _packages, "Run: make setup"),
        _look("projections", _projections, "Run: make setup (pyproj's grids or its proj.db are missing)."),
        _look("GDAL formats", _formats, "Run: make setup (pyogrio is incomplete)."),
        _look("store", lambda: _store(request), "Name another store with --store, or restore a backup."),
        _look("disk", lambda: _disk(request), "Free some space on that disk."),
    )
    return Health(all(bool(check["ok"]) for check in checks), checks)


def _look(name: str, check: Callable[[], str], remedy: str) -> dict[str, object]:
    try:
        detail, ok = check(), True
    except WanGridError as error:
        detail, ok, remedy = str(error), False, error.remedy or remedy
    except Exception as error:  # whatever breaks here is what the doctor was asked to find
        detail, ok = f"{type(error).__name__}: {error}", False
    return {"name": name, "ok": ok, "detail": detail, "remedy": "" if ok else remedy}


def _python() -> str:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise RuntimeError(f"Python {platform.python_version()} is outside 3.11–3.13")
    return f"{platform.python_version()} · {platform.platform(terse=True)}"


def _packages() -> str:
    return " · ".join(f"{name} {importlib.metadata.version(name)}" for name in NEEDED)


def _projections() -> str:
    """CGCS2000 3-degree plane, CM 117E: the equator at the central meridian is (500000, 0) by definition."""
    from pyproj import Transformer

    x, y = Transformer.from_crs(4490, 4548, always_xy=True).transform(117.0, 0.0)
    if abs(x - 500_000.0) > 1e-3 or abs(y) > 1e-3:
        raise RuntimeError(f"EPSG:4490 → 4548 of (117, 0) gives ({x}, {y})")
    return "EPSG:4490 → 4548"


def _formats() -> str:
    import pyogrio

    drivers = pyogrio.list_drivers()
    lacking = [name for name in ("ESRI Shapefile", "GPKG", "GeoJSON", "OpenFileGDB") if name not in drivers]
    if lacking:
        raise RuntimeError(f"missing: {', '.join(lacking)}")
    return f"GDAL {pyogrio.__gdal_version_string__} · {len(drivers)} formats"


def _store(request: CheckHealth) -> str:
    from data import store as stores

    if not request.store_url.startswith("postgres") and not Path(request.store_url).exists():
        return f"{request.store_url}: not made yet"
    opened = stores.open(request.store_url, actor=request.actor, read_only=True)
    try:
        info = opened.info(with_hash=False)
        return f"{info.engine} · schema {info.schema} · {info.cells:,} cells · {info.components:,} components"
    finally:
        opened.close()


def _disk(request: CheckHealth) -> str:
    folder = (
        Path.cwd() if request.store_url.startswith("postgres") else Path(request.store_url).absolute().parent
    )
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE_BYTES:
        raise RuntimeError(f"{free / 2**30:.1f} GiB free on the disk of {folder}")
    return f"{free / 2**30:.0f} GiB free · {folder}"
