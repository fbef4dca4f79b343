"""What folders, repositories and packages have in common: which files are looked at, and what is taken from each."""

import os
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from codegen.corpora.licences import licence_of_script
from codegen.corpora.notebooks import MAX_NOTEBOOK_BYTES, script_of_notebook
from codegen.corpora.reasons import MAX_BYTES, RefusedError, too_large
from codegen.corpora.script import Dropped, Found, Language

_LANGUAGES: Mapping[str, Language | None] = {
    ".js": "javascript",
    ".py": "python",
    ".ipynb": None,
    ".txt": None,
    "": None,
}
_NOTEBOOK = ".ipynb"
_LICENCE_NAMES, _LICENCE_SUFFIXES = frozenset({"LICENSE", "LICENCE", "COPYING"}), frozenset({"", ".txt", ".md"})
_SKIPPED = frozenset({"node_modules", "__pycache__"})


def is_candidate(path: PurePosixPath) -> bool:
    """Whether a file is looked at: by its suffix, and not where it lies in a folder that is left out."""
    return path.suffix.lower() in _LANGUAGES and not is_licence(path) and not any(map(is_skipped, path.parts))


def is_skipped(name: str) -> bool:
    """Whether a folder or file of that name is left out: it is hidden, or holds other people's code or no source."""
    return name.startswith(".") or name in _SKIPPED


def is_licence(path: PurePosixPath) -> bool:
    """Whether it is a LICENSE file."""
    return path.stem.upper() in _LICENCE_NAMES and path.suffix.lower() in _LICENCE_SUFFIXES


def readable(path: PurePosixPath) -> str:
    """The path with what is not UTF-8 in it written out."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def taken(origin: str, path: PurePosixPath, size: int, read: Callable[[], bytes], licence: str) -> Found | Dropped:
    """What a file holds; it is read only where it is not too large.

    Args:
        origin: See `Found`.
        path: Tells by its suffix what it holds.
        size: In bytes.
        read: Gives its bytes.
        licence: Where the file states none itself.
    """
    suffix = path.suffix.lower()
    limit = MAX_NOTEBOOK_BYTES if suffix == _NOTEBOOK else MAX_BYTES
    language = _LANGUAGES.get(suffix)
    try:
        if size > limit:
            raise too_large(size, limit)
        content = read()
        if suffix == _NOTEBOOK:
            content, language = script_of_notebook(content)
    except RefusedError as refused:
        return Dropped(origin, refused.reason, refused.detail)
    except OSError as error:
        return Dropped(origin, "unreadable", error.strerror or type(error).__name__)
    return Found(origin, content, licence_of_script(content, licence), language)
