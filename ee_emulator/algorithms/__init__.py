"""Earth Engine's algorithms, one module or package a type; each module registers its own."""

import importlib
import pkgutil


def load() -> None:
    """Imports every module of this package, so that its algorithms and coercions are registered."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
