"""What an expression can evaluate to, besides plain Python scalars, lists and dictionaries and the raster types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Date:
    """A moment: milliseconds since 1970-01-01 UTC."""

    ms: float


class Long(int):
    """A whole number that Earth Engine holds in 64 bits, as its casts give them; other whole numbers have 32."""


@dataclass(frozen=True, eq=False)
class Array:
    """Numbers in a block of any number of dimensions.

    Attributes:
        values: int8 to int64, uint8 to uint32, float32 or float64; its dtype is the array's pixel type.
    """

    values: NDArray[Any]


@dataclass(frozen=True)
class Blob:
    """The bytes behind an address of Cloud Storage."""

    url: str

    def describe(self) -> dict[str, Any]:
        """The JSON that `getInfo()` shows."""
        return {"type": "Blob", "url": self.url}


@dataclass(frozen=True)
class DateRange:
    """From `start` (inclusive) to `end` (exclusive), ms; None for an open end."""

    start: float | None
    end: float | None


@dataclass(frozen=True)
class ErrorMargin:
    """A tolerance: `value` in `unit` (`meters` or `projected`), or none at all (`infinite`)."""

    value: float | None = None
    unit: str = "meters"


@dataclass(frozen=True, eq=False)
class Geometry:
    """A shape on the globe or on a projected plane.

    Attributes:
        shape: In coordinates of `crs`; degrees (longitude, latitude) for EPSG:4326.
        crs: Coordinate reference system.
        geodesic: Whether edges are great-circle arcs (only in degrees) or straight in `crs`.
        unbounded: Covers everything, whatever `shape` is.
        given: The rings as they were given, where these cross: printed as they are; `shape` is the area that they mean.
    """

    shape: BaseGeometry
    crs: str = "EPSG:4326"
    geodesic: bool = True
    unbounded: bool = False
    given: BaseGeometry | None = None

    @property
    def shown(self) -> BaseGeometry:
        """What is printed."""
        return self.shape if self.given is None else self.given

    def with_shape(self, shape: BaseGeometry) -> Geometry:
        """Another shape in the same coordinates."""
        return Geometry(shape, self.crs, self.geodesic)


@dataclass(frozen=True, eq=False)
class Feature:
    """A geometry with properties.

    Attributes:
        geometry: None where it has none.
        properties: Without `system:index`.
        id: `system:index`; None for one that was never in a collection.
    """

    geometry: Geometry | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None


class Collection:
    """A lazy, re-iterable sequence of elements; base of image and feature collections.

    Attributes:
        source: Makes an iterator over the elements each time it is called.
        properties: Metadata of the collection.
        id: Asset id; None for a computed one.
    """

    element_type: Literal["Feature", "Image"] = "Feature"

    def __init__(
        self,
        source: Callable[[], Iterable[Any]],
        properties: Mapping[str, Any] | None = None,
        id: str | None = None,
    ) -> None:
        self.source = source
        self.properties: Mapping[str, Any] = properties or {}
        self.id = id
        self._known: list[Any] = []
        self._rest: Iterator[Any] | None = None
        self._complete = False

    def elements(self) -> Iterator[Any]:
        """The elements, each computed once, when it is asked for: the first one of a large table costs little."""
        position = 0
        while position < len(self._known) or self._pull():
            yield self._known[position]
            position += 1

    def _pull(self) -> bool:
        """Computes one more element; False where there is none."""
        if self._complete:
            return False
        if self._rest is None:
            self._rest = iter(self.source())
        try:
            self._known.append(next(self._rest))
        except StopIteration:
            self._complete, self._rest = True, None
            return False
        except BaseException:
            self._rest, self._known = None, []  # whoever asks again gets the whole or the same error, not a part
            raise
        return True

    def derive(self, source: Callable[[], Iterable[Any]], properties: Mapping[str, Any] | None = None) -> Collection:
        """A collection of the same class over other elements; keeps the id, and the properties unless given.

        geetools, tests/test_ImageCollection.py, test_reduce_interval_image_collection_with_system_id: what was selected
        and filtered of a stored collection still has its `system:id`.
        """
        return type(self)(source, self.properties if properties is None else properties, self.id)

    def anew(self, source: Callable[[], Iterable[Any]]) -> Collection:
        """A collection of the same class with neither id nor properties."""
        made = self.derive(source, {})
        made.id = None
        return made

    def narrowed(self, filter_: Filter) -> Collection:
        """The elements that pass a filter.

        A stored collection overrides this to ask its catalogue for fewer elements when the filter has hints.
        """
        return self.derive(lambda: (element for element in self.elements() if filter_.test(element)))


class FeatureCollection(Collection):
    """A lazy sequence of features."""

    element_type = "Feature"


@dataclass(frozen=True)
class Filter:
    """A condition on elements.

    Attributes:
        test: True where the element passes.
        match: For joins: True where a left and a right element match; None for a filter that takes one element.
        bounds: Hint: only elements that meet this extent (degrees) can pass.
        start_ms: Hint: only elements that begin at or after it can pass.
        end_ms: Hint: only elements that begin before it can pass.
        description: For `getInfo`.
    """

    test: Callable[[Any], bool]
    match: Callable[[Any, Any], Match | None] | None = None
    bounds: tuple[float, float, float, float] | None = None
    start_ms: float | None = None
    end_ms: float | None = None
    description: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """Two elements matched; `distance` or difference where the filter measures one."""

    measure: float | None = None


@dataclass(frozen=True)
class Join:
    """How two collections are joined: a function of (primary, secondary, condition) to features or images."""

    apply: Callable[[Collection, Collection, Filter], Collection]


class Function:
    """A function of the expression, from `functionDefinitionValue`: called with positional arguments."""

    def __init__(self, argument_names: list[str], body: Callable[[Mapping[str, Any]], Any]) -> None:
        self.argument_names = argument_names
        self._body = body

    def __call__(self, *arguments: Any) -> Any:
        """Evaluates the body with arguments in order; surplus ones are dropped, as Earth Engine does."""
        return self._body(dict(zip(self.argument_names, arguments, strict=False)))


def type_name(value: Any) -> str:
    """Earth Engine's name of a value's type, as `ObjectType` and error messages give it."""
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        return "Long"
    for python_type, name in _TYPE_NAMES:
        if isinstance(value, python_type):
            return name
    return type(value).__name__


_TYPE_NAMES: list[tuple[type, str]] = [
    (type(None), "Null"),
    (bool, "Boolean"),
    (Long, "Long"),
    (int, "Integer"),
    (float, "Float"),
    (str, "String"),
    (list, "List"),
    (dict, "Dictionary"),
    (Array, "Array"),
]
