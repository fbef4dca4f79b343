"""The schedule that keeps the lake complete."""

from collections import Counter
from collections.abc import Callable, Iterator

import dagster as dg

from assets.econ import upkeep
from assets.econ.jobs import BACKFILL
from assets.econ.keys import KEYS_OF
from assets.partitions import RANGE_END, RANGE_START, CityYear, in_runs, keys_of
from assets.resources import CityLake

RUNS_A_TICK = 4
"""A tick asks for a few cities only: the queue stays short, and a person can put something in front."""
_GOING_ON = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


@dg.schedule(
    cron_schedule="15 * * * *",
    target=BACKFILL,
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,  # a person decides when a machine begins to work by itself
    description="Requests, every hour, cities and years of the profile that lack streams or a release.",
)
def missing_partitions(
    context: dg.ScheduleEvaluationContext, lake: CityLake
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Requests the missing partitions of a few cities, unless runs that it asked for earlier are still going on."""
    if context.instance.get_run_ids(dg.RunsFilter(job_name=BACKFILL.name, statuses=_GOING_ON), limit=1):
        yield dg.SkipReason("Runs of econ_backfill are still going on.")
        return
    champion = upkeep.champion_digest()
    can_release = champion is not None and not upkeep.needs_axes(lake.store, champion)
    wanted = keys_of(lake.scale)
    missing = [key for key in wanted if _is_missing(lake, key, champion if can_release else None)]
    if not missing:
        yield dg.SkipReason(f"All {len(wanted)} partitions of the profile are up to date.")
    for keys in sorted(in_runs(missing), key=_failures_of(context.instance))[:RUNS_A_TICK]:
        yield dg.RunRequest(
            # Several requests of a tick need keys, and a key is run once ever: the hour makes it another.
            run_key=f"{keys.start} {keys.end} {context.scheduled_execution_time.isoformat()}",
            tags={RANGE_START: keys.start, RANGE_END: keys.end},
            asset_selection=None if can_release else list(KEYS_OF["econ_streams"]),
        )


def _failures_of(instance: dg.DagsterInstance) -> Callable[[dg.PartitionKeyRange], int]:
    """How often a range failed before: what fails again and again must not keep others from their turn."""
    failed = instance.get_runs(dg.RunsFilter(job_name=BACKFILL.name, statuses=[dg.DagsterRunStatus.FAILURE]))
    counts = Counter((run.tags.get(RANGE_START), run.tags.get(RANGE_END)) for run in failed)
    return lambda keys: counts[keys.start, keys.end]


def _is_missing(lake: CityLake, key: CityYear, champion: str | None) -> bool:
    """Without a champion there is nothing to embed with: only the streams count."""
    if upkeep.needs_streams(lake.store, *key):
        return True
    return champion is not None and upkeep.needs_release(lake.store, *key, champion)
