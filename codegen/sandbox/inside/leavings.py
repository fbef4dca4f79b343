"""What a program left in its working directory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

MOST_FILES = 1_000
_DEEPEST = 16


def leavings(folder: int, most_bytes: int) -> list[tuple[str, bytes]]:
    """Plain files by relative path, as many as fit; links are not followed, nothing else is opened.

    Args:
        folder: Descriptor of the working directory.
        most_bytes: Of all together.
    """
    found, left = [], most_bytes
    for path, file in _files(folder, "", 0):
        try:
            content = _read(file, left + 1)
        finally:
            os.close(file)
        if len(content) <= left:
            found.append((path, content))
            left -= len(content)
        if len(found) == MOST_FILES:
            break
    return found


def _files(folder: int, path: str, depth: int) -> Iterator[tuple[str, int]]:
    """Open plain files below a folder, with their paths."""
    for name in sorted(os.listdir(folder)):
        try:
            name.encode()  # a name that is no text cannot be told
            one = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except (OSError, UnicodeEncodeError):
            continue
        mode = os.fstat(one).st_mode
        if stat.S_ISREG(mode):
            yield path + name, one
            continue
        try:
            if stat.S_ISDIR(mode) and depth < _DEEPEST:
                yield from _files(one, f"{path}{name}/", depth + 1)
        finally:
            os.close(one)


def _read(file: int, most: int) -> bytes:
    parts = bytearray()
    while len(parts) < most and (part := os.read(file, min(most - len(parts), 1 << 20))):
        parts += part
    return bytes(parts)
