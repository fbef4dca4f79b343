"""A worked value for every algorithm: a call by the unmodified client, what it must answer, and who says so.

One module a type; `test_every_algorithm` collects the list `WORKED` of each and fails for an algorithm without one.
The source begins with who says so:

* `earth engine: …`: real Earth Engine gave this value; where it is printed follows;
* `documentation: …`: the published description states it, or it follows from the formula that it states;
* `reference: …`: computed by hand or with another library, which is named;
* `own: …`: only our own run gave it; why there is nothing better follows.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

SOURCES = ("earth engine", "documentation", "reference", "own")


@dataclass(frozen=True)
class Worked:
    """One call with its answer.

    Attributes:
        algorithm: Name as in the shipped signatures; it must occur in the call's graph.
        call: Builds the client's object from the module `ee`; hidden algorithms go through `ee.apply`.
        expected: What `getInfo()` gives; of a dictionary the keys that matter.
        source: Who says so, see above.
        tolerance: Largest difference of a number, absolute and relative.
    """

    algorithm: str
    call: Callable[[ModuleType], Any]
    expected: Any
    source: str
    tolerance: float = 1e-6


def collect() -> list[Worked]:
    """All worked values, in the order of the modules."""
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    return [worked for module in modules for worked in module.WORKED]
