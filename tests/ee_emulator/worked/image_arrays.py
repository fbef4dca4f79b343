"""Worked values of array images, and of the arrays that collections and dictionaries make."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

_SAMPLES = "earth engine: earthengine-community samples/python/apidocs/ee_"
_PAGES = "documentation: developers.google.com/earth-engine/apidocs/ee-"
_HAND = "reference: by hand"

Build = Callable[[ModuleType], Any]


def _sampled(build: Build) -> Build:
    """One pixel of an image, as the samples take it."""
    return lambda ee: build(ee).sample(ee.Geometry.Point([-121, 42]), 500).first().toDictionary()


def _row(ee: ModuleType, values: list[float]) -> Any:
    return ee.Image(values).toArray()


def _table(ee: ModuleType) -> Any:
    return _row(ee, [0, 1, 2, 3, 4, 5]).arrayReshape(ee.Image([2, 3]).toArray(), 2)


def _bands(ee: ModuleType) -> Any:
    """Images of one band, the second of them masked."""
    one = ee.Image(1).byte().rename("b1").updateMask(0)
    return ee.ImageCollection([ee.Image(0).byte().rename("b1"), one, ee.Image(2).byte().rename("b1")])


_CALLS: list[tuple[str, Build, Any, str]] = [
    ("Image.toArray", lambda ee: _row(ee, [0, 1, 2]).toArray(1), {"array": [[0], [1], [2]]}, "image_arrayproject.py"),
    ("Image.arrayReshape", _table, {"array": [[0, 1, 2], [3, 4, 5]]}, "image_arrayget.py"),
    ("Image.arrayGet", lambda ee: _table(ee).arrayGet(ee.Image([0, 2])), {"array": 2}, "image_arrayget.py"),
    (
        "Image.arrayMask",
        lambda ee: _row(ee, [0, 1, 2, 4, 0, 5]).arrayMask(_row(ee, [0, 1, 2, 4, 0, 5])),
        {"array": [1, 2, 4, 5]},
        "image_arraymask.py",
    ),
    (
        "Image.arraySlice",
        lambda ee: _table(ee).arraySlice(1, 1, 2),
        {"array": [[1], [4]]},
        "image_arraymask.py",
    ),
    (
        "Image.arrayPad",
        lambda ee: _table(ee).arrayPad([3, 5], 9),
        {"array": [[0, 1, 2, 9, 9], [3, 4, 5, 9, 9], [9, 9, 9, 9, 9]]},
        "image_arraypad.py",
    ),
    (
        "Image.arrayProject",
        lambda ee: _row(ee, [0, 1, 2]).toArray(1).arrayProject([0]),
        {"array": [0, 1, 2]},
        "image_arrayproject.py",
    ),
    (
        "Image.arrayRepeat",
        lambda ee: _row(ee, [0, 1, 2]).arrayRepeat(1, 3),
        {"array": [[0, 0, 0], [1, 1, 1], [2, 2, 2]]},
        "image_arrayrepeat.py",
    ),
    (
        "ImageCollection.toArrayPerBand",
        lambda ee: _bands(ee).toArrayPerBand(0, True),
        {"b1": [0, 2]},
        "imagecollection_toarrayperband.py",
    ),
]

_BY_HAND: list[tuple[str, Build, Any, str]] = [
    ("Image.arrayCat", lambda ee: _row(ee, [1, 2]).arrayCat(_row(ee, [3]), 0), {"array": [1, 2, 3]}, _HAND),
    ("Image.arrayDimensions", lambda ee: _table(ee).arrayDimensions(), {"array": 2}, _HAND),
    ("Image.arrayLength", lambda ee: _table(ee).arrayLength(1), {"array": 3}, _HAND),
    ("Image.arrayLengths", lambda ee: _table(ee).arrayLengths(), {"array": [2, 3]}, _HAND),
    ("Image.arrayArgmax", lambda ee: _table(ee).multiply(-1).arrayArgmax(), {"array": [0, 0]}, _HAND),
    ("Image.arrayTranspose", lambda ee: _table(ee).arrayTranspose(), {"array": [[0, 3], [1, 4], [2, 5]]}, _HAND),
    ("Image.arraySort", lambda ee: _row(ee, [3, 1, 2]).arraySort(_row(ee, [1, 3, 2])), {"array": [3, 2, 1]}, _HAND),
    ("Image.arrayDotProduct", lambda ee: _row(ee, [1, 2]).arrayDotProduct(_row(ee, [3, 4])), {"array": 11}, _HAND),
    (
        "Image.arrayReduce",
        lambda ee: _table(ee).arrayReduce("mean", [0]),
        {"array": [[1.5, 2.5, 3.5]]},
        _HAND,
    ),
    ("Image.arrayAccum", lambda ee: _table(ee).arrayAccum(1), {"array": [[0, 1, 3], [3, 7, 12]]}, _HAND),
    (
        "Image.arrayFlatten",
        lambda ee: _table(ee).arrayFlatten([["monday", "tuesday"], ["r", "g", "b"]]).select("tuesday_g"),
        {"tuesday_g": 4},
        _PAGES + "image-arrayflatten: names of positions along each axis, joined",
    ),
    ("Image.bitsToArrayImage", lambda ee: ee.Image(6).bitsToArrayImage(), {"constant": [0, 1, 1]}, _HAND),
    (
        "ImageCollection.toArray",
        lambda ee: _bands(ee).map(lambda image: image.addBands(ee.Image(7).rename("c"))).toArray(),
        {"array": [[0, 7], [2, 7]]},
        _PAGES + "imagecollection-toarray: images that are valid in all bands, bands along the second axis",
    ),
    (
        "Dictionary.toImage",
        lambda ee: ee.Dictionary({"b": 2, "a": 1}).toImage(),
        {"a": 1, "b": 2},
        _PAGES + "dictionary-toimage",
    ),
]

WORKED = [
    *(Worked(name, _sampled(build), expected, _SAMPLES + source) for name, build, expected, source in _CALLS),
    *(Worked(name, _sampled(build), expected, source) for name, build, expected, source in _BY_HAND),
]
