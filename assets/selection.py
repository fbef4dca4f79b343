"""Cities and years as people write them on a command line."""

from lake.cities import CITIES, checked_year, city


def chosen_cities(text: str) -> list[str]:
    """`wuhan,lanzhou` or `all` as city ids.

    Raises:
        UnknownCityError: One is not among the 36.
    """
    if text.strip().lower() == "all":
        return list(CITIES)
    return [city(part.strip()).id for part in text.split(",")]


def chosen_years(text: str) -> list[int]:
    """`2018,2020-2022` as years, ascending, each once.

    Raises:
        UnknownYearError: One is outside 2017–2024.
    """
    years: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        years.update(range(checked_year(first), checked_year(last or first) + 1))
    return sorted(years)
