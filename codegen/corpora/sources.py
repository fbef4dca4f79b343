"""The corpora that a knowledge base is made of: the embedded ones, and those that somebody names."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from codegen.corpora.connectors import folder, geemap_scripts, git_url, jsonl, package_sources
from codegen.corpora.script import Dropped, Found
from lake.errors import BadInputError

Connector = Callable[[], Iterable[Found | Dropped]]
EMBEDDED: dict[str, Connector] = {"geemap": geemap_scripts, "packages": package_sources}
"""Corpora that installed packages ship."""


def corpora(sources: Sequence[str], clones: Path) -> dict[str, Connector]:
    """A corpus for each source, by name: the last part of its path or URL.

    Args:
        sources: Folders, .jsonl files and URLs of git repositories.
        clones: Folder that repositories are cloned into.

    Raises:
        BadInputError: A source is none of these, or two have the same name.
    """
    named: dict[str, Connector] = {}
    for source in sources:
        name, connector = _corpus(source, clones)
        if name in named or name in EMBEDDED:
            raise BadInputError(f"Two corpora would be called {name}: rename the folder or file of {source}.")
        named[name] = connector
    return named


def _corpus(source: str, clones: Path) -> tuple[str, Connector]:
    path = Path(source)
    if path.is_dir():
        return path.resolve().name, lambda: folder(path)
    if path.suffix == ".jsonl":
        return path.stem, lambda: jsonl(path)
    if "://" in source or source.startswith("git@"):
        name = source.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
        return name, lambda: git_url(source, clones)
    raise BadInputError(f"{source} is no folder, no .jsonl file and no URL of a git repository.")
