"""Whether the splits E1, E2 and E3 hold apart what they say."""

from collections.abc import Iterable, Mapping

import polars as pl

from lake.cities import CITIES
from quality.outcome import enumerate_names

SPLITS = ("E1", "E2", "E3")
_COLUMNS = {"E1": ("city", "pixel", "fold"), "E2": ("city", "fold"), "E3": ("city", "fold")}
_FOLD_IS = {"E2": {city.id: city.region for city in CITIES.values()}, "E3": {c.id: c.tier for c in CITIES.values()}}


def split_problems(labels: pl.DataFrame, splits: Mapping[str, pl.DataFrame]) -> list[str]:
    """A sentence for everything that is wrong with the splits.

    Args:
        labels: `city` and `pixel` of every labelled pixel, among other columns.
        splits: `E1`: `city`, `pixel`, `fold`; `E2` and `E3`: `city`, `fold`.
    """
    problems = []
    for name in SPLITS:
        lacking = [column for column in _COLUMNS[name] if name not in splits or column not in splits[name].columns]
        if lacking:
            problems.append(f"{name} lacks {enumerate_names(lacking)}.")
        else:
            problems += _problems_of(name, labels, splits[name])
    return [*problems, "Run `dbt build` again; probes on these folds would tell nothing."] if problems else []


def _problems_of(name: str, labels: pl.DataFrame, split: pl.DataFrame) -> Iterable[str]:
    unit = list(_COLUMNS[name][:-1])
    split = split.select(*(pl.col(column).cast(labels.schema[column]) for column in unit), "fold")
    folds = split.group_by(unit).agg(
        pl.col("fold").n_unique().alias("folds"), pl.col("fold").null_count().alias("null")
    )
    several, without = folds.filter(pl.col("folds") > 1), folds.filter(pl.col("null") > 0)
    if several.height:
        yield f"{name} is not disjoint: {several.height:,} {unit[-1]} keys are in several folds, in {_cities(several)}."
    lacking = pl.concat([labels.select(unit).unique().join(split, on=unit, how="anti"), without.select(unit)])
    if lacking.height:
        yield f"{name} is not complete: {lacking.height:,} {unit[-1]} keys have no fold, in {_cities(lacking)}."
    if name == "E1":
        alone = split.group_by("city").agg(pl.col("fold").n_unique().alias("folds")).filter(pl.col("folds") < 2)
        if alone.height:
            yield f"E1 holds nothing out: all pixels are in one fold, in {_cities(alone)}."
        return
    wrong = [f"{city} in {fold}" for city, fold in split.rows() if _FOLD_IS[name].get(city, fold) != fold]
    if wrong:
        yield f"{name} contradicts the cities' {'region' if name == 'E2' else 'tier'}: {enumerate_names(wrong)}."
    if split.join(labels.select("city").unique(), on="city", how="semi")["fold"].n_unique() < 2:
        yield f"{name} holds nothing out: all labelled cities are in one fold. Label cities of another one as well."


def _cities(keys: pl.DataFrame) -> str:
    return enumerate_names(keys["city"].unique().sort())
