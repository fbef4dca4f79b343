"""The main job as a person runs it, with every real component: done once, again, killed on the way, poisoned."""

import csv
import itertools
import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import numpy as np
import polars as pl
import pytest
import rasterio
from rasterio.transform import from_bounds

from assets.econ.keys import KEYS_OF, OBSERVATIONS, STREAM_TABLES
from assets.partitions import RANGE_END, RANGE_START, key_of, keys_of
from assets.resources.lake import CityLake
from lake.grid import city_grid
from lake.partition_io import HASH_KEY
from lake.profiles import SCALES
from lake.streams import STREAMS
from ml.release import layout
from tests.assets.conftest import UseSettings
from tests.assets.support import BIN, Workplace, wait_until

TINY = SCALES["tiny"]
WANTED = keys_of(TINY)
KEYS = {key_of(*partition) for partition in WANTED}
PHASES = 6
WUHAN = ("backfill", "--cities", "wuhan", "--years", "2020")


def tables(place: Workplace) -> dict[str, str]:
    """Content hash of every Parquet file in the lake, by its path; reading it fails where a file is half there."""
    found = {}
    for path in sorted((place.data / "lake").rglob("*.parquet")):
        pl.read_parquet(path)
        found[str(path.relative_to(place.data / "lake"))] = pl.read_parquet_metadata(path)[HASH_KEY]
    return found


def written(place: Workplace) -> dict[str, int]:
    """When each file in the lake was written."""
    files = (path for path in (place.data / "lake").rglob("*") if path.is_file())
    return {str(path.relative_to(place.data)): path.stat().st_mtime_ns for path in files}


def released_bytes(place: Workplace) -> dict[str, bytes]:
    folder = place.data / "lake" / "release"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def latest(place: Workplace, key: dg.AssetKey, partition: str | None = None) -> dict[str, object]:
    """Metadata of an asset's last materialisation."""
    with place.instance() as instance:
        partitions = [partition] if partition else None
        wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=partitions)
        (record,) = instance.fetch_materializations(wanted, limit=1).records
        assert record.asset_materialization is not None
        return {name: value.value for name, value in record.asset_materialization.metadata.items()}


def kill_when(place: Workplace, happened: Callable[[], bool]) -> str:
    """Starts the main job and kills it at a moment; what it had said by then."""
    command = place.start("demo")
    try:
        wait_until(lambda: happened() or command.poll() is not None)
    finally:
        command.send_signal(signal.SIGKILL)
        command.wait(10)
    said = place.output
    assert command.returncode == -signal.SIGKILL, f"It ended before it could be killed:\n{said}"
    return said


