"""Pixels·bands a second of the extraction, stream by stream, through the local Earth Engine and its REST interface.

Each partition is one nobody asked for before (another city or year), in a process and a server that have served one
already, as in a backfill. The time is a client's: expressions, requests, the server's computation, tables.

Usage: python benchmarks/extraction.py [--pixels 2500] [--choice nearest|spread] [--cities chengdu haikou lanzhou]
    [--year 2020]
"""

import argparse
import time

from assets.extraction.connection import Session, connect
from assets.extraction.extract import extract
from assets.extraction.observations import extract_observations
from lake.grid import GRIDS, CityGrid, city_grid
from lake.settings import Settings
from lake.streams import STREAMS

TARGETS = {("nearest", 2_500): 8.0, ("spread", 600): 6.0, ("nearest", 50_000): 120.0}
"""Seconds that a partition of the demo's, the study's and the paper's size may take."""
OBSERVATIONS = "observations"


def seconds_of(session: Session, grid: CityGrid, year: int) -> dict[str, float]:
    """Seconds for each stream of a partition, and for the label observations."""
    taken = {}
    for name, stream in STREAMS.items():
        started = time.perf_counter()
        extract(session, stream, grid, year)
        taken[name] = time.perf_counter() - started
    started = time.perf_counter()
    extract_observations(session, grid, year)
    return taken | {OBSERVATIONS: time.perf_counter() - started}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixels", type=int, default=2_500, help="pixels of a partition (default: %(default)s)")
    parser.add_argument("--choice", choices=GRIDS, default="nearest", help="which pixels (default: %(default)s)")
    parser.add_argument("--cities", nargs="+", default=["chengdu", "haikou", "lanzhou"], help="partitions measured")
    parser.add_argument("--year", type=int, default=2020)
    options = parser.parse_args()
    with connect(Settings(ee_project="")) as session:
        seconds_of(session, city_grid("wuhan", 400), options.year)  # imports, the encoder, the server's first requests
        grids = [GRIDS[options.choice](city, options.pixels) for city in options.cities]
        runs = [seconds_of(session, grid, options.year) for grid in grids]
    what = f"{options.pixels:,} pixels ({options.choice})"
    print(f"{what}, {options.year}, {', '.join(options.cities)} (simulated planet)")
    print(f"{'stream':14}{'seconds':>9}{'worst':>9}{'pixels·bands/s':>17}")
    for name in runs[0]:
        mean, worst = sum(run[name] for run in runs) / len(runs), max(run[name] for run in runs)
        rate = f"{options.pixels * STREAMS[name].width / mean:>17,.0f}" if name in STREAMS else ""
        print(f"{name:14}{mean:>9.2f}{worst:>9.2f}{rate}")
    totals = [sum(run.values()) for run in runs]
    target = TARGETS.get((options.choice, options.pixels))
    claim = f" (at most {target:g} s wanted)" if target else ""
    print(f"{'a partition':14}{sum(totals) / len(totals):>9.2f}{max(totals):>9.2f}{claim}")


if __name__ == "__main__":
    main()
