"""Builds a knowledge base: scripts are selected, extracted from, and counted; the tables lie in one folder.

Each step is a function of what lies before it. A second run with the same scripts does nothing; with more scripts it
extracts from the new ones only. A run that was killed goes on with the parts that it finished.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from codegen import corpora, knowledge
from codegen.corpora.script import Dropped, Found, Script
from codegen.corpora.selection import select
from codegen.corpora.tables import corpus_hash, tables
from codegen.knowledge import functions, usage
from codegen.knowledge.extracted import Extracted, extract_scripts
from codegen.knowledge.operators import operator_table
from codegen.knowledge.patterns import association_rules, frequent_itemsets, frequent_sequences
from lake.atomic import replacing
from lake.code_version import package_version
from lake.errors import BadInputError
from lake.jobs import ExecutorKind

MANIFEST = "manifest.json"
VERSION = 1
"""Of the tables' form."""
PATTERN_SUPPORT = 0.01
"""Share of the callers that a pattern must be in."""
RULE_CONFIDENCE = 0.3
_LARGEST_PATTERN = 6

Say = Callable[[str], None]


@dataclass(frozen=True)
class Manifest:
    """What a knowledge base is made of.

    Attributes:
        version: Of the tables' form.
        corpora: Scripts of each corpus.
        corpus_hash: Digest of which scripts there are.
        code: Digest of the code that made it.
        rows: Of each table.
        seconds: That the last build took.
    """

    version: int
    corpora: dict[str, int]
    corpus_hash: str
    code: str
    rows: dict[str, int]
    seconds: float


def build(
    found: Mapping[str, Iterable[Found | Dropped]],
    folder: Path,
    say: Say,
    executor: ExecutorKind = "local",
    workers: int | None = None,
) -> Manifest:
    """Builds or brings up to date.

    Args:
        found: Name of each corpus to what its connector finds.
        folder: Of the tables, `{name}.parquet`, of `manifest.json` and of the extracted parts.
        say: Told how far it is.
        executor: Where scripts are extracted from; see `lake.jobs`.
        workers: See `lake.jobs`.

    Returns:
        What was built.

    Raises:
        BadInputError: No script was kept.
    """
    started = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    scripts = _select(found, folder, say)
    before = read_manifest(folder)
    made_of = corpus_hash(scripts), code()
    if before is not None and (before.corpus_hash, before.code, before.version) == (*made_of, VERSION):
        say(f"Nothing to do: {folder} is of these {len(scripts):,} scripts and this code.")
        return before
    extracted = extract_scripts(folder / "scripts.parquet", folder / "parts", made_of[1], say, executor, workers)
    made = _tables(extracted, scripts, say)
    for name, table in made.items():
        _write(folder, name, table)
    rows = {name: table.height for name, table in made.items()}
    manifest = Manifest(VERSION, _sizes(scripts), *made_of, rows, round(time.perf_counter() - started, 1))
    with replacing(folder / MANIFEST) as temporary:
        temporary.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest | None:
    """What a folder holds; None where it holds no knowledge base that is whole."""
    path = folder / MANIFEST
    return Manifest(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def code() -> str:
    """Digest of the code that selects and extracts."""
    return package_version(knowledge) + package_version(corpora)


def _select(found: Mapping[str, Iterable[Found | Dropped]], folder: Path, say: Say) -> list[Script]:
    kept: list[Script] = []
    dropped: list[Dropped] = []
    for name, scripts in found.items():
        selection = select(name, scripts, known=kept)
        say(f"{name}: {len(selection.scripts):,} scripts kept, {len(selection.dropped):,} put aside.")
        kept += selection.scripts
        dropped += [replace(one, origin=f"{name}: {one.origin}") for one in selection.dropped]
    if not kept:
        raise BadInputError("None of the scripts that were found is one of Earth Engine: see dropped.parquet for why.")
    from codegen.corpora.selection import Selection

    for name, table in zip(("scripts", "dropped"), tables(Selection(kept, dropped)), strict=True):
        _write(folder, name, table)
    return kept


def _tables(extracted: Extracted, scripts: list[Script], say: Say) -> dict[str, pl.DataFrame]:
    say("Counting relations, chains and data sets.")
    operators = operator_table().join(usage.operator_uses(extracted), on="name", how="left")
    made = {
        "operators": operators.with_columns(pl.col("uses", "scripts", "waiting").fill_null(0)),
        "relationships": usage.relationships(extracted),
        "chains": usage.chain_table(extracted),
        "datasets": usage.data_sets(extracted),
        "dataset_operators": usage.data_set_operators(extracted),
        "outcomes": extracted.scan("outcomes").sort("script").collect(),
    }
    say("Mining patterns.")
    callers = usage.transactions(extracted)
    itemsets = frequent_itemsets(callers["operators"].to_list(), PATTERN_SUPPORT, _LARGEST_PATTERN)
    made["patterns"] = itemsets
    made["rules"] = association_rules(itemsets, RULE_CONFIDENCE)
    made["sequences"] = frequent_sequences(callers["operators"].to_list(), PATTERN_SUPPORT, _LARGEST_PATTERN)
    say("Naming functions.")
    return made | functions.function_tables(callers, made["sequences"], scripts)


def _sizes(scripts: list[Script]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for script in scripts:
        sizes[script.corpus] = sizes.get(script.corpus, 0) + 1
    return sizes


def _write(folder: Path, name: str, table: pl.DataFrame) -> None:
    with replacing(folder / f"{name}.parquet") as temporary:
        table.write_parquet(temporary)
