"""What is told of a fitted table: `report.json` for programs, and the same for people as Markdown and HTML."""

import json
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from lake.atomic import replacing
from ml.batches import spread
from ml.diagnostics.advice import advise
from ml.diagnostics.dimensionality import Dimensionality
from ml.diagnostics.dimensionality_figures import measures_figure
from ml.inference import run_network
from ml.own_table import figures
from ml.own_table.document import Heading, Items, Paragraph, Part, Picture, Table, html_page, markdown
from ml.own_table.labels import missing_share
from ml.own_table.matrix import Matrix
from ml.own_table.scoring import TITLES, Outcome, order
from ml.own_table.spec import LabelsSpec, Spec
from ml.training import Trained
from ml.weights import weights_digest

REPORT = "report.json"
FORMAT, FORMAT_VERSION = "aef-econ own table", 1
_LIBRARIES = ("aef-econ", "torch", "numpy", "polars", "scikit-learn")
_MAP_ROWS = 5_000
_MEASURES = {
    "r2": "R²",
    "accuracy": "share told right, logistic regression",
    "neighbours_accuracy": "share told right, 10 nearest",
}


@dataclass(frozen=True)
class Result:
    """All that a fit found.

    Attributes:
        run: Digest of table, spec and code.
        table: As the user named it.
        spec: What was asked for.
        matrix: The table as it was read.
        trained: Encoder of all rows.
        reconstruction: R² of each stream's reconstruction by it, on rows that it was trained on.
        outcomes: Scores of each split.
        notes: Sentences that a reader should know.
        neighbours: Dimensionality study, or why there is none.
        encoders: How many were trained.
        seconds: Of this process; a run that was killed before took longer.
    """

    run: str
    table: Path
    spec: Spec
    matrix: Matrix
    trained: Trained
    reconstruction: Mapping[str, float]
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...]
    neighbours: Dimensionality | str
    encoders: int
    seconds: float


def write_report(folder: Path, result: Result) -> None:
    """Writes figures, `report.md`, `report.html` and, last, `report.json`, which says that all is there."""
    content = content_of(result)
    origin = content["origin"]
    pictures = {
        "streams": figures.streams_figure(content["streams"], origin),
        "training": figures.training_figure(content["model"]["history"], origin),
        "map": _map(result, origin),
    }
    if isinstance(result.neighbours, Dimensionality):
        pictures["neighbours"] = measures_figure(result.neighbours)
    if result.outcomes:
        pictures["scores"] = figures.scores_figure(pl.concat([outcome.scores for outcome in result.outcomes]), origin)
    write_page(folder, f"{result.table.name}: a model of your own table", _page(content), pictures, content)


def write_page(
    folder: Path, title: str, parts: Sequence[Part], pictures: Mapping[str, Figure], content: Mapping[str, Any]
) -> None:
    """Writes a page with its pictures and its content, the content last; each file whole or not at all."""
    for name, figure in pictures.items():
        with replacing(folder / "figures" / f"{name}.png") as temporary:
            figure.savefig(temporary, format="png", dpi=130)
    _write_text(folder / "report.md", markdown(parts))
    _write_text(folder / "report.html", html_page(title, parts, folder))
    _write_text(folder / REPORT, json.dumps(_plain(content), indent=1, allow_nan=False))


def content_of(result: Result) -> dict[str, Any]:
    """The report for programs: plain values."""
    spec, trained, matrix = result.spec, result.trained, result.matrix
    parameters = sum(parameter.numel() for parameter in trained.encoder.parameters())
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "run": result.run,
        "origin": origin_of(spec, result.table),
        "table": {
            "path": str(result.table),
            "digest": matrix.digest,
            "rows": matrix.rows,
            "columns": matrix.layout.schema.width,
        },
        "spec": spec.model_dump(mode="json", by_alias=True),
        "notes": list(result.notes),
        "model": {
            "config": asdict(trained.config),
            "parameters": parameters,
            "digest": weights_digest(trained.encoder),
            "encoders": result.encoders,
            "history": [asdict(epoch) for epoch in trained.history],
        },
        "streams": _streams(result),
        "neighbours": _neighbours(result.neighbours),
        **scores_of(result.outcomes),
        "seconds": {"this_run": result.seconds, "training_on_all_rows": sum(e.seconds for e in trained.history)},
        "versions": versions(),
    }


