"""Which metric and which width: sentences made from a dimensionality study by the rules below (ours).

1. Representation: of those whose mean skill, each under its best metric, is within `TOLERANCE` of the best, the one
   that takes the fewest bytes a row; of equals the narrower, then the first.
2. Metric: within it, the best and all whose paired bootstrap interval of the difference from the best holds 0 count as
   equal; of these the first of `METRICS`.
3. Contrast decides nothing: it is named, with its rank correlation with skill.
4. Hubs are warned of where more than `ANTIHUBS` of the rows are nobody's neighbour.
5. Spare width is told where 90 % of the variance fits into at most half of the dimensions.
Without labels there is no skill, and rules 1 and 2 say so instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from lake.errors import BadInputError
from ml.diagnostics.dimensionality import Dimensionality
from ml.diagnostics.distances import METRICS

TOLERANCE = 0.02
ANTIHUBS = 0.05


@dataclass(frozen=True)
class Advice:
    """What follows from a study.

    Attributes:
        representation: Advised; None where no label tells.
        metric: Advised; None where no label tells.
        sentences: Why, and what else to know, in this order.
    """

    representation: str | None
    metric: str | None
    sentences: tuple[str, ...]

    def to_markdown(self) -> str:
        """A list, one sentence a line."""
        return "\n".join(f"- {sentence}" for sentence in self.sentences)


def advise(study: Dimensionality, among: Sequence[str] | None = None) -> Advice:
    """The advice that follows from a study by the rules of this module.

    Args:
        study: What was measured.
        among: Representations to choose from, such as the released forms; all by default. One that is not among them
            and does better by more than `TOLERANCE` is named.

    Raises:
        BadInputError: None of them was measured.
    """
    offered = study.shapes["representation"].to_list() if among is None else list(among)
    if not set(offered) & set(study.shapes["representation"]):
        raise BadInputError(f"None of {', '.join(offered)} was measured.")
    if not study.draws:
        looked_at = study.metrics.sort("antihubs").to_dicts()[0]
        said = "No label varies: nothing tells which metric or width finds better neighbours, and contrast does not."
        return Advice(None, None, (said, *_on_hubs(study, looked_at), *_on_spare_width(study, None)))
    best_of = study.metrics.drop_nulls("skill").sort("skill", descending=True)
    best_of = best_of.unique("representation", keep="first", maintain_order=True)
    on_offer = best_of.filter(pl.col("representation").is_in(offered))
    chosen, on_representation = _representation(study, on_offer)
    metric, on_metric = _metric(study, chosen)
    cell = study.metrics.row(
        by_predicate=(pl.col("representation") == chosen) & (pl.col("metric") == metric), named=True
    )
    sentences = (
        on_representation,
        *_on_better(best_of.to_dicts()[0], on_offer.to_dicts()[0]),
        on_metric,
        _on_contrast(study, cell),
        *_on_hubs(study, cell),
        *_on_spare_width(study, chosen),
    )
    return Advice(chosen, metric, sentences)


def _on_better(best: dict[str, Any], offered: dict[str, Any]) -> list[str]:
    if best["skill"] - offered["skill"] <= TOLERANCE:
        return []
    return [
        f"Mind that {best['representation']}, which is not on offer, has neighbours that tell the labels better: "
        f"{best['skill']:.3f} under {best['metric']} against {offered['skill']:.3f}."
    ]


def _representation(study: Dimensionality, best_of: pl.DataFrame) -> tuple[str, str]:
    order = {name: place for place, name in enumerate(study.shapes["representation"])}
    candidates = best_of.join(study.shapes.select("representation", "bytes"), on="representation").to_dicts()
    best = max(candidates, key=lambda row: (row["skill"], -order[row["representation"]]))
    near = [row for row in candidates if row["skill"] >= best["skill"] - TOLERANCE]
    chosen = min(near, key=lambda row: (row["bytes"], row["width"], order[row["representation"]]))
    name = str(chosen["representation"])
    if name == best["representation"]:
        others = f"no smaller one comes within {TOLERANCE:g}" if len(candidates) > 1 else "it is the only one"
        return name, (
            f"Take {name} ({chosen['bytes']} bytes a row): its neighbours tell the labels best (mean skill "
            f"{best['skill']:.3f}), and {others}."
        )
    low, high = _difference(study, (best["representation"], best["metric"]), (name, chosen["metric"]))
    return name, (
        f"Take {name} ({chosen['bytes']} bytes a row): mean skill {chosen['skill']:.3f} against {best['skill']:.3f} of "
        f"the best, {best['representation']} ({best['bytes']} bytes; difference {best['skill'] - chosen['skill']:.3f}, "
        f"95 % interval {low:.3f} to {high:.3f}); {TOLERANCE:g} is what we allow for fewer bytes."
    )


def _metric(study: Dimensionality, representation: str) -> tuple[str, str]:
    cells = study.metrics.filter(pl.col("representation") == representation).drop_nulls("skill")
    skill = dict(zip(cells["metric"], cells["skill"], strict=True))
    best = max(skill, key=lambda metric: skill[metric])
    equals = [metric for metric in skill if metric == best or _holds_zero(study, representation, best, metric)]
    chosen = min(equals, key=list(METRICS).index)
    listed = ", ".join(f"{metric} {value:.3f}" for metric, value in sorted(skill.items(), key=lambda item: -item[1]))
    if len(equals) == 1:
        return chosen, f"Compare rows of {representation} by {chosen} distance: it is ahead of the others ({listed})."
    others = ", ".join(sorted(set(equals) - {chosen}, key=list(METRICS).index))
    return chosen, (
        f"Compare rows of {representation} by {chosen} distance: it cannot be told from {others} ({listed}) and is the "
        "one that indexes support best."
    )


def _on_contrast(study: Dimensionality, chosen: dict[str, Any]) -> str:
    contrasts = study.metrics.drop_nulls("skill").filter(pl.col("contrast").is_finite()).sort("contrast").to_dicts()
    if not contrasts:
        return "There is no contrast to speak of: every row has a twin."
    largest = contrasts[-1]
    rank = f"over all {study.metrics.height} pairs of representation and metric its rank correlation with skill is "
    rank += f"{study.agreement:.2f}" if np.isfinite(study.agreement) else "unknown"
    if (largest["representation"], largest["metric"]) == (chosen["representation"], chosen["metric"]):
        return f"The largest relative contrast ({largest['contrast']:.2f}) is the advised pair's own; {rank}."
    return (
        f"Do not choose by contrast: it is largest for {largest['representation']} under {largest['metric']} "
        f"({largest['contrast']:.2f}, skill {largest['skill']:.3f}), while the advised pair has "
        f"{chosen['contrast']:.2f} and skill {chosen['skill']:.3f}; {rank}."
    )


def _on_hubs(study: Dimensionality, cell: dict[str, Any]) -> list[str]:
    pair = f"{cell['representation']} under {cell['metric']}"
    found = f"{cell['antihubs']:.1%} of the rows are nobody's neighbour in {pair} (skewness {cell['hub_skewness']:.2f})"
    if cell["antihubs"] <= ANTIHUBS:
        return [f"Hubs are no concern: {found}."]
    return [f"Beware of hubs: {found}; look-alikes will name a few rows again and again. Ask for one a city."]


def _on_spare_width(study: Dimensionality, chosen: str | None) -> list[str]:
    shapes = study.shapes if chosen is None else study.shapes.filter(pl.col("representation") == chosen)
    return [
        f"{row['representation']} has width to spare: {row['for_90']} of its {row['width']} principal components hold "
        f"90 % of the variance (participation ratio {row['participation']:.1f}, intrinsic dimension "
        f"{row['two_nn']:.1f} by TwoNN, {row['mle']:.1f} by maximum likelihood)."
        for row in shapes.to_dicts()
        if row["for_90"] <= row["width"] / 2
    ]


def _holds_zero(study: Dimensionality, representation: str, best: str, other: str) -> bool:
    low, high = _difference(study, (representation, best), (representation, other))
    return low <= 0 <= high


def _difference(study: Dimensionality, better: tuple[str, str], other: tuple[str, str]) -> tuple[float, float]:
    low, high = np.quantile(study.draws[better] - study.draws[other], (0.025, 0.975))
    return float(low), float(high)
