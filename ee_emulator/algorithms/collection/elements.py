"""Collection: what holds for image and feature collections alike."""

import hashlib
import itertools
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import shapely
import shapely.geometry

from ee_emulator.algorithms.element import all_properties, geometry_of, property_of, with_properties
from ee_emulator.algorithms.geometry.measures import bounds as geometry_bounds
from ee_emulator.algorithms.geometry.measures import dissolve
from ee_emulator.algorithms.list import sort_key
from ee_emulator.catalog.base import TableAsset, TableRow
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy
from ee_emulator.raster.projection import Projection
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.rest.assets import not_found
from ee_emulator.values import (
    Collection,
    Date,
    ErrorMargin,
    Feature,
    FeatureCollection,
    Filter,
    Function,
    Geometry,
)


class StoredTable(FeatureCollection):
    """A table of the catalogue: a spatial filter reaches it as a hint, before any row is read."""

    def __init__(self, asset: TableAsset, bounds: tuple[float, float, float, float] | None = None) -> None:
        super().__init__(lambda: map(_feature, asset.rows(bounds)), asset.properties, asset.id)
        self._asset = asset
        self._bounds = bounds

    def derive(self, source: Any, properties: Mapping[str, Any] | None = None) -> Collection:
        """Computed collections are no longer stored."""
        return FeatureCollection(source, self.properties if properties is None else properties, self.id)

    def narrowed(self, filter_: Filter) -> Collection:
        """The rows that pass, read with the filter's extent as a hint."""
        rows = StoredTable(self._asset, filter_.bounds or self._bounds)
        return self.derive(lambda: (feature for feature in rows.elements() if filter_.test(feature)))


def _feature(row: TableRow) -> Feature:
    geometry = None if row.geometry is None else Geometry(shapely.geometry.shape(dict(row.geometry)))
    return Feature(geometry, row.properties, row.id)


@algorithm("Collection.loadTable")
def load_table(table_id: str, geometry_column: str | None, version: int, *, context: Context) -> Collection:
    """A table of the catalogue.

    Raises:
        EarthEngineError: There is none, or the asset is an image or a collection of images.
    """
    asset = context.catalog.get(table_id)
    if asset is None:
        raise not_found(table_id)
    if not hasattr(asset, "rows"):
        raise EarthEngineError(f"Asset '{table_id}' is not a FeatureCollection.")
    return StoredTable(cast(TableAsset, asset))


@algorithm("Collection")
def collection(features: list[Any]) -> FeatureCollection:
    """A collection of the elements given; they are numbered unless they have an index."""
    return FeatureCollection(lambda: _numbered(features))


def _numbered(elements: list[Any]) -> Iterator[Any]:
    for number, element in enumerate(elements):
        if isinstance(element, Feature) and element.id is None:
            yield replace(element, id=str(number))
        else:
            yield element


@algorithm("Collection.fromColumns")
def from_columns(columns: list[Any], property_names: list[str], property_types: list[Any] | None) -> FeatureCollection:
    """Features without geometry, one for each place in lists of values, one list a property.

    Raises:
        EarthEngineError: Not as many names as lists, or lists of different length.
    """
    if len(columns) != len(property_names):
        raise EarthEngineError(f"There are {len(columns)} columns and {len(property_names)} names.")
    if len(set(map(len, columns))) > 1:
        raise EarthEngineError(f"The columns have different lengths: {[*map(len, columns)]}.")
    rows = [dict(zip(property_names, row, strict=True)) for row in zip(*columns, strict=True)]
    return FeatureCollection(lambda: (Feature(None, row, str(number)) for number, row in enumerate(rows)))


@algorithm("Collection.cache")
def cache(collection: Collection) -> Collection:
    """The collection; within a request its elements are computed once anyway."""
    return collection


@algorithm("Collection.filter")
def filter_(collection: Collection, filter: Any, *, context: Context) -> Collection:
    """The elements that pass."""
    return collection.narrowed(coerce(filter, "Filter", context))


