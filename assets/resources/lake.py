"""The lake at the scale of the configured profile."""

import dagster as dg

from lake.grid import CityGrid
from lake.partition_io import Lake
from lake.profiles import Scale, scale
from lake.settings import settings


class CityLake(dg.ConfigurableResource[None]):
    """Where partitions are read and written, and which pixels a partition has."""

    @property
    def store(self) -> Lake:
        """The partitions."""
        configured = settings()
        return Lake(configured.lake_root, configured.s3_endpoint_url)

    @property
    def scale(self) -> Scale:
        """Cities, years and pixels of the configured profile."""
        return scale()

    def grid(self, city: str) -> CityGrid:
        """The pixels of a city that the profile computes."""
        return self.scale.grid(city)
