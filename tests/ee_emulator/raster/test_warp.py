"""Moving pixels: translations and projections exactly, displacement and registration back to what they came from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from affine import Affine
from scipy import ndimage

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.projection import Projection
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import CONTEXT, TEN_METRES, UTM, call, image, masked_list, native, pixels


def texture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Something that correlates with nothing but itself."""
    return ndimage.gaussian_filter(np.random.default_rng(seed).random((height, width)), 1.5) * 100


def vectors(dx: Any, dy: Any, shape: tuple[int, int]) -> Image:
    return image({"dx": np.broadcast_to(dx, shape).astype(float), "dy": np.broadcast_to(dy, shape).astype(float)})


# Translation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "units", "shift"),
    [(20, 0, "meters", (0, 2)), (0, 10, "meters", (-1, 0)), (1, 2, "pixels", (2, 1)), (-13, -4, "meters", (0, -1))],
)
def test_translation_moves_pixels_without_changing_them(x: float, y: float, units: str, shift: tuple[int, int]) -> None:
    values = np.arange(48, dtype=np.int16).reshape(6, 8)
    made = call("Image.translate", input=image(values), x=x, y=y, units=units)
    found = pixels(made, native(8, 6))
    expected = ndimage.shift(values.astype(float), shift, order=0, cval=-1)
    np.testing.assert_array_equal(np.where(found.mask, found.values, -1), expected)


def test_the_outline_moves_along() -> None:
    source = image(np.zeros((4, 4)))
    west, south, east, north = source.footprint.bounds
    moved = call("Image.translate", input=source, x=40, y=0).footprint
    assert moved.bounds == pytest.approx((east, south, 2 * east - west, north), abs=1e-6)


def test_a_translation_in_degrees_takes_metres_along() -> None:
    lonlat = call("Image.pixelLonLat")
    moved = call("Image.translate", input=lonlat, x=111_319.4908, y=0, proj=Projection())
    grid = Grid("EPSG:4326", Affine(0.1, 0, 10, 0, -0.1, 50), 4, 3)
    plain = rendering.render(lonlat, grid, None, CONTEXT)["longitude"].values
    np.testing.assert_allclose(rendering.render(moved, grid, None, CONTEXT)["longitude"].values, plain - 1, atol=1e-6)


def test_a_projection_is_changed_by_keeping_the_coordinates() -> None:
    """Degrees are laid on metres: a pixel of one degree becomes one of 100 km."""
    degrees = Projection("EPSG:4326", Affine(1, 0, 0, 0, -1, 0))
    metres = Projection("EPSG:3857", Affine(100_000, 0, 0, 0, -100_000, 0))
    made = call("Image.changeProj", input=call("Image.pixelLonLat"), srcProj=degrees, dstProj=metres)
    grid = Grid("EPSG:3857", Affine(100_000, 0, 300_000, 0, -100_000, -200_000), 3, 2)
    found = rendering.render(made, grid, None, CONTEXT)
    np.testing.assert_allclose(found["longitude"].values, [[3.5, 4.5, 5.5]] * 2, atol=1e-9)
    np.testing.assert_allclose(found["latitude"].values[:, 0], [-2.5, -3.5], atol=1e-9)
    elsewhere = Grid("EPSG:4326", Affine(0.3, 0, 3.0, 0, -0.3, -2.0), 3, 3)
    there = rendering.render(made, elsewhere, None, CONTEXT)["longitude"].values
    x = (elsewhere.centres()[0] * 111_319.4908) / 100_000
    np.testing.assert_allclose(there, x, atol=0.2)  # the nearest pixel of a lattice of that scale


# Displacement -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["nearest_neighbor", "bilinear", "bicubic"])
def test_whole_vectors_take_whole_pixels(mode: str) -> None:
    values = texture(12, 14)
    made = call("Image.displace", image=image(values), displacement=vectors(20.0, -10.0, (12, 14)), mode=mode)
    found = pixels(made, native(14, 12))
    np.testing.assert_allclose(found.values[:-3, :-4], values[1:-2, 2:-2])
    assert not found.mask[:, -1].any()


def test_vectors_interpolate_between_pixels() -> None:
    rows, columns = np.mgrid[:10, :10].astype(float)
    made = call("Image.displace", image=image(columns), displacement=vectors(2.5, 0, (10, 10)), mode="bilinear")
    np.testing.assert_allclose(pixels(made, native(10, 10)).values[:, 1:-2], columns[:, 1:-2] + 0.25)
    each = call("Image.displace", image=image(rows), displacement=vectors(0, 10 * rows, (10, 10)))
    np.testing.assert_allclose(pixels(each, native(10, 10)).values[2:8, 2:8], 0, atol=1e-9)


