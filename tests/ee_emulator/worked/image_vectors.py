"""Worked values of features from objects, on the row of six pixels of `image_distance`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_distance import columns
from tests.ee_emulator.worked.image_objects import pairs


def _vectors(ee: ModuleType, image: Any, **options: Any) -> Any:
    row = ee.Geometry.Rectangle([0, 0, 600, 100], "EPSG:3857", False)
    return image.reduceToVectors(geometry=row, scale=100, crs="EPSG:3857", **options)


WORKED = [
    Worked(
        "Image.reduceToVectors",
        lambda ee: _vectors(ee, pairs(ee)).aggregate_array("count"),
        [2, 3, 1],
        "documentation: developers.google.com/earth-engine/apidocs/ee-image-reducetovectors (counts by default)",
    ),
    Worked(
        "Image.reduceToVectors",
        lambda ee: (
            _vectors(ee, pairs(ee).addBands(columns(ee)), reducer=ee.Reducer.mean(), labelProperty="zone")
            .map(lambda feature: feature.setGeometry(None))
            .toList(9)
        ),
        [
            {"type": "Feature", "geometry": None, "properties": {"zone": 0, "mean": 0.5}},
            {"type": "Feature", "geometry": None, "properties": {"zone": 1, "mean": 3.0}},
            {"type": "Feature", "geometry": None, "properties": {"zone": 2, "mean": 5.0}},
        ],
        "documentation: developers.google.com/earth-engine/guides/reducers_reduce_to_vectors (zone and mean)",
    ),
    Worked(
        "Image.reduceToVectors",
        lambda ee: _vectors(ee, pairs(ee), geometryType="bb", geometryInNativeProjection=True).first().geometry(),
        {"type": "Polygon", "coordinates": [[[200, 0], [200, 100], [0, 100], [0, 0], [200, 0]]]},
        "reference: by hand, the first object covers two pixels of 100 m",
    ),
    Worked(
        "Image.reduceToVectorsStreaming",
        lambda ee: ee.FeatureCollection(
            ee.apply(
                "Image.reduceToVectorsStreaming",
                {
                    "image": pairs(ee),
                    "geometry": ee.Geometry.Rectangle([0, 0, 600, 100], "EPSG:3857", False),
                    "scale": 100,
                    "crs": ee.Projection("EPSG:3857"),
                },
            )
        ).aggregate_array("label"),
        [0, 1, 2],
        "documentation: its description is that of Image.reduceToVectors",
    ),
]
