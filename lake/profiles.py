"""Scales of the platform: the same code at demo size and at the paper's."""

from dataclasses import dataclass

from lake.cities import CITIES, YEARS
from lake.grid import GRIDS, CityGrid, PixelChoice
from lake.settings import Profile, settings


@dataclass(frozen=True)
class Scale:
    """What one profile computes.

    Attributes:
        cities: City ids.
        years: Calendar years.
        pixels: 100 m pixels a city.
        batch: Rows a training step. Small data take small steps, and so enough of them that an encoder does not end
            where it began: collapsed, and refused by the checks.
    """

    cities: tuple[str, ...]
    years: tuple[int, ...]
    pixels: int
    batch: int
    choice: PixelChoice = "nearest"

    def grid(self, city: str) -> CityGrid:
        """The pixels of a city."""
        return GRIDS[self.choice](city, self.pixels)


# The demo's eight cover all four regions and all four tiers, each region with at least one and each tier with two.
# Its years have no gap, so that a city is one run, and cross the ends of WorldPop (2020) and of VIIRS V21 (2021).
DEMO_CITIES = ("shenzhen", "beijing", "wuhan", "chengdu", "shenyang", "changchun", "haikou", "lanzhou")

# The study compares models and draws no maps: every city, so that intervals by bootstrap over cities mean something,
# and of each few pixels, unlike one another. First and last year, for what changed in between is part of it.
STUDY_YEARS = (YEARS[0], YEARS[-1])

SCALES: dict[Profile, Scale] = {
    "tiny": Scale(("wuhan", "lanzhou", "shenyang", "haikou"), (2020, 2021), 400, 64),
    "demo": Scale(DEMO_CITIES, (2020, 2021, 2022), 2_500, 1_024),
    "study": Scale(tuple(CITIES), STUDY_YEARS, 600, 1_024, "spread"),
    "paper": Scale(tuple(CITIES), YEARS, 50_000, 1_024),
}


def scale(profile: Profile | None = None) -> Scale:
    """The scale of a profile; of the configured one by default."""
    return SCALES[profile or settings().profile]
