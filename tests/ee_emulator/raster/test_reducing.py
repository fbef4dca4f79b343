"""Reducers over stacks, regions and columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.reducer import Samples, reduce_columns
from ee_emulator.raster.regions import shares
from tests.ee_emulator.raster.arrays import TEN_METRES, UTM, call, collection, image, native, pixels

NUMBERS = st.lists(st.integers(-50, 50), min_size=1, max_size=30)
STACKS = arrays.arrays(np.float64, (7, 12), elements=st.floats(-100, 100).map(lambda v: round(v, 1)))


def reduced(name: str, column: list[Any], **arguments: Any) -> Any:
    outputs = reduce_columns(call(f"Reducer.{name}", **arguments), [column])
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs


@given(NUMBERS)
@settings(deadline=None)
def test_plain_reducers_agree_with_numpy(values: list[int]) -> None:
    assert reduced("sum", values) == sum(values)
    assert reduced("count", values) == len(values)
    assert reduced("mean", values) == pytest.approx(np.mean(values))
    assert reduced("median", values) == pytest.approx(np.median(values))
    assert reduced("minMax", values) == {"min": min(values), "max": max(values)}
    assert reduced("stdDev", values) == pytest.approx(np.std(values), abs=1e-9)
    assert reduced("mode", values) in [v for v in set(values) if values.count(v) == max(map(values.count, values))]
    assert sum(reduced("frequencyHistogram", values).values()) == len(values)
    assert reduced("countDistinct", values) == len(set(values))
    assert reduced("toList", values) == values
    assert reduced("percentile", values, percentiles=[0, 100]) == {"p0": min(values), "p100": max(values)}


def test_nulls_do_not_count() -> None:
    assert reduced("mean", [1, None, 3]) == 2
    assert reduced("count", [1, None, 3]) == 2
    assert reduced("firstNonNull", [None, 3]) == 3
    assert reduced("mean", [None]) is None
    assert reduced("sum", []) == 0


@given(STACKS, arrays.arrays(bool, (7, 12)))
@settings(max_examples=50, deadline=None)
def test_a_stack_reduces_each_place_as_a_column(values: np.ndarray, valid: np.ndarray) -> None:
    """One code path for pixels and for tables: the vectorised fold equals the fold of each place alone."""
    for name in ("mean", "median", "mode", "min", "max", "stdDev", "firstNonNull", "lastNonNull", "count"):
        reducer = call(f"Reducer.{name}")
        together, ok = reducer.apply(Samples((values,), (valid,)))[0]
        for place in range(values.shape[1]):
            column = [v if good else None for v, good in zip(values[:, place], valid[:, place], strict=True)]
            alone = next(iter(reduce_columns(reducer, [column]).values()))
            if alone is None:
                assert not ok[place]
            else:
                assert together[place] == pytest.approx(alone, abs=1e-9)


def test_weights_shift_the_median_and_the_mean() -> None:
    columns, weights = [[1.0, 2.0, 10.0]], [1.0, 1.0, 8.0]
    assert reduce_columns(call("Reducer.mean"), columns, weights) == {"mean": pytest.approx(8.3)}
    assert reduce_columns(call("Reducer.median"), columns, weights)["median"] > 8
    plain = call("Reducer.unweighted", reducer=call("Reducer.mean"))
    assert reduce_columns(plain, columns, weights) == {"mean": pytest.approx(13 / 3)}


def test_combined_reducers_share_inputs_or_take_their_own() -> None:
    mean, count = call("Reducer.mean"), call("Reducer.count")
    shared = call("Reducer.combine", reducer1=mean, reducer2=count, sharedInputs=True)
    assert reduce_columns(shared, [[1, 2, 6]]) == {"mean": 3, "count": 3}
    apart = call("Reducer.combine", reducer1=mean, reducer2=count, outputPrefix="n_")
    assert reduce_columns(apart, [[1, 2, 6], [None, 1, 1]]) == {"mean": 3, "n_count": 2}
    with pytest.raises(EarthEngineError, match="Need 2 inputs"):
        reduce_columns(apart, [[1]])


def test_repeat_group_and_set_outputs() -> None:
    total = call("Reducer.sum")
    assert reduce_columns(call("Reducer.repeat", reducer=total, count=2), [[1, 2], [10, 20]]) == {"sum": [3, 30]}
    grouped = call("Reducer.group", reducer=total, groupField=1, groupName="code")
    assert reduce_columns(grouped, [[1, 2, 3], [7, 8, 7]]) == {"groups": [{"code": 7, "sum": 4}, {"code": 8, "sum": 2}]}
    assert reduce_columns(call("Reducer.setOutputs", reducer=total, outputs=["t"]), [[1]]) == {"t": 1}


def test_linear_fit_and_regression_find_a_line() -> None:
    x = [0.0, 1.0, 2.0, 5.0]
    y = [3 + 2 * v for v in x]
    assert reduce_columns(call("Reducer.linearFit"), [x, y]) == {"scale": pytest.approx(2), "offset": pytest.approx(3)}
    fit = reduce_columns(call("Reducer.linearRegression", numX=2), [[1.0] * 4, x, y])
    assert np.ravel(fit["coefficients"].values) == pytest.approx([3, 2])
    assert reduce_columns(call("Reducer.pearsonsCorrelation"), [x, y])["correlation"] == pytest.approx(1)


def test_interval_mean_takes_percent() -> None:
    values = [*range(100), 10_000]
    assert reduced("intervalMean", values, minPercentile=0, maxPercentile=90) < 50


@given(
    st.floats(0, 60), st.floats(0, 60), st.floats(0.5, 38), st.floats(0.5, 38), st.integers(3, 12), st.floats(0, 6.28)
)
@settings(max_examples=80, deadline=None)
def test_shares_add_up_to_the_area(x: float, y: float, a: float, b: float, corners: int, turn: float) -> None:
    angles = turn + np.linspace(0, 2 * np.pi, corners, endpoint=False)
    shape = shapely.Polygon(
        np.stack([500_040 + x / 4 + a * np.cos(angles), 3_399_960 - y / 4 + b * np.sin(angles)], axis=1)
    )
    share, inside = shares(shape, native(12, 12))
    clipped = shape.intersection(shapely.box(*native(12, 12).bounds))
    assert share.sum() * 100 == pytest.approx(clipped.area, rel=1e-6, abs=1e-6)
    xs, ys = native(12, 12).centres()
    np.testing.assert_array_equal(inside, shapely.intersects_xy(shape, xs, ys))


def test_a_region_weighs_its_edge_for_weighted_reducers_only() -> None:
    """Earth Engine's guide on reduceRegion: weighted by share, or by the pixel's centre."""
    source = image(np.array([[1.0, 3.0]]))
    region = call(
        "GeometryConstructors.Rectangle", coordinates=[500_000, 3_399_990, 500_014, 3_400_000], crs=UTM, geodesic=False
    )

    def region_value(name: str) -> Any:
        return call("Image.reduceRegion", image=source, reducer=call(f"Reducer.{name}"), geometry=region)["b"]

    assert region_value("sum") == pytest.approx(1 + 3 * 0.4)
    assert region_value("mean") == pytest.approx((1 + 3 * 0.4) / 1.4)
    assert region_value("count") == 1
    assert region_value("max") == 1


def test_a_region_of_too_many_pixels_is_refused_or_coarsened() -> None:
    source = image(np.arange(400.0).reshape(20, 20))
    region = call(
        "GeometryConstructors.Rectangle", coordinates=[500_000, 3_399_800, 500_200, 3_400_000], crs=UTM, geodesic=False
    )
    arguments = {"image": source, "reducer": call("Reducer.mean"), "geometry": region, "maxPixels": 100}
    with pytest.raises(
        EarthEngineError, match=r"Too many pixels in the region\. Found 400, but maxPixels allows only 100"
    ):
        call("Image.reduceRegion", **arguments)
    assert call("Image.reduceRegion", **arguments, bestEffort=True)["b"] == pytest.approx(199.5, abs=0.5)


def test_several_outputs_are_named_after_band_and_output() -> None:
    source = image({"a": np.array([[1, 2]]), "c": np.array([[5, 6]])})
    region = call(
        "GeometryConstructors.Rectangle", coordinates=[500_000, 3_399_990, 500_020, 3_400_000], crs=UTM, geodesic=False
    )
    answer = call("Image.reduceRegion", image=source, reducer=call("Reducer.minMax"), geometry=region)
    assert answer == {"a_min": 1, "a_max": 2, "c_min": 5, "c_max": 6}


def test_a_median_of_many_cloudy_scenes_equals_numpy_and_ignores_clouds() -> None:
    rng = np.random.default_rng(1)
    scenes = rng.integers(0, 4000, (40, 30, 30)).astype(np.uint16)
    clear = rng.random(scenes.shape) > 0.6
    stack = collection(image(v, m) for v, m in zip(scenes, clear, strict=True))
    composite = call("ImageCollection.reduce", collection=stack, reducer=call("Reducer.median"))
    answer = pixels(composite, native(30, 30))
    assert composite.names == ["b_median"]
    expected = np.nanmedian(np.where(clear, scenes, np.nan), axis=0)
    np.testing.assert_allclose(np.where(answer.mask, answer.values, np.nan), expected)


def test_bands_reduce_to_one() -> None:
    source = image({"a": np.array([[1, 2]]), "c": np.array([[5, 6]])}, {"a": [[1, 0]]})
    total = call("Image.reduce", image=source, reducer=call("Reducer.sum"))
    assert total.names == ["sum"]
    assert pixels(total, native(2, 1)).values.tolist() == [[6, 6]]


def test_regions_of_a_collection_get_their_own_numbers() -> None:
    source = image(np.arange(16.0).reshape(4, 4))
    features = [
        call("Feature", geometry=call("GeometryConstructors.Rectangle", coordinates=c, crs=UTM, geodesic=False))
        for c in ([500_000, 3_399_980, 500_020, 3_400_000], [500_020, 3_399_960, 500_040, 3_399_980])
    ]
    table = call("Image.reduceRegions", image=source, collection=features, reducer=call("Reducer.mean"))
    assert [f.properties["mean"] for f in table.elements()] == [pytest.approx(2.5), pytest.approx(12.5)]


def test_samples_are_the_pixels_of_the_region() -> None:
    source = image(np.arange(4).reshape(2, 2))
    region = call(
        "GeometryConstructors.Rectangle", coordinates=[500_000, 3_399_980, 500_020, 3_400_000], crs=UTM, geodesic=False
    )
    table = call("Image.sample", image=source, region=region)
    assert sorted(f.properties["b"] for f in table.elements()) == [0, 1, 2, 3]


def test_points_are_burnt_and_counted() -> None:
    points = [
        call(
            "Feature",
            geometry=call("GeometryConstructors.Point", coordinates=c, crs=UTM),
            metadata={"staff": staff},
        )
        for c, staff in (([500_005, 3_399_995], 3), ([500_006, 3_399_994], 4), ([500_015, 3_399_985], 9))
    ]
    table = call("Collection", features=points)
    burnt = call("Collection.reduceToImage", collection=table, properties=["staff"], reducer=call("Reducer.sum"))
    answer = pixels(burnt, Grid(UTM, TEN_METRES, 2, 2))
    assert np.where(answer.mask, answer.values, -1).tolist() == [[7, -1], [-1, 9]]


def test_counts_of_kinds_take_what_lies_inside_nulls_among_them_or_not() -> None:
    values, valid = np.array([[1], [2], [3], [3]]), np.array([[True], [False], [True], [True]])
    samples = Samples((values,), (valid,), np.full((4, 1), 0.5), np.array([[True], [True], [True], [False]]))
    counts = {name: call(f"Reducer.{name}").apply(samples)[0][0][0] for name in ("countDistinct", "countEvery")}
    assert counts == {"countDistinct": 3, "countEvery": 3}
    assert call("Reducer.countDistinctNonNull").apply(samples)[0][0][0] == 2
    outside = Samples((values,), (valid,), None, np.zeros((4, 1), bool))
    assert [call(f"Reducer.{name}").apply(outside)[0][0][0] for name in counts] == [0, 0]
