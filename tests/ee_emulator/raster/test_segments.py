"""Superpixels and clusters: what is planted is found, tiles fit together, and each parameter shows its effect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import segments
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import call, image, native, pixels
from tests.ee_emulator.raster.test_distance import in_tiles


def clusters(made: Image, side: int = 20) -> np.ndarray:
    return pixels(made, native(side, side), "clusters").values


def halves(side: int = 20) -> np.ndarray:
    """Dark on the left, bright from column 7 on."""
    values = np.zeros((side, side))
    values[:, 7:] = 100.0
    return values


def same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    return len(set(zip(a.ravel().tolist(), b.ravel().tolist(), strict=True))) == len(np.unique(a)) == len(np.unique(b))


@pytest.mark.parametrize("kind", ["square", "hex"])
def test_seeds_stand_at_equal_distances_over_the_whole_lattice(kind: str) -> None:
    made = call("Image.Segmentation.seedGrid", size=4, gridType=kind)
    whole = pixels(made, native(24, 24)).values
    assert whole.sum() == 36
    rows, columns = np.nonzero(whole)
    assert set(np.diff(np.unique(rows))) == {4}
    assert len({tuple(np.unique(columns[rows == row])) for row in np.unique(rows)}) == (1 if kind == "square" else 2)
    values, _ = in_tiles(made, native(24, 24), 7, 5)
    np.testing.assert_array_equal(values, whole)


def test_superpixels_keep_to_edges_and_bear_their_means() -> None:
    made = call("Image.Segmentation.SNIC", image=image(halves()), size=5, compactness=0.1)
    assert made.names == ["clusters", "seeds", "b_mean"]
    left, right = clusters(made)[:, :7], clusters(made)[:, 7:]
    assert not set(left.ravel().tolist()) & set(right.ravel().tolist())
    np.testing.assert_allclose(pixels(made, native(20, 20), "b_mean").values, halves())


def test_each_superpixel_grows_from_its_seed_and_hangs_together() -> None:
    random = np.random.default_rng(0)
    made = call("Image.Segmentation.SNIC", image=image(random.random((20, 20))), size=5, connectivity=4)
    labels = clusters(made)
    only = call("Image.select", input=made, bandSelectors=["clusters"])
    connected = call("Image.connectedPixelCount", input=only, maxSize=400, eightConnected=False)
    _, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
    np.testing.assert_array_equal(pixels(connected, native(20, 20)).values, counts[place])


def test_compact_superpixels_are_squares_around_their_seeds() -> None:
    random = np.random.default_rng(1)
    source = image(random.random((20, 20)))
    loose = call("Image.Segmentation.SNIC", image=source, size=5, compactness=0)
    compact = call("Image.Segmentation.SNIC", image=source, size=5, compactness=1000)
    seeds = pixels(compact, native(20, 20), "seeds").values
    assert seeds.sum() == 16

    def spread(made: Image) -> float:
        labels = clusters(made)
        y, x = np.indices(labels.shape)
        return float(sum(x[labels == k].var() + y[labels == k].var() for k in np.unique(labels)))

    assert spread(compact) < spread(loose)


def test_given_seeds_that_touch_are_one_cluster() -> None:
    seeds = np.zeros((20, 20), np.uint8)
    seeds[2, 2] = seeds[3, 3] = seeds[15, 15] = 1
    made = call("Image.Segmentation.SNIC", image=image(np.ones((20, 20))), seeds=image(seeds), neighborhoodSize=0)
    assert made.names == ["clusters", "b_mean"]
    assert len(np.unique(clusters(made))) == 2
    four = call(
        "Image.Segmentation.SNIC",
        image=image(np.ones((20, 20))),
        seeds=image(seeds),
        connectivity=4,
        neighborhoodSize=0,
    )
    assert len(np.unique(clusters(four))) == 3


def test_masked_pixels_belong_to_no_superpixel() -> None:
    mask = np.ones((20, 20), bool)
    mask[:, 10] = False
    made = call("Image.Segmentation.SNIC", image=image(halves(), mask), size=5)
    np.testing.assert_array_equal(pixels(made, native(20, 20), "clusters").mask, mask)


@pytest.mark.parametrize("name", ["SNIC", "KMeans", "GMeans"])
def test_what_is_not_a_number_belongs_to_no_cluster(name: str) -> None:
    values = halves()
    values[3, 3] = np.nan
    got = pixels(call(f"Image.Segmentation.{name}", image=image(values)), native(20, 20), "clusters")
    np.testing.assert_array_equal(got.mask, ~np.isnan(values))


def test_k_means_finds_planted_groups() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 3, (20, 20))
    source = image({"x": truth * 50.0 + random.random((20, 20)), "y": truth * -30.0 + random.random((20, 20))})
    assert same_partition(clusters(call("Image.Segmentation.KMeans", image=source, numClusters=3, gridSize=64)), truth)


def test_cells_are_clustered_each_for_itself() -> None:
    source = image(np.tile([0.0, 9.0], (20, 10)))
    apart = call("Image.Segmentation.KMeans", image=source, numClusters=2, gridSize=10)
    assert len(np.unique(clusters(apart))) == 8
    repeated = call("Image.Segmentation.KMeans", image=source, numClusters=2, gridSize=10, uniqueLabels=False)
    assert np.unique(clusters(repeated)).tolist() == [0, 1]


def test_fewer_values_than_clusters_make_fewer_clusters() -> None:
    made = call("Image.Segmentation.KMeans", image=image(halves()), numClusters=8, gridSize=64)
    assert same_partition(clusters(made), halves())


def test_convergence_can_be_forced() -> None:
    source = image(np.random.default_rng(4).random((20, 20)))
    with pytest.raises(EarthEngineError, match="did not converge in 1 iterations"):
        clusters(call("Image.Segmentation.KMeans", image=source, numIterations=1, forceConvergence=True))


def test_g_means_finds_how_many_groups_there_are() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 4, (30, 30))
    source = image(truth * 100.0 + random.normal(0, 1, (30, 30)))
    made = call("Image.Segmentation.GMeans", image=source, pValue=20, gridSize=64)
    assert same_partition(clusters(made, 30), truth)
    single = call("Image.Segmentation.GMeans", image=image(random.normal(0, 1, (30, 30))), gridSize=64)
    assert len(np.unique(clusters(single, 30))) == 1


def test_the_statistic_of_normality_is_scipys() -> None:
    values = np.random.default_rng(6).gamma(2.0, size=300)
    expected = stats.anderson(values, method="interpolate").statistic * (1 + 4 / 300 - 25 / 300**2)
    assert segments.anderson_darling(values) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SNIC", {"size": 5}),
        ("KMeans", {"gridSize": 16, "numClusters": 3}),
        ("KMeans", {"numClusters": 3, "neighborhoodSize": 4}),
        ("GMeans", {"gridSize": 16, "pValue": 2}),
    ],
)
def test_tiles_give_the_clusters_of_the_whole(name: str, options: dict[str, Any]) -> None:
    source = image(np.random.default_rng(8).random((40, 40)) * 100)
    whole = clusters(call(f"Image.Segmentation.{name}", image=source, **options), 40)
    # Another node, so that no cell is remembered.
    again = call(f"Image.Segmentation.{name}", image=source, **options)
    values, _ = in_tiles(again, native(40, 40), 17, 13, "clusters")
    np.testing.assert_array_equal(values, whole)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("SNIC", {"connectivity": 6}, "Connectivity must be 4 or 8, got 6"),
        ("SNIC", {"size": 0}, "'size' must be at least 1"),
        ("KMeans", {"neighborhoodSize": 4, "gridSize": 4}, "Only one of"),
        ("GMeans", {"numIterations": 0}, "'numIterations' must be at least 1"),
        ("KMeans", {"numClusters": 0}, "'numClusters' must be at least 1"),
    ],
)
def test_what_cannot_be_done_is_refused(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(EarthEngineError, match=message):
        call(f"Image.Segmentation.{name}", image=image([[1]]), **options)
