"""What a function could give without looking at what it is asked: no task may be passed by that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from codegen.evaluation.building.executing import returned
from codegen.evaluation.judging.answers import Answer
from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.evaluate import evaluate

_NUMBERS = ("ee.Number(0)", "ee.Number(1)", "ee.Number(-1)")
CONSTANTS: Mapping[str, tuple[str, ...]] = {
    "ee.Array": ("ee.Array(0)", "ee.Array([0])", "ee.Array([])", "ee.Array([[0]])"),
    "ee.ArrayImage": ("ee.Image(ee.Array([0]))", "ee.Image(ee.Array([[1]]))"),
    "ee.ComputedObject": ("ee.Number(0)", "ee.Number(1)", "ee.String('')", "ee.List([])", "ee.Dictionary({})"),
    "ee.ConfusionMatrix": ("ee.ConfusionMatrix(ee.Array([[0]]))", "ee.ConfusionMatrix(ee.Array([[1, 0], [0, 1]]))"),
    "ee.Date": ("ee.Date(0)",),
    "ee.DateRange": ("ee.DateRange(0, 0)", "ee.DateRange(0, 1)", "ee.DateRange.unbounded()"),
    "ee.Dictionary": ("ee.Dictionary({})",),
    "ee.Feature": ("ee.Feature(None)", "ee.Feature(ee.Geometry.Point(0, 0))"),
    "ee.FeatureCollection": ("ee.FeatureCollection([])",),
    "ee.Filter": ("ee.Filter()", "ee.Filter.notNull([])"),
    "ee.Geometry": ("ee.Geometry.Point(0, 0)", "ee.Geometry.MultiPoint([])", "ee.Geometry.BBox(-180, -90, 180, 90)"),
    "ee.Image": ("ee.Image(0)", "ee.Image(1)", "ee.Image()"),
    "ee.ImageCollection": ("ee.ImageCollection([])", "ee.ImageCollection([ee.Image(0)])"),
    "ee.Kernel": ("ee.Kernel.square(1)", "ee.Kernel.fixed(1, 1, [[1]])"),
    "ee.List": ("ee.List([])", "ee.List([0])"),
    "ee.Number": _NUMBERS,
    "ee.PixelType": ("ee.PixelType.double()", "ee.PixelType.float()"),
    "ee.Projection": ("ee.Projection('EPSG:4326')",),
    "ee.String": ("ee.String('')",),
    "bool": ("True", "False"),
    "dict": ("{}",),
    "float": ("0.0", "1.0"),
    "int": ("0", "1"),
    "list": ("[]",),
    "str": ("''",),
}
"""Expressions by type of result."""


@cache
def constant_answers(out_type: str, url: str) -> tuple[tuple[str, Answer], ...]:
    """Each constant of a type and its answer, at an Earth Engine; `ee` is initialised."""
    import ee

    found = []
    for expression in CONSTANTS.get(out_type, ()):
        try:
            value = eval(expression, {"ee": ee})  # noqa: S307  one of the expressions above
            found.append((expression, evaluate(returned(value), out_type, url)))
        except (EvaluationError, ee.EEException):  # has no answer of this type: nothing is passed by it
            continue
    return tuple(found)
