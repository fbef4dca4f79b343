"""When a candidate may become the champion: measured scores against the baselines and the champion of the day."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import polars as pl

from lake.errors import BadInputError
from ml.probes import summarise
from ml.report import score_means

TOLERANCE = 0.02
"""By how much a candidate's mean E2 R² may fall short of the champion's: about what a change of seed makes (ours)."""


FLOOR = -1.0
"""R² below it counts as it in the check's means (ours). A probe that fails in another region fails without bound: one
label with R² −80 would decide alone, and with few cities it is chance which label that is."""

_COMPARED = ("car_256_all", "aef", "shared_256_all")


@dataclass(frozen=True)
class Scores:
    """What the check looks at, all under E2 (cross-region), of the encoders that would be released.

    Attributes:
        car: Mean R² over the labels of CAR's 256-d embeddings, each at least `FLOOR`.
        aef: The same of AEF alone.
        shared: The same of the shared-reconstruction twin.
        car_collapsed: Labels with R² < 0 under CAR.
        aef_collapsed: Labels with R² < 0 under AEF alone.
        shared_collapsed: Labels with R² < 0 under its twin.
    """

    car: float
    aef: float
    shared: float
    car_collapsed: int
    aef_collapsed: int
    shared_collapsed: int

    def to_json(self) -> str:
        """For a tag of the model version."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> "Scores":
        """What `to_json` wrote."""
        return Scores(**json.loads(text))


@dataclass(frozen=True)
class CheckOutcome:
    """Whether a candidate passes, and every reason why not.

    Attributes:
        passed: True where there is no reason against it.
        reasons: One sentence a failed criterion.
        warnings: What a person should look at, though it stops nothing.
        metrics: The numbers compared.
    """

    passed: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    metrics: Mapping[str, float]


def scores_of(scores: pl.DataFrame) -> Scores:
    """The scores to check, out of the table of `ml.probes.probe`.

    Raises:
        BadInputError: The table lacks E2 or one of the representations.
    """
    labels = summarise(scores.filter(pl.col("split") == "E2")).with_columns(pl.col("r2").clip(lower_bound=FLOOR))
    means = {row["representation"]: row for row in score_means(labels).iter_rows(named=True)}
    lacking = [name for name in _COMPARED if name not in means]
    if lacking:
        raise BadInputError(f"The score table lacks {', '.join(lacking)} under E2: materialise the evaluation again.")
    found = [means[name] for name in _COMPARED]
    return Scores(*(row["mean_r2"] for row in found), *(row["collapsed"] for row in found))


def scores_pass(candidate: Scores, champion: Scores | None) -> CheckOutcome:
    """Checks a candidate: no worse than AEF alone, which everybody has, in mean and collapsed labels, nor the champion.

    Args:
        candidate: Its scores.
        champion: Those of the version that holds the alias; None where none does.
    """
    reasons = []
    if not math.isfinite(candidate.car):
        reasons.append("Its mean R² under E2 is not a finite number.")
    if candidate.car < candidate.aef:
        reasons.append(f"Its mean R² under E2 is {candidate.car:.3f}, below {candidate.aef:.3f} of AEF alone.")
    if candidate.car_collapsed > candidate.aef_collapsed:
        reasons.append(
            f"{candidate.car_collapsed} labels have R² < 0 under E2, more than {candidate.aef_collapsed} of AEF alone."
        )
    if champion is not None and candidate.car < champion.car - TOLERANCE:
        reasons.append(
            f"Its mean R² under E2 is {candidate.car:.3f}, more than {TOLERANCE} below {champion.car:.3f} of the "
            "champion."
        )
    warnings = []
    if candidate.car < candidate.shared or candidate.car_collapsed > candidate.shared_collapsed:
        warnings.append(
            f"Shared reconstruction does better under E2: mean R² {candidate.shared:.3f} and "
            f"{candidate.shared_collapsed} labels with R² < 0, against {candidate.car:.3f} and "
            f"{candidate.car_collapsed}. With the labels of a few cities the difference may be chance."
        )
    metrics = {f"candidate_{name}": float(value) for name, value in asdict(candidate).items()}
    if champion is not None:
        metrics["champion_car"] = champion.car
    return CheckOutcome(not reasons, tuple(reasons), tuple(warnings), metrics)
