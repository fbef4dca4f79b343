"""TFRecord files: `tf.train.Example` messages, framed and checksummed, without TensorFlow.

The frame and its masked CRC-32C are those of tensorflow.org/tutorials/load_data/tfrecord; the message has three levels
of protocol buffers, simple enough to be written by hand (protobuf.dev/programming-guides/encoding).
"""

import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.encode import encode
from ee_emulator.errors import EarthEngineError
from ee_emulator.values import Array, Feature

_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3


def records(examples: Iterable[bytes]) -> bytes:
    """Messages as the content of a TFRecord file."""
    import google_crc32c

    def masked(data: bytes) -> bytes:
        crc = int(google_crc32c.value(data))
        return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    content = bytearray()
    for example in examples:
        length = struct.pack("<Q", len(example))
        content += length + masked(length) + example + masked(example)
    return bytes(content)


def example_of_pixels(pixels: Mapping[str, Pixels], fill: float = 0) -> bytes:
    """One patch: a tensor a band in row order, bytes for `uint8`, whole numbers, or floats; masked pixels are `fill`.

    Raises:
        EarthEngineError: A band of arrays.
    """
    features = {}
    for name, band in pixels.items():
        if band.values.dtype == object:
            raise EarthEngineError(f"not supported by the emulator: band '{name}' of arrays as TFRecord")
        features[name] = _tensor(np.where(band.mask, band.values, band.values.dtype.type(fill)))
    return _example(features)


def example_of_feature(feature: Feature, columns: Iterable[str]) -> bytes:
    """One row: numbers and lists of numbers as floats, everything else as text; nulls are left out."""
    features = {}
    for name in columns:
        value = feature.id if name == "system:index" else feature.properties.get(name)
        if value is not None:
            features[name] = _property(value)
    return _example(features)


def _property(value: Any) -> bytes:
    if isinstance(value, Array):
        return _floats(value.values.ravel())
    if isinstance(value, int | float):
        return _floats(np.array([value]))
    if isinstance(value, list) and value and all(isinstance(item, int | float) for item in value):
        return _floats(np.array(value))
    text = value if isinstance(value, str) else json.dumps(encode(value))
    return _field(_BYTES_LIST, _field(1, text.encode()))


def _tensor(values: NDArray[Any]) -> bytes:
    flat = values.ravel()
    if flat.dtype == np.uint8:
        return _field(_BYTES_LIST, _field(1, flat.tobytes()))
    if flat.dtype.kind in "iu":
        return _field(_INT64_LIST, _field(1, b"".join(_varint(int(v) & 0xFFFFFFFFFFFFFFFF) for v in flat)))
    return _floats(flat)


def _floats(values: NDArray[Any]) -> bytes:
    return _field(_FLOAT_LIST, _field(1, values.astype("<f4").tobytes()))


def _example(features: Mapping[str, bytes]) -> bytes:
    entries = b"".join(_field(1, _field(1, name.encode()) + _field(2, feature)) for name, feature in features.items())
    return _field(1, entries)


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
