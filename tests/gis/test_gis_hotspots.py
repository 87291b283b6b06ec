"""Hot spots against published digits, esda's answers on the same data, and hand-made cases."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import hotspots
from gis.neighbours import Weights, distance, queen, rook
from kernel.errors import Refused


@pytest.fixture(scope="module")
def reference(shared):
    return json.loads((shared / "data/spatial_stats_ref/reference.json").read_text())["sets"]


@pytest.fixture(scope="module")
def getis(shared):
    return pd.read_csv(shared / "data/spatial_stats_ref/getisord_16x16.csv")


@pytest.fixture(scope="module")
def columbus(shared):
    return gpd.read_file(shared / "data/spatial_stats_ref/columbus.zip")


def chain(n):
    """n areas in a row, each the neighbour of the next."""
    a = np.arange(n - 1)
    return Weights.of_links(n, np.r_[a, a + 1], np.r_[a + 1, a])


@pytest.mark.shared
@pytest.mark.parametrize("threshold", [30, 60, 90, 120, 150])
def test_that_getis_and_ords_published_scores_are_met(getis, reference, shared, threshold):
    weights = distance(getis.x, getis.y, threshold)
    expected = pd.read_csv(shared / "data/spatial_stats_ref/getisord_expected_z.csv")
    plain, star = hotspots.gi(getis.val, weights), hotspots.gi_star(getis.val, weights)
    assert np.allclose(plain.z, expected[f"gi_z_{threshold}"], atol=1e-9, rtol=0)
    assert np.allclose(star.z, expected[f"gistar_z_{threshold}"], atol=1e-9, rtol=0)
    published = reference["getis_ord_16x16"]["published_Gi_z"][str(threshold)]
    assert plain.z[119] == pytest.approx(published, abs=5e-7)


@pytest.mark.shared
def test_that_the_number_of_significant_cells_is_the_published_one(getis, reference):
    found = hotspots.gi_star(getis.val, distance(getis.x, getis.y, 30))
    assert (found.p < 0.05).sum() == reference["getis_ord_16x16"]["n_sig_gistar_30_p05"]
    assert (found["class"].abs() >= 2).sum() == reference["getis_ord_16x16"]["n_sig_gistar_30_p05"]


@pytest.mark.shared
@pytest.mark.parametrize("build, key", [(queen, "queen"), (rook, "rook")])
def test_that_morans_i_of_columbus_is_the_published_one(columbus, reference, build, key):
    weights, expected = build(columbus), reference["columbus"][f"computed_moran_{key}_rowstd"]
    found = hotspots.moran(columbus.CRIME, weights)
    assert len(weights) == reference["columbus"][f"n_links_{key}"]
    assert found.i == pytest.approx(expected["I"], abs=1e-12)
    assert found.z_randomisation == pytest.approx(expected["z_rand"], abs=1e-9)
    assert found.z_normality == pytest.approx(expected["z_norm"], abs=1e-9)


@pytest.mark.shared
def test_that_every_columbus_score_is_the_expected_one(columbus, shared):
    expected = pd.read_csv(shared / "data/spatial_stats_ref/columbus_expected.csv")
    weights = queen(columbus)
    assert weights.cardinalities.tolist() == expected.n_neighbours.tolist()
    assert np.allclose(hotspots.gi(columbus.CRIME, weights).z, expected.gi_z_binary, atol=1e-9, rtol=0)
    assert np.allclose(
        hotspots.gi_star(columbus.CRIME, weights).z, expected.gistar_z_binary_selfincl, atol=1e-9, rtol=0
    )
    local = hotspots.local_moran(columbus.CRIME, weights)
    assert np.allclose(local.i, expected.local_moran_rowstd_div_n_minus_1, atol=1e-9, rtol=0)


def test_that_scores_do_not_depend_on_the_order_of_areas():
    rng = np.random.default_rng(3)
    values, weights = rng.poisson(3, 40).astype(float), chain(40)
    shuffle = rng.permutation(40)
    place = np.argsort(shuffle)
    mixed = Weights.of_links(40, place[weights.heads], place[weights.tails])
    for method in (hotspots.gi, hotspots.gi_star, hotspots.local_moran):
        straight, turned = method(values, weights), method(values[shuffle], mixed)
        assert np.allclose(straight.z.to_numpy()[shuffle], turned.z)


def test_that_a_hump_is_hot_and_a_hollow_is_cold():
    values = np.full(100, 10.0)
    values[20:25], values[70:75] = 30.0, 0.0
    found = hotspots.gi_star(values, chain(100))
    assert found["class"].iloc[22] == 3 and found["class"].iloc[72] < 0 and found["class"].iloc[50] == 0
    assert found.attrs["method"] == "gistar"
    assert found.attrs["parameters"]["areas"] == 100
    assert found.columns.tolist() == list(hotspots.RESULT_COLUMNS)


def test_that_weights_that_are_not_binary_count_by_weight():
    heads, tails = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 0, 2, 0, 1])
    weights = Weights(4, heads, tails, np.array([1.0, 0.5, 1.0, 0.25, 0.5, 0.25]))
    x = np.array([1.0, 4.0, 2.0, 8.0])
    linked = weights.with_self()
    k, q = linked.sums, linked.squares
    lag = linked.matrix.toarray() @ x
    z = (lag - x.mean() * k) / (x.std() * np.sqrt((4 * q - k**2) / 3))
    assert np.allclose(hotspots.gi_star(x, weights).z, z)


def test_that_an_island_has_no_gi_but_a_gi_star():
    weights = Weights.of_links(5, [0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2])
    x = np.array([1.0, 2.0, 4.0, 3.0, 9.0])
    plain = hotspots.gi(x, weights)
    assert np.isnan(plain.z[4]) and plain["class"][4] == 0 and not plain.fdr[4]
    assert np.isfinite(hotspots.gi_star(x, weights).z).all()


def test_that_nothing_to_compare_is_refused_with_words():
    with pytest.raises(Refused, match="same value"):
        hotspots.gi_star(np.zeros(10), chain(10))
    with pytest.raises(Refused, match="same value, 7"):
        hotspots.moran(np.full(10, 7.0), chain(10))
    with pytest.raises(Refused, match="too few"):
        hotspots.gi(np.array([1.0, 2.0]), chain(2))
    with pytest.raises(Refused, match="has a neighbour"):
        hotspots.moran(np.arange(4.0), Weights.of_links(4, [], []))
    with pytest.raises(ValueError, match="missing"):
        hotspots.gi_star(np.array([1.0, np.nan, 2.0]), chain(3))
    with pytest.raises(ValueError, match="4 values on 3 areas"):
        hotspots.gi_star(np.arange(4.0), chain(3))
    with pytest.raises(ValueError, match="hold the areas themselves"):
        hotspots.gi(np.arange(4.0), chain(4).with_self())


def test_that_classes_follow_the_confidence_levels():
    z = np.array([0, 1.64, 1.65, 1.95, 1.97, 2.57, 2.58, -1.65, -1.97, -2.58, np.nan])
    assert hotspots.classify(z, hotspots.two_sided(z)).tolist() == [0, 0, 1, 1, 2, 2, 3, -1, -2, -3, 0]


def test_that_benjamini_and_hochbergs_own_example_comes_out():
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
         0.7590, 1.0000]  # fmt: skip
    assert hotspots.discoveries(p, 0.05).sum() == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0.001, 0.3))
def test_that_fewer_false_discoveries_are_never_more_discoveries(p, share):
    few, many = hotspots.discoveries(p, share), hotspots.discoveries(p, min(share * 2, 0.9))
    assert not np.any(few & ~many)
    assert few.sum() <= (np.asarray(p) <= share).sum()
