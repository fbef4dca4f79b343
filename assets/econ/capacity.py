"""Two studies of size: how wide streams crowd out narrow ones, and what smaller embeddings cost."""

from typing import TYPE_CHECKING

import dagster as dg

from assets.econ.keys import BENCHMARK, CAPACITY_STUDY, COMPRESSION_STUDY, STREAM_TABLES
from assets.failures import told_clearly
from assets.partitions import keys_of
from assets.resources import CityLake, Tracking
from assets.thumbnails import inline_png, origin
from lake.settings import settings

if TYPE_CHECKING:
    from ml.size_studies import StudyOutcome

GROUP = "study"
KINDS = {"pytorch", "matplotlib"}


@dg.asset(key=CAPACITY_STUDY, group_name=GROUP, deps=[*STREAM_TABLES, BENCHMARK], pool="torch", kinds=KINDS)
def capacity_study(lake: CityLake, tracking: Tracking) -> dg.MaterializeResult[None]:
    """Narrow streams under shared reconstruction and under CAR, as AlphaEarth and text grow wider and tell no more."""
    from ml.size_studies import run_capacity_study

    with told_clearly():
        outcome = run_capacity_study(
            lake.store,
            keys_of(lake.scale),
            tracking.folder / "capacity",
            executor=settings().experiments_executor,
        )
    return _result(outcome)


@dg.asset(key=COMPRESSION_STUDY, group_name=GROUP, deps=[*STREAM_TABLES, BENCHMARK], pool="torch", kinds=KINDS)
def compression_study(lake: CityLake, tracking: Tracking) -> dg.MaterializeResult[None]:
    """Loss in R² and neighbours of 128 and 64 dimensions, by Matryoshka head, by PCA and in int8."""
    from ml.config import TrainingConfig
    from ml.size_studies import run_compression_study

    with told_clearly():
        config = TrainingConfig(batch=lake.scale.batch)
        outcome = run_compression_study(lake.store, keys_of(lake.scale), tracking.folder / "folds", config)
    return _result(outcome)


def _result(outcome: "StudyOutcome") -> dg.MaterializeResult[None]:
    figures = {f"figure_{name}": inline_png(png, origin(outcome.simulated)) for name, png in outcome.figures.items()}
    tables = {f"table_{name}": written.uri for name, written in outcome.written.items()}
    return dg.MaterializeResult(
        metadata={
            "found": dg.MetadataValue.md(outcome.text),
            "rows": outcome.rows,
            "simulated": outcome.simulated,
            **tables,
            **figures,
        }
    )
