"""Numbers painted into pixels: areas, outlines, points, and features' own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from ee_emulator.errors import EarthEngineError
from ee_emulator.values import FeatureCollection
from tests.ee_emulator.raster.arrays import call, image, masked_list, native, pixels
from tests.ee_emulator.raster.test_drawing import features


def painted(collection: FeatureCollection, source: Any = None, **options: Any) -> list[list[Any]]:
    below = image(np.zeros((6, 6), np.uint8)) if source is None else source
    return masked_list(pixels(call("Image.paint", image=below, featureCollection=collection, **options), native(6, 6)))


def test_an_area_takes_the_pixels_whose_centre_it_holds() -> None:
    got = np.array(painted(features(shapely.box(1, 1, 4, 3)), color=7))
    assert got.sum() == 7 * 6
    assert (got[1:3, 1:4] == 7).all()


def test_an_outline_is_as_wide_as_asked_for() -> None:
    got = np.array(painted(features(shapely.box(0.5, 0.5, 5.5, 5.5)), color=1, width=1))
    assert got.tolist() == [[1] * 6, *[[1, 0, 0, 0, 0, 1]] * 4, [1] * 6]
    assert np.array(painted(features(shapely.box(0.5, 0.5, 5.5, 5.5)), color=1, width=3)).sum() == 32


def test_a_point_takes_its_pixel_and_a_line_what_it_touches() -> None:
    assert np.argwhere(np.array(painted(features(shapely.Point(2.9, 3.1)), color=1))).tolist() == [[3, 2]]
    line = features(shapely.LineString([(0.5, 2.5), (5.5, 2.5)]))
    assert np.array(painted(line, color=1))[2].tolist() == [1] * 6


def test_features_bring_their_numbers_and_widths() -> None:
    collection = features(shapely.box(0.5, 0.5, 5.5, 5.5), value=300, size=1)
    got = np.array(painted(collection, color="value", width="size"))
    assert got[0].tolist() == [300] * 6
    assert got[3, 3] == 0


def test_what_is_painted_is_unmasked_in_every_band() -> None:
    source = image({"a": np.zeros((6, 6)), "b": np.ones((6, 6))}, {"a": np.zeros((6, 6)), "b": np.zeros((6, 6))})
    made = call("Image.paint", image=source, featureCollection=features(shapely.box(0, 0, 1, 1)), color=5)
    for name in ("a", "b"):
        assert masked_list(pixels(made, native(6, 6), name)) == [[5.0, *[None] * 5], *[[None] * 6] * 5]


def test_lines_and_points_are_reduced_into_the_pixels_that_they_touch() -> None:
    shapes = [shapely.LineString([(0.5, 2.5), (5.5, 2.5)]), shapely.MultiPoint([(0.5, 2.5), (0.2, 5.9)])]
    made = call(
        "Collection.reduceToImage", collection=features(*shapes, n=1), properties=["n"], reducer=call("Reducer.sum")
    )
    got = masked_list(pixels(made, native(6, 6)))
    assert got[2] == [2.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert got[5] == [1.0, *[None] * 5]
    assert got[0] == [None] * 6


def test_a_word_is_no_number() -> None:
    with pytest.raises(EarthEngineError, match="'color' must be a number or the name of a numeric property"):
        painted(features(shapely.Point(1, 1), kind="park"), color="kind")
