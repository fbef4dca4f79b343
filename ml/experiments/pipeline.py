"""The study's steps as the orchestration calls them: data, runs, table, report, champion.

Each can be killed and called again, and does nothing where nothing changed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from lake.code_version import code_version
from lake.errors import ModelMissingError
from lake.partition_io import Lake
from ml import class_probes, intervals, promotion, retrieval
from ml.card import ATTRIBUTION
from ml.experiments import beyond, champion, figures, findings, likeness, penalty, report, scores
from ml.experiments.arrays import MappedStudy, write_study
from ml.experiments.beyond import beyond_the_table
from ml.experiments.champion import Choice, choose_champion
from ml.experiments.figures import origin
from ml.experiments.report import Report, ablation_markdown, make_report
from ml.experiments.runner import Plan, read_runs, released_job, run_metadata
from ml.experiments.scores import Ablation, ablation
from ml.experiments.table import Experiment
from ml.experiments.tracking import row_run, study_run, track_report
from ml.export import example_rows
from ml.model_files import load_trained
from ml.registry import Candidate, register_version
from ml.study import study_sample
from ml.tracking import Tracking
from ml.weights import weights_digest

ALIAS = "study-champion"
REPORT = "experiments/report.html"
_TABLES = "experiments"
_MADE_OF = "made_of"


@dataclass(frozen=True)
class StudyChampion:
    """The registered champion of a study.

    Attributes:
        choice: How it was found.
        registered: Its version.
        digest: Digest of the weights.
    """

    choice: Choice
    registered: Candidate
    digest: str


def prepare_study(lake: Lake, partitions: Sequence[tuple[str, int]], folder: Path) -> MappedStudy:
    """The study's rows out of the lake, as files that every process maps into memory.

    Raises:
        BadInputError: No row has a label.
        PartitionMissingError: Streams or labels are missing.
    """
    sample = study_sample(lake, partitions)
    return write_study(folder / "studies", sample.data, sample.benchmark, sample.simulated)


def made_of(lake: Lake, experiments: Sequence[Experiment]) -> str:
    """Digest of what table, report and champion are a function of."""
    told = [run_metadata(lake, row.name).get("fingerprint", "missing") for row in experiments]
    code = code_version(
        scores,
        intervals,
        promotion,
        champion,
        figures,
        findings,
        beyond,
        penalty,
        likeness,
        retrieval,
        class_probes,
        report,
    )
    return hashlib.sha256(repr((told, code)).encode()).hexdigest()[:16]


def is_reported(lake: Lake, experiments: Sequence[Experiment]) -> bool:
    """Whether the table in the lake is of the runs that there are."""
    return lake.table_metadata(f"{_TABLES}/{scores.ABLATION}").get(_MADE_OF) == made_of(lake, experiments)


def write_ablation(lake: Lake, experiments: Sequence[Experiment], categories: Mapping[str, str]) -> Ablation:
    """Puts the runs together and keeps the tables below `experiments/` in the lake.

    Raises:
        BadInputError: See `ml.experiments.scores.ablation`.
    """
    found = ablation(lake, experiments, categories)
    told = {_MADE_OF: made_of(lake, experiments), "study": found.study, "simulated": str(found.simulated).lower()}
    for name, table in sorted(found.tables().items(), reverse=True):  # the ablation itself last
        lake.write_table(f"{_TABLES}/{name}", table, told)
    return found


def write_report(
    plan: Plan, tracking: Tracking, experiments: Sequence[Experiment], categories: Mapping[str, str], found: Ablation
) -> Report:
    """Writes the page `experiments/report.html` and the pictures beside it, and tracks them in the study's run."""
    lake, budget = plan.lake, plan.budget
    choice = choose_champion(lake, experiments)
    curves = read_runs(lake, "curves", experiments)
    told = [run_metadata(lake, row.name) for row in experiments]
    provenance = {
        "data": found.study,
        "trainings": str(sum(int(row["trainings"]) for row in told)),
        "seconds of one core": f"{sum(float(row['seconds']) for row in told):,.0f}",
        "versions": ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "scikit-learn", "polars")),
        "origin": origin(found.simulated),
    }
    told_beyond = beyond_the_table(plan, experiments)
    for name, table in told_beyond.tables().items():
        lake.write_table(f"{_TABLES}/{name}", table, {"simulated": str(found.simulated).lower()})
    made = make_report(found, experiments, choice, curves, told_beyond, budget, provenance, categories)
    for name, png in made.figures.items():
        lake.write_bytes(f"experiments/figures/{name}.png", png)
    lake.write_bytes(REPORT, made.html.encode())
    parent = study_run(tracking, found.study, found.simulated, budget)
    track_report(tracking, parent, made.figures, {"report.html": made.html, "ablation.md": made.markdown})
    return made


def register_champion(
    plan: Plan, tracking: Tracking, experiments: Sequence[Experiment], found: Ablation
) -> StudyChampion:
    """Registers the encoder of all cities of the row that the rule chooses, as `@study-champion`.

    It is not the platform's champion: that one has passed the check at promotion, and has heads to be released by.

    Raises:
        ModelMissingError: Its encoder's file is gone, or was trained by other code.
    """
    choice = choose_champion(plan.lake, experiments)
    row = next(row for row in experiments if row.name == choice.champion)
    model = released_job(plan, row).model
    if not model.exists():
        raise ModelMissingError(f"The encoder of {row.name} is not in {model}: run this experiment again.")
    encoder = load_trained(model).encoder
    parent = study_run(tracking, found.study, found.simulated, plan.budget)
    run = row_run(tracking, plan.lake, parent, row, 0, plan.budget)
    digest = weights_digest(encoder)
    registered = register_version(
        tracking,
        run,
        encoder,
        example_rows(np.array(plan.study.data.raw[:1_000])),
        _card(row, choice, found, plan),
        {"simulated": str(found.simulated).lower(), "digest": digest, "experiment": row.name},
        ALIAS,
    )
    return StudyChampion(choice, registered, digest)


def _card(row: Experiment, choice: Choice, found: Ablation, plan: Plan) -> str:
    settings = asdict(row.training) if row.training is not None else {}
    fields = "\n".join(f"| {name} | {value} |" for name, value in settings.items())
    keys = plan.study.data.keys
    return f"""# {row.title}

{origin(found.simulated)}

The encoder of the experiment `{row.name}`, trained on {len(keys):,} pixel-years of {keys["city"].n_unique()} cities; no
label is used. {choice.reason} `columns.json` in the model names the columns that it takes, with their units.

| field | value |
|---|---|
{fields}

{ablation_markdown(found, [row])}

Code and weights: Apache-2.0. Input and output contain modified data of the {ATTRIBUTION}
"""
