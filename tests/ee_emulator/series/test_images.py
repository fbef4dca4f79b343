"""Series of images through the engine: masks, tiles, layout of the bands, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.values import Image
from tests.ee_emulator.raster.arrays import call, collection, image, native, pixels
from tests.ee_emulator.worked.temporal_segmentation import BURNT

YEAR_MS = 365.25 * 86_400_000
LANDTRENDR: dict[str, Any] = {"maxSegments": 6}
HIDDEN = (3, 2)
"""A pixel that is masked in one year."""


def scenes(values: Any = BURNT, width: int = 6, height: int = 5, bands: tuple[str, ...] = ("nbr",)) -> list[Image]:
    """One image a year; pixels differ by a factor, and one of them is masked in 1994."""
    factors = 1 + np.arange(width * height).reshape(height, width) / 10
    answer = []
    for k, value in enumerate(values):
        mask = np.ones((height, width), bool)
        mask[HIDDEN] = k != 4
        given = {name: factors * value + b for b, name in enumerate(bands)}
        masks = dict.fromkeys(bands, mask)
        moment = {"system:time_start": 20.5 * YEAR_MS + k * YEAR_MS}
        answer.append(image(given, masks, id=f"tests/{k}", properties=moment))
    return answer


def test_bands_and_types_of_the_answers() -> None:
    given = collection(scenes(bands=("nbr", "swir")))
    found = call("TemporalSegmentation.LandTrendr", timeSeries=given, **LANDTRENDR)
    kinds = {name: band.type.describe() for name, band in found.bands.items()}
    assert list(kinds) == ["LandTrendr", "rmse", "swir_fit"]
    assert kinds["LandTrendr"] == {"type": "PixelType", "precision": "double", "dimensions": 2}
    assert "dimensions" not in kinds["rmse"]
    ccdc = call("TemporalSegmentation.Ccdc", collection=given)
    assert ccdc.names[:5] == ["tStart", "tEnd", "tBreak", "numObs", "changeProb"]
    assert ccdc.names[5:8] == ["nbr_coefs", "nbr_rmse", "nbr_magnitude"]
    breaks = call("TemporalSegmentation.StructuralChangeBreakpoints", collection=given, breakpointBand="swir")
    assert breaks.names == ["tStart", "tEnd", "coefs_nbr", "rmse_nbr", "coefs_swir", "rmse_swir"]
    c2c = call("TemporalSegmentation.C2c", collection=given, includePostMetrics=False)
    assert c2c.names[:5] == ["nbr_changeDate", "nbr_value", "nbr_magnitude", "nbr_duration", "nbr_rate"]
    assert c2c.properties == {}


def test_a_masked_year_is_left_out_of_the_table_and_filled_in_in_the_fit() -> None:
    given = collection(scenes(bands=("nbr", "swir")))
    found = call("TemporalSegmentation.LandTrendr", timeSeries=given, **LANDTRENDR)
    table = pixels(found, native(6, 5), "LandTrendr")
    assert table.values[0, 0].shape == (4, 21)
    assert table.values[HIDDEN].shape == (4, 20)
    assert 1994 not in table.values[HIDDEN][0]
    fit = pixels(found, native(6, 5), "swir_fit").values[HIDDEN]
    assert fit.shape == (21,)
    assert np.isfinite(fit).all()


def test_pixels_beyond_the_scenes_are_masked() -> None:
    found = call("TemporalSegmentation.LandTrendr", timeSeries=collection(scenes()), **LANDTRENDR)
    table = pixels(found, native(8, 5), "LandTrendr")
    assert table.mask[:, :6].all()
    assert not table.mask[:, 6:].any()


@pytest.mark.parametrize(
    ("name", "argument", "options"),
    [
        ("LandTrendr", "timeSeries", LANDTRENDR),
        ("C2c", "collection", {"maxError": 50.0}),
        ("Verdet", "timeSeries", {}),
        ("StructuralChangeBreakpoints", "collection", {"seasonalModelOrder": 0}),
    ],
)
def test_tiles_answer_as_the_whole(
    name: str, argument: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = call(f"TemporalSegmentation.{name}", **{argument: collection(scenes())}, **options)
    whole = pixels(found, native(6, 5))
    monkeypatch.setattr(rendering, "TILE_BYTES", 20_000)
    assert len(rendering.tiles(list(found.bands.values())[:1], native(6, 5))) > 1
    parts = pixels(found, native(6, 5))
    assert (parts.mask == whole.mask).all()
    for place in zip(*np.nonzero(whole.mask), strict=True):
        np.testing.assert_array_equal(parts.values[place], whole.values[place])


def test_images_are_taken_in_the_order_of_their_time() -> None:
    found, turned = (
        pixels(call("TemporalSegmentation.LandTrendr", timeSeries=collection(order), **LANDTRENDR), native(2, 2))
        for order in (scenes(), scenes()[::-1])
    )
    np.testing.assert_array_equal(found.values[0, 0], turned.values[0, 0])


def test_verdet_masks_a_pixel_that_is_masked_in_any_year() -> None:
    found = pixels(call("TemporalSegmentation.Verdet", timeSeries=collection(scenes())), native(6, 5))
    assert not found.mask[HIDDEN]
    assert found.mask.sum() == 29


def test_a_ratio_to_a_covariate_has_a_trend_of_its_own() -> None:
    rain = [10.0 + k for k in range(21)]
    wet = scenes([value * (2 + k / 10 + (k == 5)) for k, value in enumerate(rain)])
    found = call("ImageCollection.formaTrend", timeSeries=collection(wet), covariates=collection(scenes(rain)))
    expected = np.polyfit(range(21), [2 + k / 10 + (k == 5) for k in range(21)], 1)[0]
    assert pixels(found, native(6, 5), "long_trend").values[0, 0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("LandTrendr", {"timeSeries": [], "maxSegments": 6}, "empty"),
        ("LandTrendr", {"timeSeries": scenes()[:1] * 2, "maxSegments": 6}, "one image a year"),
        ("LandTrendr", {"timeSeries": scenes(), "maxSegments": 0}, "maxSegments"),
        ("LandTrendr", {"timeSeries": [image(np.ones((2, 2)))], "maxSegments": 6}, "system:time_start"),
        ("LandTrendrFit", {"timeSeries": scenes(), "vertices": image(np.ones((2, 2)))}, "1-dimensional"),
        ("Verdet", {"timeSeries": scenes(bands=("a", "b"))}, "one band"),
        ("Ccdc", {"collection": scenes(), "breakpointBands": ["red"]}, "no band 'red'"),
        ("Ccdc", {"collection": scenes(bands=("a", "b")), "tmaskBands": ["a"]}, "tmaskBands"),
        ("Ccdc", {"collection": scenes(), "dateFormat": 3}, "dateFormat"),
        ("StructuralChangeBreakpoints", {"collection": scenes(bands=("a", "b"))}, "breakpointBand"),
        ("StructuralChangeBreakpoints", {"collection": scenes(), "dateFormat": 0}, "dateFormat"),
        ("C2c", {"collection": scenes(), "maxErrorList": [1.0, 2.0]}, "maxErrorList"),
    ],
)
def test_what_cannot_be_segmented_is_refused(name: str, arguments: dict[str, Any], message: str) -> None:
    series = {key: collection(arguments[key]) for key in ("timeSeries", "collection") if key in arguments}
    with pytest.raises(EarthEngineError, match=message):
        call(f"TemporalSegmentation.{name}", **(arguments | series))
