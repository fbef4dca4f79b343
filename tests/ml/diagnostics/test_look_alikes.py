"""A planted twin in another city is found, and what is known of it stands beside the place."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from lake.cities import CITIES
from lake.errors import BadInputError
from lake.grid import city_grid
from ml.diagnostics import look_alikes
from ml.diagnostics.look_alikes import LookAlikes, find_place, find_place_at, similarities, study_look_alikes
from ml.diagnostics.look_alikes_figures import look_alikes_figure
from tests.ml.diagnostics.conftest import ORIGIN, PIXELS, TEN, Table, words


def row_of(table: Table, city: str, year: int) -> int:
    return int(np.flatnonzero(((table.keys["city"] == city) & (table.keys["year"] == year)).to_numpy())[7])


@pytest.fixture(scope="module")
def embeddings(table: Table) -> NDArray[np.float32]:
    changed = table.embeddings.copy()
    changed[row_of(table, "harbin", 2024)] = changed[row_of(table, "wuhan", 2024)]
    changed[row_of(table, "xian", 2017)] = changed[row_of(table, "wuhan", 2024)]
    changed[row_of(table, "jinan", 2024)] = np.nan
    return changed


@pytest.fixture(scope="module")
def study(table: Table, embeddings: NDArray[np.float32]) -> LookAlikes:
    place = find_place(table.keys, "wuhan", 2024, int(table.keys["pixel"][row_of(table, "wuhan", 2024)]))
    values = pl.DataFrame(
        {"label": table.label, "row": np.arange(len(table.label)), "unknown": [None] * len(table.label)}
    )
    return study_look_alikes(table.keys, embeddings, place, values, origin=ORIGIN, count=5)


def test_the_twin_comes_first_and_only_in_the_place_s_year(table: Table, study: LookAlikes) -> None:
    first = study.nearest.row(0, named=True)
    assert (first["city"], first["year"]) == ("harbin", 2024)
    assert first["pixel"] == table.keys["pixel"][row_of(table, "harbin", 2024)]
    assert first["similarity"] == pytest.approx(1, abs=1e-6)
    assert study.nearest["similarity"].is_sorted(descending=True)
    assert set(study.nearest["year"]) == {2024}
    assert "wuhan" not in set(study.nearest["city"])


def test_each_other_city_has_its_best(table: Table, embeddings: NDArray[np.float32], study: LookAlikes) -> None:
    assert sorted(study.by_city["city"]) == sorted(set(TEN) - {"wuhan"})
    found = similarities(embeddings, study.place.row)
    for row in study.by_city.to_dicts():
        of_city = ((table.keys["city"] == row["city"]) & (table.keys["year"] == 2024)).to_numpy()
        assert row["similarity"] == pytest.approx(np.nanmax(found[of_city]))


def test_known_values_stand_beside_the_place(table: Table, study: LookAlikes) -> None:
    assert study.values["column"].to_list() == ["label", "row"]
    row = study.values.row(0, named=True)
    others = ((table.keys["city"] != "wuhan") & (table.keys["year"] == 2024)).to_numpy()
    below = (table.label[others] < table.label[study.place.row]).mean()
    assert row["own"] == table.label[study.place.row]
    assert row["own_percentile"] == pytest.approx(100 * below, abs=0.5)
    assert row["apart"] < row["by_chance"]
    assert study.percentiles.shape == (5, 2)


def test_blocks_give_what_one_product_gives(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_alikes, "_BLOCK", 7)
    expected = table.embeddings.astype(np.float64) @ table.embeddings[3].astype(np.float64)
    np.testing.assert_allclose(similarities(table.embeddings, 3), expected, atol=1e-6)


def test_the_pixel_at_a_longitude_and_latitude(table: Table) -> None:
    wuhan = CITIES["wuhan"]
    place = find_place_at(table.keys, wuhan.lon, wuhan.lat)
    assert (place.city, place.year) == ("wuhan", 2024)
    assert place.away < 0.2
    assert table.keys.row(place.row) == ("wuhan", 2024, place.pixel)
    grid = city_grid("wuhan", PIXELS)
    assert place.pixel in grid.pixel


def test_listed_coordinates_lie_in_the_pixel(study: LookAlikes) -> None:
    row = study.nearest.row(0, named=True)
    assert city_grid("harbin").locate(np.array([row["lon"]]), np.array([row["lat"]]))[0] == row["pixel"]


def test_places_without_an_answer_are_refused(table: Table, embeddings: NDArray[np.float32]) -> None:
    with pytest.raises(BadInputError, match=r"no pixel within 5 km .* in Wuhan"):
        find_place_at(table.keys, 114.0, 30.0)
    with pytest.raises(BadInputError, match="no pixel 1 of wuhan in 2024"):
        find_place(table.keys, "wuhan", 2024, 1)
    missing = row_of(table, "jinan", 2024)
    place = find_place(table.keys, "jinan", 2024, int(table.keys["pixel"][missing]))
    with pytest.raises(BadInputError, match="has no embedding in 2024"):
        study_look_alikes(table.keys, embeddings, place, origin=ORIGIN)
    one = table.keys.filter(pl.col("city") == "wuhan")
    with pytest.raises(BadInputError, match="no other city than wuhan"):
        study_look_alikes(
            one, embeddings[: one.height], find_place(one, "wuhan", 2017, int(one["pixel"][0])), origin=ORIGIN
        )


def test_table_and_figure_say_where_the_data_come_from(study: LookAlikes) -> None:
    assert ORIGIN in study.to_markdown()
    text = words(look_alikes_figure(study))
    assert ORIGIN in text
    assert "Harbin" in text
