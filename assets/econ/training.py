"""CAR and its twin: trained, probed, registered, and promoted where the scores pass."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.econ import upkeep
from assets.econ.keys import BENCHMARK, CANDIDATE, CHAMPION, MODELS, SCORES, STREAM_TABLES
from assets.failures import told_clearly
from assets.partitions import CityYear, keys_of
from assets.resources import CityLake, Tracking
from assets.thumbnails import inline_png, origin
from lake.errors import PartitionMissingError

if TYPE_CHECKING:
    from ml.promotion import CheckOutcome

GROUP = "model"
PROMOTION = dg.AssetCheckSpec(
    "promotion",
    asset=CHAMPION,
    blocking=True,
    description="No worse than AEF alone, in mean R² and collapsed labels, nor than the champion (E2, as released).",
)
BEATS_TWIN = dg.AssetCheckSpec(
    "beats_twin", asset=CHAMPION, description="CAR does at least as well as shared reconstruction (E2, as released)."
)


@dg.asset(key=MODELS, group_name=GROUP, deps=STREAM_TABLES, pool="torch", kinds={"pytorch", "mlflow"})
def car_models(lake: CityLake, tracking: Tracking) -> dg.MaterializeResult[None]:
    """Capacity-adaptive reconstruction and shared reconstruction, trained on the profile's partitions."""
    from ml.config import TrainingConfig
    from ml.pipeline import train

    with told_clearly():
        config = TrainingConfig(batch=lake.scale.batch)
        outcome = train(lake.store, _extracted(lake), tracking.store, tracking.folder, config)
    return dg.MaterializeResult(
        metadata={
            "mlflow_run": outcome.run_id,
            "data_version": outcome.data_version,
            "weights_digest": outcome.digest,
            "pixel_years": outcome.rows,
            "gradient_share": dg.MetadataValue.md(_by_stream(outcome.gradient_share, "share of the gradient norm")),
            "reconstruction": dg.MetadataValue.md(_by_stream(outcome.reconstruction, "reconstruction R²")),
            "simulated": outcome.simulated,
            "unchanged": not outcome.changed,
        }
    )


@dg.asset(key=SCORES, group_name=GROUP, deps=[MODELS, BENCHMARK], pool="torch", kinds={"scikitlearn", "mlflow"})
def probe_scores(lake: CityLake, tracking: Tracking) -> dg.MaterializeResult[None]:
    """Linear probes of the 16 labels under E1, E2 and E3, against AEF alone, raw columns and the twin."""
    from ml.pipeline import evaluate

    with told_clearly():
        found = evaluate(lake.store, tracking.store, tracking.folder)
    figures = {name: inline_png(png, origin(found.simulated)) for name, png in found.figures.items()}
    return dg.MaterializeResult(
        metadata={
            "scores": dg.MetadataValue.md(found.table),
            "dagster/row_count": found.written.rows,
            "dagster/uri": found.written.uri,
            "content_hash": found.written.content_hash,
            "mlflow_run": found.run_id,
            "simulated": found.simulated,
            **{f"figure_{name}": figure for name, figure in figures.items()},
        }
    )


@dg.asset(key=CANDIDATE, group_name=GROUP, deps=[SCORES], kinds={"mlflow"})
def candidate_model(lake: CityLake, tracking: Tracking) -> dg.MaterializeResult[None]:
    """The trained encoder in the registry, as `@candidate`: takes raw named columns, needs nothing of this project."""
    from ml.pipeline import register

    with told_clearly():
        candidate = register(lake.store, tracking.store, tracking.folder)
    return dg.MaterializeResult(metadata=asdict(candidate))


@dg.asset(
    key=CHAMPION,
    group_name=GROUP,
    deps=[CANDIDATE],
    kinds={"mlflow"},
    check_specs=[PROMOTION, BEATS_TWIN],
    output_required=False,
)
def champion_model(lake: CityLake, tracking: Tracking) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """The candidate as `@champion`, where its scores pass."""
    from ml.pipeline import promote

    with told_clearly():
        outcome = promote(tracking.store)
    yield from _checks(outcome)
    if outcome.passed:
        upkeep.remember_model(lake.store, keys_of(lake.scale))
        digest = tracking.champion_digest()
        yield dg.MaterializeResult(asset_key=CHAMPION, metadata={"weights_digest": digest, **outcome.metrics})


def _checks(outcome: "CheckOutcome") -> Iterator[dg.AssetCheckResult]:
    yield dg.AssetCheckResult(
        asset_key=CHAMPION,
        check_name=PROMOTION.name,
        passed=outcome.passed,
        description=" ".join(outcome.reasons) or None,
        metadata=dict(outcome.metrics),
    )
    yield dg.AssetCheckResult(
        asset_key=CHAMPION,
        check_name=BEATS_TWIN.name,
        passed=not outcome.warnings,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(outcome.warnings) or None,
    )


def _extracted(lake: CityLake) -> list[CityYear]:
    """The profile's partitions.

    Raises:
        PartitionMissingError: Some lack a stream: a model of what happens to be there would be nobody's.
    """
    wanted = keys_of(lake.scale)
    missing = [f"{city}|{year}" for city, year in wanted if upkeep.needs_streams(lake.store, city, year)]
    if missing:
        raise PartitionMissingError(
            f"{len(missing)} of {len(wanted)} partitions lack a stream, or have one of other settings: "
            f"{', '.join(missing[:8])}{' …' if len(missing) > 8 else ''}. Materialise the streams first: in the "
            "Dagster UI, with `aef-econ backfill` or with `aef-econ demo`."
        )
    return wanted


def _by_stream(of_objective: Mapping[str, Mapping[str, Any]], title: str) -> str:
    car, shared = of_objective["car"], of_objective["shared"]
    rows = [f"| {stream} | {car[stream]:.3f} | {shared[stream]:.3f} |" for stream in car]
    return "\n".join([f"| {title} | CAR | shared |", "|---|---:|---:|", *rows])
