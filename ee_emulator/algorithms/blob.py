"""Blob: files of Cloud Storage, and Describe, which shows any value as JSON."""

import codecs
from typing import Any

from ee_emulator.algorithms.coercions import refusal
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import elements
from ee_emulator.registry import Context, algorithm, coercion
from ee_emulator.values import Blob


@coercion("Blob")
def to_blob(value: Any, _: Context) -> Blob:
    """Blobs."""
    if isinstance(value, Blob):
        return value
    raise refusal(value, "Blob")


@algorithm("Blob")
def blob(url: str) -> Blob:
    """The file behind an address; it is opened when it is read.

    Raises:
        EarthEngineError: Not an address of Cloud Storage.
    """
    if not url.startswith("gs://"):
        raise EarthEngineError(f"The url must be a Cloud Storage address of the form gs://bucket/file, got '{url}'.")
    return Blob(url)


@algorithm("Blob.url")
def url(blob: Blob) -> str:
    """The address."""
    return blob.url


@algorithm("Blob.string")
def string(blob: Blob, encoding: str | None, *, context: Context) -> str:
    """The content as text, UTF-8 unless told otherwise.

    Raises:
        EarthEngineError: There is no such file, no such encoding, or the content is not text in it.
    """
    try:
        codec = codecs.lookup(encoding or "UTF-8")
    except LookupError:
        raise EarthEngineError(f"Unknown encoding: '{encoding}'.") from None
    path = context.file(blob.url)
    elements(path.stat().st_size)
    try:
        return path.read_bytes().decode(codec.name)
    except (UnicodeError, LookupError):  # some codecs turn bytes into bytes and are no encodings of text
        raise EarthEngineError(f"The content of '{blob.url}' is not text in {codec.name}.") from None


@algorithm("Describe")
def describe(input: Any) -> Any:
    """The value as `getInfo` shows it: dictionaries, lists, numbers and texts."""
    from ee_emulator.encode import encode

    return encode(input)
