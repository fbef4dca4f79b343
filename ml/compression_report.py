"""What the study of compression says: a table, a figure, and advice by stated rules."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from ml.compression import NEIGHBOURS, CompressionStudy

TITLES = {"full": "full", "matryoshka": "Matryoshka head", "pca": "PCA"}
TOLERABLE = 0.01
"""Loss of mean R² up to which a form counts as good as the full one for probes, by the upper end of its interval."""
ENOUGH_RECALL = 0.9
"""Share of the neighbours from which a form counts as good as the full one for retrieval (both ours)."""
_COLOURS = {"full": "#333333", "matryoshka": "#1f6f8b", "pca": "#e0a030"}
_SIDES = {"full": 0, "matryoshka": -1, "pca": 1}


def compression_table(study: CompressionStudy) -> str:
    """Every form with its bytes, mean R² and loss under each split, and its recall, as Markdown."""
    splits = study.table["split"].unique().sort().to_list()
    heads = [f"R² {split} (loss, 95 % interval)" for split in splits]
    lines = [
        f"| form | bytes a {study.unit} | {' | '.join(heads)} | recall@{NEIGHBOURS} |",
        "|---|---:|" + "---|" * len(splits) + "---:|",
    ]
    for _, rows in study.table.group_by("form", maintain_order=True):
        of_split = {row["split"]: row for row in rows.to_dicts()}
        first = rows.row(0, named=True)
        cells = [_cell(of_split[split]) if split in of_split else "–" for split in splits]
        recall = float(rows.select(pl.col("recall").mean()).item())
        lines.append(f"| {_title(first)} | {first['bytes']} | {' | '.join(cells)} | {recall:.2f} |")
    return "\n".join([*lines, "", compression_advice(study)])


def compression_advice(study: CompressionStudy) -> str:
    """Which form to take for what, in sentences made from the numbers."""
    worst = study.table.group_by("form", "method", "width", "codes", "bytes").agg(
        pl.col("loss", "high").max(), pl.col("recall").min()
    )
    short = worst.filter(pl.col("loss").is_not_null()).sort("bytes", "high")
    told = [
        _advice(
            short.filter(pl.col("high") <= TOLERABLE),
            f"For linear probes take {{form}} ({{bytes}} bytes a {study.unit}): the smallest whose loss of mean R² "
            f"stays within {TOLERABLE} in every split, by the upper end of its interval ({{high:.3f}}).",
            f"No smaller form keeps its loss of mean R² within {TOLERABLE} in every split by the upper end of its "
            "interval: for linear probes keep the full one.",
        ),
        _advice(
            short.filter(pl.col("recall") >= ENOUGH_RECALL),
            f"For nearest neighbours take {{form}} ({{bytes}} bytes): the smallest that finds {ENOUGH_RECALL:.0%} of "
            f"the full embedding's {NEIGHBOURS} ({{recall:.0%}}).",
            f"No smaller form finds {ENOUGH_RECALL:.0%} of the full embedding's {NEIGHBOURS} nearest neighbours: "
            "search with the full one.",
        ),
    ]
    told += _said_of_methods(worst.filter(~pl.col("codes")))
    if study.simulated:
        told.append("Simulated data: no result about China.")
    return " ".join(told)


def compression_figure(study: CompressionStudy) -> Figure:
    """Mean R² against bytes, a panel a split, and the neighbours that are found again."""
    splits, count = study.table["split"].unique().sort().to_list(), study.labels["label"].n_unique()
    figure = Figure(figsize=(4.2 * (len(splits) + 1), 4.8), layout="constrained")
    *panels, last = figure.subplots(1, len(splits) + 1)
    for axes, split in zip(panels, splits, strict=True):
        of_split = study.table.filter(pl.col("split") == split)
        bars = {"under": pl.col("high") - pl.col("loss"), "over": pl.col("loss") - pl.col("low")}
        _draw(axes, of_split.with_columns(**bars), "mean_r2")
        axes.axhline(_full(of_split), color=_COLOURS["full"], linestyle=":", linewidth=1)
        axes.set_title(f"{split}: mean R² of {count} labels, read by a linear probe", fontsize=10)
    recall = study.table.group_by("form", "method", "width", "codes", "bytes").agg(pl.col("recall").mean())
    _draw(last, recall.with_columns(under=pl.lit(0.0), over=pl.lit(0.0)), "recall")
    last.set_ylim(0, 1.12)
    last.set_title(f"Found again: share of the {NEIGHBOURS} nearest neighbours", fontsize=10)
    for axes in (*panels, last):
        _bytes_axis(axes, sorted(set(study.table["bytes"])), study.unit)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize=9)
    origin = " Simulated data: no result about China." if study.simulated else ""
    headline = f"What smaller embeddings cost (numbers: dimensions; bars: 95 % interval of the loss).{origin}"
    figure.suptitle(headline, fontsize=11)
    return figure


def _draw(axes: Axes, table: pl.DataFrame, value: str) -> None:
    """A line a method and storage, methods of one size side by side; the number beside a mark is the form's width."""
    table = table.sort("codes", "method", "bytes")
    for (method, codes), rows in table.group_by("method", "codes", maintain_order=True):
        colour, side = _COLOURS[str(method)], _SIDES[str(method)]
        bars = rows.select(pl.col("under", "over").fill_null(0.0).clip(0.0)).to_numpy().T
        places = rows["bytes"].to_numpy() * 2.0 ** (0.09 * side)
        axes.errorbar(
            places, rows[value], bars, label=f"{TITLES[str(method)]}, {'int8' if codes else 'float32'}", color=colour,
            marker="s" if codes else "o", linestyle="--" if codes else "-", markersize=6, capsize=3, linewidth=1.4,
            markerfacecolor="white" if codes else colour,
        )  # fmt: skip
        for place, height, width in zip(places, rows[value], rows["width"], strict=True):
            axes.annotate(
                f"{width}", (place, height), (7 * side, 0) if side else (0, 8), textcoords="offset points",
                ha={-1: "right", 0: "center", 1: "left"}[side], va="center" if side else "bottom", fontsize=8,
                color=colour,
            )  # fmt: skip


