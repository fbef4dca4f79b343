"""Data Docs: a folder of HTML pages that show every expectation and what was found, for people to look at."""

import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from lake.streams import STREAMS
from quality.expectations import label_suite, score_suite, stream_suite
from quality.pages import INDEX, make_offline, write_index
from quality.seeds import label_catalogue
from quality.suite_result import KEYS, SuiteResult, suite_result


@dataclass(frozen=True)
class DataDocsResult:
    """Where the Data Docs are, and what they say.

    Attributes:
        index: The page to open.
        passed: True where every suite passed.
        suites: Each suite's result, in the order of the pages.
    """

    index: Path
    passed: bool
    suites: tuple[SuiteResult, ...]


def write_data_docs(
    folder: Path, summaries: pl.DataFrame, labels: pl.DataFrame | None, scores: pl.DataFrame | None, simulated: bool
) -> DataDocsResult:
    """Runs every suite and writes the pages; a folder that is there already is replaced when the new one is complete.

    Args:
        folder: Where the pages go, on a local disk.
        summaries: `city`, `year` and the columns of `quality.streams.summarise_stream`, of all partitions and streams.
        labels: `quality.labels.summarise_labels`; None before there are labels.
        scores: The probes' table; None before anything was probed.
        simulated: Whether any of it was simulated; said on the pages.

    Returns:
        Where they are, and whether every critical expectation was met. Nothing is sent anywhere.
    """
    building = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.tmp")
    try:
        with _quiet_context(building) as context:
            results = tuple(_run_all(context, _jobs(summaries, labels, scores, simulated)))
            context.build_data_docs()
        make_offline(building)
        write_index(building, results, simulated)
        _replace_folder(folder, building)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return DataDocsResult(folder / INDEX, all(result.passed for result in results), results)


def _jobs(
    summaries: pl.DataFrame, labels: pl.DataFrame | None, scores: pl.DataFrame | None, simulated: bool
) -> Iterator[tuple[Any, pl.DataFrame]]:
    """Each suite and the table that it is held against."""
    for name, stream in STREAMS.items():
        table = summaries.filter(pl.col("stream") == name)
        if table.height:
            yield stream_suite(stream, _partitions(table), simulated), table
    if labels is not None:
        yield label_suite(label_catalogue(), _partitions(labels), simulated), labels
    if scores is not None:
        yield score_suite(label_catalogue(), simulated), scores


def _partitions(table: pl.DataFrame) -> int:
    return table.select("city", "year").n_unique()


@contextmanager
def _quiet_context(site: Path) -> Iterator[Any]:
    """A Great Expectations project in memory, but for its pages; no statistics are sent, no progress bars drawn."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    configuration = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        data_docs_sites={
            "data_docs": {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site.resolve())},
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            }
        },
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    yield gx.get_context(project_config=configuration, mode="ephemeral")


def _run_all(context: Any, jobs: Iterable[tuple[Any, pl.DataFrame]]) -> Iterator[SuiteResult]:
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier

    source = context.data_sources.add_pandas("lake")
    for suite, table in jobs:
        context.suites.add(suite)
        batch = source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("all partitions")
        validation = context.validation_definitions.add(
            gx.ValidationDefinition(name=suite.name, data=batch, suite=suite)
        )
        found = validation.run(
            batch_parameters={"dataframe": table.to_pandas()},
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": [key for key in KEYS if key in table.columns],
            },
            run_id=RunIdentifier(run_name="all partitions"),
        )
        yield suite_result(suite.name, found)


def _replace_folder(folder: Path, complete: Path) -> None:
    """Puts the complete folder in the place of another: two renames, for a folder cannot be renamed onto a full one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.old")
    if folder.exists():
        folder.rename(aside)
    complete.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)
