"""Clusterers against Java's generator, scikit-learn and what their criteria mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning import kmeans
from ee_emulator.learning.cobweb import cobweb
from ee_emulator.learning.java_random import JavaRandom
from ee_emulator.learning.lvq import lvq

GROUPS = np.random.default_rng(7).normal(np.repeat([[0, 0], [10, 30], [30, 15]], 40, axis=0), 1.0)
MEMBERS = np.repeat([0, 1, 2], 40)


def same_partition(first: np.ndarray, second: np.ndarray) -> bool:
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    return len(pairs) == len(set(first.tolist())) == len(set(second.tolist()))


def test_the_generator_is_javas() -> None:
    # what `new java.util.Random(seed)` gives in every Java
    generator = JavaRandom(42)
    assert [generator.integer() for _ in range(3)] == [-1170105035, 234785527, -1360544799]
    generator = JavaRandom(42)
    assert [generator.below(10) for _ in range(5)] == [0, 3, 8, 4, 0]
    assert JavaRandom(42).fraction() == pytest.approx(0.7275636800328681, abs=1e-16)
    generator = JavaRandom(0)
    assert [generator.integer() for _ in range(2)] == [-1155484576, -723955400]


def test_k_means_ends_where_that_of_scikit_learn_does() -> None:
    scaled = kmeans.scale_of(GROUPS)(GROUPS)
    start = scaled[[0, 40, 80]]
    centres, assigned = kmeans.lloyd(scaled, start, "Euclidean", 500)
    expected = KMeans(3, init=start, n_init=1).fit(scaled)
    np.testing.assert_allclose(centres, expected.cluster_centers_, atol=1e-9)
    assert (assigned == expected.labels_).all()


def test_clusters_are_numbered_in_the_order_in_which_weka_draws_their_centres() -> None:
    rows = np.arange(10.0)[:, None] * [[1.0, 2.0]]
    generator = JavaRandom(10)
    drawn = generator.below(10), generator.below(9)
    model = kmeans.k_means(rows, 2, kmeans.RANDOM, "Euclidean", None, 10)
    first, second = model.predict(rows[list(drawn)])[0]
    assert (first, second) == (0, 1)


def test_a_centre_of_manhattan_is_the_median() -> None:
    rows = np.array([[0.0], [1.0], [10.0]])
    centres, _ = kmeans.lloyd(rows, rows[:1], "Manhattan", 10)
    assert centres.tolist() == [[1.0]]


def test_the_criterion_of_the_cascade_is_that_of_calinski_and_harabasz() -> None:
    centres = np.array([GROUPS[k == MEMBERS].mean(axis=0) for k in range(3)])
    assert kmeans.calinski_harabasz(GROUPS, centres, MEMBERS) == pytest.approx(calinski_harabasz_score(GROUPS, MEMBERS))


@pytest.mark.parametrize("low", [2, 3])
def test_the_number_of_clusters_is_found(low: int) -> None:
    cascade = {"min_clusters": low, "max_clusters": 6, "restarts": 5, "init": True, "max_iterations": None}
    found = kmeans.cascade(GROUPS, cascade | {"distance_function": "Euclidean"}).predict(GROUPS)[0]
    assert same_partition(found, MEMBERS)
    x_means = {"min_clusters": low, "max_clusters": 6, "max_iterations": 5, "max_kmeans": 100, "max_for_children": 100}
    x_means |= {"cutoff_factor": 0.0, "distance_function": "Euclidean", "seed": 10}
    assert same_partition(kmeans.x_means(GROUPS, x_means).predict(GROUPS)[0], MEMBERS)


def test_prototypes_settle_in_the_groups() -> None:
    assert same_partition(lvq(GROUPS, 3, 1.0, 100, False).predict(GROUPS)[0], MEMBERS)


def test_concepts_are_nearly_the_groups() -> None:
    assert adjusted_rand_score(cobweb(GROUPS, 3.0, 0.05, 42).predict(GROUPS)[0], MEMBERS) > 0.9


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-50, 50)] * 2), min_size=1, max_size=25), st.integers(1, 6), st.integers(0, 3))
def test_every_row_is_in_the_cluster_of_the_nearest_centre_whatever_the_rows(
    rows: list[tuple[int, int]], clusters: int, init: int
) -> None:
    table = np.array(rows, float)
    numbers = kmeans.k_means(table, clusters, init, "Euclidean", None, 10).predict(table)[0]
    assert numbers.min() >= 0
    assert numbers.max() < clusters
    for row in set(rows):  # equal rows share a cluster
        assert len({int(n) for n, other in zip(numbers, rows, strict=True) if other == row}) == 1


@pytest.mark.parametrize(("clusters", "init", "metric"), [(0, 0, "Euclidean"), (2, 4, "Euclidean"), (2, 0, "Cosine")])
def test_impossible_parameters_are_refused(clusters: int, init: int, metric: str) -> None:
    with pytest.raises(EarthEngineError):
        kmeans.k_means(GROUPS, clusters, init, metric, None, 10)
