"""Worked values of joins: towns with the stations that are near in value."""

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

PAGE = "documentation: developers.google.com/earth-engine/apidocs/ee-join"


def _table(ee: ModuleType, *values: float) -> Any:
    return ee.FeatureCollection([ee.Feature(None, {"v": value}) for value in values])


def _joined(ee: ModuleType, join: Any) -> Any:
    """Towns of 1, 5 and 20 with stations of 4, 2 and 7 that differ by at most 3."""
    near = ee.Filter.maxDifference(3, "v", None, "v")
    return ee.FeatureCollection(join.apply(_table(ee, 1, 5, 20), _table(ee, 4, 2, 7), near))


def _values(ee: ModuleType, joined: Any, key: str, of: str = "v") -> Any:
    return joined.map(lambda f: f.set("found", ee.Feature(f.get(key)).get(of))).aggregate_array("found")


WORKED = [
    Worked("Join.simple", lambda ee: _joined(ee, ee.Join.simple()).aggregate_array("v"), [1, 5], f"{PAGE}-simple"),
    Worked("Join.inverted", lambda ee: _joined(ee, ee.Join.inverted()).aggregate_array("v"), [20], f"{PAGE}-inverted"),
    Worked("Join.apply", lambda ee: _joined(ee, ee.Join.simple()).size(), 2, f"{PAGE}-simple-apply"),
    Worked(
        "Join.saveFirst", lambda ee: _values(ee, _joined(ee, ee.Join.saveFirst("m")), "m"), [4, 4], f"{PAGE}-savefirst"
    ),
    Worked(
        "Join.saveFirst",
        lambda ee: _values(ee, _joined(ee, ee.Join.saveFirst("m", "v", False)), "m"),
        [4, 7],
        f"{PAGE}-savefirst: the first in descending order",
    ),
    Worked(
        "Join.saveFirst",
        lambda ee: _joined(ee, ee.Join.saveFirst("m", outer=True)).size(),
        3,
        f"{PAGE}-savefirst: outer",
    ),
    Worked(
        "Join.saveBest",
        lambda ee: _values(ee, _joined(ee, ee.Join.saveBest("m", "far")), "m", "far"),
        [1, 1],
        f"{PAGE}-savebest: 1 is nearest to 2, 5 to 4, with the measure on the match",
    ),
    Worked(
        "Join.saveAll",
        lambda ee: _joined(ee, ee.Join.saveAll("m", "v")).aggregate_array("m").map(lambda found: ee.List(found).size()),
        [2, 3],
        f"{PAGE}-saveall: 1 is within 3 of 4 and 2; 5 of all",
    ),
    Worked(
        "Join.inner",
        lambda ee: ee.Feature(_joined(ee, ee.Join.inner("town", "station", "far")).first()).toDictionary(["far"]),
        {"far": 3},
        f"{PAGE}-inner: the first pair is 1 and 4",
    ),
    Worked("Join.inner", lambda ee: _joined(ee, ee.Join.inner()).size(), 5, f"{PAGE}-inner: one feature a pair"),
]
