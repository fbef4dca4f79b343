"""Pixels a second of inference, from raw columns to embeddings, against bare matrix products of the same FLOPs.

The registered graph and the module that it was exported from embed one paper-size partition (50,000 pixels), all of
preprocessing included. The bare rate is torch multiplying matrices of the encoder's shapes in the same process and the
same batches; rounds of both alternate, and the best of each counts, so that other work on the machine hits both alike.

Usage: python benchmarks/inference.py [--pixels N] [--rounds N] [--threads N]
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from ml.export import export, load
from ml.fusion import ConcatMLP, Encoder
from ml.inference import BATCH, embed_matrix, run_network
from ml.preprocessing import fit_preprocessing
from ml.schema import SEVEN

TARGET = 0.5


def raw_columns(pixels: int) -> NDArray[np.float32]:
    """Made-up raw columns with one value in a hundred missing; float32 (pixels, columns)."""
    rng = np.random.default_rng(1)
    raw = rng.gamma(1.0, 20.0, (pixels, SEVEN.width)).astype(np.float32)
    raw[rng.random(raw.shape) < 0.01] = np.nan
    return raw


def matrix_products(encoder: Encoder, pixels: int) -> Callable[[], None]:
    """Runs the products of the encoder's linear layers on as many rows as there are pixels, and nothing else."""
    layers = [layer for layer in encoder.modules() if isinstance(layer, torch.nn.Linear)]
    weights = [layer.weight.detach().T.contiguous() for layer in layers]
    inputs = [torch.rand(BATCH, weight.shape[0]) for weight in weights]
    outputs = [torch.empty(BATCH, weight.shape[1]) for weight in weights]

    def run() -> None:
        for start in range(0, pixels, BATCH):
            rows = min(BATCH, pixels - start)
            for left, weight, out in zip(inputs, weights, outputs, strict=True):
                torch.mm(left[:rows], weight, out=out[:rows])

    return run


def flops(encoder: Encoder, pixels: int) -> float:
    """Floating-point operations of the linear layers."""
    return 2.0 * pixels * sum(m.weight.numel() for m in encoder.modules() if isinstance(m, torch.nn.Linear))


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixels", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    raw = raw_columns(arguments.pixels)
    encoder = Encoder(fit_preprocessing(raw, np.arange(len(raw))), ConcatMLP()).eval()
    exported = load(export(encoder))
    products = matrix_products(encoder, arguments.pixels)
    work: dict[str, Callable[[], object]] = {
        "matmul": lambda: torch.inference_mode()(products)(),
        "encoder": lambda: embed_matrix(encoder, raw),
        "exported": lambda: run_network(exported, raw),
    }
    best = {name: min(times) for name, times in rounds(work, arguments.rounds).items()}
    rate = flops(encoder, arguments.pixels) / best["matmul"] / 1e9
    print(f"{arguments.pixels:,} pixels, {arguments.threads} threads, batches of {BATCH:,}, best of {arguments.rounds}")
    print(f"bare matmul {best['matmul']:.3f} s, {rate:.1f} GFLOP/s")
    for name in ("encoder", "exported"):
        ratio = best["matmul"] / best[name]
        verdict = "reached" if ratio >= TARGET else "MISSED"
        print(
            f"{name:9s} {best[name]:.3f} s, {arguments.pixels / best[name]:,.0f} pixels/s, "
            f"{ratio:.0%} of the matmul rate (target {TARGET:.0%}: {verdict})"
        )


def rounds(work: dict[str, Callable[[], object]], count: int) -> dict[str, list[float]]:
    """Times of each piece of work, in turns; the first turn warms up and is not counted."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(count + 1):
        for name, piece in work.items():
            times[name].append(seconds(piece))
    return {name: taken[1:] for name, taken in times.items()}


if __name__ == "__main__":
    main()
