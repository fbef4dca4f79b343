"""Geometry from shapes that S2 has encoded, as base64; hidden algorithms that Google's own front ends call."""

import base64
import binascii
import struct
from typing import Any

import s2geometry
import shapely

from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import s2, sphere
from ee_emulator.registry import algorithm
from ee_emulator.values import Geometry


def _bytes(encoded: Any) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise EarthEngineError("The encoded shape must be base64.") from None


def _decoded(shape: Any, encoded: Any) -> Any:
    """An S2 object filled from its encoding.

    Raises:
        EarthEngineError: Not the encoding of a valid one.
    """
    decoder = s2geometry.Decoder(bytearray(_bytes(encoded)))
    if not shape.Decode(decoder):
        raise EarthEngineError(f"Not an encoded {type(shape).__name__}.")
    valid = shape.is_valid() if hasattr(shape, "is_valid") else shape.IsValid()
    if not valid:
        raise EarthEngineError(f"The encoded {type(shape).__name__} is not valid.")
    return shape


def _numbers(encoded: Any, count: int) -> tuple[float, ...]:
    data = _bytes(encoded)
    if len(data) != 8 * count:
        raise EarthEngineError(f"Expected {count} encoded numbers of 8 bytes, got {len(data)} bytes.")
    return struct.unpack(f"<{count}d", data)


@algorithm("Geometry.fromS2LatLng")
def from_s2_lat_lng(encoded: Any) -> Geometry:
    """A point from latitude and longitude in radians, two little-endian doubles."""
    lat, lon = _numbers(encoded, 2)
    return Geometry(shapely.Point(s2.degrees_of(s2geometry.S2LatLng.FromRadians(lat, lon))))


@algorithm("Geometry.fromS2Point")
def from_s2_point(encoded: Any) -> Geometry:
    """A point from a unit vector, three little-endian doubles."""
    x, y, z = _numbers(encoded, 3)
    return Geometry(shapely.Point(s2.degrees_of(s2geometry.S2LatLng(s2geometry.S2Point_FromRaw(x, y, z)))))


@algorithm("Geometry.fromS2LatLngRect")
def from_s2_lat_lng_rect(encoded: Any) -> Geometry:
    """A box along meridians and parallels."""
    west, south, east, north = s2.box_of(_decoded(s2geometry.S2LatLngRect(), encoded))
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return Geometry(shapely.Polygon(corners), geodesic=False)


@algorithm("Geometry.fromS2Polyline")
def from_s2_polyline(encoded: Any) -> Geometry:
    """A line."""
    line = _decoded(s2geometry.S2Polyline(), encoded)
    return Geometry(sphere.remade(shapely.LineString(s2.vertices_of(line)), sphere.unwrapped))


@algorithm("Geometry.fromS2Polygon")
def from_s2_polygon(encoded: Any) -> Geometry:
    """An area of one or several outlines, each followed by its holes."""
    polygon = _decoded(s2geometry.S2Polygon(), encoded)
    areas: list[tuple[Any, list[Any]]] = []
    for number in range(polygon.num_loops()):
        loop = polygon.loop(number)
        if loop.is_hole():
            areas[-1][1].append(s2.vertices_of(loop)[::-1])
        else:
            areas.append((s2.vertices_of(loop), []))
    made = shapely.Polygon(*areas[0]) if len(areas) == 1 else shapely.MultiPolygon(areas)
    return Geometry(sphere.remade(made, sphere.unwrapped))
