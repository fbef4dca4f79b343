"""Worked values of Dictionary's algorithms; Google's samples name the inputs, the answers follow from what they say."""

from tests.ee_emulator.worked import Worked

PAGE = "documentation: developers.google.com/earth-engine/apidocs/ee-dictionary"
BANDS = {"B1": 182, "B2": 219, "B3": 443}

WORKED = [
    Worked("Dictionary", lambda ee: ee.Dictionary(["B1", 182, "B2", 219, "B3", 443]), BANDS, PAGE),
    Worked(
        "Dictionary.combine",
        lambda ee: ee.Dictionary(BANDS).combine({"B1": -9999, "Region": "x"}, overwrite=False),
        BANDS | {"Region": "x"},
        f"{PAGE}-combine",
    ),
    Worked(
        "Dictionary.combine",
        lambda ee: ee.Dictionary({"a": 1}).combine(ee.Dictionary({"a": None, "b": 2})).values(),
        [1, 2],
        f"{PAGE}-combine: nulls in both are ignored",
    ),
    Worked("Dictionary.contains", lambda ee: ee.Dictionary(BANDS).contains("Band_1"), False, f"{PAGE}-contains"),
    Worked(
        "Dictionary.fromLists",
        lambda ee: ee.Dictionary.fromLists(["foo", "bar"], [1, 2]),
        {"foo": 1, "bar": 2},
        "earth engine: geetools tests/test_Dictionary.py",
    ),
    Worked("Dictionary.get", lambda ee: ee.Dictionary(BANDS).get("Band_1", -9999), -9999, f"{PAGE}-get"),
    Worked("Dictionary.get", lambda ee: ee.Dictionary({"bar": 2, "foo": 1}).get("foo"), 1, f"{PAGE}-get"),
    Worked(
        "Dictionary.getGeometry",
        lambda ee: ee.Dictionary({"place": ee.Geometry.Point([-122.01, 36.97])}).getGeometry("place"),
        {"type": "Point", "coordinates": [-122.01, 36.97]},
        f"{PAGE}-getgeometry",
    ),
    Worked("Dictionary.getNumber", lambda ee: ee.Dictionary(BANDS).getNumber("B1"), 182, f"{PAGE}-getnumber"),
    Worked("Dictionary.getString", lambda ee: ee.Dictionary({"a": "b"}).getString("a"), "b", f"{PAGE}-getstring"),
    Worked(
        "Dictionary.keys",
        lambda ee: ee.Dictionary({"b": 1, "B": 2, "a": 3}).keys(),
        ["B", "a", "b"],
        f"{PAGE}-keys: natural order, which is that of the characters",
    ),
    Worked(
        "Dictionary.map",
        lambda ee: ee.Dictionary(BANDS).map(lambda key, value: ee.Number(value).divide(1e4)),
        {"B1": 0.0182, "B2": 0.0219, "B3": 0.0443},
        f"{PAGE}-map",
    ),
    Worked(
        "Dictionary.map",
        lambda ee: (
            ee.Dictionary(BANDS).map(lambda key, value: ee.Algorithms.If(ee.Number(value).gt(200), value, None)).keys()
        ),
        ["B2", "B3"],
        f"{PAGE}-map: a key for which the function gives null is dropped",
    ),
    Worked(
        "Dictionary.remove",
        lambda ee: ee.Dictionary(BANDS).remove(["B2", "B3", "Region"], ignoreMissing=True),
        {"B1": 182},
        f"{PAGE}-remove",
    ),
    Worked(
        "Dictionary.rename",
        lambda ee: ee.Dictionary(BANDS).rename(["B2", "B3"], ["Band_2", "Band_3"]),
        {"B1": 182, "Band_2": 219, "Band_3": 443},
        f"{PAGE}-rename",
    ),
    Worked(
        "Dictionary.rename",
        lambda ee: ee.Dictionary(BANDS).rename(["B3"], ["B1"], overwrite=True).values(),
        [443, 219],
        f"{PAGE}-rename: B3 becomes B1",
    ),
    Worked("Dictionary.select", lambda ee: ee.Dictionary(BANDS).select(["B[1-2]"]).size(), 2, f"{PAGE}-select"),
    Worked("Dictionary.set", lambda ee: ee.Dictionary(BANDS).set("B3", -9999).get("B3"), -9999, f"{PAGE}-set"),
    Worked("Dictionary.size", lambda ee: ee.Dictionary(BANDS).size(), 3, f"{PAGE}-size"),
    Worked("Dictionary.values", lambda ee: ee.Dictionary(BANDS).values(["B2", "B1"]), [219, 182], f"{PAGE}-values"),
    Worked("Dictionary.values", lambda ee: ee.Dictionary({"b": 1, "a": 2}).values(), [2, 1], f"{PAGE}-values"),
]
