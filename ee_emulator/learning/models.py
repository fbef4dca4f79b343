"""Classifiers and clusterers as values: how they are set up, what they were given to learn from, and in which mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.table import Fitted, Matrix, Training
from ee_emulator.raster.pixel_type import PixelType


@dataclass(frozen=True, eq=False)
class Classifier:
    """A classifier, trained or not.

    Attributes:
        description: What `getInfo` shows.
        learn: From a training table and an output mode to a model; learning happens when the model is first used.
        modes: The output modes that it has, the one it begins with first.
        mode: The output mode.
        training: What it learns from; None before it is trained.
        schema: Names of its inputs; None before it is trained.
        needs_training: Whether it is of use only when trained.
    """

    description: Mapping[str, Any]
    learn: Callable[[Training | None, str], Fitted]
    modes: tuple[str, ...]
    mode: str = "CLASSIFICATION"
    training: Training | None = None
    schema: tuple[str, ...] | None = None
    needs_training: bool = True

    @property
    def name(self) -> str:
        """The constructor, without `Classifier.`."""
        described = self.description
        while "classifier" in described:  # a trained one, or one in another mode
            described = described["classifier"]
        return str(described["type"]).rpartition(".")[2]

    def describe(self) -> Mapping[str, Any]:
        """What `getInfo` shows."""
        return self.description

    @cached_property
    def fitted(self) -> Fitted:
        """The model.

        Raises:
            EarthEngineError: It was not trained, or cannot learn from what it was given.
        """
        if self.needs_training and self.training is None:
            raise EarthEngineError("The classifier has not been trained; call train() first.")
        if self.training is not None and not len(self.training.target):
            raise EarthEngineError("No data was found in classifier training input.")
        try:
            return self.learn(self.training, self.mode)
        except ValueError as error:  # what a library cannot learn from
            why = str(error).removesuffix(".")
            raise EarthEngineError(f"{self.name} cannot learn from this table: {why}.") from None

    def outputs(self, name: str) -> list[tuple[str, PixelType]]:
        """Names and types of the outputs; a single one without a name of its own takes `name`."""
        return [(output.name or name, output.type) for output in self.fitted.outputs]

    def in_mode(self, mode: str) -> Classifier:
        """The classifier in another output mode.

        Raises:
            EarthEngineError: It does not have that mode.
        """
        if mode not in self.modes:
            raise EarthEngineError(
                f"The output mode '{mode}' is not one of {self.name}'s; it has: {', '.join(self.modes)}."
            )
        described = {"type": "Classifier.setOutputMode", "classifier": self.description, "mode": mode}
        return replace(self, mode=mode, description=described)


@dataclass(frozen=True, eq=False)
class Clusterer:
    """A clusterer, trained or not.

    Attributes:
        description: What `getInfo` shows.
        learn: From the rows of a table to a model.
        rows: What it learns from; None before it is trained.
        schema: Names of its inputs; None before it is trained.
    """

    description: Mapping[str, Any]
    learn: Callable[[Matrix], Fitted]
    rows: Matrix | None = None
    schema: tuple[str, ...] | None = None

    def describe(self) -> Mapping[str, Any]:
        """What `getInfo` shows."""
        return self.description

    @cached_property
    def fitted(self) -> Fitted:
        """The model.

        Raises:
            EarthEngineError: It was not trained, or has nothing to learn from.
        """
        if self.rows is None:
            raise EarthEngineError("The clusterer has not been trained; call train() first.")
        if not len(self.rows):
            raise EarthEngineError("No data was found in clusterer training input.")
        try:
            return self.learn(self.rows)
        except ValueError as error:  # what a library cannot learn from
            raise EarthEngineError(f"This table cannot be clustered: {str(error).removesuffix('.')}.") from None

    def outputs(self, name: str) -> list[tuple[str, PixelType]]:
        """Name and type of the output."""
        return [(name, self.fitted.outputs[0].type)]
