"""Requests as a program sends them: read strictly, as it may send anything."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MOST_HEAD_BYTES = 32 * 2**10
MOST_BODY_BYTES = 16 * 2**20
"""More than the 10 MiB that Earth Engine takes."""
PART_BYTES = 64 * 2**10

_FIRST_LINE = re.compile(rb"([A-Z]{1,10}) (\S{1,16384}) HTTP/1\.([01])")
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
_LENGTH = re.compile(r"\d{1,12}")


class BadRequestError(Exception):
    """A request that is not answered but with this; the connection is closed, as nobody knows where the next begins."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class GoneError(Exception):
    """The client has ended the connection, or was silent for too long."""


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request.

    Attributes:
        method: As it was sent.
        target: Path and query, as they were sent.
        headers: By name in small letters.
        length: Of the body that follows.
        stays: Whether the client means to ask again on this connection.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    length: int
    stays: bool


class Connection:
    """A client's connection, read with bounds of size and time."""

    def __init__(self, client: socket.socket, seconds: float) -> None:
        """Of a client that may be silent for so many seconds within a request."""
        self._client = client
        self._seconds = seconds
        self._read = bytearray()

    def head(self, idle_seconds: float) -> Request | None:
        """The next request's head; None where the client is done.

        Raises:
            BadRequestError: It is none, or asks for what is not done here.
            GoneError: The client did not end it.
        """
        if not self._read and not self._more(time.monotonic() + idle_seconds, idle=True):
            return None
        deadline = time.monotonic() + self._seconds
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            if len(self._read) > MOST_HEAD_BYTES:
                raise BadRequestError(431, "The head of the request is too large.")
            self._more(deadline)
        if end > MOST_HEAD_BYTES:
            raise BadRequestError(431, "The head of the request is too large.")
        content = bytes(self._read[:end])
        del self._read[: end + 4]
        return parse_head(content)

    def body(self, length: int) -> Iterator[bytes]:
        """The body, in parts.

        Raises:
            GoneError: The client did not end it.
        """
        while length:
            if not self._read:
                self._more(time.monotonic() + self._seconds)
            part = bytes(self._read[: min(length, PART_BYTES)])
            del self._read[: len(part)]
            length -= len(part)
            yield part

    def send(self, content: bytes) -> None:
        """Sends all.

        Raises:
            GoneError: The client does not take it.
        """
        try:
            self._client.settimeout(self._seconds)
            self._client.sendall(content)
        except OSError as error:
            raise GoneError from error

    def _more(self, deadline: float, idle: bool = False) -> bool:
        try:
            self._client.settimeout(max(0.001, deadline - time.monotonic()))
            part = self._client.recv(PART_BYTES)
        except OSError as error:
            if idle:
                return False
            raise GoneError from error
        if not part and not idle:
            raise GoneError
        self._read += part
        return bool(part)


def parse_head(content: bytes) -> Request:
    """Reads a request's first line and headers.

    Raises:
        BadRequestError: Something in it is not as it has to be, or could be read in two ways.
    """
    first, *lines = content.split(b"\r\n")
    told = _FIRST_LINE.fullmatch(first)
    if told is None:
        raise BadRequestError(400, "The first line of the request is not understood.")
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise BadRequestError(400, "A header of the request is not understood.")
        name = found[1].decode("ascii").lower()
        if name in headers and name in ("content-length", "transfer-encoding", "host"):
            raise BadRequestError(400, f"The request has {name} twice.")
        headers[name] = found[2].decode("latin-1")
    if "transfer-encoding" in headers:
        raise BadRequestError(411, "A body needs its length; transfer encodings are not read here.")
    length = headers.get("content-length", "0")
    if not _LENGTH.fullmatch(length):
        raise BadRequestError(400, "The length of the body is no number.")
    if int(length) > MOST_BODY_BYTES:
        raise BadRequestError(413, f"The body is larger than {MOST_BODY_BYTES} bytes.")
    stays = told[3] == b"1" and headers.get("connection", "").lower() != "close"
    return Request(told[1].decode("ascii"), told[2].decode("latin-1"), headers, int(length), stays)
