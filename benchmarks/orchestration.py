"""What Dagster costs: the same partitions extracted, checked and written by a plain loop and by the job `econ_streams`.

Both ways run in turns in one process, on one local Earth Engine that has served these partitions before, each time
into an empty lake; the best round of each counts. What Dagster adds holds the pictures in the metadata too. Then the
time in which the code location loads, in processes of its own.

Usage: python benchmarks/orchestration.py [--profile demo] [--rounds 3]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from assets.environment import QUIET

PARTITIONS = [(city, year) for city in ("wuhan", "lanzhou") for year in (2020, 2021)]
MOST_OVERHEAD, MOST_LOADING = 0.5, 5.0  # seconds
LOADS = 3


def plain_loop(pixels: int) -> Callable[[Path], None]:
    """Extracts, checks and writes all streams and observations of the partitions, with nothing in between."""
    from assets.extraction.extract import extract
    from assets.extraction.observations import extract_observations
    from assets.resources import EarthEngine
    from lake.grid import city_grid
    from lake.partition_io import Lake
    from lake.streams import STREAMS
    from quality.observations import check_observations
    from quality.streams import check_stream

    session = EarthEngine().session()

    def run(folder: Path) -> None:
        lake = Lake(str(folder))
        for city, year in PARTITIONS:
            grid = city_grid(city, pixels)
            for stream in STREAMS.values():
                found = extract(session, stream, grid, year)
                before = lake.partitions(stream.dataset)
                previous = lake.read(stream.dataset, city, year - 1) if (city, year - 1) in before else None
                check_stream(stream, found.table, grid.pixel, previous)
                lake.write(stream.dataset, city, year, found.table, found.metadata)
            observed = extract_observations(session, grid, year)
            check_observations(observed.points, observed.districts, observed.pixel_district, grid)
            for name in ("points", "districts", "pixel_district"):
                lake.write(f"observations/{name}", city, year, getattr(observed, name), observed.metadata)

    return run


def dagster_runs() -> Callable[[Path], None]:
    """Runs the job `econ_streams`, a run a city as in the main job, on an instance with its files on disk."""
    from assets.econ.definitions import defs
    from assets.instance import open_instance
    from assets.partitions import RANGE_END, RANGE_START, in_runs

    instance = open_instance()
    job = defs.get_repository_def().get_job("econ_streams")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

    def run(_: Path) -> None:
        for keys in in_runs(PARTITIONS):
            tags = {RANGE_START: keys.start, RANGE_END: keys.end}
            assert job.execute_in_process(instance=instance, tags=tags, run_config=quiet).success

    return run


def rounds(ways: dict[str, Callable[[Path], None]], lake: Path, count: int) -> dict[str, float]:
    """Best seconds of each way, in turns; the first turn warms up and is not counted."""
    best = dict.fromkeys(ways, float("inf"))
    for turn in range(count + 1):
        for name, run in ways.items():
            shutil.rmtree(lake, ignore_errors=True)
            started = time.perf_counter()
            run(lake)
            if turn:
                best[name] = min(best[name], time.perf_counter() - started)
    return best


def seconds_of(command: Sequence[str]) -> float:
    """Of a process from its start to its end."""
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", choices=("tiny", "demo"), default="demo", help="pixels a city (default: demo)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        ours = {"AEF_ECON_DATA_DIR": data, "AEF_ECON_PROFILE": options.profile, "AEF_ECON_LAKE": "", "EE_PROJECT": ""}
        os.environ |= QUIET | ours  # before anything of the project reads it
        measure(options.rounds, Path(data))


def measure(count: int, data: Path) -> None:
    """Both ways and the loading, on an empty data folder."""
    from assets.econ.keys import KEYS_OF
    from lake.profiles import scale

    ways = {"plain loop": plain_loop(scale().pixels), "Dagster": dagster_runs()}
    best = rounds(ways, data / "lake", count)
    materialisations = len(PARTITIONS) * len(KEYS_OF["econ_streams"])
    overhead = (best["Dagster"] - best["plain loop"]) / materialisations
    size = f"{len(PARTITIONS)} partitions of {scale().pixels:,} pixels"
    print(f"{size}, {materialisations} materialisations, best of {count}")
    for name, seconds in best.items():
        print(f"{name:11}{seconds:7.2f} s")
    verdict = "held" if overhead <= MOST_OVERHEAD else "MISSED"
    print(
        f"Dagster adds {overhead:.3f} s a materialisation (at most {MOST_OVERHEAD}: {verdict}), "
        f"{best['Dagster'] / best['plain loop']:.2f} times the plain loop"
    )
    program = "from assets.econ.definitions import defs; defs.get_repository_def()"
    loading = min(seconds_of([sys.executable, "-c", program]) for _ in range(LOADS))
    verdict = "held" if loading <= MOST_LOADING else "MISSED"
    print(f"The code location loads in {loading:.2f} s, best of {LOADS} (at most {MOST_LOADING:g}: {verdict})")


if __name__ == "__main__":
    main()
