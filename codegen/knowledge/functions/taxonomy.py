"""What geospatial scripts are for: 21 functions in three categories, in `taxonomy.yaml`."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("taxonomy.yaml")


@dataclass(frozen=True, slots=True)
class Function:
    """A function that code may serve.

    Attributes:
        id: `filter_time`.
        category: One of three.
        name_en: `Filter by time`.
        name_zh: The same in Chinese.
        told: What code does that serves it, in a sentence.
    """

    id: str
    category: str
    name_en: str
    name_zh: str
    told: str


@cache
def taxonomy() -> tuple[Function, ...]:
    """All functions, in the order of the file."""
    read: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Function(id_, category, told["en"], told["zh"], told["told"])
        for category, functions in read.items()
        for id_, told in functions.items()
    )


@cache
def function_ids() -> tuple[str, ...]:
    """Ids, in the order of the columns of every matrix of this package."""
    return tuple(function.id for function in taxonomy())
