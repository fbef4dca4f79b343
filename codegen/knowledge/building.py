"""Builds a knowledge base: scripts are selected, extracted from, and counted; the tables lie in one folder.

Each step is a function of what lies before it. A second run with the same scripts does nothing; with more scripts it
extracts from the new ones only. A run that was killed goes on with the parts that it finished.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from codegen import corpora, extraction, knowledge
from codegen.corpora.reasons import RefusedError
from codegen.corpora.repeats import Kept
from codegen.corpora.script import Dropped, Found, Script
from codegen.corpora.selection import NEAR_DUPLICATE, Selection, select
from codegen.corpora.tables import corpus_hash, dropped_from, scripts_from, tables
from codegen.knowledge import extracted, usage
from codegen.knowledge.explorer.head import HeadNumbers, put_aside
from codegen.knowledge.explorer.rendering import page
from codegen.knowledge.explorer.report import report_markdown
from codegen.knowledge.extracted import Extracted, extract_scripts
from codegen.knowledge.functions import function_tables
from codegen.knowledge.operators import operator_table
from codegen.knowledge.patterns.itemsets import frequent_itemsets
from codegen.knowledge.patterns.rules import association_rules
from codegen.knowledge.patterns.sequences import frequent_sequences
from lake.atomic import replacing
from lake.code_version import code_version, package_version
from lake.errors import BadInputError
from lake.jobs import ExecutorKind

VERSION = 1
"""Of the tables' form."""
PATTERN_SUPPORT = 0.01
"""Share of the callers that a pattern must be in."""
RULE_CONFIDENCE = 0.3
_LARGEST_PATTERN = 6
_MANIFEST = "manifest.json"
_CORPORA = "corpora"

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
        seconds: That counting them took, without what had been extracted before.
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
    near: float | None = NEAR_DUPLICATE,
) -> Manifest:
    """Builds a knowledge base of some corpora, or brings it up to date.

    Args:
        found: Name of each corpus to what its connector finds.
        folder: Of the tables, `{name}.parquet`, of `manifest.json`, and of what they are made of.
        say: Told how far it is.
        executor: Where scripts are extracted from; see `lake.jobs`.
        workers: See `lake.jobs`.
        near: See `codegen.corpora.selection.select`.

    Raises:
        BadInputError: No script was kept.
    """
    for name, scripts in found.items():
        select_corpus(name, scripts, folder, say, near)
    return build_tables(folder, sorted(found), say, executor, workers, near)


def select_corpus(
    name: str,
    found: Iterable[Found | Dropped],
    folder: Path,
    say: Say,
    near: float | None = NEAR_DUPLICATE,
) -> Selection:
    """Selects the scripts of one corpus, and leaves them in the folder for `build_tables`."""
    selection = select(name, found, near=near)
    for table_name, table in zip(("scripts", "dropped"), tables(selection), strict=True):
        _write(folder / _CORPORA / name / f"{table_name}.parquet", table)
    say(f"{name}: {len(selection.scripts):,} scripts kept, {len(selection.dropped):,} put aside.")
    return selection


def selected_corpora(folder: Path) -> list[str]:
    """Names of the corpora that were selected."""
    return sorted(path.parent.name for path in (folder / _CORPORA).glob("*/scripts.parquet"))


