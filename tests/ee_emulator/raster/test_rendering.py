"""Lattices, pyramids, masks and strips: what pixels an expression gives on a grid."""

from __future__ import annotations

import io

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.collection import image_of
from ee_emulator.raster.formats import to_geotiff, to_npy
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import METRES_PER_DEGREE, Projection
from tests.ee_emulator.raster.arrays import (
    CONTEXT,
    TEN_METRES,
    UTM,
    call,
    collection,
    image,
    masked_list,
    native,
    pixels,
    stored,
)

SMALL = arrays.arrays(np.int16, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(-999, 999))


@given(SMALL)
@settings(max_examples=30, deadline=None)
def test_reprojecting_to_the_own_lattice_changes_nothing(values: np.ndarray) -> None:
    source = image(values)
    same = call("Image.reproject", image=source, crs=call("Image.projection", image=source))
    grid = native(values.shape[1], values.shape[0])
    np.testing.assert_array_equal(pixels(same, grid).values, values)
    assert pixels(same, grid).values.dtype == np.int16


def test_a_window_beyond_the_image_is_masked() -> None:
    source = image(np.ones((2, 2), np.uint8))
    grid = native(2, 2).window(-1, -1, 4, 4)
    assert pixels(source, grid).mask.astype(int).tolist() == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]


def test_only_the_window_that_covers_the_grid_is_read_and_bands_together() -> None:
    asset = stored({"r": np.zeros((500, 500), np.uint8), "g": np.zeros((500, 500), np.uint8)})
    both = image_of(asset)
    rendering.render(both, native(500, 500).window(100, 200, 7, 5), None, CONTEXT)
    assert len(asset.windows) == 1
    bands, window, overview = asset.windows[0]
    assert bands == ("r", "g")
    assert (window.column, window.row, window.width, window.height, overview) == (100, 200, 7, 5, 0)


@pytest.mark.parametrize(("scale", "level"), [(5, 0), (10, 0), (19.9, 0), (20, 1), (39, 1), (40, 2), (100, 3)])
def test_the_pyramid_level_is_the_closest_that_is_not_coarser(scale: float, level: int) -> None:
    """The rule of developers.google.com/earth-engine/guides/scale."""
    asset = stored({"b": np.zeros((400, 400), np.uint8)})
    grid = Grid(UTM, TEN_METRES @ Affine.scale(scale / 10), 10, 10)
    rendering.render(image_of(asset), grid, None, CONTEXT)
    assert asset.windows[0][2] == level


def test_nearest_pixels_across_coordinate_systems_agree_with_gdal() -> None:
    import rasterio
    from rasterio.warp import Resampling, reproject

    values = np.arange(60 * 50, dtype=np.int32).reshape(60, 50)
    step = 10 / METRES_PER_DEGREE
    target = Grid("EPSG:4326", Affine(step, 0, 117.0005, 0, -step, 30.73), 40, 40)
    answer = pixels(image(values), target)
    expected = np.full((40, 40), -1, np.int32)
    reproject(
        values,
        expected,
        src_transform=rasterio.Affine(*tuple(TEN_METRES)[:6]),
        src_crs=UTM,
        dst_transform=rasterio.Affine(*tuple(target.transform)[:6]),
        dst_crs="EPSG:4326",
        dst_nodata=-1,
        resampling=Resampling.nearest,
        tolerance=0,
    )
    assert answer.mask.any()
    assert (np.where(answer.mask, answer.values, -1) == expected).mean() > 0.99


def test_tiles_give_the_same_pixels_as_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    source = image({"a": rng.random((60, 40)), "b": rng.random((60, 40))})
    total = call("Image.normalizedDifference", input=source)
    coarse = call("Image.reduceResolution", image=source, reducer=call("Reducer.mean"))
    grid = Grid(UTM, TEN_METRES @ Affine.scale(5), 8, 12)
    whole = pixels(total, native(40, 60)), rendering.render(coarse, grid, None, CONTEXT)
    monkeypatch.setattr(rendering, "TILE_BYTES", 4_000)
    assert len(rendering.tiles(list(coarse.bands.values()), grid)) > 3
    np.testing.assert_array_equal(pixels(total, native(40, 60)).values, whole[0].values)
    again = rendering.render(coarse, grid, None, CONTEXT)
    for name in ("a", "b"):
        np.testing.assert_array_equal(again[name].values, whole[1][name].values)


