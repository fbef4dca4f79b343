"""What smaller embeddings cost: Matryoshka heads, principal components and int8, in R², neighbours and bytes a pixel.

Everything fitted (principal components, the scale of their codes) comes from training rows; the encoder, too, is one
that has not seen the rows held out, where the caller trains one for each fold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.aef import dequantise, quantise, unit_length
from lake.errors import BadInputError
from ml.batches import Rows, spread
from ml.intervals import bootstrap, paired_differences
from ml.probes import Benchmark, Fold, probe_groups
from ml.promotion import FLOOR

WIDTHS = (128, 64)
NEIGHBOURS = 10
_QUERIES, _CANDIDATES, _FIT_ROWS = 1_000, 20_000, 50_000

Embed = Callable[[Rows], NDArray[np.float32]]
"""Embeddings of all rows, (rows, width), by an encoder that was trained on some rows; NaN where a row has none."""


@dataclass(frozen=True)
class Form:
    """A way to store an embedding.

    Attributes:
        method: `full`, `matryoshka` or `pca`.
        width: Dimensions.
        codes: True for int8 codes, False for float32.
        values: What a reader has after decoding; float32 (rows, width).
    """

    method: str
    width: int
    codes: bool
    values: NDArray[np.float32]

    @property
    def name(self) -> str:
        """Such as `pca_64_int8`."""
        return f"{self.method}_{self.width}{'_int8' if self.codes else ''}"

    @property
    def bytes_a_row(self) -> int:
        """Size of a row as stored."""
        return self.width * (1 if self.codes else 4)


@dataclass(frozen=True)
class CompressionStudy:
    """What smaller forms cost.

    Attributes:
        table: One row a `split` and `form`, with `method`, `width`, `codes`, `bytes`, `mean_r2` over the labels,
            `loss` against the full form in float32 with the ends `low` and `high` of a paired 95 % bootstrap over the
            groups held out, and `recall`, the share of the full form's 10 nearest neighbours that it finds.
        labels: One row a `split`, `form` and `label`: `r2`.
        unit: What a row is, for figures: a pixel.
        simulated: True where the data came from the simulated planet; figure and text say so.
    """

    table: pl.DataFrame
    labels: pl.DataFrame
    unit: str
    simulated: bool


def compression_study(
    embed: Embed,
    benchmark: Benchmark,
    folds: Sequence[Fold],
    simulated: bool,
    widths: Sequence[int] = WIDTHS,
    unit: str = "pixel",
) -> CompressionStudy:
    """Probes every form of the embeddings on rows held out, and looks for the full form's neighbours among them.

    Args:
        embed: Called once for each set of training rows; of embeddings that are as they are, `lambda rows: matrix`.
        benchmark: Labels and folds; of a table of one's own, `ml.splits.tabular_benchmark` makes one.
        folds: Some of its folds, that leave groups out.
        simulated: True where the data came from the simulated planet.
        widths: Of the short forms.
        unit: What a row is, for figures.

    Raises:
        BadInputError: No fold with two groups to train on, fewer than three groups held out in a split, or a width not
            below the embedding's.
    """
    scores, recalls = [], []
    for training, gathered in _by_training_rows(benchmark, folds):
        forms = stored_forms(embed(training), training, widths)
        scores.append(probe_groups({form.name: form.values for form in forms}, benchmark, gathered))
        recalls += [
            (fold.split, form.name, form.method, form.width, form.codes, form.bytes_a_row, found)
            for fold in gathered
            for form, found in zip(forms, _recalls(forms, benchmark.rows_in(fold.test)), strict=True)
        ]
    if not scores:
        raise BadInputError("None of the folds has two groups to train on: give folds of a split that leaves some out.")
    columns = ["split", "form", "method", "width", "codes", "bytes", "recall"]
    found = pl.DataFrame(recalls, schema=columns, orient="row")
    found = found.group_by(columns[:-1]).agg(pl.col("recall").mean())
    return CompressionStudy(*_scored(pl.concat(scores), found), unit, simulated)


def stored_forms(embeddings: NDArray[np.float32], training: Rows, widths: Sequence[int] = WIDTHS) -> list[Form]:
    """The embedding and its short forms, each in float32 and as int8 codes.

    Matryoshka: leading dimensions at unit length. Principal components: fitted on training rows, centred. Codes are
    AlphaEarth's, as released (`lake.aef`); components, which are not of unit length, are divided by their largest
    magnitude among the training rows before, and multiplied by it after.

    Args:
        embeddings: Unit length, NaN where a row has none; float32 (rows, d).
        training: Rows that may be fitted on.
        widths: Below d.

    Raises:
        BadInputError: A width that is not below d, or fewer complete training rows than dimensions.
    """
    full = embeddings.shape[1]
    if not widths or max(widths) >= full or min(widths) < 1:
        raise BadInputError(f"The embedding has {full} dimensions: short forms need widths below that, not {widths}.")
    middle, axes = principal_axes(embeddings, training)
    forms = [Form("full", full, False, embeddings), Form("full", full, True, dequantise(quantise(embeddings)))]
    for width in sorted(widths, reverse=True):
        head = unit_length(embeddings[:, :width]).astype(np.float32)
        scores = ((embeddings - middle) @ axes[:, :width]).astype(np.float32)
        scale = np.float32(np.nanmax(np.abs(scores[training])) or 1.0)
        forms += [
            Form("matryoshka", width, False, head),
            Form("matryoshka", width, True, dequantise(quantise(head))),
            Form("pca", width, False, scores),
            Form("pca", width, True, dequantise(quantise(scores / scale)) * scale),
        ]
    return forms


def principal_axes(embeddings: NDArray[np.float32], training: Rows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (d,) and principal axes (d, d), the most telling first, of the training rows, evenly thinned where many.

    Raises:
        BadInputError: Fewer complete rows than dimensions.
    """
    sample = embeddings[spread(training, _FIT_ROWS)].astype(np.float64)
    sample = sample[np.isfinite(sample).all(axis=1)]
    if len(sample) < embeddings.shape[1]:
        raise BadInputError(
            f"Principal components of {embeddings.shape[1]} dimensions need as many training rows; there are "
            f"{len(sample)} complete ones."
        )
    axes = np.linalg.eigh(np.cov(sample, rowvar=False))[1][:, ::-1]
    return sample.mean(axis=0).astype(np.float32), axes.astype(np.float32)


