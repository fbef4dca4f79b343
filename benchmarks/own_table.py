"""Memory of `aef-econ fit` on a table of many rows: bounded by a batch, not by the table.

A table of made-up numbers, 700 columns in four streams, is written as Parquet, and fitted with one label under one
split by a column of three values: four encoders, probes of the embedding, of all columns and of principal components,
embeddings of every row. What the process itself holds (`RssAnon`) is looked at ten times a second. Pages of the
memory-mapped matrix come on top in `ru_maxrss`; the system takes them back whenever it needs memory.

Usage: python benchmarks/own_table.py [--rows N] [--training-rows N] [--folder DIR]
"""

import argparse
import resource
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ml.own_table.fitting import fit

WIDTHS = {"wide": 512, "middle": 128, "narrow": 56, "few": 4}
LIMIT = 8.0
_GROUP = 50_000


class Watch:
    """The most anonymous memory that the process held while it was watched, GiB."""

    def __init__(self) -> None:
        self.peak, self._done = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.1):
            status = Path("/proc/self/status").read_text()
            held = next(line for line in status.splitlines() if line.startswith("RssAnon"))
            self.peak = max(self.peak, int(held.split()[1]) / 2**20)


def write_table(path: Path, rows: int) -> None:
    """Numbers that follow from eight hidden factors, with noise and gaps; a label of them; a column of three values."""
    names = [f"{stream}_{i:03d}" for stream, width in WIDTHS.items() for i in range(width)]
    mixture = np.random.default_rng(0).normal(size=(8, len(names))).astype(np.float32)
    schema = pa.schema([("row", pa.int64()), ("part", pa.string()), ("label", pa.float64())])
    for name in names:
        schema = schema.append(pa.field(name, pa.float32()))
    with pq.ParquetWriter(path, schema, compression="none") as writer:
        for start in range(0, rows, _GROUP):
            rng, count = np.random.default_rng(start), min(_GROUP, rows - start)
            factors = rng.normal(size=(count, 8)).astype(np.float32)
            values = np.tanh(factors @ mixture) + 0.1 * rng.standard_normal((count, len(names)), np.float32)
            values[rng.random(count) < 0.01, : WIDTHS["wide"]] = np.nan
            part = pa.array([("north", "middle", "south")[i] for i in rng.integers(0, 3, count)])
            label = factors[:, 0] + 0.3 * rng.normal(size=count)
            arrays = [pa.array(np.arange(start, start + count)), part, pa.array(label)]
            writer.write_table(pa.table([*arrays, *(pa.array(column) for column in values.T)], schema=schema))


def main() -> None:
    """Prints what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--training-rows", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, help="of the table and the results (default: a temporary one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        write_table(folder / "table.parquet", options.rows)
        streams = "\n".join(f"  {name}: {{columns: {name}_*}}" for name in WIDTHS)
        budget = f"{{epochs: 1, batch: 1024, training_rows: {options.training_rows}}}"
        (folder / "spec.yaml").write_text(
            f"streams:\n{streams}\nlabels: label\ngroups: part\nkeys: row\nbudget: {budget}\n", encoding="utf-8"
        )
        start = time.perf_counter()
        with Watch() as watch:
            fit(folder / "table.parquet", folder / "spec.yaml", folder / "out", lambda line: print(line, flush=True))
        seconds = time.perf_counter() - start
        size = (folder / "out" / "table" / "streams.f32").stat().st_size / 2**30
    mapped = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{options.rows:,} rows × {sum(WIDTHS.values())} columns ({size:.2f} GiB as float32) in {seconds:,.0f} s")
    print(
        f"peak of the process's own memory {watch.peak:.2f} GiB (limit {LIMIT:g}), with mapped pages {mapped:.2f} GiB"
    )
    if watch.peak > LIMIT:
        raise SystemExit("over the limit")


if __name__ == "__main__":
    main()
