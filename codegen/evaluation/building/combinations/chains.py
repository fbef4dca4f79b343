"""The chains that combination tasks are made of, as they were mined from the scripts of installed packages.

`chains.yaml` is written by `python -m codegen.evaluation.building.combinations.chains`, in some seconds.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from codegen.corpora.selection import select
from codegen.corpora.sources import EMBEDDED
from codegen.corpora.tables import corpus_hash, tables
from codegen.evaluation.building.combinations.mining import (
    LEAST_SCRIPTS,
    LONGEST,
    SHORTEST,
    Chain,
    mined_chains,
    sequences,
)
from codegen.evaluation.cases.yaml_form import dump, load
from codegen.knowledge.building import extraction_code
from codegen.knowledge.extracted import extract_scripts
from lake.atomic import replacing

FILE = Path(__file__).with_name("chains.yaml")
_ARROW = " > "


class Mined(NamedTuple):
    """What was mined.

    Attributes:
        corpus_hash: Digest of which scripts were looked at.
        scripts: Of them those that call anything.
        chains: Those that explain the most links first.
    """

    corpus_hash: str
    scripts: int
    chains: tuple[Chain, ...]


@cache
def read_chains() -> Mined:
    """What `chains.yaml` holds."""
    told = load(FILE)
    scripts = told["scripts"]
    chains = (
        Chain(tuple(f"ee.{name}" for name in text.split(_ARROW)), count, round(count / scripts, 4))
        for text, count in told["chains"].items()
    )
    return Mined(told["corpus_hash"], scripts, tuple(chains))


def mine_packages() -> Mined:
    """Mines the scripts of installed packages, those that a knowledge base is made of by default."""
    kept = select("embedded", chain.from_iterable(connector() for connector in EMBEDDED.values()))
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tables(kept)[0].write_parquet(folder / "scripts.parquet")
        found = extract_scripts(folder / "scripts.parquet", folder / "parts", extraction_code(), lambda _: None)
        called = sequences(found)
    return Mined(corpus_hash(kept.scripts), len(called), mined_chains(called))


def write_chains(mined: Mined, path: Path = FILE) -> None:
    """Writes what was mined."""
    rule = {"least_scripts": LEAST_SCRIPTS, "shortest": SHORTEST, "longest": LONGEST}
    counts = {_ARROW.join(name.removeprefix("ee.") for name in one.operators): one.scripts for one in mined.chains}
    content = {"corpus_hash": mined.corpus_hash, "scripts": mined.scripts, "rule": rule, "chains": counts}
    with replacing(path) as temporary:
        temporary.write_text(f"# A chain, and the scripts that have it; see chains.py.\n{dump(content)}", "utf-8")


if __name__ == "__main__":
    write_chains(mine_packages())
