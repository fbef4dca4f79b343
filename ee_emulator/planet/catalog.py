"""The simulated planet as a catalogue: official data sets under their ids, user assets in a folder."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from ee_emulator.catalog.base import Asset
from ee_emulator.planet import aef, gridded, landsat_level1, optical, relief
from ee_emulator.planet.observations import district_rows, point_rows
from ee_emulator.planet.places import CityTable, place_rows, poi_rows

USER_ASSETS = "projects/local-ee/assets"
YEARS = range(2015, 2025)


class SimulatedCatalog:
    """Everything that the planet serves."""

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """Images, collections and tables by id; images of collections are found through their collection."""
        found: list[Asset] = [aef.collection(), *gridded.collections(USER_ASSETS), *optical.collections()]
        surface = [c for c in optical.collections() if c.id.startswith("LANDSAT/")]
        found += [*landsat_level1.collections(surface), *relief.models()]
        for year in YEARS:
            found += [
                CityTable(f"{USER_ASSETS}/poi_{year}", poi_rows(year)),
                CityTable(f"{USER_ASSETS}/places_{year}", place_rows(year)),
                CityTable(f"{USER_ASSETS}/label_points_{year}", point_rows(year)),
                CityTable(f"{USER_ASSETS}/label_districts_{year}", district_rows(year)),
            ]
        return {asset.id: asset for asset in found}

    def get(self, asset_id: str) -> Asset | None:
        """The asset, or one image of a collection."""
        if asset_id in self.assets:
            return self.assets[asset_id]
        parent = self.assets.get(asset_id.rpartition("/")[0])
        if parent is None or not hasattr(parent, "images"):
            return None
        return next((image for image in parent.images() if image.id == asset_id), None)

    def list(self, parent: str) -> Sequence[Asset]:
        """Assets directly under a folder, or the images of a collection."""
        found = self.assets.get(parent)
        if found is not None and hasattr(found, "images"):
            return list(found.images())
        return [self.assets[key] for key in sorted(self.assets) if key.rpartition("/")[0] == parent.rstrip("/")]
