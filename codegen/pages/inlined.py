"""Scripts and styles that stand in a page itself: a page of ours is one file that asks nothing of the network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

_SHARED = "elements.js", "tabs.js"
"""What the scripts of every page use."""


def script_of(package: str, names: Sequence[str]) -> str:
    """The script of a page: what all share, then the package's own files.

    Args:
        package: Where the files lie.
        names: In the order in which they stand; each uses what the ones before it define.
    """
    shared = [text_of(__package__, name) for name in _SHARED]
    return "\n".join([*shared, *(text_of(package, name) for name in names)])


def text_of(package: str, name: str) -> str:
    """A file of a package."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """What a page may run or be styled by, as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
