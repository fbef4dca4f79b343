"""Earth Engine's algorithms, one module a type; each module registers its own."""

import importlib
import pkgutil


def load() -> None:
    """Imports every module of this package, so that its algorithms and coercions are registered."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