@algorithm("Collection.limit")
def limit(collection: Collection, limit: int | None, key: str | None, ascending: bool) -> Collection:
    """The first `limit` elements, after sorting by a property where one is named; those without it come last.

    Raises:
        EarthEngineError: A negative limit.
    """
    if limit is not None and limit < 0:
        raise EarthEngineError(f"The limit must not be negative, got {limit}.")

    def limited() -> Iterator[Any]:
        elements: Iterator[Any] = collection.elements()
        if key is not None:
            elements = iter(in_order(elements, key, ascending))
        return itertools.islice(elements, limit)

    return collection.derive(limited)


def in_order(elements: Iterable[Any], key: str, ascending: bool) -> list[Any]:
    """Elements by a property, those that lack it last; equal ones keep their order."""
    keyed = [(plain(property_of(element, key)), element) for element in elements]
    known = sorted((k for k in keyed if k[0] is not None), key=lambda k: sort_key(k[0]), reverse=not ascending)
    return [element for _, element in known] + [element for value, element in keyed if value is None]


def plain(value: Any) -> Any:
    """A value that can be ordered: a date as its milliseconds."""
    return value.ms if isinstance(value, Date) else value


@algorithm("Collection.merge")
def merge(collection1: Collection, collection2: Collection) -> Collection:
    """Both, with indices `1_…` and `2_…`."""

    def merged() -> Iterator[Any]:
        for prefix, part in (("1", collection1), ("2", collection2)):
            for element in part.elements():
                yield reindexed(element, f"{prefix}_{property_of(element, 'system:index')}")

    return collection1.anew(merged)


def reindexed(element: Any, index: str) -> Any:
    """The element under another index."""
    if isinstance(element, Feature):
        return replace(element, id=index)
    return with_properties(element, {**element.properties, "system:index": index})


@algorithm("Collection.size")
def size(collection: Collection) -> int:
    """Number of elements."""
    return sum(1 for _ in collection.elements())


@algorithm("Collection.first")
def first(collection: Collection) -> Any:
    """The first element; null where there is none."""
    return next(iter(collection.elements()), None)


@algorithm("Collection.map")
def map_(collection: Collection, base_algorithm: Function, drop_nulls: bool) -> Collection:
    """A function applied to each element; results keep the indices.

    Raises:
        EarthEngineError: When evaluated: the function gives null where nulls are not dropped, or no element.
    """

    def mapped() -> Iterator[Any]:
        for element in collection.elements():
            result = base_algorithm(element)
            if result is None and drop_nulls:
                continue
            yield _kept_index(element, _as_element(result))

    return _of_elements(collection, mapped)


def _as_element(result: Any) -> Any:
    if isinstance(result, Geometry):
        return Feature(result)
    if result is None or not hasattr(result, "properties"):
        raise EarthEngineError("Collection.map: A mapped algorithm must return a Feature or Image.")
    return result


def _kept_index(element: Any, result: Any) -> Any:
    index = property_of(element, "system:index")
    return result if index is None else reindexed(result, index)


def _of_elements(collection: Collection, source: Callable[[], Iterator[Any]]) -> Collection:
    """A collection whose class follows from what the function gives: images or features."""
    from ee_emulator.raster.collection import collection_of

    return collection_of(collection, source)


@algorithm("Collection.iterate")
def iterate(collection: Collection, function: Function, first: Any) -> Any:
    """Folds the collection with a function of (element, previous result)."""
    result = first
    for element in collection.elements():
        result = function(element, result)
    return result


@algorithm("Collection.toList")
def to_list(collection: Collection, count: int, offset: int) -> list[Any]:
    """Up to `count` elements from `offset` on.

    Raises:
        EarthEngineError: A negative count or offset.
    """
    if count < 0 or offset < 0:
        raise EarthEngineError(f"The count and the offset must not be negative, got {count} and {offset}.")
    return list(itertools.islice(collection.elements(), offset, offset + count))