def scores_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The parts of a report that tell of splits and scores."""
    return {
        "splits": [
            {
                "name": outcome.plan.name,
                "told": outcome.plan.told,
                "folds": dict(zip(outcome.plan.folds, np.bincount(outcome.plan.fold).tolist(), strict=True)),
                "sets": outcome.plan.sets_are,
                "probe_rows": outcome.rows,
            }
            for outcome in outcomes
        ],
        "scores": [row for outcome in outcomes for row in outcome.scores.to_dicts()],
        "means": [row for outcome in outcomes for row in outcome.means.to_dicts()],
        "differences": [row for outcome in outcomes for row in outcome.differences.to_dicts()],
    }


def origin_of(spec: LabelsSpec, table: Path) -> str:
    """Sentence on where the data come from."""
    return spec.origin or f"Data: {table.name}."


def versions() -> dict[str, str]:
    """Of Python and of the libraries that the numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def score_parts(content: Mapping[str, Any]) -> list[Part]:
    """The part of a page that tells of splits and scores, without its picture."""
    parts: list[Part] = []
    for split in content["splits"]:
        scores = [row for row in content["scores"] if row["split"] == split["name"]]
        parts += [
            Heading(split["name"], 3),
            Paragraph(
                f"Here {split['told']}. Penalties are chosen by leaving out {split['sets']}; intervals of R² (95 %) "
                f"come of drawing these anew. The probes see {split['probe_rows']:,} rows."
            ),
            *(_score_table(scores, measure) for measure in _MEASURES if _has(scores, measure)),
        ]
        means = [row for row in content["means"] if row["split"] == split["name"]]
        if means and max(row["labels"] for row in means) > 1:
            parts.append(Items([_mean_sentence(row) for row in means]))
        parts.append(Items([_difference(row) for row in content["differences"] if row["split"] == split["name"]]))
    return [part for part in parts if not (isinstance(part, Items) and not part.texts)]


def _page(content: Mapping[str, Any]) -> list[Part]:
    table, model, streams = content["table"], content["model"], content["streams"]
    parts: list[Part] = [
        Heading(f"{Path(table['path']).name}: a model of your own table", 1),
        Paragraph(content["origin"]),
        Paragraph(
            f"{table['rows']:,} rows, {table['columns']} columns in {len(streams)} streams; an encoder of "
            f"{model['parameters']:,} parameters gives each row {model['config']['width']} dimensions "
            f"({model['config']['reconstruction']}, {model['config']['objective']}, {model['config']['fusion']}; "
            f"{model['config']['epochs']} epochs). {model['encoders']} encoders were trained, none saw a label; "
            f"this run took {content['seconds']['this_run']:.0f} s."
        ),
    ]
    if content["notes"]:
        parts += [Heading("Before you read the scores"), Items(content["notes"])]
    if content["scores"]:
        parts += [
            Heading("Scores"),
            Paragraph(
                "A linear probe reads each label out of a representation, on rows held out. R² is about the mean of "
                "the held-out fold: 0 is no better than knowing that mean, below 0 is worse."
            ),
            Picture("figures/scores.png", "Each label under each split; bars are 95 % intervals."),
            *score_parts(content),
        ]
    else:
        parts.append(Paragraph("The spec names no labels, so nothing was scored."))
    parts += [
        Heading("Streams"),
        _stream_table(streams),
        Picture("figures/streams.png", "A stream with many columns should not crowd out one with few."),
        *_neighbour_parts(content["neighbours"]),
        Heading("The embedding"),
        Picture("figures/map.png", "Rows that the model finds alike lie near one another."),
        Heading("Training"),
        Picture(
            "figures/training.png",
            "Loss by epoch; the total holds the heads and the decorrelation as well.",
        ),
        Heading("How it was made"),
        Items([f"{name} {number}" for name, number in content["versions"].items()]),
        Paragraph(
            f"Table {table['digest']}, run {content['run']}, weights {model['digest']}, seed {model['config']['seed']}."
        ),
    ]
    return parts


