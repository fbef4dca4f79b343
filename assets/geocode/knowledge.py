"""The knowledge base: scripts by corpus, then the tables, the index and the page over all of them."""

from collections.abc import Iterator

import dagster as dg

from assets.checks import blocked, declared, results
from assets.failures import told_clearly
from assets.geocode.corpora import CORPORA, connectors, knowledge_folder
from assets.resources import CityLake
from quality.knowledge import CORPUS_CHECKS, TABLE_CHECKS

GROUP = "knowledge"
SCRIPTS, TABLES = dg.AssetKey(["knowledge", "scripts"]), dg.AssetKey(["knowledge", "tables"])
INDEX, EXPLORER = dg.AssetKey(["knowledge", "index"]), dg.AssetKey(["knowledge", "explorer"])

Results = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]


@dg.asset(
    key=SCRIPTS,
    partitions_def=CORPORA,
    group_name=GROUP,
    kinds={"parquet"},
    check_specs=declared(CORPUS_CHECKS, SCRIPTS),
)
def scripts(context: dg.AssetExecutionContext, lake: CityLake) -> Results:
    """The Earth Engine scripts of a corpus, normalised, each once; of the others why they were put aside."""
    from codegen.corpora.tables import tables
    from codegen.knowledge.building import select_corpus
    from quality.knowledge import check_corpus

    name = context.partition_key
    with told_clearly():
        selection = select_corpus(name, connectors()[name](), knowledge_folder(), context.log.info)
    kept, dropped = tables(selection)
    written = {
        table: lake.store.write_table(f"knowledge/corpora/{name}/{table}", rows).uri
        for table, rows in (("scripts", kept), ("dropped", dropped))
    }
    reasons = dropped.group_by("reason").len().sort("len", descending=True)
    outcomes = check_corpus(kept, dropped)
    yield dg.MaterializeResult(
        metadata={"kept": kept.height, **{f"put aside, {why}": count for why, count in reasons.iter_rows()}, **written}
    )
    yield from results({name: outcomes}, SCRIPTS)
    if blocked(outcomes):
        raise dg.Failure(description=f"The corpus {name} cannot be used: see the check.", allow_retries=False)


@dg.asset(
    key=TABLES,
    deps=[SCRIPTS],
    group_name=GROUP,
    kinds={"polars", "parquet"},
    check_specs=declared(TABLE_CHECKS, TABLES),
)
def tables(context: dg.AssetExecutionContext, lake: CityLake) -> Results:
    """Operators, relations, patterns, chains, functions, data sets of all corpora selected, as tables of the lake."""
    import polars as pl

    from codegen.knowledge.building import build_tables, selected_corpora
    from quality.knowledge import check_tables

    folder = knowledge_folder()
    names = [name for name in selected_corpora(folder) if name in connectors()]
    with told_clearly():
        manifest = build_tables(folder, names, context.log.info)
    made = {name: pl.read_parquet(folder / f"{name}.parquet") for name in manifest.rows}
    metadata = {"corpus_hash": manifest.corpus_hash, "code": manifest.code}
    for name, table in made.items():
        lake.store.write_table(f"knowledge/{name}", table, metadata)
    report = (folder / "report.md").read_text(encoding="utf-8")
    outcomes = check_tables(made, sum(manifest.corpora.values()))
    yield dg.MaterializeResult(metadata={"report": dg.MetadataValue.md(report), **metadata, **manifest.rows})
    yield from results({"": outcomes}, TABLES)


@dg.asset(key=INDEX, deps=[TABLES], group_name=GROUP, kinds={"numpy"})
def index(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """What is searched in: words and multilingual embeddings of everything that is known."""
    from codegen.retrieval.index import Index, build_index

    folder = knowledge_folder()
    with told_clearly():
        build_index(folder, folder / "index", lambda done, total: context.log.info(f"{done:,} of {total:,} texts"))
        found = Index.open(folder / "index").search("cloud mask", k=5)
    return dg.MaterializeResult(
        metadata={"example": dg.MetadataValue.md("\n".join(f"- {hit.document.title}" for hit in found))}
    )


@dg.asset(key=EXPLORER, deps=[TABLES], group_name=GROUP, kinds={"html"})
def explorer() -> dg.MaterializeResult[None]:
    """The page on which a person looks round: one file, no server."""
    page = knowledge_folder() / "explorer.html"
    return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(page.resolve()), "bytes": page.stat().st_size})