def test_a_graph_deeper_than_the_stack_is_computed() -> None:
    total = image(np.zeros((2, 2), np.float64))
    one = call("Image.constant", value=1)
    for _ in range(3000):
        total = call("Image.add", image1=total, image2=one)
    assert pixels(total, native(2, 2)).values.tolist() == [[3000, 3000], [3000, 3000]]


@given(
    arrays.arrays(np.float64, (12, 8), elements=st.floats(-1e3, 1e3)),
    arrays.arrays(bool, (12, 8)),
    st.sampled_from([2, 4]),
)
@settings(max_examples=40, deadline=None)
def test_reduced_means_are_means_of_the_unmasked(values: np.ndarray, mask: np.ndarray, factor: int) -> None:
    source = image(values, mask)
    coarse = call("Image.reduceResolution", image=source, reducer=call("Reducer.mean"))
    grid = Grid(UTM, TEN_METRES @ Affine.scale(factor), 8 // factor, 12 // factor)
    answer = pixels(coarse, grid)
    blocks = np.where(mask, values, np.nan).reshape(12 // factor, factor, 8 // factor, factor)
    with np.errstate(invalid="ignore"):
        count = (~np.isnan(blocks)).sum(axis=(1, 3))
        expected = np.nansum(blocks, axis=(1, 3)) / np.maximum(count, 1)
    np.testing.assert_array_equal(answer.mask, count > 0)
    np.testing.assert_allclose(answer.values[count > 0], expected[count > 0], atol=1e-9)


def test_reduce_resolution_refuses_more_pixels_than_allowed() -> None:
    source = image(np.zeros((20, 20), np.float32))
    grid = Grid(UTM, TEN_METRES @ Affine.scale(10), 2, 2)
    mean = call("Reducer.mean")
    with pytest.raises(EarthEngineError, match="Too many input pixels per output pixel"):
        pixels(call("Image.reduceResolution", image=source, reducer=mean), grid)
    assert pixels(call("Image.reduceResolution", image=source, reducer=mean, maxPixels=100), grid).mask.all()
    assert pixels(call("Image.reduceResolution", image=source, reducer=mean, bestEffort=True), grid).mask.all()


def test_what_lies_under_reduce_resolution_is_computed_on_the_native_lattice() -> None:
    """A count divided by the pixel's area is a density of native pixels, not of the parts that they are taken in."""
    source = image({"people": np.full((20, 20), 5.0)})
    density = call("Image.divide", image1=source, image2=call("Image.pixelArea"))
    coarse = call("Image.reduceResolution", image=density, reducer=call("Reducer.mean"))
    grid = Grid(UTM, TEN_METRES @ Affine.scale(2.5), 4, 4)  # taken in parts of 2.5 m
    np.testing.assert_allclose(pixels(coarse, grid).values, 5.0 / 100.0, rtol=2e-3)


def test_bilinear_interpolates_and_meets_the_pixels_at_their_centres() -> None:
    rows, columns = np.mgrid[0:8, 0:8]
    source = image((2.0 * columns + 3.0 * rows).astype(np.float64))
    for mode in ("bilinear", "bicubic"):
        smooth = call("Image.resample", image=source, mode=mode)
        fine = Grid(UTM, TEN_METRES @ Affine.translation(3, 3) @ Affine.scale(0.5), 4, 4)
        x = 3 + (np.arange(4) + 0.5) / 2 - 0.5
        np.testing.assert_allclose(pixels(smooth, fine).values, 2 * x[None, :] + 3 * x[:, None])
        np.testing.assert_allclose(pixels(smooth, native(8, 8)).values, 2.0 * columns + 3.0 * rows, atol=1e-9)


@given(st.lists(arrays.arrays(np.uint8, (3, 3)), min_size=1, max_size=4), st.data())
@settings(max_examples=30, deadline=None)
def test_in_a_mosaic_the_last_unmasked_image_is_on_top(layers: list[np.ndarray], data: st.DataObject) -> None:
    masks = [data.draw(arrays.arrays(bool, (3, 3))) for _ in layers]
    answer = pixels(
        call("ImageCollection.mosaic", collection=collection(image(v, m) for v, m in zip(layers, masks, strict=True))),
        native(3, 3),
    )
    expected = np.zeros((3, 3), np.uint8)
    for values, mask in zip(layers, masks, strict=True):
        expected = np.where(mask, values, expected)
    np.testing.assert_array_equal(answer.mask, np.any(masks, axis=0))
    np.testing.assert_array_equal(answer.values, expected)


def test_a_mosaic_does_not_read_images_elsewhere() -> None:
    near = stored({"b": np.ones((4, 4), np.uint8)})
    far = stored({"b": np.ones((4, 4), np.uint8)}, transform=Affine(10, 0, 600_000, 0, -10, 3_400_000))
    both = call("ImageCollection.mosaic", collection=collection([image_of(far), image_of(near)]))
    assert pixels(both, native(4, 4)).mask.all()
    assert near.windows
    assert not far.windows


def test_a_clip_keeps_the_pixels_whose_centre_is_inside() -> None:
    region = call(
        "GeometryConstructors.Rectangle", coordinates=[500_004, 3_399_976, 500_026, 3_400_000], crs=UTM, geodesic=False
    )
    answer = pixels(call("Image.clip", input=image(np.ones((4, 4), np.uint8)), geometry=region), native(4, 4))
    assert answer.mask.astype(int).tolist() == [[1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_npy_is_a_structured_array_in_which_masked_pixels_are_zero() -> None:
    source = image({"a": np.full((2, 3), 7, np.int16), "b": np.full((2, 3), 0.5, np.float32)}, {"a": [[0, 1, 1]] * 2})
    content = to_npy(rendering.render(source, native(3, 2), None, CONTEXT))
    table = np.load(io.BytesIO(content))
    assert table.dtype == np.dtype([("a", "<i2"), ("b", "<f4")])
    assert table["a"].tolist() == [[0, 7, 7]] * 2


def test_a_geotiff_carries_names_lattice_and_crs() -> None:
    import rasterio

    source = image({"a": np.arange(6, dtype=np.int16).reshape(2, 3)})
    content = to_geotiff(rendering.render(source, native(3, 2), None, CONTEXT), native(3, 2))
    with rasterio.io.MemoryFile(content) as memory, memory.open() as file:
        assert file.descriptions == ("a",)
        assert file.crs.to_epsg() == 32650
        assert tuple(file.transform)[:6] == tuple(TEN_METRES)[:6]
        assert file.read(1).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_projections_scale_as_earth_engine_prints_them() -> None:
    """`ee.Projection('EPSG:5070').atScale(100)`, printed in the fixtures of the package eerepr."""
    albers = Projection("EPSG:5070").at_scale(100)
    assert list(tuple(albers.transform)[:6]) == [100, 0, 0, 0, 100, 0]
    assert Projection().nominal_scale == pytest.approx(111319.49, abs=0.01)


def test_masked_pixels_stay_masked_through_arithmetic() -> None:
    left, right = image([[1, 2], [3, 4]], [[1, 0], [1, 1]]), image([[10, 20], [30, 40]], [[1, 1], [0, 1]])
    answer = pixels(call("Image.add", image1=left, image2=right), native(2, 2))
    assert masked_list(answer) == [[11, None], [None, 44]]
    filled = pixels(call("Image.unmask", input=left, value=call("Image.constant", value=-1)), native(2, 2))
    assert masked_list(filled) == [[1, -1], [3, 4]]


@pytest.mark.parametrize(
    ("name", "left", "right", "expected"),
    [
        ("bitwiseAnd", 8, 3, 0),
        ("bitwiseOr", 8, 3, 11),
        ("bitwiseXor", 9, 3, 10),
        ("bitwiseAnd", -1, 6, 6),
        ("rightShift", 12, 4, 0),
        ("leftShift", 3, 4, 48),
        ("mod", 7, 5, 2),
        ("mod", -7, 5, -2),
        ("multiply", 60_000, 60_000, 3_600_000_000),
        ("subtract", 0, 200, -200),
        ("max", 3, 9, 9),
    ],
)
def test_a_result_outside_the_interval_of_its_inputs_is_not_clamped(
    name: str, left: int, right: int, expected: int
) -> None:
    """Integer types carry an interval; constants have one of a single value."""
    constants = [call("Image.constant", value=value) for value in (left, right)]
    answer = call(f"Image.{name}", image1=constants[0], image2=constants[1])
    assert pixels(answer, native(1, 1)).values.tolist() == [[expected]]
    assert answer.bands["constant"].type.is_integer


@pytest.mark.parametrize("names", [["B1"], ["B1", "B2"], ["é"], ["波段", "B1"], [f"band_{k:04}" for k in range(1_024)]])
def test_npy_is_what_numpy_reads(names: list[str]) -> None:
    bands = {
        name: Pixels(np.arange(12).reshape(3, 4).T.astype("float32") + k, np.ones((4, 3), bool))
        for k, name in enumerate(names)
    }
    table = np.load(io.BytesIO(to_npy(bands)), max_header_size=100_000)
    assert list(table.dtype.names) == names
    for name in names:
        np.testing.assert_array_equal(table[name], bands[name].values)