def _streams(result: Result) -> list[dict[str, Any]]:
    gradient = result.trained.history[-1].gradient_share
    missing = missing_share(result.matrix)
    held_out = {outcome.plan.name: outcome.reconstruction for outcome in result.outcomes}
    return [
        {
            "name": stream.name,
            "title": stream.title,
            "width": stream.width,
            "kind": stream.kind,
            "missing_share": missing[stream.name],
            "gradient_share": gradient.get(stream.name),
            "reconstruction_r2": result.reconstruction.get(stream.name),
            "held_out_r2": next((scores.get(stream.name) for scores in held_out.values()), None),
            "held_out_r2_by_split": {name: scores.get(stream.name) for name, scores in held_out.items()},
        }
        for stream in result.matrix.layout.schema.streams
    ]


def _map(result: Result, origin: str) -> Figure:
    """Some rows on the leading components, coloured by the first label, else the first group, else nothing."""
    rows = spread(np.arange(result.matrix.rows), _MAP_ROWS)
    points = run_network(result.trained.encoder, np.asarray(result.matrix.streams.raw[rows]))
    there = np.asarray(np.isfinite(points).all(axis=1))
    spec = result.spec
    name = next(iter(spec.labels), spec.groups[0].column if spec.groups else "")
    if not name:
        return figures.map_figure(points[there], "rows", np.full(there.sum(), "all"), origin)
    values = result.matrix.columns((name,))[name].gather(rows).filter(pl.Series(there))
    if spec.labels.get(name) == "quantity":
        return figures.map_figure(
            points[there], name, values.cast(pl.Float64).fill_null(float("nan")).to_numpy(), origin
        )
    return figures.map_figure(points[there], name, values.cast(pl.String).fill_null("unknown").to_numpy(), origin)


def _neighbours(study: Dimensionality | str) -> dict[str, Any]:
    if isinstance(study, str):
        return {"advice": [study], "metrics": []}
    return {"advice": list(advise(study).sentences), "metrics": study.metrics.to_dicts()}


def _neighbour_parts(neighbours: Mapping[str, Any]) -> list[Part]:
    parts: list[Part] = [Heading("Distances between rows"), Items(neighbours["advice"])]
    if neighbours["metrics"]:
        parts.append(Picture("figures/neighbours.png", "How well near rows agree, by form and by distance."))
    return parts


def _score_table(scores: Sequence[Mapping[str, Any]], measure: str) -> Table:
    rows = {(row["label"], row["representation"]): row for row in scores if row["measure"] == measure}
    labels = list(dict.fromkeys(label for label, _ in rows))
    names = order(list({name for _, name in rows}))
    head = [_MEASURES[measure], *(TITLES.get(name, name) for name in names), "rows"]
    body = [
        [label, *(_cell(rows.get((label, name))) for name in names), f"{rows[label, names[0]]['n']:,}"]
        for label in labels
        if (label, names[0]) in rows
    ]
    return Table(head, body)


def _stream_table(streams: Sequence[Mapping[str, Any]]) -> Table:
    head = ["stream", "columns", "missing", "gradient", "R² rebuilt", "R² rebuilt, held out"]
    return Table(
        head,
        [
            [
                stream["title"],
                str(stream["width"]),
                f"{stream['missing_share']:.1%}",
                _number(stream["gradient_share"], "{:.0%}"),
                _number(stream["reconstruction_r2"], "{:.3f}"),
                _number(stream["held_out_r2"], "{:.3f}"),
            ]
            for stream in streams
        ],
    )


def _has(scores: Sequence[Mapping[str, Any]], measure: str) -> bool:
    return any(row["measure"] == measure for row in scores)


def _mean_sentence(row: Mapping[str, Any]) -> str:
    title = TITLES.get(row["representation"], row["representation"])
    return f"{title}: mean R² {row['mean_r2']:.3f} ({row['low']:.3f} to {row['high']:.3f}) over {row['labels']} labels."


def _difference(row: Mapping[str, Any]) -> str:
    second = TITLES.get(row["second"], row["second"])
    verdict = "ahead" if row["low"] > 0 else "behind" if row["high"] < 0 else "not told apart"
    return (
        f"Embedding less “{second}”: {row['difference']:+.3f} in mean R² ({row['low']:+.3f} to {row['high']:+.3f}): "
        f"{verdict}."
    )


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "–"
    if row["low"] is None:
        return f"{row['value']:.3f}"
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def _number(value: float | None, pattern: str) -> str:
    return "–" if value is None or not math.isfinite(value) else pattern.format(value)


def _plain(value: Any) -> Any:
    """JSON knows no NaN: what is not known is null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_text(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
