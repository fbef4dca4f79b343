"""What the page tells beside R²: classes of unseen cities, and neighbours."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from lake.cities import CITIES
from ml.experiments.likeness import LABELS, city_classes, class_scores, retrieval_scores, same_place_scores
from ml.probes import Benchmark, Fold

PIXELS, YEARS = 12, (2017, 2024)


@pytest.fixture(scope="module")
def keys() -> pl.DataFrame:
    """All cities, some pixels, two years."""
    cities = pl.DataFrame({"city": sorted(CITIES)})
    years = pl.DataFrame({"year": YEARS}, schema={"year": pl.Int32})
    pixels = pl.DataFrame({"pixel": range(PIXELS)}, schema={"pixel": pl.UInt32})
    return cities.join(years, how="cross").join(pixels, how="cross")


@pytest.fixture(scope="module")
def representations(keys: pl.DataFrame) -> dict[str, NDArray[np.float32]]:
    """One that holds the region, and one that holds nothing."""
    rng = np.random.default_rng(0)
    regions = city_classes(keys)["region"]
    one_hot = (regions[:, None] == np.unique(regions)).astype(np.float32)
    noise = rng.normal(size=(len(keys), 4)).astype(np.float32)
    return {"region": one_hot + 0.05 * noise, "nothing": noise}


def test_a_class_that_a_representation_holds_is_told_in_cities_never_seen(
    keys: pl.DataFrame, representations: dict[str, NDArray[np.float32]]
) -> None:
    found = class_scores(representations, keys)
    assert set(found["label"]) == {"tier", "region"}
    told = {row["representation"]: row["accuracy"] for row in found.to_dicts() if _asked(row, "region", "logistic")}
    assert told["region"] > 0.99
    assert told["nothing"] < 0.6


def _asked(row: dict[str, object], label: str, classifier: str) -> bool:
    return (row["label"], row["classifier"]) == (label, classifier)


def test_a_class_with_too_few_cities_is_left_out(
    keys: pl.DataFrame, representations: dict[str, NDArray[np.float32]]
) -> None:
    few = (keys["city"].is_in(sorted(CITIES)[:4])).to_numpy()
    found = class_scores({name: matrix[few] for name, matrix in representations.items()}, keys.filter(few))
    assert found.height == 0


def test_neighbours_in_other_cities_are_alike_where_the_representation_holds_what_is_asked(
    keys: pl.DataFrame, representations: dict[str, NDArray[np.float32]]
) -> None:
    regions = city_classes(keys)["region"]
    cities, block = np.unique(keys["city"].to_numpy().astype(str), return_inverse=True)
    value = np.unique(regions.astype(str), return_inverse=True)[1].astype(float)
    value += np.random.default_rng(1).normal(0, 0.01, len(value))
    half = len(cities) // 2
    folds = (Fold("E3", "a", (tuple(range(half)),), tuple(range(half, len(cities)))),)
    benchmark = Benchmark(("wealth",), value[:, None], block.astype(np.int64), tuple(cities), folds)
    found = retrieval_scores(representations, benchmark, keys)
    by = {(row["representation"], row["what"]): row for row in found.to_dicts()}
    assert by["region", "region"]["precision"] > 0.99 > 0.7 > by["nothing", "region"]["precision"]
    assert by["region", LABELS]["difference"] < 0.1 < 0.7 < by["nothing", LABELS]["difference"]
    assert by["region", "region"]["difference"] is None


def test_a_place_finds_itself_where_what_is_lasting_is_held(keys: pl.DataFrame) -> None:
    rng = np.random.default_rng(2)
    places, place = np.unique(
        keys.select(pl.concat_str("city", "pixel", separator="/")).to_series().to_numpy().astype(str),
        return_inverse=True,
    )
    lasting = rng.normal(size=(len(places), 8))[place].astype(np.float32)
    found = same_place_scores({"lasting": lasting, "nothing": rng.normal(size=lasting.shape)}, keys).filter(k=1)
    recall = dict(found.select("representation", "recall").iter_rows())
    assert recall["lasting"] == 1.0
    assert recall["nothing"] < 0.05


def test_with_one_year_there_is_no_search_across_years(keys: pl.DataFrame, caplog: pytest.LogCaptureFixture) -> None:
    one = keys.filter(year=YEARS[0])
    assert same_place_scores({"any": np.ones((len(one), 2), np.float32)}, one).height == 0
    assert "a search across years needs two" in caplog.text