@algorithm("Collection.flatten")
def flatten(collection: Collection) -> Collection:
    """The elements of a collection of collections, with indices `outer_inner`."""

    def flattened() -> Iterator[Any]:
        for number, part in enumerate(collection.elements()):
            outer = property_of(part, "system:index") or str(number)
            for element in coerce_collection(part).elements():
                yield reindexed(element, f"{outer}_{property_of(element, 'system:index')}")

    return collection.anew(flattened)


def coerce_collection(value: Any) -> Collection:
    """The value, which must be a collection."""
    if not isinstance(value, Collection):
        raise EarthEngineError("Collection.flatten: the elements must be collections.")
    return value


@algorithm("Collection.distinct")
def distinct(collection: Collection, properties: Any, *, context: Context) -> Collection:
    """The first element of each combination of properties."""
    names = coerce(properties, "List<String>", context)

    def kept() -> Iterator[Any]:
        seen: set[str] = set()
        for element in collection.elements():
            key = repr([_key(property_of(element, name)) for name in names])
            if key not in seen:
                seen.add(key)
                yield element

    return collection.derive(kept)


def _key(value: Any) -> Any:
    return geodesy.in_degrees(value).wkb if isinstance(value, Geometry) else value


@algorithm("Collection.geometry")
def geometry(collection: Collection, max_error: ErrorMargin | None) -> Geometry:
    """The elements' geometries as one, not united."""
    return geometry_of(collection) or Geometry(shapely.GeometryCollection())


@algorithm("Collection.bounds")
def bounds(collection: Collection, max_error: ErrorMargin | None, proj: Projection) -> Geometry:
    """The box about all elements."""
    return geometry_bounds(geometry(collection, max_error), max_error, proj)


@algorithm("Collection.union")
def union(collection: Collection, max_error: ErrorMargin | None) -> Collection:
    """One feature: the union of the elements' geometries."""
    united = dissolve(geometry(collection, max_error), max_error, None)
    return FeatureCollection(lambda: [Feature(united, {}, "union_result")])


@algorithm("Collection.remap")
def remap(collection: Collection, lookup_in: list[Any], lookup_out: list[int], column_name: str) -> Collection:
    """Elements whose property is listed, with the value replaced.

    Raises:
        EarthEngineError: Lists of different length.
    """
    if len(lookup_in) != len(lookup_out):
        raise EarthEngineError(f"lookupIn has {len(lookup_in)} items and lookupOut {len(lookup_out)}.")
    if not all(isinstance(item, str | int | float) for item in lookup_in):
        raise EarthEngineError(f"lookupIn may hold numbers and texts only, got {lookup_in}.")
    table = dict(zip(lookup_in, lookup_out, strict=True))

    def remapped() -> Iterator[Any]:
        for element in collection.elements():
            value = property_of(element, column_name)
            if value in table:
                yield with_properties(element, all_properties(element) | {column_name: table[value]})

    return collection.derive(remapped)


@algorithm("Collection.randomColumn")
def random_column(
    collection: Collection, column_name: str, seed: int, distribution: str, row_keys: list[str]
) -> Collection:
    """A pseudo-random number an element, from its key and the seed (Earth Engine's own numbers are not known).

    Raises:
        EarthEngineError: An unknown distribution.
    """
    if distribution not in ("uniform", "normal"):
        raise EarthEngineError(f"Unknown distribution '{distribution}'; known: uniform, normal.")

    def numbered() -> Iterator[Any]:
        for element in collection.elements():
            key = repr(([_key(property_of(element, name)) for name in row_keys], seed))
            uniform = int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big") / 2**56
            value = uniform if distribution == "uniform" else statistics.NormalDist().inv_cdf(uniform or 2**-57)
            yield with_properties(element, all_properties(element) | {column_name: value})

    return collection.derive(numbered)
