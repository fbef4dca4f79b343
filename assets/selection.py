"""Cities and years as people write them on a command line."""

from lake.cities import CITIES, checked_year, city
from lake.errors import UnknownYearError


def chosen_cities(text: str) -> list[str]:
    """`wuhan,lanzhou` or `all` as city ids, each once.

    Raises:
        UnknownCityError: One is not among the 36.
    """
    if text.strip().lower() == "all":
        return list(CITIES)
    return list(dict.fromkeys(city(part.strip()).id for part in text.split(",")))


def chosen_years(text: str) -> list[int]:
    """`2018,2020-2022` as years, ascending, each once.

    Raises:
        UnknownYearError: One is outside 2017–2024, or a span runs backwards.
    """
    years: set[int] = set()
    for part in text.split(","):
        years.update(_span(part.strip()))
    return sorted(years)


def _span(text: str) -> range:
    first, dash, last = text.partition("-")
    start, end = checked_year(first), checked_year(last if dash else first)
    if start > end:
        raise UnknownYearError(f"The span {text!r} runs backwards: write {end}-{start}.")
    return range(start, end + 1)
