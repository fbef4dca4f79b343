"""What a program gave back, evaluated outside the sandbox: a graph is data, and Earth Engine computes it.

An image takes one request where that can be. The graph that a program returned goes on as the published judge goes on
(AutoGEEval++, gee_py_test_v5.py), but on the server: over its own footprint, in pixels of 30 m, EPSG:4326. An image
without bounds would be clipped to `BBox(-1, -1, 1, 1)`, whose 7,421² pixels are more than the 48 MiB that Earth Engine
gives at a time, so that the published judge ends with 1 km about its centre, always; here that is asked for at once.
Where a footprint has too many pixels, 1 km about its centroid is taken, as published; where that is a pole, as of what
reaches round the world, about the origin. An empty footprint has no pixels, (0, 0, bands).
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from codegen.evaluation.judging.answers import USUAL_FACTS, Answer, Fact
from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.geometries import is_empty
from codegen.evaluation.judging.graphs import Graph, Node, call, constant, dictionary
from codegen.evaluation.judging.plain import plain
from codegen.evaluation.judging.service import SECONDS, Service
from codegen.sandbox.outcome import Returned

CollectionRule = Literal["mean", "first"]
"""What stands for a collection: its mean (METHODS, 7; AutoGEEval++), or its first image (AutoGEEval at first)."""

Place = Callable[[Graph, Graph], Graph]
"""Puts an image on its pixels; the second graph is the image that a program gave back, with its footprint."""

SCALE = 30
CRS = "EPSG:4326"
RADIUS_METERS = 1000
MOST_ELEMENTS = 5_000
"""Features whose properties are read: as many as Earth Engine prints."""
MOST_IMAGES = 50
"""Images of a collection that are described."""
VALUES = ("ee.ComputedObject", "ee.BOOL")
"""Types of cases that a value of Python may meet, too."""
TOO_LARGE = ("Total request size", "Pixel grid dimensions")
"""What Earth Engine says where an image has too many pixels for one request."""
ARE_ARRAYS = ("are arrays", "Pixel type not supported")
"""What it says where pixels are arrays: the image is there, but a download has no place for it (AutoGEEval: a wrong
answer)."""
SAMPLE_POINT, SAMPLE_SCALE = (120.05, 30.05), 500
ARRAY_BANDS = ("array", "U", "Q", "L", "identity", "constant")
"""Where, how and of which band the published judge reads an array image; the first band where it has none of these."""


def evaluate(
    returned: Returned,
    out_type: str,
    url: str | Service,
    *,
    facts: Collection[Fact] | None = None,
    seconds: float = SECONDS,
    collection: CollectionRule = "mean",
) -> Answer:
    """Evaluates what a function gave back, as of the type that a case names.

    Args:
        returned: From the sandbox. Whether its class is the right one is not looked at here.
        out_type: `ee.Image`, …, or a class of Python.
        url: Of an Earth Engine, local or real; or a service that is open.
        facts: What else is to be known (`codegen.evaluation.judging.answers.FACTS`); None: what costs nothing.
        seconds: In which it must be done.
        collection: What stands for an image collection.

    Returns:
        The result in the form in which it is compared.

    Raises:
        EvaluationError: It has no value, or none that can be had; says of which class that error is.
    """
    service = url if isinstance(url, Service) else _service(url)
    wanted = USUAL_FACTS.get(out_type, ()) if facts is None else tuple(facts)
    task = _Evaluation(service, time.monotonic() + seconds, out_type, wanted, collection)
    is_earth_engines = out_type.startswith("ee.")
    if returned.expression is None and (not is_earth_engines or out_type in VALUES):
        return task.plain(returned.value)
    if returned.expression is None or not is_earth_engines:  # a program may say of a value what it likes
        raise EvaluationError("output_type", f"What came back is not the {returned.type} that it is said to be.")
    return _BY_TYPE.get(out_type, _Evaluation.value)(task, Graph.of(returned.expression))


@lru_cache(maxsize=8)
def _service(url: str) -> Service:
    return Service(url)


class _Evaluation:
    """One result of one type."""

    def __init__(
        self, service: Service, deadline: float, out_type: str, facts: Collection[Fact], collection: CollectionRule
    ) -> None:
        self._service, self._deadline = service, deadline
        self._type, self._wanted, self._collection = out_type, facts, collection

    def plain(self, value: Any) -> Answer:
        """A value of Python; objects of Earth Engine within are evaluated."""
        return Answer(self._type, plain(value, lambda expression: self._compute(Graph.of(expression))))

    def value(self, graph: Graph) -> Answer:
        """Whatever has no rule of its own: JSON of it."""
        return Answer(self._type, self._compute(graph))

    def text(self, graph: Graph) -> Answer:
        """A text; what is none is printed."""
        return Answer(self._type, str(self._compute(graph)))

    def date(self, graph: Graph) -> Answer:
        """Milliseconds since 1970."""
        return Answer(self._type, int(_field(self._compute(graph), "value", "a date")))

    def date_range(self, graph: Graph) -> Answer:
        """Its two dates in milliseconds, or `[0]` where it has no bounds."""
        asked = graph.then(lambda r: dictionary(range=r, unbounded=call("DateRange.isUnbounded", dateRange=r)))
        value = self._compute(asked)
        dates = _field(value["range"], "dates", "a range of dates")
        return Answer(self._type, [0] if value["unbounded"] else dates)

    def array(self, graph: Graph) -> Answer:
        """An array of numbers."""
        return Answer(self._type, _as_array(self._compute(graph)))

    def array_image(self, graph: Graph) -> Answer:
        """The array at one point."""
        point = call("GeometryConstructors.Point", coordinates=constant(list(SAMPLE_POINT)))
        sample = self._compute(
            graph.then(lambda r: call("Image.sample", image=r, region=point, scale=constant(SAMPLE_SCALE))).then(
                lambda r: call("Collection.first", collection=r)
            )
        )
        bands = _field(sample, "properties", "pixels") if sample else {}
        for name in (*ARRAY_BANDS, *bands):
            if bands.get(name) is not None:
                return Answer(self._type, _as_array(bands[name]))
        raise EvaluationError("wrong_answer", f"The image has no array at {SAMPLE_POINT}, where it is read.")

    def geometry(self, graph: Graph) -> Answer:
        """GeoJSON."""
        return Answer(self._type, self._compute(graph))

    def feature(self, graph: Graph) -> Answer:
        """Its geometry, and its properties."""
        value = self._compute(graph)
        geometry = _field(value, "geometry", "a feature")
        facts = {"properties": value.get("properties", {})} if "properties" in self._wanted else {}
        return Answer(self._type, _or_empty(geometry), None, facts)

    def features(self, graph: Graph) -> Answer:
        """The geometry of all together, and the properties of each."""
        parts: dict[str, Callable[[Node], Node]] = {"geometry": lambda r: call("Collection.geometry", collection=r)}
        if "properties" in self._wanted:
            parts["elements"] = lambda r: call("Collection.toList", collection=r, count=constant(MOST_ELEMENTS))
        value = self._compute(graph.then(lambda r: dictionary(**{name: part(r) for name, part in parts.items()})))
        facts = {"properties": [one.get("properties", {}) for one in value["elements"]]} if len(parts) > 1 else {}
        return Answer(self._type, _or_empty(value["geometry"]), None, facts)

    def image(self, graph: Graph) -> Answer:
        """Pixels, and what is told of the image."""
        answer = self._pixels(graph)
        facts = dict(answer.facts)
        if {"types", "properties"} & set(self._wanted):
            described = self._compute(graph)
            facts["types"] = [band["data_type"] for band in _field(described, "bands", "an image")]
            facts["properties"] = described.get("properties", {})
        return Answer(self._type, answer.value, answer.valid, facts).with_facts(self._wanted)

    def images(self, graph: Graph) -> Answer:
        """Pixels of what stands for a collection, and what is told of the collection."""
        function = "reduce.mean" if self._collection == "mean" else "Collection.first"
        answer = self._pixels(graph.then(lambda r: call(function, collection=r)))
        parts: dict[str, Callable[[Node], Node]] = {
            "size": lambda r: call("Collection.size", collection=r),
            "elements": lambda r: call("Collection.toList", collection=r, count=constant(MOST_IMAGES)),
        }
        asked = [name for name in parts if name in self._wanted]
        facts = dict(answer.facts)
        if asked:
            facts |= self._compute(graph.then(lambda r: dictionary(**{name: parts[name](r) for name in asked})))
        return Answer(self._type, answer.value, answer.valid, facts).with_facts(self._wanted)

    def _pixels(self, graph: Graph) -> Answer:
        """Pixels in one request; in more where there are too many or none, or the footprint cannot be told."""
        try:
            return self._read(graph, _own_footprint)
        except EvaluationError as error:
            if error.error != "parameter":
                raise
            return self._pixels_otherwise(graph, error)

    def _pixels_otherwise(self, graph: Graph, error: EvaluationError) -> Answer:
        if any(words in error.reason for words in ARE_ARRAYS):
            raise EvaluationError("wrong_answer", "The pixels of the image are arrays; numbers are expected.")
        if _is_too_large(error):
            try:
                return self._read_apart(graph)
            except EvaluationError as apart:
                if not _is_too_large(apart):
                    raise
            return self._read_about(graph)
        names = self._compute(graph.then(lambda r: call("Image.bandNames", image=r)))
        if names == []:
            return Answer(self._type, np.array([-1]), None, {"bands": []})
        try:
            footprint = self._compute(graph.then(lambda r: call("Image.geometry", feature=r)))
        except EvaluationError:  # no footprint can be told: as if it had no bounds (AutoGEEval++)
            return self._read(graph, _about_origin)
        if is_empty(footprint):
            nothing = np.zeros((0, 0, len(names)))
            return Answer(self._type, nothing, nothing > 0, {"bands": names})
        raise error

    def _read(self, graph: Graph, place: Place) -> Answer:
        """Bands and, after them, a band of each one's mask: a file of pixels has none."""
        both = graph.then(lambda r: call("Image.addBands", dstImg=r, srcImg=_mask(r)))
        table = self._table(place(both, graph))
        return self._answer([table], len(table.dtype.names or ()) // 2)

    def _read_apart(self, graph: Graph) -> Answer:
        """Bands and masks one after the other: together they were more than one request may give."""
        tables = [self._table(_own_footprint(which, graph)) for which in (graph, graph.then(_mask))]
        return self._answer(tables, len(tables[0].dtype.names or ()))

    def _read_about(self, graph: Graph) -> Answer:
        """About the centroid; about the origin where that is a pole, as of what reaches round the world."""
        try:
            return self._read(graph, _about_centroid)
        except EvaluationError as error:
            if not _is_too_large(error):
                raise
            return self._read(graph, _about_origin)

    def _table(self, graph: Graph) -> NDArray[np.void]:
        content = self._service.pixels(graph.expression, self._deadline)
        table: NDArray[np.void] = np.load(io.BytesIO(content), allow_pickle=False)
        return table

    def _answer(self, tables: list[NDArray[np.void]], bands: int) -> Answer:
        columns = [(name, table[name]) for table in tables for name in table.dtype.names or ()]
        names = [name for name, _ in columns[:bands]]
        values = np.stack([column for _, column in columns[:bands]], axis=-1)
        valid = np.stack([column > 0 for _, column in columns[bands:]], axis=-1)
        values = values.astype(np.float64) if values.dtype == np.int64 else values  # as the GeoTIFF's numbers
        values[~valid] = -np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).min
        return Answer(self._type, values, valid, {"bands": names})

    def _compute(self, graph: Graph) -> Any:
        return self._service.value(graph.expression, self._deadline)


