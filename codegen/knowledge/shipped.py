"""What packages ship about Earth Engine, read as data: nothing of them is imported."""

import csv
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lake.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Documented:
    """A function as the Code Editor documents it.

    Attributes:
        name: `ee.Image.select`, `ui.Chart.image.series`.
        description: What it does.
        returns: Type of the result, as it is written there.
        parameters: Name, type and description of each; the type says also what it is by default.
    """

    name: str
    description: str
    returns: str
    parameters: tuple[tuple[str, str, str], ...]


def documented_functions() -> Iterator[Documented]:
    """The 1,573 functions of geemap's copy of the Code Editor's reference."""
    for row in _rows("ee_api_docs.csv", "\t"):
        names, types, details = (_split(row[column]) for column in ("argument", "type", "details"))
        lacking = [""] * len(names)
        parameters = tuple(zip(names, [*types, *lacking], [*details, *lacking], strict=False))
        yield Documented(row["name"] or "", row["description"] or "", row["returns"] or "", parameters)


def catalogued_data_sets() -> Iterator[dict[str, str]]:
    """The data sets of geemap's copy of the catalogue: id, title, provider, type, tags, start_date, end_date."""
    for row in _rows("ee_data_catalog.csv", ","):
        yield {name: row[name] or "" for name in ("id", "title", "provider", "type", "tags", "start_date", "end_date")}


def _split(cell: str | None) -> list[str]:
    return cell.split("|") if cell else []


def _rows(name: str, delimiter: str) -> Iterator[dict[str, str | None]]:
    found = importlib.util.find_spec("geemap")
    if found is None or found.origin is None:
        raise BadInputError("The package geemap ships the tables of functions and data sets: pip install geemap.")
    with (Path(found.origin).parent / "data" / "template" / name).open(encoding="utf-8", newline="") as opened:
        yield from csv.DictReader(opened, delimiter=delimiter)
