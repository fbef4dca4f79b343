"""Which of Earth Engine's algorithms are here, type by type, and why the others are not."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ee_emulator import algorithms
from ee_emulator.registry import IMPLEMENTATIONS, Signature, signatures

_HERS = "the descriptor's formula is published nowhere; any number would be a guess"
_BIG_QUERY = "it reads a table of BigQuery, a service of Google's; upload the table, or put it in a catalogue folder"
_VERTEX = "the model lives at a paid service of Google's; train a classifier here, or predict outside"
LEFT_OUT: Mapping[str, str] = {
    "Feature.hersDescriptor": _HERS,
    "FeatureCollection.loadBigQueryTable": _BIG_QUERY,
    "FeatureCollection.runBigQuery": _BIG_QUERY,
    "Image.hersDescriptor": _HERS,
    "Image.hersFeature": _HERS,
    "Image.hersImage": _HERS,
    "Model.fromVertexAi": _VERTEX,
    "Model.predictImage": _VERTEX,
    "Model.predictProperties": _VERTEX,
}
"""Documented algorithms that are not here, each with the reason."""


@dataclass(frozen=True)
class TypeCoverage:
    """Counts of one type's algorithms.

    Attributes:
        documented: Neither hidden nor deprecated in the shipped signatures.
        documented_here: Of those the implemented ones.
        others: Hidden or deprecated.
        others_here: Of those the implemented ones.
    """

    documented: int
    documented_here: int
    others: int
    others_here: int


def type_of(name: str) -> str:
    """The type that an algorithm belongs to: `Image` of `Image.add`; single functions and constructors by group."""
    head, _, rest = name.partition(".")
    return head if rest else "(functions and constructors)"


def by_type() -> dict[str, TypeCoverage]:
    """Counts for every type, in the order of their names."""
    algorithms.load()
    groups: dict[str, list[Signature]] = defaultdict(list)
    for name, signature in signatures().items():
        groups[type_of(name)].append(signature)
    return {kind: _count(group) for kind, group in sorted(groups.items())}


def _count(group: list[Signature]) -> TypeCoverage:
    documented = [s.name for s in group if s.documented]
    others = [s.name for s in group if not s.documented]
    return TypeCoverage(len(documented), _here(documented), len(others), _here(others))


def _here(names: list[str]) -> int:
    return sum(name in IMPLEMENTATIONS for name in names)


def missing(*, documented: bool) -> list[str]:
    """Names of the algorithms that are not here: the documented ones, or the hidden and deprecated ones."""
    algorithms.load()
    return sorted(n for n, s in signatures().items() if s.documented == documented and n not in IMPLEMENTATIONS)


def summary() -> dict[str, Any]:
    """Counts of shipped and implemented algorithms, and the documented ones that are missing."""
    algorithms.load()
    documented = [name for name, signature in signatures().items() if signature.documented]
    return {
        "implemented": len(IMPLEMENTATIONS),
        "total": len(signatures()),
        "documented": len(documented),
        "documented_implemented": _here(documented),
        "missing": missing(documented=True),
    }


def page() -> str:
    """The coverage as a page of Markdown."""
    counts = by_type()
    documented = sum(c.documented for c in counts.values())
    here = sum(c.documented_here for c in counts.values())
    others, others_here = sum(c.others for c in counts.values()), sum(c.others_here for c in counts.values())
    lines = [
        "# Coverage",
        "",
        "Written by `ee-emulator coverage --markdown`; a test keeps it current.",
        "",
        f"Earth Engine's client ships the signatures of {len(signatures())} algorithms; {documented} of them are",
        f"documented, the others hidden or deprecated. **{here} of the {documented} documented ones are here**, and",
        f"{others_here} of the {others} others. What is",
        "not here answers with status 400 and `not supported by the emulator: NAME`, never with a guess.",
        "",
        "| type | documented | here | hidden or deprecated | here |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {kind} | {c.documented} | {c.documented_here} | {c.others} | {c.others_here} |"
            for kind, c in counts.items()
        ),
        "",
        "## Documented, and not here",
        "",
        *[f"- `{name}`: {LEFT_OUT[name]}." for name in missing(documented=True)],
        "",
        "## Hidden or deprecated, and not here",
        "",
        ", ".join(f"`{name}`" for name in missing(documented=False)) + ".",
    ]
    return "\n".join(lines) + "\n"