_BY_TYPE: Mapping[str, Callable[[_Evaluation, Graph], Answer]] = {
    "ee.Image": _Evaluation.image,
    "ee.ImageCollection": _Evaluation.images,
    "ee.Geometry": _Evaluation.geometry,
    "ee.Feature": _Evaluation.feature,
    "ee.FeatureCollection": _Evaluation.features,
    "ee.Array": _Evaluation.array,
    "ee.ConfusionMatrix": _Evaluation.array,
    "ee.ArrayImage": _Evaluation.array_image,
    "ee.String": _Evaluation.text,
    "ee.Date": _Evaluation.date,
    "ee.DateRange": _Evaluation.date_range,
}


# Images -----------------------------------------------------------------------------------------------------------


def _mask(image: Node) -> Node:
    return call("Image.gt", image1=call("Image.mask", image=image), image2=call("Image.constant", value=constant(0)))


def _own_footprint(image: Graph, original: Graph) -> Graph:
    """An image as far as the original's footprint reaches; 1 km about the origin where that has no bounds."""
    footprint = call("Image.geometry", feature=original.reference)
    unbounded = call("Geometry.isUnbounded", geometry=footprint)
    origin = _square(call("GeometryConstructors.Point", coordinates=constant([0, 0])))
    region = call("If", condition=unbounded, trueCase=origin, falseCase=footprint)
    return image.then(
        lambda r: call("If", condition=unbounded, trueCase=call("Image.clip", input=r, geometry=origin), falseCase=r)
    ).then(lambda r: _scaled(r, region))