def build_tables(
    folder: Path,
    names: Iterable[str],
    say: Say,
    executor: ExecutorKind = "local",
    workers: int | None = None,
    near: float | None = NEAR_DUPLICATE,
) -> Manifest:
    """Extracts from the scripts of some corpora that were selected, and makes all tables, the report and the page.

    Raises:
        BadInputError: A corpus was not selected, or none has a script.
    """
    started = time.perf_counter()
    merged = _merged(folder, names, near)
    made_of = corpus_hash(merged.scripts), code()
    before = read_manifest(folder)
    if before is not None and (before.corpus_hash, before.code, before.version) == (*made_of, VERSION):
        say(f"Nothing to do: {folder} is of these {len(merged.scripts):,} scripts and this code.")
        return before
    for table_name, table in zip(("scripts", "dropped"), tables(merged), strict=True):
        _write(folder / f"{table_name}.parquet", table)
    parts = folder / "parts"
    found = extract_scripts(folder / "scripts.parquet", parts, extraction_code(), say, executor, workers)
    made = _tables(found, merged.scripts, say)
    for name, made_table in made.items():
        _write(folder / f"{name}.parquet", made_table)
    rows = {name: made_table.height for name, made_table in made.items()}
    sizes = dict(Counter(script.corpus for script in merged.scripts))
    manifest = Manifest(VERSION, sizes, *made_of, rows, round(time.perf_counter() - started, 1))
    _show(folder, manifest, made, merged)
    with replacing(folder / _MANIFEST) as temporary:
        temporary.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest | None:
    """What a folder holds; None where it holds no knowledge base that is whole."""
    path = folder / _MANIFEST
    return Manifest(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def code() -> str:
    """Digest of all code that a knowledge base is a function of."""
    data = hashlib.sha256()
    for path in sorted(_packaged(resources.files(knowledge))):
        data.update(path.read_bytes())
    packages = "".join(map(package_version, (corpora, extraction, knowledge)))
    return packages + data.hexdigest()[:16]


def _packaged(folder: Any) -> Iterator[Path]:
    """What is no Python: taxonomy, seeds, the page's script and style."""
    for path in map(Path, folder.iterdir()):
        if path.is_dir():
            yield from _packaged(path)
        elif path.suffix in (".yaml", ".js", ".css", ".jinja"):
            yield path


def extraction_code() -> str:
    """Digest of the code that an extraction is a function of: what was extracted stays when only counting changed."""
    return package_version(extraction) + code_version(extracted)


def _merged(folder: Path, names: Iterable[str], near: float | None) -> Selection:
    """The scripts of all corpora, each once: what repeats a script of a corpus before it is put aside."""
    merged = Selection()
    kept: Kept | None = None
    for name in names:
        corpus = folder / _CORPORA / name
        if not (corpus / "scripts.parquet").exists():
            raise BadInputError(f"The corpus {name} was not selected yet: {corpus} holds no scripts.")
        scripts = scripts_from(pl.read_parquet(corpus / "scripts.parquet"))
        dropped = dropped_from(pl.read_parquet(corpus / "dropped.parquet"))
        merged.dropped.extend(replace(one, origin=f"{name}: {one.origin}") for one in dropped)
        if merged.scripts and kept is None:
            kept = Kept(near)
            for script in merged.scripts:
                kept.add(script)
        for script in scripts:
            if (repeated := _repeats(kept, script)) is None:
                merged.scripts.append(script)
            else:
                merged.dropped.append(replace(repeated, origin=f"{name}: {script.origin}"))
    if not merged.scripts:
        raise BadInputError(f"No Earth Engine script was kept: {folder / _CORPORA} tells of each why.")
    return merged


def _repeats(kept: Kept | None, script: Script) -> Dropped | None:
    if kept is None:
        return None
    try:
        kept.add_new(script)
    except RefusedError as refused:
        return Dropped(script.origin, refused.reason, refused.detail)
    return None


def _tables(found: Extracted, scripts: list[Script], say: Say) -> dict[str, pl.DataFrame]:
    say("Counting relations, chains and data sets.")
    operators = operator_table().join(usage.operator_uses(found), on="name", how="left")
    made = {
        "operators": operators.with_columns(pl.col("uses", "scripts", "waiting").fill_null(0)),
        "relationships": usage.relationships(found),
        "chains": usage.chain_table(found),
        "datasets": usage.data_sets(found),
        "dataset_operators": usage.data_set_operators(found),
        "outcomes": found.scan("outcomes").sort("script").collect(),
    }
    say("Mining patterns.")
    callers = usage.transactions(found)
    called = callers["operators"].to_list()
    itemsets = frequent_itemsets(called, PATTERN_SUPPORT, _LARGEST_PATTERN)
    sequences = frequent_sequences(called, PATTERN_SUPPORT, _LARGEST_PATTERN)
    made["patterns"] = pl.concat([_patterns(itemsets, ordered=False), _patterns(sequences, ordered=True)])
    made["rules"] = association_rules(itemsets, RULE_CONFIDENCE)
    say("Telling what the scripts are for.")
    told = function_tables(callers, sequences, scripts, made["relationships"])
    told["functions"] = told["functions"].with_columns(name=pl.concat_str("name_en", "name_zh", separator=" "))
    return made | told


def _patterns(found: pl.DataFrame, ordered: bool) -> pl.DataFrame:
    names = {"items": "operators", "length": "size"}
    told = found.rename({name: to for name, to in names.items() if name in found.columns})
    return told.select("operators", "size", "count", "support", "closed", "maximal", ordered=pl.lit(ordered))


def _show(folder: Path, manifest: Manifest, made: Mapping[str, pl.DataFrame], merged: Selection) -> None:
    """The page and the report."""
    dropped = tables(merged)[1]
    head = HeadNumbers(
        kept=manifest.corpora,
        put_aside=put_aside(dropped),
        corpus_hash=manifest.corpus_hash,
        built=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        versions={name: version(name) for name in ("earthengine-api", "tree-sitter", "polars")},
    )
    for name, text in (("explorer.html", page(made, head)), ("report.md", report_markdown(made, head))):
        with replacing(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")


def _write(path: Path, table: pl.DataFrame) -> None:
    with replacing(path) as temporary:
        table.write_parquet(temporary)
