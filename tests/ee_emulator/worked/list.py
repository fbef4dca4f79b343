"""Worked values of List's algorithms."""

from tests.ee_emulator.worked import Worked

PAGE = "developers.google.com/earth-engine/apidocs/ee-list"
PRINTED = f"earth engine: {PAGE}"
SAID = f"documentation: {PAGE}"
HAND = "reference: by hand from the description"

_BUILDING = [
    Worked("List.add", lambda ee: ee.List(["a"]).add(["b"]), ["a", ["b"]], f"{PRINTED}-add"),
    Worked("List.add", lambda ee: ee.List(["a"]).add(True), ["a", True], f"{PRINTED}-add"),
    Worked("List.cat", lambda ee: ee.List([1]).cat([]), [1], f"{PRINTED}-cat"),
    Worked("List.insert", lambda ee: ee.List([1, 2, 3]).insert(-1, "x"), [1, 2, "x", 3], HAND),
    Worked("List.insert", lambda ee: ee.List([1, 2]).insert(2, "x"), [1, 2, "x"], HAND),
    Worked("List.repeat", lambda ee: ee.List.repeat([10], 3), [[10], [10], [10]], HAND),
    Worked(
        "List.sequence", lambda ee: ee.List.sequence(0, None, -2, 6), [0, -2, -4, -6, -8, -10], f"{PRINTED}-sequence"
    ),
    Worked("List.sequence", lambda ee: ee.List.sequence(start=3, step=2, end=6), [3, 5], f"{PRINTED}-sequence"),
    Worked("List.sequence", lambda ee: ee.List.sequence(0, 10, 2, 3), [0, 5, 10], f"{PRINTED}-sequence"),
    Worked("List.sequence", lambda ee: ee.List.sequence(start=10, count=3), [10, 11, 12], f"{PRINTED}-sequence"),
    Worked("List.sequence", lambda ee: ee.List.sequence(0, 10, 2, 999).size(), 999, f"{PRINTED}-sequence"),
    Worked("List.set", lambda ee: ee.List([1, 2, 3]).set(-1, 0), [1, 2, 0], f"{SAID}-set"),
    Worked("List.splice", lambda ee: ee.List([0, 1, 2, 3, 4]).splice(-2, 1), [0, 1, 2, 4], f"{SAID}-splice"),
    Worked(
        "List.splice", lambda ee: ee.List([0, 1, 2, 3, 4]).splice(2, 0, ["X"]), [0, 1, "X", 2, 3, 4], f"{SAID}-splice"
    ),
    Worked("List.swap", lambda ee: ee.List([1, 2, 3]).swap(0, -1), [3, 2, 1], f"{SAID}-swap"),
    Worked("List.reverse", lambda ee: ee.List([1, 2, 3]).reverse(), [3, 2, 1], HAND),
    Worked(
        "List.rotate", lambda ee: ee.List([1, 2, 3, 4]).rotate(1), [4, 1, 2, 3], "reference: Java's Collections.rotate"
    ),
    Worked(
        "List.rotate", lambda ee: ee.List([1, 2, 3, 4]).rotate(-1), [2, 3, 4, 1], "reference: Java's Collections.rotate"
    ),
    Worked("List.replace", lambda ee: ee.List(["a", "b", "a"]).replace("a", "c"), ["c", "b", "a"], f"{SAID}-replace"),
    Worked("List.replaceAll", lambda ee: ee.List([1, 2, 1]).replaceAll(1, 5), [5, 2, 5], f"{SAID}-replaceall"),
    Worked("List.remove", lambda ee: ee.List([1, 2, 1]).remove(1), [2, 1], f"{SAID}-remove"),
    Worked(
        "List.removeAll",
        lambda ee: ee.List(["a", "b", "c"]).removeAll([1, 2]),
        ["a", "b", "c"],
        "earth engine: geetools tests/test_List.py",
    ),
    Worked("List.removeAll", lambda ee: ee.List([0, 1, 0, 3]).removeAll([0]), [1, 3], f"{SAID}-removeall"),
    Worked(
        "List.shuffle",
        lambda ee: ee.List.sequence(1, 20).shuffle(7).sort(),
        [*range(1, 21)],
        f"{SAID}-shuffle: a permutation",
    ),
    Worked(
        "List.shuffle",
        lambda ee: ee.List.sequence(1, 20).shuffle(7).equals(ee.List.sequence(1, 20).shuffle(7)),
        True,
        f"{SAID}-shuffle: the order is always the same for a seed",
    ),
]

