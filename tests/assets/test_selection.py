"""Cities and years as people write them."""

import pytest

from assets.selection import chosen_cities, chosen_years
from lake.cities import CITIES
from lake.errors import UnknownCityError, UnknownYearError


def test_cities_are_taken_as_listed_each_once() -> None:
    assert chosen_cities("wuhan, lanzhou,wuhan") == ["wuhan", "lanzhou"]
    assert chosen_cities(" All ") == list(CITIES)


def test_a_misspelt_city_is_answered_with_its_neighbours() -> None:
    with pytest.raises(UnknownCityError, match=r"'wuhann'. Did you mean wuhan"):
        chosen_cities("lanzhou,wuhann")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2020", [2020]),
        ("2022,2018-2020", [2018, 2019, 2020, 2022]),
        ("2020-2021, 2021-2022", [2020, 2021, 2022]),
        ("2024-2024", [2024]),
    ],
)
def test_years_and_spans_are_taken_in_order_each_once(text: str, years: list[int]) -> None:
    assert chosen_years(text) == years


@pytest.mark.parametrize("text", ["2016", "2020-2025", "twenty", "", "2020,", "2020-", "-2020"])
def test_years_that_the_platform_has_not_are_refused(text: str) -> None:
    with pytest.raises(UnknownYearError, match="2017 to 2024"):
        chosen_years(text)


def test_a_span_that_runs_backwards_is_not_an_empty_one() -> None:
    with pytest.raises(UnknownYearError, match="write 2020-2022"):
        chosen_years("2022-2020")