def test_pixels_without_a_vector_are_masked() -> None:
    known = np.eye(6, dtype=bool)
    directions = image({"dx": np.zeros((6, 6)), "dy": np.zeros((6, 6))}, {"dx": known})
    made = call("Image.displace", image=image(np.ones((6, 6))), displacement=directions)
    np.testing.assert_array_equal(pixels(made, native(6, 6)).mask, known)


# Registration -----------------------------------------------------------------------------------------------------


def shifted_pair(columns: float, rows: float) -> tuple[Image, Image]:
    """A reference, and an image in which everything lies so far to the right and down."""
    scene = texture(120, 130, 4)
    moved = ndimage.shift(scene, (rows, columns), order=3, mode="nearest")
    return image(moved), image(scene)


@pytest.mark.parametrize("shift", [(3.0, -2.0), (1.5, 2.25), (0.0, 0.0)])
def test_displacement_finds_by_how_much_an_image_was_moved(shift: tuple[float, float]) -> None:
    moved, reference = shifted_pair(*shift)
    made = call("Image.displacement", image=moved, referenceImage=reference, maxOffset=50.0, patchWidth=160.0)
    assert made.names == ["dx", "dy", "confidence"]
    part = native(130, 120).window(40, 40, 50, 40)
    found = rendering.render(made, part, None, CONTEXT)
    np.testing.assert_allclose(found["dx"].values, 10 * shift[0], atol=1.5)
    np.testing.assert_allclose(found["dy"].values, -10 * shift[1], atol=1.5)
    assert found["confidence"].values.min() > 0.9


def test_registration_lays_an_image_on_its_reference() -> None:
    moved, reference = shifted_pair(2.0, 3.0)
    made = call("Image.register", image=moved, referenceImage=reference, maxOffset=50.0, patchWidth=160.0)
    part = native(130, 120).window(40, 40, 40, 40)
    after, before, wanted = (
        rendering.render(each, part, None, CONTEXT)["b"].values for each in (made, moved, reference)
    )
    assert np.abs(after - wanted).mean() < 0.1 * np.abs(before - wanted).mean()


def test_stiffness_draws_an_outlier_to_its_neighbours() -> None:
    moved, reference = (np.array(pixels(each, native(130, 120)).values) for each in shifted_pair(0.0, 0.0))
    moved[40:72, 50:82] = texture(32, 32, 9)  # one patch that shows something else
    part = native(130, 120).window(40, 40, 50, 50)

    def error(stiffness: float) -> float:
        options = {"maxOffset": 80.0, "patchWidth": 160.0, "stiffness": stiffness}
        made = call("Image.displacement", image=image(moved), referenceImage=image(reference), **options)
        return float(np.abs(pixels(made, part, "dx").values).max())

    assert error(0.0) > 2 * error(5.0)


def test_registration_needs_as_many_bands_and_sensible_parameters() -> None:
    one = image(np.zeros((4, 4)))
    for options in (
        {"referenceImage": image({"a": np.zeros((4, 4)), "b": np.zeros((4, 4))}), "maxOffset": 10.0},
        {"referenceImage": one, "maxOffset": 1e6},
        {"referenceImage": one, "maxOffset": 10.0, "stiffness": 11.0},
    ):
        with pytest.raises(EarthEngineError, match=r"Image\.displacement"):
            call("Image.displacement", image=one, **options)


# Correlation ------------------------------------------------------------------------------------------------------


def test_cross_correlation_finds_the_shift_of_each_pixel() -> None:
    scene = texture(30, 32, 2)
    moved = ndimage.shift(scene, (1, -2), order=0, mode="wrap")
    options = {"maxGap": 3, "windowSize": 5}
    made = call("CrossCorrelation", imageA=image(scene), imageB=image(moved), **options)
    found = rendering.render(made, native(32, 30).window(8, 8, 12, 12), None, CONTEXT)
    assert [found[name].values[3, 3] for name in made.names] == pytest.approx([-2, 1, np.sqrt(5), 1.0])
    assert set(found["deltaX"].values.ravel().tolist()) == {-2.0}
    itself = call("CrossCorrelation", imageA=image(scene), imageB=image(scene), **options)
    assert not rendering.render(itself, native(32, 30).window(8, 8, 12, 12), ["distance"], CONTEXT)[
        "distance"
    ].values.any()


