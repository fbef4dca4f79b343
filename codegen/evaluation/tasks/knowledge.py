"""The knowledge base, opened once a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lake.errors import BadInputError
from lake.settings import settings

if TYPE_CHECKING:
    from codegen.retrieval.questions import KnowledgeSearch


KNOWLEDGE_MANIFEST = "manifest.json"


def default_knowledge() -> Path:
    """Where `eecode kb build` puts it."""
    return settings().data_dir / "knowledge"


@lru_cache(maxsize=2)
def knowledge_search(folder: Path) -> KnowledgeSearch:
    """Opens a knowledge base.

    Raises:
        BadInputError: There is none; says how to build it.
    """
    from codegen.retrieval.questions import KnowledgeSearch

    if not (folder / KNOWLEDGE_MANIFEST).exists():
        raise BadInputError(f"There is no knowledge base in {folder}: build one with `eecode kb build --out {folder}`.")
    return KnowledgeSearch.open(folder, folder / "index")