def neighbours(values: NDArray[np.float32], queries: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The nearest rows of each query, not itself, by Euclidean distance, which orders unit vectors as the cosine does.

    Args:
        values: Complete; (n, d).
        queries: Rows of them; (q,).
        count: Below n.

    Returns:
        Row numbers in ascending order, for sets are compared; (q, count).
    """
    squares = (values.astype(np.float64) ** 2).sum(axis=1)
    nearest = []
    for part in np.array_split(queries, max(1, len(queries) // 256)):
        distance = squares - 2 * (values[part] @ values.T).astype(np.float64)
        distance[np.arange(len(part)), part] = np.inf
        nearest.append(np.sort(np.argpartition(distance, count - 1, axis=1)[:, :count], axis=1))
    return np.concatenate(nearest)


def _recalls(forms: Sequence[Form], rows: Rows) -> list[float]:
    """Share of the neighbours under the first form that each form has too, among the rows given."""
    complete = rows[np.logical_and.reduce([np.isfinite(form.values[rows]).all(axis=1) for form in forms])]
    pool = spread(complete, _CANDIDATES)
    if len(pool) <= NEIGHBOURS:
        return [float("nan")] * len(forms)
    queries = spread(np.arange(len(pool)), _QUERIES)
    found = [neighbours(form.values[pool], queries, NEIGHBOURS) for form in forms]
    return [
        float(np.mean([len(np.intersect1d(a, b)) for a, b in zip(of_form, found[0], strict=True)]) / NEIGHBOURS)
        for of_form in found
    ]


def _by_training_rows(benchmark: Benchmark, folds: Sequence[Fold]) -> list[tuple[Rows, list[Fold]]]:
    """Folds that train on the same blocks share an embedding; those with one group to train on have no probe."""
    gathered: dict[tuple[int, ...], list[Fold]] = {}
    for fold in folds:
        if len(fold.train) > 1:
            gathered.setdefault(tuple(sorted(b for blocks in fold.train for b in blocks)), []).append(fold)
    return [(benchmark.rows_in(blocks), of_blocks) for blocks, of_blocks in gathered.items()]


def _scored(groups: pl.DataFrame, forms: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The study's two tables."""
    labels = (
        groups.group_by("split", pl.col("representation").alias("form"), "label")
        .agg((1 - pl.col("sse").sum() / pl.col("sst").sum()).alias("r2"))
        .sort("split", "form", "label")
    )
    means = labels.group_by("split", "form").agg(pl.col("r2").clip(FLOOR).mean().alias("mean_r2"))
    full = forms.filter((pl.col("method") == "full") & ~pl.col("codes"))["form"][0]
    pairs = [(full, form) for form in forms["form"].unique().sort() if form != full]
    losses = paired_differences(bootstrap(groups), pairs, FLOOR).select(
        "split", pl.col("second").alias("form"), pl.col("difference").alias("loss"), "low", "high"
    )
    table = forms.join(means, on=("split", "form")).join(losses, on=("split", "form"), how="left")
    order = ("split", "form", "method", "width", "codes", "bytes", "mean_r2", "loss", "low", "high", "recall")
    return table.select(order).sort(["split", "bytes", "form"], descending=[False, True, False]), labels