def _bytes_axis(axes: Axes, sizes: list[int], unit: str) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=8)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.margins(x=0.12, y=0.2)
    axes.set_xlabel(f"bytes a {unit}")
    axes.grid(axis="y", linewidth=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _full(of_split: pl.DataFrame) -> float:
    return float(of_split.filter((pl.col("method") == "full") & ~pl.col("codes"))["mean_r2"].item())


def _advice(candidates: pl.DataFrame, sentence: str, otherwise: str) -> str:
    if candidates.is_empty():
        return otherwise
    best = candidates.row(0, named=True)
    return sentence.format(**{**best, "form": _title(best)})


def _said_of_methods(worst: pl.DataFrame) -> list[str]:
    """Which of the two ways to a width loses less in its worst split."""
    told = []
    for (width,), rows in worst.sort("width", descending=True).group_by("width", maintain_order=True):
        loss = dict(rows.filter(pl.col("method") != "full").select("method", "loss").iter_rows())
        if len(loss) == 2:
            better, other = sorted(loss, key=lambda method: loss[method])
            told.append(
                f"At {width} dimensions {TITLES[better]} loses {loss[better]:.3f} in the worst split, and "
                f"{TITLES[other]} {loss[other]:.3f}."
            )
    return told


def _title(row: Mapping[str, Any]) -> str:
    return f"{TITLES[row['method']]} {row['width']}-d {'int8' if row['codes'] else 'float32'}"


def _cell(row: Mapping[str, Any]) -> str:
    if row["loss"] is None:
        return f"{row['mean_r2']:.3f}"
    return f"{row['mean_r2']:.3f} ({row['loss']:+.3f}, {row['low']:+.3f} to {row['high']:+.3f})"
