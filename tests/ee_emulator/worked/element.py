"""Worked values of Element's algorithms and of those of any value."""

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

PAGE = "documentation: developers.google.com/earth-engine/apidocs/ee"


def _tree(ee: ModuleType) -> Any:
    return ee.Feature(ee.Geometry.Point(-122.2, 37.1), {"genus": "Sequoia", "height": 80, "system:time_start": 5})


_ELEMENTS = [
    Worked(
        "Element.get",
        lambda ee: _tree(ee).set("species", "sempervirens").get("species"),
        "sempervirens",
        "earth engine: csaybar/EEwPython 4_features.ipynb",
    ),
    Worked("Element.get", lambda ee: _tree(ee).get("missing"), None, f"{PAGE}-feature-get"),
    Worked("Element.getNumber", lambda ee: _tree(ee).getNumber("height"), 80, f"{PAGE}-feature-getnumber"),
    Worked("Element.getString", lambda ee: _tree(ee).getString("genus"), "Sequoia", f"{PAGE}-feature-getstring"),
    Worked("Element.set", lambda ee: _tree(ee).set("height", 81).get("height"), 81, f"{PAGE}-feature-set"),
    Worked(
        "Element.setMulti",
        lambda ee: _tree(ee).set(ee.Dictionary({"height": 1, "width": 2})).toDictionary(),
        {"genus": "Sequoia", "height": 1, "width": 2},
        f"{PAGE}-feature-set",
    ),
    Worked(
        "Element.toDictionary",
        lambda ee: _tree(ee).toDictionary(["height", "system:time_start"]),
        {"height": 80, "system:time_start": 5},
        f"{PAGE}-feature-todictionary",
    ),
    Worked(
        "Element.toDictionary",
        lambda ee: _tree(ee).toDictionary().keys(),
        ["genus", "height"],
        f"{PAGE}-feature-todictionary: by default all that are no system properties",
    ),
    Worked(
        "Element.propertyNames",
        lambda ee: _tree(ee).propertyNames().sort(),
        ["genus", "height", "system:index", "system:time_start"],
        "earth engine: gee_tools notebooks/collection/joinByProperty.ipynb: the index is among the names",
    ),
    Worked(
        "Element.copyProperties",
        lambda ee: ee.Feature(None, {"a": 1}).copyProperties(_tree(ee)).toDictionary(),
        {"a": 1, "genus": "Sequoia", "height": 80},
        f"{PAGE}-feature-copyproperties",
    ),
    Worked(
        "Element.copyProperties",
        lambda ee: ee.Feature(None, {}).copyProperties(_tree(ee), ["system:time_start"]).get("system:time_start"),
        5,
        f"{PAGE}-feature-copyproperties: system properties that are named",
    ),
    Worked(
        "Element.copyProperties",
        lambda ee: ee.Feature(None, {}).copyProperties(_tree(ee), exclude=["genus"]).toDictionary(),
        {"height": 80},
        f"{PAGE}-feature-copyproperties: exclude",
    ),
    Worked(
        "Element.replaceProperties",
        lambda ee: (
            ee.Feature(
                ee.apply("Element.replaceProperties", {"destination": ee.Feature(None, {"a": 1}), "source": _tree(ee)})
            )
            .toDictionary()
            .keys()
        ),
        ["genus", "height"],
        "documentation: algorithms.json: those of the other element instead",
    ),
    Worked(
        "Element.geometry",
        lambda ee: ee.apply("Element.geometry", {"feature": _tree(ee)}),
        {"type": "Point", "coordinates": [-122.2, 37.1]},
        "documentation: algorithms.json, as Feature.geometry",
    ),
]

_ANY = [
    Worked(
        "If",
        lambda ee: ee.Algorithms.If(True, "*true*", "*false*"),
        "*true*",
        f"earth engine: {PAGE[15:]}-algorithms-if",
    ),
    *(
        Worked("If", lambda ee, given=given: ee.Algorithms.If(given, 1, 0), expected, f"{PAGE}-algorithms-if: {why}")
        for given, expected, why in (
            (0.0, 0, "zero is false"),
            ("", 0, "an empty string is false"),
            ([], 0, "an empty list is false"),
            ({}, 0, "an empty dictionary is false"),
            (None, 0, "null is false"),
            ("0", 1, "everything else is true"),
            ([0], 1, "everything else is true"),
        )
    ),
    Worked("If", lambda ee: ee.Algorithms.If(ee.Number(-1).sqrt(), 1, 0), 0, f"{PAGE}-algorithms-if: NaN is false"),
    Worked(
        "IsEqual",
        lambda ee: ee.apply("IsEqual", {"left": [1, {"a": 2}], "right": [1, {"a": 2}]}),
        True,
        f"{PAGE}-algorithms-isequal",
    ),
    Worked(
        "IsEqual",
        lambda ee: ee.apply("IsEqual", {"left": ee.Geometry.Point(1, 2), "right": ee.Geometry.Point(1, 2)}),
        True,
        f"{PAGE}-algorithms-isequal",
    ),
    Worked(
        "ObjectType",
        lambda ee: ee.Algorithms.ObjectType(ee.Number(1)),
        "Integer",
        f"earth engine: {PAGE[15:]}-algorithms-objecttype",
    ),
    Worked(
        "ObjectType",
        lambda ee: ee.Algorithms.ObjectType(ee.Number(-3).int8()),
        "Long",
        f"earth engine: {PAGE[15:]}-algorithms-objecttype",
    ),
    Worked(
        "ErrorMargin",
        lambda ee: ee.ErrorMargin(-1),
        {"unit": "meters", "value": 1},
        f"earth engine: {PAGE[15:]}-errormargin",
    ),
    Worked(
        "ErrorMargin", lambda ee: ee.ErrorMargin(1e8), {"unit": "infinite"}, f"earth engine: {PAGE[15:]}-errormargin"
    ),
    Worked(
        "ErrorMargin",
        lambda ee: ee.ErrorMargin(1e7),
        {"unit": "meters", "value": 1e7},
        f"earth engine: {PAGE[15:]}-errormargin",
    ),
]

WORKED = [*_ELEMENTS, *_ANY]
