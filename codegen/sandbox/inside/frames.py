"""Messages between the host and a worker: a length, then JSON or bytes; descriptors ride along with the length."""

from __future__ import annotations

import array
import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct(">I")
_MOST_DESCRIPTORS = 8


def send(channel: socket.socket, message: Any, descriptors: tuple[int, ...] = ()) -> None:
    """Sends something that JSON can say.

    Raises:
        OSError: The other side is gone.
    """
    send_bytes(channel, json.dumps(message).encode(), descriptors)


def send_bytes(channel: socket.socket, content: bytes, descriptors: tuple[int, ...] = ()) -> None:
    """Sends bytes as they are."""
    head = _LENGTH.pack(len(content))
    if descriptors:
        socket.send_fds(channel, [head], list(descriptors))
    else:
        channel.sendall(head)
    channel.sendall(content)


def receive(channel: socket.socket) -> tuple[Any, list[int]]:
    """The next message and its descriptors.

    Raises:
        EOFError: The other side is gone.
    """
    content, descriptors = receive_bytes(channel)
    return json.loads(content), descriptors


def receive_bytes(channel: socket.socket) -> tuple[bytes, list[int]]:
    """The next message as it is.

    Raises:
        EOFError: The other side is gone.
    """
    space = socket.CMSG_SPACE(_MOST_DESCRIPTORS * 4)
    head, ancillary, _, _ = channel.recvmsg(_LENGTH.size, space, socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    head += _exactly(channel, _LENGTH.size - len(head)) if head else b""
    if not head:
        raise EOFError("The other side is gone.")
    return _exactly(channel, _LENGTH.unpack(head)[0]), list(descriptors)


def _exactly(channel: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = channel.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise EOFError("The other side is gone.")
        parts += part
    return bytes(parts)
