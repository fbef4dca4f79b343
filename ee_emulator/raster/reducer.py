"""Reducers: one implementation for stacks of images, pixels of a region, neighbourhoods and columns of a table.

A reducer folds `Samples`, N observations for each of P places: P is the pixels of a tile where images are reduced
per pixel, and 1 where a region, a list or a column is folded into one answer. The folds stand in
`folds` and `list_folds`; here is what a reducer is and how reducers combine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import inputs
from ee_emulator.raster.pixel_type import DOUBLE, PixelType, integer_type
from ee_emulator.values import Array

Column = tuple[NDArray[Any], NDArray[np.bool_]]
"""An output: values and validity, both of shape (P,); object values where the output is a list or dictionary."""


@dataclass(frozen=True)
class Samples:
    """Observations to fold.

    Attributes:
        values: For each input an array (N, P).
        valid: For each input which observations are not masked or null, (N, P).
        weights: Share of each observation in 0..1, broadcastable to (N, P); None for 1.
        inside: Which observations an unweighted reducer takes (the pixel's centre lies in the region); None for all.
    """

    values: tuple[NDArray[Any], ...]
    valid: tuple[NDArray[np.bool_], ...]
    weights: NDArray[np.float64] | None = None
    inside: NDArray[np.bool_] | None = None

    @property
    def places(self) -> int:
        """P."""
        return int(self.values[0].shape[1])

    def part(self, start: int, stop: int) -> Samples:
        """Some of the inputs."""
        return replace(self, values=self.values[start:stop], valid=self.valid[start:stop])

    def unweighted(self) -> Samples:
        """The observations whose centre is inside, each of weight 1."""
        if self.weights is None and self.inside is None:
            return self
        inside = self.inside if self.inside is not None else np.ones_like(self.valid[0])
        return Samples(self.values, tuple(ok & inside for ok in self.valid))

    def complete(self) -> NDArray[np.bool_]:
        """Observations that are valid in all inputs, (N, P)."""
        answer = self.valid[0]
        for other in self.valid[1:]:
            answer = answer & other
        return answer

    def within(self) -> NDArray[np.bool_]:
        """Observations whose centre is inside, null ones among them, (N, P)."""
        everything = np.ones_like(self.valid[0])
        return everything if self.inside is None else everything & self.inside

    def weight(self, ok: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Weights (N, P) that are 0 where not `ok`."""
        return ok.astype(np.float64) if self.weights is None else np.where(ok, self.weights, 0.0)


Fold = Callable[[Samples], list[Column]]


@dataclass(frozen=True)
class Reducer:
    """A reducer.

    Attributes:
        name: Earth Engine's name, such as `Reducer.mean`.
        outputs: Names of the outputs.
        fold: What it does.
        inputs: How many inputs it takes.
        weighted: Whether pixels at a region's edge count by their share in it.
        types: Output types from input types where images are reduced.
        empty: Whether an answer exists without any observation (count is 0 then).
    """

    name: str
    outputs: tuple[str, ...]
    fold: Fold
    inputs: int = 1
    weighted: bool = True
    types: Callable[[Sequence[PixelType]], list[PixelType]] | None = None
    empty: bool = False

    def apply(self, samples: Samples) -> list[Column]:
        """Folds samples of exactly `inputs` inputs into the outputs."""
        if len(samples.values) != self.inputs:
            raise EarthEngineError(
                f"{self.name}: Need {self.inputs} inputs for this reducer, but {len(samples.values)} were given."
            )
        return self.fold(samples if self.weighted else samples.unweighted())

    def describe(self) -> dict[str, Any]:
        """The JSON that `getInfo()` shows: the name and, where there are several, the number of inputs."""
        return {"type": self.name} | ({"numInputs": self.inputs} if self.inputs > 1 else {})

    def output_types(self, inputs: Sequence[PixelType]) -> list[PixelType]:
        """Pixel type of each output."""
        return self.types(inputs) if self.types else [DOUBLE] * len(self.outputs)


def same_type(inputs: Sequence[PixelType]) -> list[PixelType]:
    """One output of the first input's type (min, mode, first, …)."""
    return [inputs[0]]


def count_type(_: Sequence[PixelType]) -> list[PixelType]:
    """One output that counts."""
    return [integer_type(0, 2**32 - 1)]


def reduce_columns(
    reducer: Reducer, columns: Sequence[Sequence[Any]], weights: Sequence[float] | None = None
) -> dict[str, Any]:
    """Folds columns of plain values, as `reduceColumns`, `List.reduce` and `aggregate_*` need.

    Args:
        reducer: What to do.
        columns: One sequence an input, all of the same length; None is null.
        weights: A weight an observation.

    Returns:
        Plain Python values by output name; None where there is no answer.
    """
    arrays = [column_array(column) for column in columns]
    valid = tuple(np.array([v is not None for v in column], bool).reshape(-1, 1) for column in columns)
    shares = None if weights is None else np.asarray(weights, np.float64).reshape(-1, 1)
    answer = reducer.apply(Samples(tuple(a.reshape(-1, 1) for a in arrays), valid, shares))
    return {name: plain(column) for name, column in zip(reducer.outputs, answer, strict=True)}


def column_array(column: Sequence[Any]) -> NDArray[Any]:
    """int64 or float64 where all values are numbers (null becomes 0), otherwise objects."""
    known = [v for v in column if v is not None]
    if all(isinstance(v, int) and -(2**63) <= v < 2**63 for v in known):
        return np.array([0 if v is None else v for v in column], np.int64)
    if all(isinstance(v, int | float) for v in known):
        return np.array([0.0 if v is None else v for v in column], np.float64)
    answer = np.empty(len(column), object)
    for place, item in enumerate(column):  # numpy would make one array of arrays and of lists of one length
        answer[place] = item.values if isinstance(item, Array) else item
    return answer


def plain(column: Column, place: int = 0) -> Any:
    """One place's answer as a plain Python value, None where it is not valid."""
    values, valid = column
    if not valid[place]:
        return None
    return plain_value(values[place])


def pixel_array(value: Any) -> NDArray[Any]:
    """What a fold holds as an array pixel: arrays, and lists of numbers or of arrays.

    Raises:
        EarthEngineError: Something else, or lists of different length.
    """
    if isinstance(value, Array):
        return value.values
    try:
        found = np.asarray([pixel_array(item) for item in value] if isinstance(value, list) else value)
    except ValueError:
        raise EarthEngineError("Image.reduce: The lists inside a pixel must be of one length.") from None
    if found.dtype.kind not in "biuf":
        raise EarthEngineError("Image.reduce: Dictionaries, texts and nulls cannot be pixels; reduce a region instead.")
    return found


def plain_value(value: Any) -> Any:
    """What a pixel or a fold holds as a value of expressions."""
    if isinstance(value, np.ndarray):
        return Array(value)
    return value.item() if isinstance(value, np.generic) else value


# --- combinations -------------------------------------------------------------------------------------------------


def combine(first: Reducer, second: Reducer, prefix: str, shared: bool) -> Reducer:
    """Runs two reducers side by side, on the same inputs (`shared`) or on inputs one after the other."""
    if shared and first.inputs != second.inputs:
        raise EarthEngineError(
            "Reducer.combine: shared inputs need reducers of one number of inputs, "
            f"got {first.inputs} and {second.inputs}."
        )
    names = list(first.outputs)
    for output in second.outputs:
        name, count = prefix + output, 0
        while name in names:
            count += 1
            name = f"{prefix}{output}{count}"
        names.append(name)
    split = 0 if shared else first.inputs
    total = first.inputs if shared else first.inputs + second.inputs

    def fold(samples: Samples) -> list[Column]:
        return first.apply(samples.part(0, first.inputs)) + second.apply(samples.part(split, total))

    def types(inputs: Sequence[PixelType]) -> list[PixelType]:
        return first.output_types(inputs[: first.inputs]) + second.output_types(inputs[split:total])

    return Reducer("Reducer.combine", tuple(names), fold, total, True, types, first.empty or second.empty)


def repeat(reducer: Reducer, count: int) -> Reducer:
    """Applies a reducer to `count` sets of inputs; each output becomes a list of `count` answers."""
    inputs(reducer.inputs * count)
    each = [for_each(reducer, [str(k) for k in range(count)])]

    def fold(samples: Samples) -> list[Column]:
        columns = each[0].apply(samples)
        width = len(reducer.outputs)
        return [_listed(columns[k::width]) for k in range(width)]

    def types(inputs: Sequence[PixelType]) -> list[PixelType]:
        return [
            replace(kind, dimensions=kind.dimensions + 1) for kind in reducer.output_types(inputs[: reducer.inputs])
        ]

    return Reducer("Reducer.repeat", reducer.outputs, fold, reducer.inputs * count, True, types, reducer.empty)


def _listed(columns: Sequence[Column]) -> Column:
    places = len(columns[0][0])
    answer = np.empty(places, object)
    for place in range(places):
        answer[place] = [plain(column, place) for column in columns]
    return answer, np.ones(places, bool)


def for_each(reducer: Reducer, names: Sequence[str]) -> Reducer:
    """Applies a reducer to a set of inputs for each name; one output: the names, several: `name_output`."""
    single = len(reducer.outputs) == 1
    outputs = [name if single else f"{name}_{output}" for name in names for output in reducer.outputs]
    step = reducer.inputs

    def fold(samples: Samples) -> list[Column]:
        return [c for k in range(len(names)) for c in reducer.apply(samples.part(k * step, (k + 1) * step))]

    def types(inputs: Sequence[PixelType]) -> list[PixelType]:
        return [t for k in range(len(names)) for t in reducer.output_types(inputs[k * step : (k + 1) * step])]

    return Reducer("Reducer.forEach", tuple(outputs), fold, step * len(names), True, types, reducer.empty)


def group(reducer: Reducer, field: int, name: str) -> Reducer:
    """Splits the observations by the values of one input and folds each group.

    The answer is `groups`, a list of dictionaries: the group's value under `name` and the reducer's outputs.
    """
    if not 0 <= field <= reducer.inputs:
        raise EarthEngineError(f"Reducer.group: the group field must lie between 0 and {reducer.inputs}, got {field}.")

    def fold(samples: Samples) -> list[Column]:
        if samples.places != 1:
            raise EarthEngineError(
                "Reducer.group: groups are lists, which pixels cannot hold; reduce a region instead."
            )
        keys, known = samples.values[field][:, 0], samples.valid[field][:, 0]
        rest = replace(
            samples,
            values=samples.values[:field] + samples.values[field + 1 :],
            valid=samples.valid[:field] + samples.valid[field + 1 :],
        )
        groups = []
        for key in np.unique(keys[known]):
            chosen = known & (keys == key)
            columns = reducer.apply(_rows(rest, chosen))
            row = {name: key.item() if isinstance(key, np.generic) else key}
            groups.append(row | {o: plain(c) for o, c in zip(reducer.outputs, columns, strict=True)})
        # Pixels outside an unweighted reducer's region make groups without content.
        if samples.inside is not None and not reducer.weighted:
            inside = np.broadcast_to(samples.inside, (len(keys), 1))[:, 0]
            present = set(np.unique(keys[known & inside]).tolist())
            groups = [g for g in groups if g[name] in present]
        answer = np.empty(1, object)
        answer[0] = groups
        return [(answer, np.ones(1, bool))]

    return Reducer("Reducer.group", ("groups",), fold, reducer.inputs + 1, True, None, True)


def _rows(samples: Samples, chosen: NDArray[np.bool_]) -> Samples:
    def cut(array: NDArray[Any] | None) -> NDArray[Any] | None:
        return None if array is None else np.broadcast_to(array, (len(chosen), 1))[chosen]

    return Samples(
        tuple(v[chosen] for v in samples.values),
        tuple(v[chosen] for v in samples.valid),
        cut(samples.weights),
        cut(samples.inside),
    )


def unweighted(reducer: Reducer) -> Reducer:
    """The same reducer without weights: a pixel counts fully or not at all."""
    return replace(reducer, fold=lambda samples: reducer.apply(samples.unweighted()), weighted=False)


def split_weights(reducer: Reducer) -> Reducer:
    """Takes the weight of its last input from an input of its own: inputs are value, weight."""

    def fold(samples: Samples) -> list[Column]:
        shares = np.where(samples.valid[-1], samples.values[-1].astype(np.float64), 0.0)
        weights = shares if samples.weights is None else shares * samples.weights
        return reducer.apply(replace(samples.part(0, reducer.inputs), weights=weights))

    return replace(reducer, name="Reducer.splitWeights", fold=fold, inputs=reducer.inputs + 1)


def set_outputs(reducer: Reducer, names: Sequence[str]) -> Reducer:
    """The same reducer under other output names."""
    if len(names) != len(reducer.outputs):
        raise EarthEngineError(
            f"Reducer.setOutputs: expected {len(reducer.outputs)} names for {list(reducer.outputs)}, got {len(names)}."
        )
    return replace(reducer, outputs=tuple(names))
