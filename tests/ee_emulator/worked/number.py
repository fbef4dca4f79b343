"""Worked values of Number's algorithms."""

from tests.ee_emulator.worked import Worked

WORKED = [
    Worked(
        "Number.add",
        lambda ee: ee.Number(5).add(ee.Number(10)),
        15,
        "earth engine: developers.google.com/earth-engine/apidocs/ee-number-add",
    ),
]