def test_correlation_is_pearsons_over_the_window() -> None:
    a, b = np.random.default_rng(3).random((2, 7, 7))
    made = call("CrossCorrelation", imageA=image(a), imageB=image(b), maxGap=0, windowSize=3)
    expected = np.corrcoef(a[2:5, 2:5].ravel(), b[2:5, 2:5].ravel())[0, 1]
    assert pixels(made, native(7, 7), "correlation").values[3, 3] == pytest.approx(expected)


def test_too_many_masked_pixels_mask_the_answer() -> None:
    scene = texture(15, 15)
    known = np.ones((15, 15), bool)
    known[7, 7] = False
    pair = {"imageA": image(scene, known), "imageB": image(scene), "maxGap": 0, "windowSize": 3}
    strict, loose = (pixels(call("CrossCorrelation", maxMaskedFrac=f, **pair), native(15, 15)).mask for f in (0.0, 0.2))
    assert not strict[6:9, 6:9].any()
    assert loose[1:-1, 1:-1].all()


# Random -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("distribution", "mean", "deviation"), [("uniform", 0.5, 12**-0.5), ("normal", 0.0, 1.0)])
def test_random_pixels_are_distributed_as_asked(distribution: str, mean: float, deviation: float) -> None:
    made = call("Image.random", seed=7, distribution=distribution)
    values = pixels(made, native(200, 200)).values
    assert values.mean() == pytest.approx(mean, abs=0.02)
    assert values.std() == pytest.approx(deviation, rel=0.02)
    assert abs(np.corrcoef(values[:, 1:].ravel(), values[:, :-1].ravel())[0, 1]) < 0.02
    assert len(np.unique(values)) == values.size
    other = pixels(call("Image.random", seed=8, distribution=distribution), native(200, 200)).values
    assert abs(np.corrcoef(values.ravel(), other.ravel())[0, 1]) < 0.02


def test_equal_values_get_equal_colours_and_other_values_others() -> None:
    values = np.array([[1, 2, 1], [3, 2, 4]], np.int16)
    made = call("Image.randomVisualizer", image=image(values))
    assert made.names == ["viz-red", "viz-green", "viz-blue", "b"]
    found = rendering.render(made, native(3, 2), None, CONTEXT)
    colours = np.stack([found[name].values for name in made.names[:3]], axis=-1)
    assert colours.dtype == np.uint8
    assert (colours[0, 0] == colours[0, 2]).all()
    assert len({tuple(colour) for colour in colours.reshape(-1, 3).tolist()}) == 4
    assert masked_list(found["b"]) == values.tolist()


# Tiles ------------------------------------------------------------------------------------------------------------

TILED: dict[str, Image] = {
    "random": call("Image.random"),
    "translate": call("Image.translate", input=image(texture(60, 70)), x=13, y=-27),
    "displace": call(
        "Image.displace", image=image(texture(60, 70)), displacement=vectors(texture(60, 70) - 50, 3, (60, 70))
    ),
    "displacement": call(
        "Image.displacement",
        image=image(texture(60, 70)),
        referenceImage=image(texture(60, 70)[::-1].copy()),
        maxOffset=30.0,
        patchWidth=80.0,
    ),
    "correlation": call(
        "CrossCorrelation", imageA=image(texture(60, 70)), imageB=image(texture(60, 70, 1)), maxGap=2, windowSize=4
    ),
}


@pytest.mark.parametrize("name", TILED)
def test_tiles_give_what_the_whole_gives(name: str) -> None:
    made = TILED[name]
    whole = rendering.render(made, native(70, 60), None, CONTEXT)
    for left, top in ((0, 0), (23, 11)):
        part = rendering.render(made, native(70, 60).window(left, top, 30, 25), None, CONTEXT)
        for band in made.names:
            place = np.s_[top : top + 25, left : left + 30]
            np.testing.assert_array_equal(part[band].mask, whole[band].mask[place])
            np.testing.assert_allclose(part[band].values, whole[band].values[place], rtol=1e-9, atol=1e-9)


def test_the_lattice_of_random_pixels_does_not_hang_on_where_it_begins() -> None:
    made = call("Image.random")
    for phase in (0.0, 0.25, 0.5):
        grid = Grid(UTM, TEN_METRES @ Affine.translation(phase, phase), 40, 40)
        whole = rendering.render(made, grid, None, CONTEXT)["random"].values
        for left in range(0, 40, 7):
            part = rendering.render(made, grid.window(left, 0, 5, 40), None, CONTEXT)["random"].values
            np.testing.assert_array_equal(part[:, : 40 - left], whole[:, left : left + 5])
