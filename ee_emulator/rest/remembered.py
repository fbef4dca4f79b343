"""Requests that a client registers first and fetches later: thumbnails, maps and tables."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import orjson

from ee_emulator.errors import EarthEngineError

KEPT = 2_000


class Remembered:
    """The last requests of one kind under names that follow from their content.

    Args:
        kind: The resource's name in the interface: `thumbnails`, `maps`, ….
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._requests: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, project: str, request: Mapping[str, Any]) -> str:
        """Keeps a request; returns its resource name, the same for the same request."""
        content = orjson.dumps(request, option=orjson.OPT_SORT_KEYS)
        name = f"projects/{project}/{self._kind}/{hashlib.blake2b(content, digest_size=16).hexdigest()}"
        with self._lock:
            self._requests[name] = request
            self._requests.move_to_end(name)
            if len(self._requests) > KEPT:
                self._requests.popitem(last=False)
        return name

    def get(self, name: str) -> Mapping[str, Any]:
        """The request of a name.

        Raises:
            EarthEngineError: 404 where it was never given out, or so long ago that it is forgotten.
        """
        with self._lock:
            if name not in self._requests:
                raise EarthEngineError(f"Resource '{name}' not found.", 404, "NOT_FOUND")
            self._requests.move_to_end(name)
            return self._requests[name]
