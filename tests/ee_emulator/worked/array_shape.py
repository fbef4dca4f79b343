"""Worked values of Array: cutting, joining, rearranging, reducing."""

from tests.ee_emulator.worked import Worked

_SAMPLES = "earth engine: earthengine-community samples/python/apidocs/ee_"
_PAGES = "documentation: developers.google.com/earth-engine/apidocs/ee-"
_HAND = "reference: by hand"

WORKED = [
    Worked(
        "Array.cat",
        lambda ee: ee.Array.cat([[0, 1, 2], [3, 4, 5]], 1),
        [[0, 3], [1, 4], [2, 5]],
        _SAMPLES + "array_cat.py",
    ),
    Worked("Array.cut", lambda ee: ee.Array([[0, 1], [3, 4]]).cut([-1, 0]), [[0], [3]], _SAMPLES + "array_cut.py"),
    Worked("Array.get", lambda ee: ee.Array([[0, 1], [2, 3]]).get([1, 0]), 2, _HAND),
    Worked(
        "Array.get",
        lambda ee: ee.Array([1, 5, 9]).get([-1]),
        9,
        "documentation: N. Gorelick, Histogram matching, medium.com/google-earth: counts.get([-1])",
    ),
    Worked("Array.slice", lambda ee: ee.Array([1, 2, 3, 4, 5]).slice(0, 0, -2), [1, 2, 3], _SAMPLES + "array_slice.py"),
    Worked(
        "Array.mask",
        lambda ee: ee.Array([0, 1, 2, 3]).mask(ee.Array([0, 4, -1, 1.2])),
        [1, 2, 3],
        _SAMPLES + "array_mask.py",
    ),
    Worked("Array.pad", lambda ee: ee.Array([[1, 2]]).pad([2, 3], 9), [[1, 2, 9], [9, 9, 9]], _HAND),
    Worked("Array.project", lambda ee: ee.Array([[1], [2]]).project([0]), [1, 2], _HAND),
    Worked("Array.repeat", lambda ee: ee.Array([1, 2]).repeat(1, 2), [[1, 1], [2, 2]], _HAND),
    Worked("Array.reshape", lambda ee: ee.Array([1, 2, 3, 4, 5, 6]).reshape([2, -1]), [[1, 2, 3], [4, 5, 6]], _HAND),
    Worked("Array.transpose", lambda ee: ee.Array([[1, 2], [3, 4]]).transpose(), [[1, 3], [2, 4]], _HAND),
    Worked("Array.matrixTranspose", lambda ee: ee.Array([[1, 2, 3]]).matrixTranspose(), [[1], [2], [3]], _HAND),
    Worked("Array.sort", lambda ee: ee.Array([3, 1, 2]).sort(), [1, 2, 3], _HAND),
    Worked("Array.sort", lambda ee: ee.Array([[1, 2], [3, 4]]).sort(ee.Array([[2], [1]])), [[3, 4], [1, 2]], _HAND),
    Worked("Array.argmax", lambda ee: ee.Array([[3, 9], [9, 5]]).argmax(), [0, 1], _HAND),
    Worked(
        "Array.argmax",
        lambda ee: ee.Array([], ee.PixelType.int8()).argmax(),
        None,
        _PAGES + "array-argmax: null for an empty array",
    ),
    Worked(
        "Array.length",
        lambda ee: ee.Array([[1, 2, 3], [4, 5, 6]]).length(),
        [2, 3],
        "documentation: developers.google.com/earth-engine/guides/arrays_array_images",
    ),
    Worked("Array.dotProduct", lambda ee: ee.Array([1, 2, 3]).dotProduct([4, 5, 6]), 32, _HAND),
    Worked(
        "Array.reduce",
        lambda ee: ee.Array([[1, 0, 3], [1, 2, 3]]).reduce(ee.Reducer.count(), [0]),
        [[2, 2, 2]],
        _SAMPLES + "reducer_count.py",
    ),
    Worked(
        "Array.reduce",
        lambda ee: ee.Array([[1], [2], [3], [4]]).reduce(ee.Reducer.minMax(), [0], 1),
        [[1, 4]],
        _SAMPLES + "reducer_minmax.py",
    ),
    Worked(
        "Array.accum",
        lambda ee: ee.Array([[1, 3], [5, 7]]).accum(1),
        [[1, 4], [5, 12]],
        _SAMPLES + "array_accum.py",
    ),
    Worked(
        "Array.accum",
        lambda ee: ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.max()),
        [2, 2, 3, 3],
        _SAMPLES + "array_accum.py",
    ),
    Worked(
        "Dictionary.toArray",
        lambda ee: ee.Dictionary({"b": 2, "a": 1}).toArray(),
        [1, 2],
        _PAGES + "dictionary-toarray: the natural order of the keys",
    ),
    Worked("Dictionary.toArray", lambda ee: ee.Dictionary({"b": 2, "a": 1}).toArray(["b", "a"], 1), [[2, 1]], _HAND),
    Worked("Dictionary.getArray", lambda ee: ee.Dictionary({"a": ee.Array([1, 2])}).getArray("a"), [1, 2], _HAND),
    Worked("List.getArray", lambda ee: ee.List([0, ee.Array([1, 2])]).getArray(1), [1, 2], _HAND),
    Worked("Element.getArray", lambda ee: ee.Feature(None, {"a": ee.Array([1, 2])}).getArray("a"), [1, 2], _HAND),
    Worked("Feature.toArray", lambda ee: ee.Feature(None, {"a": 1, "b": 2.5}).toArray(["b", "a"]), [2.5, 1], _HAND),
    Worked(
        "FeatureCollection.makeArray",
        lambda ee: (
            ee.FeatureCollection([ee.Feature(None, {"a": 1, "b": 2}), ee.Feature(None, {"a": 3})])
            .makeArray(["a", "b"])
            .aggregate_array("array")
        ),
        [[1, 2]],
        _PAGES + "featurecollection-makearray: without all, dropped",
    ),
]
