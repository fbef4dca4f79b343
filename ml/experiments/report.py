"""The study as Markdown, and as one HTML page that needs nothing beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ml.experiments.beyond import Beyond
from ml.experiments.champion import Choice
from ml.experiments.figures import (
    AXIS_TITLES,
    car_figure,
    difference_figure,
    forest_figure,
    label_figure,
    loss_figure,
    origin,
    stream_figure,
)
from ml.experiments.findings import findings, narrow_mean, targets
from ml.experiments.scores import ACROSS, Ablation
from ml.experiments.table import AXES, CAR, REFERENCE, Budget, Experiment
from ml.pages import inlined, png_of, render

_DPI = 110
_CAPTIONS = {
    "differences": "Each dot is one change to the reference. A bar that crosses the line cannot be told from no change "
    "by the cities there are.",
    "car": "Left: scores. Right: how much of each stream a linear map finds again in embeddings of unseen cities; dark "
    "means lost.",
    "streams": "From narrow to wide. Under shared reconstruction the wide streams take the gradient; what is not "
    "trained for is not kept.",
    "labels": "A label is red where predicting it is worse than its mean in the region held out.",
    "scores": "Bars are 95 % intervals over resamples of the cities: other cities, not other pixels.",
    "losses": "All rows had the same number of epochs, chosen by such curves and the clock; no label was looked at.",
}


@dataclass(frozen=True)
class Report:
    """What is shown.

    Attributes:
        markdown: The ablation table and the findings.
        html: A page with its pictures inside.
        figures: PNG pictures by name.
    """

    markdown: str
    html: str
    figures: Mapping[str, bytes]


def make_report(
    found: Ablation,
    experiments: Sequence[Experiment],
    choice: Choice,
    curves: pl.DataFrame,
    beyond: Beyond,
    budget: Budget,
    provenance: Mapping[str, str],
    categories: Mapping[str, str] | None = None,
) -> Report:
    """Draws and writes everything that a reader of the study needs.

    Args:
        found: The ablation.
        experiments: Its rows.
        choice: The champion.
        curves: Of `ml.experiments.runner.read_runs`.
        beyond: What is told of a few representations beyond the table.
        budget: Of every training.
        provenance: Versions, seconds and the like, shown at the end.
        categories: Category of each label.
    """
    figures = {
        "differences": difference_figure(found, experiments),
        "car": car_figure(found, experiments),
        "streams": stream_figure(found, experiments),
        "labels": label_figure(found, experiments, categories or {}),
        "scores": forest_figure(found, experiments),
        "losses": loss_figure(curves, experiments, found.simulated),
    }
    pictures = {name: png_of(figure, _DPI) for name, figure in figures.items()}
    markdown = report_markdown(found, experiments, choice)
    return Report(markdown, _html(found, experiments, choice, pictures, beyond, budget, provenance), pictures)


def ablation_markdown(found: Ablation, experiments: Sequence[Experiment]) -> str:
    """The ablation table: mean R² under each split with its interval, and the labels below zero."""
    cells = {(row["experiment"], row["split"]): row for row in found.table.to_dicts()}
    splits = [split for split in ("E1", "E2", "E3") if (REFERENCE, split) in cells]
    lines = [
        "| axis | experiment | " + " | ".join(splits) + " | to the reference (E2 and E3) | labels < 0 (E2, E3) |",
        "|---|---|" + "---|" * (len(splits) + 2),
    ]
    for axis in AXES:
        for row in (row for row in experiments if row.axis == axis):
            means = [_mean_cell(cells.get((row.name, split))) for split in splits]
            across = cells.get((row.name, ACROSS))
            collapsed = ", ".join(str(cells[row.name, s]["collapsed"]) for s in splits if s != "E1")
            lines.append(
                f"| {AXIS_TITLES[axis]} | {row.title} | {' | '.join(means)} | {_difference(across)} | {collapsed} |"
            )
    note = f"Mean R² over labels, each floored at −1; in brackets 95 % over cities. {origin(found.simulated)}"
    return "\n".join([*lines, "", note])


def report_markdown(found: Ablation, experiments: Sequence[Experiment], choice: Choice) -> str:
    """The ablation table, what was hoped for and came, one sentence an axis, and the champion."""
    hopes = [f"- {'met' if hope.met else '**not met**'}: {hope.hope}: {hope.told}." for hope in targets(found)]
    sentences = [f"- {sentence}" for sentence in findings(found, experiments)]
    return "\n".join([ablation_markdown(found, experiments), "", *hopes, *sentences, "", choice.reason])


def _html(
    found: Ablation,
    experiments: Sequence[Experiment],
    choice: Choice,
    pictures: Mapping[str, bytes],
    beyond: Beyond,
    budget: Budget,
    provenance: Mapping[str, str],
) -> str:
    cells = {(row["experiment"], row["split"]): row for row in found.table.to_dicts()}
    return render(
        "experiments/report.html.jinja",
        simulated=found.simulated,
        origin=origin(found.simulated),
        controlled=sum(row.axis != "car" for row in experiments),
        cards=_cards(found, experiments),
        targets=targets(found),
        findings=findings(found, experiments),
        pictures={name: inlined(png) for name, png in pictures.items()},
        captions=_CAPTIONS,
        rows=[(AXIS_TITLES[row.axis], row, _cells(cells, row.name)) for row in experiments],
        choice=choice,
        standings=choice.standings.to_dicts(),
        titles={row.name: row.title for row in experiments},
        **{name: table.to_dicts() for name, table in beyond.tables().items()},
        budget=budget,
        provenance=provenance,
    )


def _cards(found: Ablation, experiments: Sequence[Experiment]) -> list[tuple[str, str]]:
    """A number and what it is, for the top of the page."""
    cards = [(str(len(experiments)), "rows: controlled experiments and variants of CAR")]
    if CAR in {row.name for row in experiments}:
        cards += [
            (f"{found.mean(CAR):.3f}", "mean R² of CAR in unseen regions and tiers"),
            (f"{found.mean(found.best_shared):.3f}", "the same of the best row with shared reconstruction"),
            (f"{narrow_mean(found, CAR):.2f}", "R² of narrow streams kept by CAR"),
        ]
    return [*cards, (f"{narrow_mean(found, REFERENCE):.2f}", "R² of narrow streams kept by the reference")]


def _cells(cells: Mapping[tuple[str, str], dict[str, float]], name: str) -> list[str]:
    means = [_mean_cell(cells.get((name, split))) for split in ("E1", "E2", "E3")]
    collapsed = [str(cells[name, split]["collapsed"]) if (name, split) in cells else "–" for split in ("E2", "E3")]
    return [*means, _difference(cells.get((name, ACROSS))), *collapsed]


def _mean_cell(row: Mapping[str, float] | None) -> str:
    return f"{row['mean_r2']:.3f} ({row['low']:.3f} to {row['high']:.3f})" if row else "–"


def _difference(row: Mapping[str, float] | None) -> str:
    if row is None or row["difference"] is None:
        return "–"
    return f"{row['difference']:+.3f} ({row['difference_low']:+.3f} to {row['difference_high']:+.3f})"
