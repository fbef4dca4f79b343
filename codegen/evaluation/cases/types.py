"""The 26 Earth Engine types of AutoGEEval, and how the types of results that Earth Engine declares map to them.

AutoGEEval sorts its unit tests by what an operator gives. Its 26 types are 24 classes and two that exist for judging
only: `ee.ArrayImage`, an image whose pixels are arrays, and `ee.BOOL`, a truth value (Hou et al. 2025, ISPRS IJGI
14(7) 256; its runner knows the first by name). The client's list of algorithms declares 33 types of results, element
types put aside (`List<String>` is a `List`). 24 have the same name on both sides; the other nine:

    Boolean                 → ee.BOOL
    Float, Integer, Long    → ee.Number
    Object, <any>           → what the algorithm gives to the cases that we ask (`_OBJECTS`)
    SelectorSet             → ee.List, as which the client gets it; only hidden algorithms declare it
    Model, Algorithm        → none: models live at a paid service, and one hidden function gives algorithms

`Image` is `ee.ArrayImage` where the pixels are arrays by the algorithm's nature (`_ARRAY_IMAGES`).
"""

from __future__ import annotations

from collections.abc import Mapping

TYPES: tuple[str, ...] = (
    "ee.Array", "ee.ArrayImage", "ee.BOOL", "ee.Blob", "ee.Classifier", "ee.Clusterer", "ee.ConfusionMatrix", "ee.Date",
    "ee.DateRange", "ee.Dictionary", "ee.Element", "ee.ErrorMargin", "ee.Feature", "ee.FeatureCollection", "ee.Filter",
    "ee.Geometry", "ee.Image", "ee.ImageCollection", "ee.Join", "ee.Kernel", "ee.List", "ee.Number", "ee.PixelType",
    "ee.Projection", "ee.Reducer", "ee.String",
)  # fmt: skip
"""In alphabetic order."""

_RENAMED: Mapping[str, str | None] = {
    "Boolean": "ee.BOOL",
    "Float": "ee.Number",
    "Integer": "ee.Number",
    "Long": "ee.Number",
    "SelectorSet": "ee.List",
    "Model": None,
    "Algorithm": None,
}
_OBJECTS: Mapping[str, str] = {
    "AggregateFeatureCollection.first": "ee.String",
    "AggregateFeatureCollection.max": "ee.Number",
    "AggregateFeatureCollection.min": "ee.Number",
    "Collection.iterate": "ee.Number",
    "Describe": "ee.Dictionary",
    "Dictionary.get": "ee.Number",
    "Element.get": "ee.Number",
    "Feature.closestPoint": "ee.Dictionary",
    "Feature.closestPoints": "ee.Dictionary",
    "Geometry.closestPoint": "ee.Dictionary",
    "Geometry.closestPoints": "ee.Dictionary",
    "If": "ee.Number",
    "List.get": "ee.Number",
    "List.iterate": "ee.Number",
    "List.reduce": "ee.Number",
    "String.decodeJSON": "ee.Dictionary",
}
"""Type of what algorithms give that declare an `Object` or `<any>`."""
_ARRAY_IMAGES = frozenset(
    f"Image.{name}"
    for name in (
        "arrayAccum", "arrayArgmax", "arrayCat", "arrayLengths", "arrayMask", "arrayPad", "arrayProject", "arrayReduce",
        "arrayRepeat", "arrayReshape", "arraySlice", "arraySort", "arrayTranspose", "matrixCholeskyDecomposition",
        "matrixDiagonal", "matrixIdentity", "matrixInverse",
        "matrixLUDecomposition", "matrixMultiply", "matrixPseudoInverse", "matrixQRDecomposition",
        "matrixSingularValueDecomposition", "matrixSolve", "matrixToDiag", "matrixTranspose", "neighborhoodToArray",
        "toArray",
    )
) | {"ImageCollection.toArray", "ImageCollection.toArrayPerBand"}  # fmt: skip
_PYTHON = {
    "bool": "ee.BOOL",
    "int": "ee.Number",
    "float": "ee.Number",
    "str": "ee.String",
    "list": "ee.List",
    "tuple": "ee.List",
    "dict": "ee.Dictionary",
}


def type_of(algorithm: str, declared: str) -> str | None:
    """Type of an algorithm, by the name of it and of the result that it declares; None where it has none.

    Args:
        algorithm: `Image.add`.
        declared: `returnType` in the client's list of algorithms: `Image<unknown bands>`.
    """
    if algorithm in _ARRAY_IMAGES:
        return "ee.ArrayImage"
    base = declared.split("<", 1)[0] or declared
    if base in ("Object", "<any>"):
        return _OBJECTS.get(algorithm)
    named = _RENAMED.get(base, f"ee.{base}")
    return named if named in TYPES else None


def type_of_result(out_type: str) -> str:
    """Type of a case, by the type of its result: for tasks that tell none. Empty where it is none of the 26.

    Args:
        out_type: As in the published files: `ee.Image`, `bool`.
    """
    named = _PYTHON.get(out_type, out_type)
    return named if named in TYPES else ""
