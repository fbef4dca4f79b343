"""Two more questions to a representation: does it tell a city's class, and is what lies nearest alike on the ground?

Classes are tier and region of a pixel's city, told in cities that the probe has not seen (`ml.class_probes`). Retrieval
is by cosine (`ml.retrieval`): pixels of held-out cities ask among those of the other cities, and a place of the first
year asks for itself among the places of the last.
"""

import logging
from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.cities import city as find_city
from lake.errors import BadInputError
from ml.class_probes import FEWEST_GROUPS, group_folds, probe_classes, summarise_classes
from ml.probes import Benchmark
from ml.retrieval import PLACE_SCHEMA, retrieve_labels, same_place_recall

log = logging.getLogger(__name__)
LABELS = "labels"
"""Row of the retrieval that means all labels."""


def class_scores(representations: Mapping[str, NDArray[np.float32]], keys: pl.DataFrame) -> pl.DataFrame:
    """How well tier and region of unseen cities are told, by logistic regression, neighbours, and always one class.

    Args:
        representations: Name to features of the rows, NaN where missing; (rows, width).
        keys: `city` of each row.

    Returns:
        See `ml.class_probes.summarise_classes`; no row for a class with too few cities to hold some out.
    """
    cities = keys["city"].to_numpy()
    folds = [
        fold
        for name, classes in city_classes(keys).items()
        if _fewest_cities(classes, cities) >= FEWEST_GROUPS
        for fold in group_folds(name, classes, cities)
    ]
    return summarise_classes(probe_classes(representations, folds))


def retrieval_scores(
    representations: Mapping[str, NDArray[np.float32]], benchmark: Benchmark, keys: pl.DataFrame
) -> pl.DataFrame:
    """How alike the 10 nearest pixels of other cities are, under E2 and E3.

    Args:
        representations: Name to features of the benchmark's rows; (rows, width).
        benchmark: Labels and folds.
        keys: `city` of each row.

    Returns:
        One row a `split`, `representation` and `what`: `labels` (mean over them), `tier` or `region`. `precision` is
        the share of the nearest in the same fifth or class, `difference` the mean absolute difference of a label as a
        share of what chance gives (null for a class); `precision_by_chance` is that of pixels drawn at random.
    """
    folds = [fold for fold in benchmark.folds if fold.split != "E1" and fold.train]
    found = retrieve_labels(representations, benchmark, folds, city_classes(keys))
    is_label = pl.col("label").is_in(list(benchmark.labels))
    return (
        found.with_columns(
            what=pl.when(is_label).then(pl.lit(LABELS)).otherwise("label"),
            difference=pl.col("difference") / pl.col("difference_by_chance"),
        )
        .group_by("split", "representation", "what")
        .agg(pl.col("precision", "precision_by_chance", "difference").mean())
        .sort("split", "what", "representation")
    )


def same_place_scores(representations: Mapping[str, NDArray[np.float32]], keys: pl.DataFrame) -> pl.DataFrame:
    """How often a place finds itself years later (`ml.retrieval.same_place_recall`); no row where that cannot be told.

    Args:
        representations: Name to features of the rows, NaN where missing; (rows, width).
        keys: `city`, `year` and `pixel` of each row.
    """
    places = keys.select(pl.concat_str("city", "pixel", separator="/")).to_series().to_numpy()
    try:
        return same_place_recall(representations, places, keys["year"].to_numpy())
    except BadInputError as error:  # one year, or other pixels each year
        log.warning("No search across years: %s", error)
        return pl.DataFrame(schema=PLACE_SCHEMA)


def city_classes(keys: pl.DataFrame) -> Mapping[str, NDArray[np.object_]]:
    """Tier and region of each row's city; (rows,) each."""
    known = {name: find_city(name) for name in keys["city"].unique()}
    return {
        name: keys["city"].replace_strict({key: getattr(city, name) for key, city in known.items()}).to_numpy()
        for name in ("tier", "region")
    }


def _fewest_cities(classes: NDArray[np.object_], cities: NDArray[np.object_]) -> int:
    """Cities of the class that has the fewest; 0 where there is one class only."""
    counts = pl.DataFrame({"class": classes, "city": cities}).unique().group_by("class").len()["len"]
    return int(counts.to_numpy().min()) if len(counts) > 1 else 0
