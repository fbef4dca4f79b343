"""What a diagnostic leaves in the lake: tables, pictures, and the text that goes with them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
from matplotlib.figure import Figure

from lake.errors import PartitionMissingError
from lake.partition_io import Lake
from ml.pages import png_of

ROOT = "diagnostics"
_FOUND = "found.json"  # written last: what has it has everything
_DPI = 90


@dataclass(frozen=True)
class Found:
    """What a diagnostic found, before it is kept.

    Attributes:
        told: What it says, in Markdown.
        numbers: The numbers behind it, in Markdown, where they are too many to stand beside it.
        tables: To keep, by name.
        figures: Name to figure and caption.
        cards: A number and what it is, for the top of the page.
    """

    told: str
    numbers: str = ""
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    figures: Mapping[str, tuple[Figure, str]] = field(default_factory=dict)
    cards: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Kept:
    """What a diagnostic left in the lake.

    Attributes:
        study: Its name.
        told: As found.
        numbers: As found.
        cards: As found.
        captions: Of the pictures, by name.
        figures: PNG pictures by name.
        tables: Name to address.
        made_of: Digest of what it is a function of.
        simulated: True where any of the data were simulated; text and pictures say so.
    """

    study: str
    told: str
    numbers: str
    cards: Sequence[tuple[str, str]]
    captions: Mapping[str, str]
    figures: Mapping[str, bytes] = field(repr=False)
    tables: Mapping[str, str]
    made_of: str
    simulated: bool


def keep(lake: Lake, study: str, found: Found, made_of: str, simulated: bool) -> Kept:
    """Writes tables and pictures to `diagnostics/{study}`, and the text last.

    Args:
        lake: Where to.
        study: Name.
        found: What to keep.
        made_of: Digest of data, encoder and code.
        simulated: True where any of the data were simulated.
    """
    told = {"made_of": made_of, "simulated": str(simulated).lower()}
    for name, table in found.tables.items():
        lake.write_table(f"{ROOT}/{study}/{name}", table, told)
    for name, (figure, _) in found.figures.items():
        lake.write_bytes(f"{ROOT}/{study}/{name}.png", png_of(figure, _DPI))
    content = {
        "told": found.told,
        "numbers": found.numbers,
        "cards": list(found.cards),
        "captions": {name: caption for name, (_, caption) in found.figures.items()},
        "tables": list(found.tables),
        "made_of": made_of,
        "simulated": simulated,
    }
    lake.write_bytes(f"{ROOT}/{study}/{_FOUND}", json.dumps(content, ensure_ascii=False, indent=1).encode())
    return kept(lake, study)


def kept(lake: Lake, study: str) -> Kept:
    """What a diagnostic left.

    Raises:
        PartitionMissingError: It was never run, or not to its end.
    """
    content = json.loads(lake.read_bytes(f"{ROOT}/{study}/{_FOUND}"))
    return Kept(
        study=study,
        told=content["told"],
        numbers=content["numbers"],
        cards=[(number, what) for number, what in content["cards"]],
        captions=content["captions"],
        figures={name: lake.read_bytes(f"{ROOT}/{study}/{name}.png") for name in content["captions"]},
        tables={name: lake.uri(ROOT, study, name, "part.parquet") for name in content["tables"]},
        made_of=content["made_of"],
        simulated=content["simulated"],
    )


def is_kept(lake: Lake, study: str, made_of: str) -> bool:
    """Whether what a diagnostic left is of this data, encoder and code."""
    try:
        return bool(json.loads(lake.read_bytes(f"{ROOT}/{study}/{_FOUND}"))["made_of"] == made_of)
    except PartitionMissingError:
        return False
