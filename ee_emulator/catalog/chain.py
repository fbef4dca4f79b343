"""Several catalogues asked in turn."""

from collections.abc import Sequence

from ee_emulator.catalog.base import Asset, Catalog


class ChainCatalog:
    """Answers from the first catalogue that knows an id, so that a user's assets shadow simulated ones."""

    def __init__(self, catalogs: Sequence[Catalog]) -> None:
        self._catalogs = tuple(catalogs)

    def get(self, asset_id: str) -> Asset | None:
        """The asset, or None where no catalogue has it."""
        for catalog in self._catalogs:
            asset = catalog.get(asset_id)
            if asset is not None:
                return asset
        return None

    def list(self, parent: str) -> Sequence[Asset]:
        """Assets under a folder in all catalogues; the first one's where two have the same id."""
        found = {asset.id: asset for catalog in reversed(self._catalogs) for asset in catalog.list(parent)}
        return [found[key] for key in sorted(found)]
