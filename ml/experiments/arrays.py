"""A study's data as files that every process maps into memory: nothing is sent to a worker but a path."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.atomic import replacing
from lake.errors import BadInputError
from lake.partition_io import content_hash
from ml.dataset import StreamTable
from ml.probes import Benchmark, Fold
from ml.schema import Schema

PENALTY_SETS = 5
"""Sets of whole training cities that are left out in turn to choose a probe's penalty."""
_CHUNK = 65_536
_COMPLETE = "study.json"  # written last: a folder with it has everything


@dataclass(frozen=True)
class MappedStudy:
    """Streams, labels and splits of a study, as a process has them.

    Attributes:
        folder: Where the files are.
        digest: Of everything in it.
        simulated: True where any of it came from the simulated planet.
        data: Streams; the raw columns are memory-mapped.
        benchmark: Labels and folds of the same rows.
    """

    folder: Path
    digest: str
    simulated: bool
    data: StreamTable
    benchmark: Benchmark

    def training_sets(self) -> dict[tuple[str, ...], tuple[Fold, ...]]:
        """The folds by the cities that their encoder may be trained on: those of E2 and E3, and all for E1.

        Folds with fewer than two training cities have no probe and are left out. So that probing stays cheap beside
        training, E1 holds out one of each city's sets of blocks and not each in turn (an interval is over cities and
        gets no narrower by more blocks), and where cities are held out the penalty is chosen by leaving out a few sets
        of whole training cities instead of each city (ours).
        """
        everywhere = tuple(sorted(set(self.benchmark.block_city)))
        gathered: dict[tuple[str, ...], list[Fold]] = {everywhere: []}
        seen: set[tuple[str, ...]] = set()
        for fold in self.benchmark.folds:
            cities = self.benchmark.training_cities(fold)
            if fold.split == "E1" and cities not in seen:
                gathered[everywhere].append(fold)
                seen.add(cities)
            elif fold.split != "E1" and len(cities) > 1:
                gathered.setdefault(cities, []).append(in_few_sets(fold))
        return {cities: tuple(folds) for cities, folds in gathered.items()}


def in_few_sets(fold: Fold, sets: int = PENALTY_SETS) -> Fold:
    """The same fold, what it leaves out to choose the penalty dealt into a few sets."""
    dealt: list[list[int]] = [[] for _ in range(min(sets, len(fold.train)))]
    for number, blocks in enumerate(fold.train):
        dealt[number % len(dealt)].extend(blocks)
    return replace(fold, train=tuple(tuple(blocks) for blocks in dealt))


def write_study(root: Path, data: StreamTable, benchmark: Benchmark, simulated: bool) -> MappedStudy:
    """Writes a study below a folder, named by its digest; does nothing where it is there already.

    Args:
        root: Folder of studies.
        data: Streams in raw units.
        benchmark: Labels and folds of the same rows.
        simulated: True where any of it came from the simulated planet.

    Raises:
        BadInputError: Labels and streams have different numbers of rows.
    """
    if len(data) != len(benchmark.values):
        raise BadInputError(f"The streams have {len(data)} rows, the labels {len(benchmark.values)}: give the same.")
    digest = _digest(data, benchmark, simulated)
    folder = root / digest
    if not (folder / _COMPLETE).exists():
        _save(folder / "raw.npy", data.raw)
        _save(folder / "labels.npy", benchmark.values)
        _save(folder / "block.npy", benchmark.block)
        with replacing(folder / "keys.parquet") as temporary:
            data.keys.write_parquet(temporary)
        told = {
            "simulated": simulated,
            "schema": data.schema.to_dict(),
            "labels": benchmark.labels,
            "block_city": benchmark.block_city,
            "folds": [asdict(fold) for fold in benchmark.folds],
        }
        with replacing(folder / _COMPLETE) as temporary:
            temporary.write_text(json.dumps(told), encoding="utf-8")
    return read_study(folder)


def read_study(folder: Path) -> MappedStudy:
    """What `write_study` wrote.

    Raises:
        BadInputError: It was never written, or not to its end.
    """
    if not (folder / _COMPLETE).exists():
        raise BadInputError(f"There is no study in {folder}: write it first.")
    told = json.loads((folder / _COMPLETE).read_text(encoding="utf-8"))
    # copy on write: torch wants arrays that could be written to, and none is
    raw = np.load(folder / "raw.npy", mmap_mode="c")
    data = StreamTable(pl.read_parquet(folder / "keys.parquet"), Schema.from_dict(told["schema"]), raw)
    folds = tuple(
        Fold(fold["split"], fold["name"], tuple(tuple(blocks) for blocks in fold["train"]), tuple(fold["test"]))
        for fold in told["folds"]
    )
    benchmark = Benchmark(
        tuple(told["labels"]),
        np.load(folder / "labels.npy"),
        np.load(folder / "block.npy"),
        tuple(told["block_city"]),
        folds,
    )
    return MappedStudy(folder, folder.name, told["simulated"], data, benchmark)


@lru_cache(maxsize=1)
def cached_study(folder: Path) -> MappedStudy:
    """The same, read once a process: a worker takes many jobs of one study, and the files of a digest never change."""
    return read_study(folder)


def _save(path: Path, array: NDArray[np.generic]) -> None:
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, array)


def _digest(data: StreamTable, benchmark: Benchmark, simulated: bool) -> str:
    digest = hashlib.sha256(repr((simulated, data.schema.to_dict(), benchmark.labels, benchmark.folds)).encode())
    digest.update(f"{benchmark.block_city} {content_hash(data.keys)}".encode())
    for array in (data.raw, benchmark.values, benchmark.block):
        for start in range(0, len(array), _CHUNK):
            digest.update(np.ascontiguousarray(array[start : start + _CHUNK]).tobytes())
    return digest.hexdigest()[:16]