# Killed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.usefixtures("begun")
def test_a_main_job_that_is_killed_twice_ends_with_the_same_bytes(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Killed between partitions and in the training, it goes on where it was; from scratch the bytes are the same.

    The main job that it is compared with goes on at the same time.
    """
    place = Workplace(tmp_path / "data")
    streams, models = place.data / "lake" / "streams", place.data / "models"
    said = kill_when(place, lambda: len(list(streams.rglob("*.parquet"))) >= 18)
    assert "Labels" not in said
    kept = written(place)
    assert place.open_runs()
    said = kill_when(place, lambda: any(models.rglob("*.checkpoint")))
    assert "Labels, training, registration:" in said
    assert "Streams and observations: 8 of 8" not in said, "a city that was done is not done again"
    done = place.run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Streams and observations: all 8 partitions are up to date." in done.stdout

    assert {path: when for path, when in written(place).items() if path in kept} == kept, "written twice"
    assert not list(place.data.rglob("*.tmp"))
    finished = request.getfixturevalue("finished")
    assert tables(place) == tables(finished)
    assert released_bytes(place) == released_bytes(finished)
    assert place.open_runs() == []
    assert place.held_slots() == 0
    with place.instance() as instance:
        ended = [run.status for run in instance.get_runs()]
    assert ended.count(dg.DagsterRunStatus.FAILURE) == 2
    assert set(ended) == {dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS}


# Done once -----------------------------------------------------------------------------------------------------------


def test_everything_is_materialised_and_nothing_failed(finished: Workplace) -> None:
    with finished.instance() as instance:
        runs = instance.get_runs()
        assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
        assert len(runs) == 3 * len(TINY.cities) + 3, "a run a city in the phases with partitions, one in the others"
        for key in (key for keys in KEYS_OF.values() for key in keys):
            assert instance.get_latest_materialization_event(key) is not None, key
        for job in ("econ_streams", "econ_embeddings", "econ_release"):
            assert all(instance.get_materialized_partitions(key) == KEYS for key in KEYS_OF[job]), job


def test_the_command_ends_with_scores_places_and_a_word_on_the_simulation(finished: Workplace) -> None:
    said = finished.output
    for expected in (
        "Simulated data",
        "CAR, 256-d",
        "catalog.json",
        "overview.png",
        "@champion (version 1)",
        "Done in",
    ):
        assert expected in said, expected


@pytest.mark.parametrize("stream", STREAMS.values(), ids=list(STREAMS))
def test_a_stream_partition_says_what_it_is(finished: Workplace, stream: object) -> None:
    stream = STREAMS[stream.name]
    told = latest(finished, dg.AssetKey(["streams", stream.name]), "wuhan|2021")
    assert told["dagster/row_count"] == TINY.pixels
    assert told["dagster/uri"] == finished.lake.partition_uri(stream.dataset, "wuhan", 2021)
    assert told["content_hash"] == finished.lake.metadata(stream.dataset, "wuhan", 2021)[HASH_KEY]
    assert str(told["map"]).startswith("![map](data:image/png;base64,")
    assert "Simulated data: not a measurement." in str(told["map"])
    provenance = told["provenance"]
    assert isinstance(provenance, dict)
    assert provenance["simulated"] == "true"
    assert "simulated" in provenance["provider"]
    assert provenance["source"]


def test_what_was_released_says_that_it_is_simulated(finished: Workplace) -> None:
    told = latest(finished, dg.AssetKey("aef_econ"), "wuhan|2020")
    assert told["simulated"] is True
    assert "Simulated data: not a measurement." in str(told["picture"])
    assert set(json.loads(json.dumps(told["files"]))) >= {"aef_econ_128/cog", "aef_econ_64/table", "picture"}
    assert latest(finished, dg.AssetKey("probe_scores"))["simulated"] is True


def test_each_partition_was_checked_and_passed_what_blocks(finished: Workplace) -> None:
    with finished.instance() as instance:
        for key in [*STREAM_TABLES, dg.AssetKey(["observations", "points"]), dg.AssetKey("aef_econ")]:
            check = dg.AssetCheckKey(key, "contract")
            executions = instance.event_log_storage.get_asset_check_execution_history(check, limit=20)
            evaluations = [execution.evaluation for execution in executions]
            assert len(evaluations) == len(TINY.cities)
            assert all(evaluation is not None and evaluation.passed for evaluation in evaluations)
            seen = " ".join(str(evaluation.metadata["outcomes"].value) for evaluation in evaluations if evaluation)
            assert all(key.replace("|", "\\|") in seen for key in KEYS)


# Done again ----------------------------------------------------------------------------------------------------------


def test_a_second_main_job_is_quick_and_changes_nothing(workplace: Workplace, finished: Workplace) -> None:
    before = written(finished)
    with finished.instance() as instance:
        runs = instance.get_run_ids()
    again = finished.run("demo")
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.count("up to date") == PHASES
    assert written(finished) == before
    with finished.instance() as instance:
        assert instance.get_run_ids() == runs
    assert workplace.lake.root != finished.lake.root


@pytest.mark.slow
def test_a_setting_that_changed_reaches_the_release_and_nothing_else(workplace: Workplace) -> None:
    before = tables(workplace)
    done = workplace.run(*WUHAN, AEF_ECON_INDICES_SENSOR="sentinel2")
    assert done.returncode == 0, done.stdout + done.stderr
    after = tables(workplace)
    changed = {path for path in after if after[path] != before.get(path)}
    here = "city=wuhan/year=2020/part.parquet"
    embedded = [layout.EMBEDDINGS, layout.STATISTICS, *map(layout.dataset, layout.WIDTHS)]
    assert changed == {f"{dataset}/{here}" for dataset in ["streams/indices", *embedded]}
    assert "Catalogue, overview, data docs:" in done.stdout


# The schedule ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def tick(workplace: Workplace, use_settings: UseSettings) -> Iterator[Callable[[], list[tuple[str, str]] | str]]:
    """Evaluates the schedule on the copy: ranges that it requests, or why it requests none."""
    from assets.econ.definitions import defs

    use_settings(AEF_ECON_DATA_DIR=str(workplace.data), DAGSTER_HOME=str(workplace.home))
    repository = defs.get_repository_def()
    schedule = repository.get_schedule_def("missing_partitions")

    hours = itertools.count()
    with workplace.instance() as instance:

        def evaluate() -> list[tuple[str, str]] | str:
            context = dg.build_schedule_context(
                instance=instance,
                repository_def=repository,
                resources={"lake": CityLake()},
                scheduled_execution_time=datetime(2025, 1, 1, hour=next(hours), tzinfo=UTC),
            )
            found = schedule.evaluate_tick(context)
            if not found.run_requests:
                return str(found.skip_message)
            return [(request.tags[RANGE_START], request.tags[RANGE_END]) for request in found.run_requests]

        yield evaluate


def test_the_schedule_asks_for_exactly_what_is_missing(
    tick: Callable[[], list[tuple[str, str]] | str], workplace: Workplace
) -> None:
    assert tick() == "All 8 partitions of the profile are up to date."
    shutil.rmtree(workplace.data / "lake/streams/poi/city=lanzhou/year=2021")
    shutil.rmtree(workplace.data / "lake/release/aef_econ_64/city=haikou")
    assert tick() == [("lanzhou|2021", "lanzhou|2021"), ("haikou|2020", "haikou|2021")]


def test_the_schedule_waits_while_its_runs_go_on_and_puts_what_fails_behind_the_rest(
    tick: Callable[[], list[tuple[str, str]] | str], workplace: Workplace
) -> None:
    shutil.rmtree(workplace.data / "lake/streams/poi")

    @dg.job(name="econ_backfill")
    def backfill() -> None:
        """Stands for a run of the backfill in the instance's log."""

    tags = {RANGE_START: "wuhan|2020", RANGE_END: "wuhan|2021"}
    with workplace.instance() as instance:
        run = instance.create_run_for_job(backfill, status=dg.DagsterRunStatus.STARTED, tags=tags)
        assert tick() == "Runs of econ_backfill are still going on."
        instance.report_run_failed(run)
    asked = tick()
    assert [start for start, _ in asked] == ["lanzhou|2020", "shenyang|2020", "haikou|2020", "wuhan|2020"]


# Bad input ------------------------------------------------------------------------------------------------------------


def zeros_of_aef(folder: Path) -> Path:
    """A catalogue in which AlphaEarth is one tile, around Wuhan in 2020, and zero."""
    window = city_grid("wuhan", TINY.pixels).window
    width, height = window.width * 10, window.height * 10
    folder.mkdir()
    with rasterio.open(
        folder / "wuhan_2020.tif",
        "w",
        driver="GTiff",
        count=64,
        dtype="float32",
        compress="deflate",
        width=width,
        height=height,
        crs=window.crs,
        transform=from_bounds(*window.bounds, width, height),
    ) as file:
        file.write(np.zeros((64, height, width), np.float32))
    (folder / "catalog.yaml").write_text(
        "assets:\n"
        "  - id: GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL\n"
        "    images: '*.tif'\n"
        "    date: '(\\d{4})'\n"
        f"    bands: [{', '.join(STREAMS['aef'].columns)}]\n"
    )
    return folder


@pytest.mark.slow
def test_an_aef_tile_of_zeros_is_put_aside_and_stops_the_release(workplace: Workplace, tmp_path: Path) -> None:
    before = tables(workplace)
    refused = workplace.run(*WUHAN, AEF_ECON_EE_CATALOG=str(zeros_of_aef(tmp_path / "catalog")))
    assert refused.returncode == 1, refused.stdout
    assert "streams/aef" in refused.stderr
    assert "wuhan|2020" in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    after = tables(workplace)
    here = "city=wuhan/year=2020/part.parquet"
    assert f"quarantine/streams/aef/{here}" in after
    untouched = [f"streams/aef/{here}", f"embeddings/aef_econ_256/{here}", f"release/aef_econ_128/{here}"]
    assert [after[path] for path in untouched] == [before[path] for path in untouched]
    assert not workplace.open_runs()


@pytest.mark.slow
def test_a_full_disk_is_named_and_leaves_whole_files_only(workplace: Workplace, tmp_path: Path) -> None:
    """A real one: a file system of 200 kB that holds the lake."""
    small = tmp_path / "small"
    small.mkdir()
    mount = f"mount -t tmpfs -o size=200k tmpfs {small}"
    private = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*private, "sh", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("No file system can be mounted here (unshare --mount).")
    command = " ".join([str(BIN / "aef-econ"), *WUHAN])
    look = f"find {small} -name '*.tmp'; find {small} -name part.parquet -exec sh -c 'tail -c 4 $1' _ {{}} \\;"
    script = f"{mount} && {command}; status=$?; {look}; exit $status"
    full = subprocess.run(
        [*private, "sh", "-c", script],
        env=workplace.environment(AEF_ECON_LAKE=str(small)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert full.returncode == 1, full.stdout + full.stderr
    assert "the disk is full: free some space, or point AEF_ECON_LAKE elsewhere" in full.stderr
    assert "Traceback" not in full.stdout + full.stderr
    assert ".tmp" not in full.stdout
    assert "PAR1" in full.stdout, "what fitted is there"


@pytest.mark.slow
def test_own_labels_with_a_wrong_column_are_refused_by_file_and_column(workplace: Workplace, tmp_path: Path) -> None:
    own = tmp_path / "labels"
    own.mkdir()
    with (own / "points.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["observation_id", "lon", "lat", "label", "price"], ["a", 114.3, 30.6, "rent", 40]])
    (own / "districts.csv").write_text("district_id,label,value,unit,year,source\n")
    (own / "districts.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    before = tables(workplace)
    refused = workplace.run(*WUHAN, AEF_ECON_OBSERVATIONS=str(own))
    assert refused.returncode == 1
    assert "points.csv" in refused.stderr
    assert "value" in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    after = tables(workplace)
    assert {path: after[path] for path in before} == before
    assert OBSERVATIONS