def _about_origin(image: Graph, _: Graph) -> Graph:
    """An image within 1 km about the centre of `BBox(-1, -1, 1, 1)`."""
    return _clipped(image, call("GeometryConstructors.Point", coordinates=constant([0, 0])))


def _about_centroid(image: Graph, original: Graph) -> Graph:
    """An image within 1 km about the middle of the original's footprint."""
    margin = call("ErrorMargin", value=constant(1))
    return _clipped(
        image,
        call("Geometry.centroid", geometry=call("Image.geometry", feature=original.reference), maxError=margin),
    )


def _clipped(image: Graph, centre: Node) -> Graph:
    square = _square(centre)
    return image.then(lambda r: _scaled(call("Image.clip", input=r, geometry=square), square))


def _square(centre: Node) -> Node:
    return call("Geometry.bounds", geometry=call("Geometry.buffer", geometry=centre, distance=constant(RADIUS_METERS)))


def _scaled(image: Node, region: Node) -> Node:
    """What the client does of `getDownloadURL` with a region, `scale=30` and `crs='EPSG:4326'`."""
    lattice = constant([1, 0, 0, 0, -1, 0])
    placed = call("Image.setDefaultProjection", image=image, crs=constant(CRS), crsTransform=lattice)
    return call("Image.clipToBoundsAndScale", input=placed, geometry=region, scale=constant(SCALE))


def _is_too_large(error: EvaluationError) -> bool:
    return any(words in error.reason for words in TOO_LARGE)


# Others -----------------------------------------------------------------------------------------------------------


def _field(value: Any, name: str, kind: str) -> Any:
    """A field of what Earth Engine tells of a value."""
    if isinstance(value, dict) and name in value:
        return value[name]
    raise EvaluationError("output_type", f"Expected {kind}, got {str(value)[:100]}.")


def _or_empty(geometry: Any) -> Any:
    return {"type": "GeometryCollection", "geometries": []} if geometry is None else geometry


def _as_array(value: Any) -> NDArray[Any]:
    try:
        array = np.array(value)
        array = array.astype(np.float64) if array.dtype.kind == "U" else array  # JSON has no other form for NaN
    except ValueError:  # a text, or lists of different lengths
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        raise EvaluationError("output_type", f"Expected an array of numbers, got {str(value)[:100]}.")
    return array
