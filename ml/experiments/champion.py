"""Which row of the table is the study's champion, by a rule that is stated before anything is run (ours).

Only rows that could be released are looked at: an encoder of the platform's columns as they are, 256 dimensions. The
score is the mean of E2's and E3's mean R², each label floored at −1. The row with the highest score leads; rows whose
difference to it the cities cannot tell from none (the 95 % interval of the paired bootstrap holds 0) are as good. Of
these the one with the fewest weights in its encoder wins, for it is the cheapest to run; of equals the better score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from lake.errors import BadInputError
from lake.partition_io import Lake
from ml.experiments.fold import can_be_released
from ml.experiments.runner import read_runs, run_metadata
from ml.experiments.scores import ACROSS, average_repeats, with_across
from ml.experiments.table import Experiment
from ml.intervals import bootstrap, mean_intervals, paired_differences
from ml.promotion import FLOOR


@dataclass(frozen=True)
class Choice:
    """The champion, and how it was found.

    Attributes:
        champion: Name of the row.
        leader: Name of the row with the highest score.
        standings: The releasable rows, best first: `experiment`, `score`, `behind` the leader with `low` and `high`,
            whether it is `as_good`, and `weights` of its encoder.
        reason: One sentence.
    """

    champion: str
    leader: str
    standings: pl.DataFrame
    reason: str


def choose_champion(lake: Lake, experiments: Sequence[Experiment]) -> Choice:
    """Applies the rule to what the rows found.

    Raises:
        BadInputError: No row of those given could be released, or one was never run.
    """
    rows = [row for row in experiments if can_be_released(row)]
    if not rows:
        raise BadInputError("None of these experiments could be released: take one of 256 dimensions on all columns.")
    probes = average_repeats(read_runs(lake, "probes", rows))
    names = [row.name for row in rows]
    draws = [
        d for d in with_across(bootstrap(probes.filter(pl.col("representation").is_in(names)))) if d.split == ACROSS
    ]
    scores = mean_intervals(draws, FLOOR)
    leader = str(scores.sort("mean_r2", descending=True)["representation"][0])
    behind = paired_differences(draws, [(leader, name) for name in names], FLOOR)
    weights = {name: int(run_metadata(lake, name)["weights"]) for name in names}
    return _choice(leader, scores, behind, weights)


def _choice(leader: str, scores: pl.DataFrame, behind: pl.DataFrame, weights: Mapping[str, int]) -> Choice:
    standings = (
        behind.select(experiment="second", behind="difference", low="low", high="high")
        .join(scores.select(experiment="representation", score="mean_r2"), on="experiment")
        .with_columns(
            as_good=(pl.col("low") <= 0) | (pl.col("experiment") == leader),
            weights=pl.col("experiment").replace_strict(dict(weights), return_dtype=pl.Int64),
        )
        .select("experiment", "score", "behind", "low", "high", "as_good", "weights")
        .sort("score", descending=True)
    )
    as_good = standings.filter("as_good").sort("weights", "score", descending=[False, True])
    champion = str(as_good["experiment"][0])
    reason = (
        f"{leader} has the highest mean R² over E2 and E3 ({standings['score'][0]:.3f}); the cities cannot tell "
        f"{as_good.height - 1} other row(s) from it; of these {champion} has the smallest encoder "
        f"({as_good['weights'][0]:,} weights) and, among equally small ones, the best score."
    )
    return Choice(champion, leader, standings, reason)
