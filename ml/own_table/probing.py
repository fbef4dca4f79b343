"""`aef-econ probe`: scores of any table of embeddings, made by us or not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from lake.atomic import replacing
from lake.errors import BadInputError
from ml.own_table import figures
from ml.own_table.document import Heading, Paragraph, Part, Picture
from ml.own_table.labels import read_labels
from ml.own_table.layout import check_labels, require, resolve
from ml.own_table.matrix import Matrix, Say, read_matrix
from ml.own_table.plan import make_plans
from ml.own_table.report import FORMAT_VERSION, REPORT, origin_of, score_parts, scores_of, versions, write_page
from ml.own_table.scoring import FEATURES, Outcome, Task, gather, make_tasks, score
from ml.own_table.sources import open_source
from ml.own_table.spec import ProbeSpec, load_probe_spec

FORMAT = "aef-econ probe"


def probe(embeddings: Path, spec_path: Path, out: Path, say: Say, labels: Path | None = None) -> Path:
    """Scores embeddings by how well a linear probe reads labels out of them.

    Args:
        embeddings: Table with columns of features.
        spec_path: Labels, groups and features; see `ml.own_table.spec.ProbeSpec`.
        out: Folder of the results.
        say: Told how far it is.
        labels: Table with the labels and groups, joined to the embeddings by the spec's `keys`; None: they stand in the
            table of the embeddings.

    Returns:
        The report, `report.json`.

    Raises:
        BadInputError: The spec or a table cannot be used; says why and what to do.
    """
    spec = load_probe_spec(spec_path)
    if not spec.labels:
        raise BadInputError(f"{spec_path} names no `labels`: there is nothing to probe.")
    table = embeddings if labels is None else join_labels(embeddings, labels, spec, out / "joined.parquet")
    source = open_source(table)
    layout = resolve({"features": spec.features}, source, spec.columns)
    check_labels(spec, layout, source)
    matrix = read_matrix(source, layout, spec.columns, spec.where, out / "table", say)
    found = read_labels(spec, matrix)
    tasks = make_tasks(make_plans(spec, matrix, spec.seed), found, spec.probe_rows, spec.seed)
    outcomes = [_outcome(task, matrix, spec, say) for task in tasks]
    content = _content(embeddings, spec, matrix, outcomes)
    picture = figures.scores_figure(pl.concat([outcome.scores for outcome in outcomes]), content["origin"])
    parts: list[Part] = [
        Heading(f"{embeddings.name}: what can be read out of it", 1),
        Paragraph(content["origin"]),
        Paragraph(f"{matrix.rows:,} rows, {matrix.layout.schema.width} dimensions."),
        Picture("figures/scores.png", "Each label under each split; bars are 95 % intervals."),
        *score_parts(content),
    ]
    write_page(out, f"{embeddings.name}: probes", parts, {"scores": picture}, content)
    say(f"Done: {out / 'report.html'}")
    return out / REPORT


def join_labels(embeddings: Path, labels: Path, spec: ProbeSpec, out: Path) -> Path:
    """Writes the embeddings that have a row of labels, with these beside them.

    Args:
        embeddings: Table with the key columns.
        labels: The same, each key once, with the columns that the spec names.
        spec: Its `keys`.
        out: Parquet file to be written.

    Raises:
        BadInputError: There are no keys, a table lacks one, a key stands twice among the labels, or none is in both.
    """
    if not spec.keys:
        raise BadInputError("Labels of another table are joined by `keys`: name the columns that both tables have.")
    left, right = open_source(embeddings), open_source(labels)
    require(spec.keys, left, "the keys")
    require(spec.columns, right, "labels, groups, blocks and keys")
    needed = pl.sql_expr(spec.where).meta.root_names() if spec.where else []
    wanted = [name for name in dict.fromkeys([*spec.columns, *needed]) if name in right.columns]
    types = pl.Schema({name: left.polars_type(name) for name in spec.keys})
    try:
        table = pl.concat(right.batches(wanted, (), len(wanted))).cast(types)
    except pl.exceptions.PolarsError as error:
        raise BadInputError(f"The keys of {labels} are of other types than those of {embeddings}: {error}") from None
    if table.select(spec.keys).is_duplicated().any():
        raise BadInputError(f"{labels} has some {', '.join(spec.keys)} more than once: give each row of labels once.")
    kept = [name for name in left.columns if name not in wanted or name in spec.keys]
    rows = 0
    with replacing(out) as temporary:
        writer = None
        for part in left.batches(kept, (), len(kept)):
            joined = part.cast(types).join(table, on=spec.keys, how="inner", maintain_order="left").to_arrow()
            writer = writer or pq.ParquetWriter(temporary, joined.schema)
            writer.write_table(joined.cast(writer.schema))
            rows += joined.num_rows
        if writer is not None:
            writer.close()
        if not rows:
            raise BadInputError(f"No row of {embeddings} has its {', '.join(spec.keys)} in {labels}.")
    return out


def _outcome(task: Task, matrix: Matrix, spec: ProbeSpec, say: Say) -> Outcome:
    features = {FEATURES: np.asarray(matrix.streams.raw[task.rows])}
    parts = [score(features, task, [number for number, *_ in task.plan.held_out()])]
    say(f"Scored {task.plan.name}.")
    return gather(task, parts, {}, spec.seed)


def _content(embeddings: Path, spec: ProbeSpec, matrix: Matrix, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "origin": origin_of(spec, embeddings),
        "table": {"path": str(embeddings), "digest": matrix.digest, "rows": matrix.rows},
        "spec": spec.model_dump(mode="json", by_alias=True),
        **scores_of(outcomes),
        "versions": versions(),
    }