_READING = [
    Worked("List.contains", lambda ee: ee.List([1, "a"]).contains("a"), True, f"{SAID}-contains"),
    Worked("List.containsAll", lambda ee: ee.List([3, 1, 2]).containsAll([1, 3]), True, f"{SAID}-containsall"),
    Worked("List.containsAll", lambda ee: ee.List([3, 1]).containsAll([1, 4]), False, f"{SAID}-containsall"),
    Worked("List.equals", lambda ee: ee.List([1, [2]]).equals([1, [2]]), True, f"{SAID}-equals"),
    Worked("List.equals", lambda ee: ee.List([1, 2]).equals([2, 1]), False, f"{SAID}-equals: in the same order"),
    Worked("List.frequency", lambda ee: ee.List([0, 1, 2, 2, 3, 4]).frequency(2), 2, f"{SAID}-frequency"),
    Worked("List.frequency", lambda ee: ee.List([0, 1, 2, 2, 3, 4]).frequency(9), 0, f"{SAID}-frequency"),
    Worked("List.get", lambda ee: ee.List([5, 10, 15, 20, 25, 30]).get(-2), 25, f"{SAID}-get"),
    Worked("List.getNumber", lambda ee: ee.List([5, 10]).getNumber(1), 10, f"{SAID}-getnumber"),
    Worked("List.getString", lambda ee: ee.List(["a", "b"]).getString(-1), "b", f"{SAID}-getstring"),
    Worked(
        "List.getGeometry",
        lambda ee: ee.List([1, ee.Geometry.Point(1, 2)]).getGeometry(1),
        {"type": "Point", "coordinates": [1, 2]},
        f"{SAID}-getgeometry",
    ),
    Worked("List.indexOf", lambda ee: ee.List([1, 2, 1]).indexOf(1), 0, f"{SAID}-indexof"),
    Worked("List.indexOf", lambda ee: ee.List([1, 2, 1]).indexOf(9), -1, f"{SAID}-indexof"),
    Worked("List.indexOfSublist", lambda ee: ee.List([1, 2, 1, 2]).indexOfSublist([1, 2]), 0, f"{SAID}-indexofsublist"),
    Worked(
        "List.lastIndexOfSubList",
        lambda ee: ee.List([1, 2, 1, 2]).lastIndexOfSubList([1, 2]),
        2,
        f"{SAID}-lastindexofsublist",
    ),
    Worked(
        "List.join", lambda ee: ee.List(["a", 1, "Image"]).join(", "), "a, 1, Image", "earth engine: geetools tests"
    ),
    Worked("List.length", lambda ee: ee.List([1, [2, 3]]).length(), 2, f"{SAID}-length"),
    Worked("List.size", lambda ee: ee.List([]).size(), 0, f"{SAID}-size"),
    Worked("List.slice", lambda ee: ee.List([1, 2, 3, 4]).slice(1, -1), [2, 3], f"{SAID}-slice"),
    Worked("List.slice", lambda ee: ee.List([1, 2, 3, 4]).slice(0, 99, 2), [1, 3], f"{SAID}-slice"),
    Worked(
        "List.reduce",
        lambda ee: ee.List([1, None, 3]).reduce(ee.Reducer.count()),
        2,
        "earth engine: developers.google.com/earth-engine/apidocs/ee-reducer-count",
    ),
]

_MAPPING = [
    Worked(
        "List.distinct",
        lambda ee: ee.List(["a", "b", "c"]).cat(["a", 1, 2, 1]).distinct(),
        ["a", "b", "c", 1, 2],
        "earth engine: geetools tests/test_List.py",
    ),
    Worked(
        "List.filter", lambda ee: ee.List([1, 2, 3, None, 6]).filter(ee.Filter.gt("item", 2)), [3, 6], f"{SAID}-filter"
    ),
    Worked(
        "List.filter",
        lambda ee: (
            ee.List([ee.Feature(None, {"a": 1}), ee.Feature(None, {"a": 2})]).filter(ee.Filter.eq("a", 2)).size()
        ),
        1,
        f"{SAID}-filter: images and features are tested by their own properties",
    ),
    Worked("List.flatten", lambda ee: ee.List([[1, [2]], [], 3]).flatten(), [1, 2, 3], HAND),
    Worked(
        "List.iterate",
        lambda ee: ee.List.repeat(1, 5).iterate(
            lambda _, found: ee.List(found).add(ee.Number(ee.List(found).get(-1)).add(ee.List(found).get(-2))), [0, 1]
        ),
        [0, 1, 1, 2, 3, 5, 8],
        "earth engine: developers.google.com/earth-engine/tutorials/tutorial_js_03 (Fibonacci)",
    ),
    Worked(
        "List.map",
        lambda ee: ee.List([1, 2, 3]).map(lambda n: ee.Algorithms.If(ee.Number(n).eq(2), None, n), True),
        [1, 3],
        f"{SAID}-map: elements for which the function gives null are dropped",
    ),
    Worked("List.sort", lambda ee: ee.List([3, 1, 2]).sort(), [1, 2, 3], f"{SAID}-sort"),
    Worked("List.sort", lambda ee: ee.List(["a", "b", "c"]).sort([2, 1, 1]), ["b", "c", "a"], f"{SAID}-sort: by keys"),
    Worked(
        "List.unzip",
        lambda ee: ee.List([[1, "a"], [2, "b", "lost"]]).unzip(),
        [[1, 2], ["a", "b"]],
        f"{SAID}-unzip: up to the length of the shortest",
    ),
    Worked("List.zip", lambda ee: ee.List([1, 2]).zip(["a", "b", "c"]), [[1, "a"], [2, "b"]], f"{SAID}-zip"),
]

WORKED = [*_BUILDING, *_READING, *_MAPPING]
