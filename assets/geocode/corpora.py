"""The corpora of the knowledge base as partitions: the embedded ones, and those of `AEF_ECON_SCRIPTS`."""

from functools import cache
from pathlib import Path

import dagster as dg

from codegen.corpora.sources import EMBEDDED, Connector, corpora
from lake.settings import settings


def knowledge_folder() -> Path:
    """Where the knowledge base lies."""
    return settings().data_dir / "knowledge"


@cache
def connectors() -> dict[str, Connector]:
    """Each corpus by name.

    Raises:
        BadInputError: A source of `AEF_ECON_SCRIPTS` is none.
    """
    sources = [source.strip() for source in settings().scripts.split(",") if source.strip()]
    return EMBEDDED | corpora(sources, knowledge_folder() / "clones")


CORPORA = dg.StaticPartitionsDefinition(sorted(connectors()))
