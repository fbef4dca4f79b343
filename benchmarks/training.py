"""Rows a second of training, against a plain PyTorch loop, per-row Python and bare matrix products; and its memory.

All train the reference model (concat-MLP, masked streams, CAR) with the same network, loss, optimiser and steps on the
same made-up rows, from raw columns to weights:

- `ours`: `ml.training.train`;
- `DataLoader`: the loop of PyTorch's tutorials, a `DataLoader` over a `TensorDataset` of normalised rows;
- `per row`: each row is normalised when its batch needs it, and a batch stacked from its rows;
- `products`: nothing but the matrix products of the layers, forward and backward. It trains nothing.

Rounds alternate, and the best of each counts. With one thread, which is the default, time is the processor's, so that
other work on the machine tells less.

The last part trains a small network on a table of 2 GB in a file, most of it empty, and watches the memory that the
process itself takes (`RssAnon`; pages of the file that the system keeps around are not counted, for it may drop them).

Usage: python benchmarks/training.py [--rows N] [--epochs N] [--rounds N] [--threads N] [--gigabytes N]
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from ml.config import TrainingConfig
from ml.dataset import StreamTable
from ml.fusion import make_fusion
from ml.objectives import Objective, make_objective
from ml.preprocessing import Preprocessing, Standardised, fit_preprocessing
from ml.schema import SEVEN
from ml.training import reproducible, stream_variance, train

PER_ROW_SHARE = 0.1
"""Of the rows, that per-row Python is measured on."""
MOST_GROWTH = 1.0
"""GiB that training on the large table may take at most."""
SMALL = TrainingConfig(width=16, heads=(), hidden=16, epochs=1, batch=16_384)


def made_up(rows: int) -> StreamTable:
    """Raw columns with one value in a hundred missing."""
    rng = np.random.default_rng(1)
    raw = rng.gamma(1.0, 20.0, (rows, SEVEN.width)).astype(np.float32)
    raw[rng.random(raw.shape) < 0.01] = np.nan
    return StreamTable(pl.DataFrame(), SEVEN, raw)


def plain_loop(data: StreamTable, config: TrainingConfig) -> None:
    """Normalises all rows, then a `DataLoader` over a `TensorDataset`."""
    preprocessing = fit_preprocessing(data.raw, np.arange(len(data)))
    ready = preprocessing.standardise(torch.from_numpy(data.raw))
    loader = DataLoader(TensorDataset(ready.values, ready.observed, ready.presence), config.batch, shuffle=True)
    learn(config, stream_variance(ready, SEVEN), len(loader), lambda: (Standardised(*batch) for batch in loader))


def row_by_row(data: StreamTable, config: TrainingConfig) -> None:
    """Normalises each row when its batch needs it."""
    preprocessing = fit_preprocessing(data.raw, np.arange(len(data)))
    ready = preprocessing.standardise(torch.from_numpy(data.raw))
    starts = range(0, len(data), config.batch)

    def batches() -> Iterator[Standardised]:
        order = torch.randperm(len(data)).tolist()
        return (stacked(preprocessing, data.raw, order[start : start + config.batch]) for start in starts)

    learn(config, stream_variance(ready, SEVEN), len(starts), batches)


def stacked(preprocessing: Preprocessing, raw: NDArray[np.float32], rows: list[int]) -> Standardised:
    """A batch out of rows that are normalised one at a time."""
    parts = [preprocessing.standardise(torch.from_numpy(raw[row : row + 1])) for row in rows]
    return Standardised(*(torch.cat([getattr(p, name) for p in parts]) for name in ("values", "observed", "presence")))


def learn(
    config: TrainingConfig, variance: dict[str, float], steps: int, epoch: Callable[[], Iterator[Standardised]]
) -> None:
    """The loop as one writes it first."""
    torch.manual_seed(config.seed)
    fusion, objective = networks(config, variance)
    parameters = [*fusion.parameters(), *objective.parameters()]
    optimiser = torch.optim.AdamW(parameters, config.learning_rate, weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=config.epochs * steps)
    generator = torch.Generator().manual_seed(config.seed)
    for _ in range(config.epochs):
        for batch in epoch():
            loss = objective.loss(fusion, batch, generator).total
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(parameters, 5.0)
            optimiser.step()
            schedule.step()
            loss.item()


def networks(config: TrainingConfig, variance: dict[str, float]) -> tuple[nn.Module, Objective]:
    """Encoder and objective with new weights."""
    return make_fusion(config.fusion, config.width, config.hidden, SEVEN), make_objective(config, SEVEN, variance)


def products(data: StreamTable, config: TrainingConfig) -> None:
    """Products of each layer: its outputs, the gradient of its weights and, but for the first layer, of its inputs."""
    fusion, objective = networks(config, dict.fromkeys(SEVEN.names, 1.0))
    layers = [layer for part in (fusion, objective) for layer in part.modules() if isinstance(layer, nn.Linear)]
    weights = [layer.weight.detach() for layer in layers]
    inputs = [torch.rand(config.batch, weight.shape[1]) for weight in weights]
    gradients = [torch.rand(config.batch, weight.shape[0]) for weight in weights]
    with torch.inference_mode():
        for _ in range(config.epochs * -(-len(data) // config.batch)):
            for number, (left, weight, gradient) in enumerate(zip(inputs, weights, gradients, strict=True)):
                left @ weight.T
                gradient.T @ left
                if number:
                    gradient @ weight


def compare(arguments: argparse.Namespace) -> None:
    """Prints rows a second of each, and how many times as fast ours is."""
    config = TrainingConfig(epochs=arguments.epochs, threads=arguments.threads)
    data = made_up(arguments.rows)
    few = StreamTable(data.keys, SEVEN, data.raw[: int(PER_ROW_SHARE * arguments.rows)])
    clock = time.process_time if arguments.threads == 1 else time.perf_counter
    work: dict[str, tuple[StreamTable, Callable[[], object]]] = {
        "products": (data, lambda: products(data, config)),
        "ours": (data, lambda: train(data, config, np.arange(len(data)))),
        "DataLoader": (data, lambda: plain_loop(data, config)),
        "per row": (few, lambda: row_by_row(few, config)),
    }
    rate = dict.fromkeys(work, 0.0)
    with reproducible(arguments.threads):
        for _ in range(arguments.rounds):
            for name, (table, piece) in work.items():
                start = clock()
                piece()
                rate[name] = max(rate[name], config.epochs * len(table) / (clock() - start))
    print(f"{len(data):,} rows, {config.epochs} epochs, batches of {config.batch:,}, best of {arguments.rounds}")
    for name, found in rate.items():
        print(f"{name:12s} {found:9,.0f} rows/s, ours is {rate['ours'] / found:.2f} times as fast")


def large_table(gigabytes: float) -> None:
    """Trains on a file and prints what memory that took."""
    rows = int(gigabytes * 1e9 / 4 / SEVEN.width)
    with tempfile.TemporaryDirectory() as folder:
        raw = np.lib.format.open_memmap(Path(folder) / "raw.npy", "w+", np.float32, (rows, SEVEN.width))
        raw[:: rows // 5_000] = made_up(len(raw[:: rows // 5_000])).raw
        data = StreamTable(pl.DataFrame(), SEVEN, raw)
        before, start = anonymous_memory(), time.perf_counter()
        with highest_memory() as highest:
            train(data, SMALL, np.arange(rows))
        growth = (max(highest) - before) / 2**30
        seconds, verdict = time.perf_counter() - start, "kept" if growth <= MOST_GROWTH else "MISSED"
        print(f"{raw.nbytes / 1e9:.1f} GB in a file, {rows:,} rows: {seconds:.0f} s, {growth:.2f} GiB")
        print(f"memory: at most {MOST_GROWTH:.0f} GiB, {verdict}")


def anonymous_memory() -> int:
    """Bytes that the process holds and that are of no file."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("RssAnon:")))


@contextmanager
def highest_memory() -> Iterator[list[int]]:
    """Looks at the memory 50 times a second."""
    found, over = [anonymous_memory()], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            found.append(anonymous_memory())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_480)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    arguments = parser.parse_args()
    compare(arguments)
    large_table(arguments.gigabytes)


if __name__ == "__main__":
    main()
