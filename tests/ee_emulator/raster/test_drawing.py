"""Features drawn: colours, markers, strokes, and tiles that fit together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.drawing import marker
from ee_emulator.raster.picture import rgba
from ee_emulator.values import Feature, FeatureCollection, Geometry
from tests.ee_emulator.raster.arrays import CONTEXT, UTM, call, native

NAMES = [
    "circle",
    "square",
    "diamond",
    "cross",
    "plus",
    "pentagram",
    "hexagram",
    "pentagon",
    "hexagon",
    "star5",
    "star6",
]
TRIANGLES = ["triangle", "triangle_up", "triangle_down", "triangle_left", "triangle_right"]
MARKERS = [*NAMES, *TRIANGLES, *"osdx+ph^v<>"]


def features(*shapes: BaseGeometry, **properties: Any) -> FeatureCollection:
    """Features whose coordinates are pixels of the test lattice."""
    placed = [shapely.transform(shape, lambda points: points * [10, -10] + [500_000, 3_400_000]) for shape in shapes]
    made = [Feature(Geometry(shape, UTM, False), properties) for shape in placed]
    return FeatureCollection(lambda: made)


def styled(collection: FeatureCollection, side: int = 20, **options: Any) -> np.ndarray:
    return rgba(call("Collection.style", collection=collection, **options), native(side, side), CONTEXT)


def test_a_polygon_is_filled_and_outlined() -> None:
    picture = styled(features(shapely.box(4, 4, 16, 16)), color="red", fillColor="0000ff80", width=2)
    assert picture[10, 10].tolist() == [0, 0, 255, 128]
    assert picture[10, 3].tolist() == [255, 0, 0, 255]
    assert picture[10, 4].tolist()[0] == 255
    assert picture[1, 1].tolist() == [0, 0, 0, 0]


def test_a_fill_without_a_colour_is_the_lines_at_two_thirds() -> None:
    assert styled(features(shapely.box(4, 4, 16, 16)), color="00ff00")[10, 10].tolist() == [0, 255, 0, 168]


def test_a_line_has_its_width() -> None:
    picture = styled(features(shapely.LineString([(0, 10), (20, 10)])), color="black", width=4)
    assert picture[:, 10, 3].tolist() == [0] * 8 + [255] * 4 + [0] * 8


def test_an_edge_within_a_pixel_covers_its_share() -> None:
    picture = styled(features(shapely.LineString([(0, 10), (20, 10)])), color="black", width=3)
    assert picture[7:13, 10, 3].tolist() == [0, 128, 255, 255, 128, 0]


def test_what_comes_later_lies_above() -> None:
    both = features(shapely.box(0, 0, 20, 20), shapely.box(0, 0, 20, 20))
    picture = styled(both, color="ff000080", fillColor="ff000080", width=0)
    assert picture[10, 10, 3] == pytest.approx(255 * (1 - (1 - 128 / 255) ** 2), abs=1)


@pytest.mark.parametrize("name", MARKERS)
def test_every_marker_keeps_to_its_size(name: str) -> None:
    west, north, east, south = marker(name, 10.0).bounds
    assert max(-west, -north, east, south) == pytest.approx(10.0, rel=1e-6)
    picture = styled(features(shapely.Point(10, 10)), pointShape=name, pointSize=6, width=1)
    assert picture[10, 10, 3] > 0
    assert picture[:3].max() == 0


def test_triangles_point_where_they_say() -> None:
    for name, axis, sign in (("^", 1, -1), ("v", 1, 1), ("<", 0, -1), (">", 0, 1)):
        assert np.abs(shapely.get_coordinates(marker(name, 1.0))[:, axis] * sign).max() == pytest.approx(1.0)
        assert (shapely.get_coordinates(marker(name, 1.0))[:, axis] * sign).max() == pytest.approx(1.0)


def test_dashes_leave_gaps() -> None:
    line = features(shapely.LineString([(0, 10), (20, 10)]))
    whole = styled(line, width=1)[..., 3].astype(int).sum()
    dashed = styled(line, width=1, lineType="dashed")[..., 3].astype(int).sum()
    dotted = styled(line, width=1, lineType="dotted")[..., 3].astype(int).sum()
    assert dashed == pytest.approx(whole * 12 / 20)
    assert 0 < dotted < dashed


def test_a_feature_may_have_a_style_of_its_own() -> None:
    collection = features(shapely.box(4, 4, 16, 16), look={"fillColor": "yellow", "width": 0})
    assert styled(collection, styleProperty="look")[10, 10].tolist() == [255, 255, 0, 255]


@pytest.mark.parametrize("line_type", ["solid", "dashed"])
def test_tiles_fit_together(line_type: str) -> None:
    shapes = [shapely.Point(15, 15), shapely.LineString([(2, 3), (38, 31)]), shapely.box(20, 5, 33, 17)]
    made = call("Collection.style", collection=features(*shapes), pointSize=9, width=3, lineType=line_type)
    whole = rgba(made, native(40, 40), CONTEXT)
    tiles = [
        [rgba(made, native(40, 40).window(column, row, 10, 10), CONTEXT) for column in range(0, 40, 10)]
        for row in range(0, 40, 10)
    ]
    joined = np.concatenate([np.concatenate(row, 1) for row in tiles])
    # A sample that lies on an edge may fall to either side of it; a pixel has sixteen samples.
    apart = np.abs(joined.astype(int) - whole)
    assert apart.max() <= 16
    assert (apart > 0).mean() < 0.001


def test_drawing_is_a_style_of_one_colour() -> None:
    box = features(shapely.box(4, 4, 16, 16), shapely.Point(1, 10))
    picture = rgba(
        call("Collection.draw", collection=box, color="800080", pointRadius=1, strokeWidth=1), native(20, 20), CONTEXT
    )
    assert picture[10, 10].tolist() == [128, 0, 128, 168]
    assert picture[10, 1, 3] > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pointShape": "heart"}, "Unknown pointShape 'heart'"),
        ({"lineType": "wavy"}, "Unknown lineType 'wavy'"),
        ({"color": "nothing"}, "Invalid color 'nothing'"),
        ({"styleProperty": "look"}, "Unknown style 'colour' in 'look'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(EarthEngineError, match=message):
        styled(features(shapely.Point(1, 1), look={"colour": "red"}), **options)
