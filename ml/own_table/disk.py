"""A disk that is full, told as something that a user can act on."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lake.errors import LakeWriteError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def room_on(folder: Path) -> Iterator[None]:
    """Around what is written below a folder.

    Raises:
        LakeWriteError: There is no room.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise LakeWriteError(
                f"{folder} has no room ({error.strerror}): free some, or name another folder by --out. What is "
                "complete there stays; the same command goes on from it."
            ) from error
        raise
