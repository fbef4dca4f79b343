"""MLflow: where runs are tracked and models are registered."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from lake.settings import settings

if TYPE_CHECKING:
    from ml.inference import RegisteredModel
    from ml.tracking import Tracking as Store


class Tracking(dg.ConfigurableResource[None]):
    """The configured MLflow store, and the champion in it."""

    @property
    def store(self) -> "Store":
        """Addresses of tracking and registry."""
        from ml.tracking import tracking_of

        return tracking_of(settings())

    @property
    def folder(self) -> Path:
        """Folder of model files and checkpoints, which a killed training goes on from."""
        return settings().data_dir / "models"

    def champion_digest(self) -> str | None:
        """Digest of the champion's weights, without loading it; None where there is none."""
        from ml.registry import champion_digest

        return champion_digest(self.store)

    def champion(self) -> "RegisteredModel":
        """The champion, loaded once a process.

        Raises:
            ModelMissingError: No version was promoted yet.
        """
        return _champion(self.store, self.champion_digest())


@lru_cache(maxsize=1)
def _champion(store: "Store", _digest: str | None) -> "RegisteredModel":
    """Keyed by the digest as well, so that a promotion is noticed."""
    from ml.registry import load_champion

    return load_champion(store)
