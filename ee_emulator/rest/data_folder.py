"""The folder in which a server keeps what clients write: assets, exported files and the log of tasks.

`buckets/NAME/…` stands for `gs://NAME/…`, `drive/FOLDER/…` for Google Drive. Names come from clients, so every path is
made here, and none leaves the folder.
"""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ee_emulator.errors import EarthEngineError

_WRITING = ".writing-"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,221}[a-z0-9]")
_URI = re.compile(r"gs://([^/]+)/(.+)", re.DOTALL)


class DataFolder:
    """Paths of what clients write.

    Args:
        root: Where it stays; None for a temporary folder, made when something is first written and gone at `close`.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = None if root is None else root.absolute()
        self._temporary = root is None

    @property
    def root(self) -> Path:
        """The folder itself."""
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="ee-emulator-"))
        self._root.mkdir(parents=True, exist_ok=True)
        return self._root

    def claim(self) -> None:
        """Keeps other servers out of a folder that stays, and clears away what a killed one was writing.

        Raises:
            OSError: Another server uses it.
        """
        if self._temporary:
            return
        self._lock = (self.root / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(f"another server uses the folder {self.root}: choose another with --data.") from None
        for unfinished in list(self.root.rglob(f"{_WRITING}*")):
            shutil.rmtree(unfinished, ignore_errors=True)

    @property
    def exists(self) -> bool:
        """Whether anything can have been written."""
        return self._root is not None and self._root.is_dir()

    def close(self) -> None:
        """Removes a temporary folder."""
        if self._temporary and self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)

    @property
    def assets(self) -> Path:
        """Assets that clients have made."""
        return self.root / "assets"

    @property
    def operations(self) -> Path:
        """The log of tasks, a file each."""
        return self.root / "operations"

    def drive_file(self, folder: str | None, name: str) -> Path:
        """A file on the stand-in for Google Drive. The folder's name is taken literally, so it holds no slash."""
        return inside(self.root / "drive", *([folder] if folder else []), name)

    def bucket_file(self, bucket: str, name: str) -> Path:
        """The file that stands for an object of a bucket.

        Raises:
            EarthEngineError: No bucket can have this name, or the object's name leads out of the folder.
        """
        if not _BUCKET.fullmatch(bucket):
            raise EarthEngineError(f"Invalid bucket name: '{bucket}'.")
        return inside(self.root / "buckets", bucket, *name.split("/"))

    def uri_file(self, uri: str) -> Path:
        """What is behind `gs://BUCKET/OBJECT`: a file, or the folder of a Zarr array.

        Raises:
            EarthEngineError: It is no such address, or there is no such file.
        """
        found = _URI.fullmatch(uri)
        if found is None:
            raise EarthEngineError(f"Source file URI '{uri}' is not a Cloud Storage path of the form gs://bucket/file.")
        path = self.bucket_file(found[1], found[2])
        if not path.exists():
            raise EarthEngineError(f"Cloud Storage object '{uri}' not found: the emulator looks for it at {path}.")
        return path


def inside(root: Path, *parts: str) -> Path:
    """A path below `root`.

    Raises:
        EarthEngineError: A part is no plain file name, or a symbolic link leads out of the folder.
    """
    for part in parts:
        if part in ("", ".", "..") or any(c in part for c in "/\\\0") or len(os.fsencode(part)) > 255:
            raise EarthEngineError(f"Invalid path: {'/'.join(parts)!r} holds a part that is no file name.")
    path = root.joinpath(*parts)
    if not path.resolve().is_relative_to(root.resolve()):
        raise EarthEngineError(f"Invalid path: {'/'.join(parts)!r} leads out of the data folder.")
    return path


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A place to write a file or folder that appears at `path` at once and complete, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=_WRITING) as folder:
        place = Path(folder) / path.name
        yield place
        place.replace(path)
