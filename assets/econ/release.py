"""Embeddings and released files of a city and year."""

from collections.abc import Iterator, Sequence

import dagster as dg

from assets.checks import any_blocked, declared, results
from assets.econ.keys import CHAMPION, EMBEDDINGS, PICTURE_AXES, RELEASE, STREAM_TABLES
from assets.failures import told_clearly
from assets.partitions import A_CITY_A_RUN, CITY_YEAR, CityYear, city_years, key_of, keys_of
from assets.resources import CityLake, Tracking
from assets.thumbnails import inline_png, origin
from ml.release import layout
from quality.embeddings import EMBEDDING_CHECKS, check_embeddings
from quality.outcome import CheckSpec, Outcome
from quality.release import RELEASE_CHECKS, check_release

GROUP = "release"
Made = dg.MaterializeResult[None] | dg.AssetCheckResult


@dg.asset(
    key=EMBEDDINGS,
    group_name=GROUP,
    partitions_def=CITY_YEAR,
    backfill_policy=A_CITY_A_RUN,
    deps=[*STREAM_TABLES, CHAMPION],
    pool="torch",
    kinds={"pytorch", "parquet"},
    check_specs=declared(EMBEDDING_CHECKS, EMBEDDINGS),
    output_required=False,
)
def embeddings(context: dg.AssetExecutionContext, lake: CityLake, tracking: Tracking) -> Iterator[Made]:
    """256-d float32 embeddings of unit length, by the champion."""
    from ml.release.embeddings import embed_partition, read_embeddings

    outcomes: dict[str, Sequence[Outcome]] = {}
    with told_clearly():
        model = tracking.champion()
        for city, year in city_years(context):
            written = embed_partition(lake.store, model, city, year)
            pixels, vectors = read_embeddings(lake.store, city, year)
            outcomes[key_of(city, year)] = check_embeddings(vectors, pixels)
            context.add_asset_metadata(
                {
                    "dagster/row_count": written.rows,
                    "dagster/uri": written.uri,
                    "content_hash": written.content_hash,
                    "model": f"{model.name} version {model.version}",
                    "simulated": layout.is_simulated(lake.store.metadata(layout.EMBEDDINGS, city, year)),
                },
                partition_key=key_of(city, year),
            )
    yield from results(outcomes, EMBEDDINGS)
    if not any_blocked(outcomes):
        yield dg.MaterializeResult(asset_key=EMBEDDINGS)


@dg.asset(key=PICTURE_AXES, group_name=GROUP, deps=[EMBEDDINGS], kinds={"numpy"})
def picture_axes(lake: CityLake) -> dg.MaterializeResult[None]:
    """Three principal axes of the embeddings, so that a colour means the same in every city and year."""
    from ml.release.axes import fit_axes

    with told_clearly():
        embedded = set(lake.store.partitions(layout.EMBEDDINGS))
        axes = fit_axes(lake.store, [partition for partition in keys_of(lake.scale) if partition in embedded])
    told = {"model_digest": axes.model_digest, "uri": lake.store.uri(layout.PICTURE_AXES)}
    return dg.MaterializeResult(metadata=told)


def _release_checks() -> list[CheckSpec]:
    """The checks of a released file, for each width."""
    return [_of_width(spec, width) for width in layout.WIDTHS for spec in RELEASE_CHECKS]


def _of_width(spec: CheckSpec, width: int) -> CheckSpec:
    return CheckSpec(f"{spec.name}_{width}", spec.blocking, f"{layout.collection(width)}: {spec.description}")


@dg.asset(
    key=RELEASE,
    group_name=GROUP,
    partitions_def=CITY_YEAR,
    backfill_policy=A_CITY_A_RUN,
    deps=[EMBEDDINGS, PICTURE_AXES],
    kinds={"cog", "parquet", "stac"},
    check_specs=declared(_release_checks(), RELEASE),
    output_required=False,
)
def aef_econ(context: dg.AssetExecutionContext, lake: CityLake) -> Iterator[Made]:
    """AEF-Econ in 128 and 64 dimensions of one byte: COG, Parquet, STAC item, picture, statistics."""
    from ml.release.axes import read_axes
    from ml.release.partition import release_partition

    outcomes: dict[str, Sequence[Outcome]] = {}
    with told_clearly():
        axes = read_axes(lake.store)
        for city, year in city_years(context):
            released = release_partition(lake.store, city, year, lake.grid(city), axes)
            outcomes[key_of(city, year)] = _check_released(lake, (city, year))
            files = {name: f"{file.uri} ({file.size:,} bytes)" for name, file in released.files.items()}
            hashes = {name: file.content_hash for name, file in released.files.items()}
            context.add_asset_metadata(
                {
                    "picture": inline_png(released.thumbnail, origin(released.simulated)),
                    "files": dg.MetadataValue.json(files),
                    "content_hashes": dg.MetadataValue.json(hashes),
                    "statistics": dg.MetadataValue.json(released.statistics.to_dict()),
                    "model": released.model,
                    "simulated": released.simulated,
                },
                partition_key=key_of(city, year),
            )
    yield from results(outcomes, RELEASE)
    if not any_blocked(outcomes):
        yield dg.MaterializeResult(asset_key=RELEASE)


def _check_released(lake: CityLake, partition: CityYear) -> list[Outcome]:
    """Reads back what was written, as a user would."""
    found = []
    for width in layout.WIDTHS:
        cog = lake.store.read_bytes(layout.cog_path(width, *partition))
        table = lake.store.read(layout.dataset(width), *partition)
        for outcome in check_release(cog, table, lake.grid(partition[0]), width):
            name = f"{outcome.name}_{width}"
            found.append(Outcome(name, outcome.passed, outcome.blocking, outcome.description, outcome.metrics))
    return found
