"""Feature: Geometry's functions applied to features."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ee_emulator.algorithms.element import geometry_of
from ee_emulator.algorithms.geometry import cells as geometry_cells
from ee_emulator.algorithms.geometry import constructors as geometry
from ee_emulator.algorithms.geometry import measures as geometry_measures
from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import IMPLEMENTATIONS, algorithm, signatures
from ee_emulator.values import Feature, Geometry

GEOMETRY_MODULES = (geometry, geometry_cells, geometry_measures)
"""Imported first: what they register is what features get."""


def _register() -> None:
    """Measures, relations and points give values, constructions the first feature with another geometry."""
    for name, signature in signatures().items():
        prefix, _, verb = name.partition(".")
        implementation = IMPLEMENTATIONS.get(f"Geometry.{verb}")
        if prefix == "Feature" and implementation is not None and name not in IMPLEMENTATIONS:
            algorithm(name)(_on_features(implementation.function, signature.returns not in ("Feature", "Element")))
    algorithm("ProjectionTransform")(IMPLEMENTATIONS["Feature.transform"].function)


def _on_features(function: Callable[..., Any], returns_value: bool) -> Callable[..., Any]:
    def applied(**arguments: Any) -> Any:
        first = arguments.get("feature", arguments.get("left"))
        names = [name for name in ("feature", "left", "right") if name in arguments]
        given = {("geometry" if name == "feature" else name): _shape_of(arguments.pop(name)) for name in names}
        result = function(**given, **arguments)
        return result if returns_value else replace(_as_feature(first), geometry=result)

    return applied


def _shape_of(value: Any) -> Geometry:
    found = geometry_of(value)
    if found is None:
        raise EarthEngineError("The feature has no geometry.")
    return found


def _as_feature(value: Any) -> Feature:
    """A feature; an image counts with its footprint and metadata."""
    return value if isinstance(value, Feature) else Feature(geometry_of(value), value.properties)


_register()
