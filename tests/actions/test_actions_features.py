"""Other lines and areas that borders follow: any number of files, in any system, and files that are of no use."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from actions.grid.check_grid import CheckGrid, check_grid
from actions.grid.divide_grid import DivideGrid, divide_grid
from actions.grid.feature_layers import read_features
from kernel.errors import Refused
from tests.gis.grid_builders import COUNTY, PLANE, X0, Y0, box

WIDTH, HEIGHT = 600.0, 400.0


def written(
    path: Path, *shapes: shapely.Geometry | None, system: int | None = PLANE, onto: int = PLANE
) -> str:
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=system)
    pyogrio.write_dataframe(frame.to_crs(onto) if system else frame, path)
    return str(path)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X0 + x, Y0 + y) for x, y in places])


@pytest.fixture
def city(tmp_path: Path) -> dict[str, str]:
    return {
        "area": written(tmp_path / "area.gpkg", box(0, 0, WIDTH, HEIGHT)),
        "roads": written(tmp_path / "roads.gpkg", line((0, 200), (WIDTH, 200))),
        "district": COUNTY,
    }


def test_that_borders_follow_lines_and_areas_of_several_files_also_in_degrees(
    tmp_path: Path, city: dict[str, str]
) -> None:
    lots = written(tmp_path / "lots.gpkg", *(line((x, 0), (x, HEIGHT)) for x in (113, 287, 402)), onto=4490)
    park = written(tmp_path / "park.gpkg", box(200, 60, 140, 90), shapely.Point(X0, Y0))
    out = str(tmp_path / "cells.gpkg")
    plain = divide_grid(None, DivideGrid(**city))
    done = divide_grid(None, DivideGrid(**city, features=(lots, park), out=out))
    assert (done.gap_m2, done.overlap_m2, done.errors) == (0.0, 0.0, 0)
    assert done.boundary_on_features_share > plain.boundary_on_features_share + 0.1
    checked = check_grid(CheckGrid(out, roads=city["roads"], features=(lots, park)))
    less = check_grid(CheckGrid(out, roads=city["roads"]))
    assert checked.figures is not None
    assert less.figures is not None
    assert checked.figures.boundary_on_features_share == pytest.approx(
        done.boundary_on_features_share, abs=0.01
    )
    assert less.figures.boundary_on_features_share < checked.figures.boundary_on_features_share


def test_that_one_file_may_be_named_as_a_word_and_none_as_an_empty_one(tmp_path: Path) -> None:
    crossing = line((0, 0), (50, 50), (50, 0), (0, 50))
    found = read_features(written(tmp_path / "walls.gpkg", crossing, None))
    assert found is not None
    assert len(found) == 1
    assert read_features("") is None
    assert read_features(()) is None


def test_that_files_of_no_use_are_refused_by_name(tmp_path: Path, city: dict[str, str]) -> None:
    points = written(tmp_path / "trees.gpkg", shapely.Point(X0, Y0))
    with pytest.raises(Refused, match="neither lines nor areas") as told:
        divide_grid(None, DivideGrid(**city, features=(points,)))
    assert "trees.gpkg" in str(told.value)
    lost = written(tmp_path / "lost.gpkg", line((0, 0), (9, 9)), system=None)
    with pytest.raises(Refused, match="none"):
        divide_grid(None, DivideGrid(**city, features=(points.replace("trees", "none"),)))
    with pytest.raises(Refused, match="reference system"):
        divide_grid(None, DivideGrid(**city, features=(lost,)))
