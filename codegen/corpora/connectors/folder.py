"""Scripts in a folder."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from codegen.corpora.connectors.files import is_candidate, is_licence, is_skipped, readable, taken
from codegen.corpora.licences import licence_of_text
from codegen.corpora.script import UNKNOWN_LICENCE, Dropped, Found
from lake.errors import BadInputError


def folder(path: Path) -> Iterator[Found | Dropped]:
    """JavaScript, Python, notebooks, and texts that may be either (`.txt` or no suffix), in it and in folders below.

    Hidden folders and files and `node_modules` are left out, symbolic links not followed. A file that states no licence
    has that of the folder, where a LICENSE file at its top is one that we know.

    Raises:
        BadInputError: There is no such folder.
    """
    if not path.is_dir():
        raise BadInputError(f"There is no folder {path} to look for scripts in.")
    return _found_below(path.resolve())


def _found_below(top: Path) -> Iterator[Found | Dropped]:
    licence = _licence(top)
    for file in _files(top):
        relative = PurePosixPath(file.relative_to(top).as_posix())
        if is_candidate(relative):
            yield taken(readable(relative), relative, file.stat().st_size, file.read_bytes, licence)


def _files(top: Path) -> Iterator[Path]:
    """Files in the order of their names, those of a folder before those of the folders in it."""
    for here, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not is_skipped(name))
        yield from (file for name in sorted(files) if _is_plain(file := Path(here, name)))


def _licence(top: Path) -> str:
    for file in sorted(top.iterdir()):
        if is_licence(PurePosixPath(file.name)) and _is_plain(file):
            return licence_of_text(file.read_text(encoding="utf-8", errors="replace"))
    return UNKNOWN_LICENCE


def _is_plain(file: Path) -> bool:
    """Whether it is a file and no link; a pipe would be waited for."""
    return file.is_file() and not file.is_symlink()
