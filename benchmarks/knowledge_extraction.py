"""How fast operators, relations and chains are extracted, and a whole knowledge base built at the papers' scale.

Two claims, side by side in one run, on one core each:

1. Parsing and extraction is at least 3 times faster than the same over esprima (Python). Over esprima the tree would
   have to be walked too: what is told for it is its parsing, and then our own following, which leaves that out.
2. The cost is linear in scripts: a tenth of the scripts takes a tenth of the time.

With `--whole N` a knowledge base is built of N scripts that are replicas of geemap's with other names and numbers in
them (185,236 is the papers' number), about 2.5 KB each, on all cores, and its memory is told.

Simulated corpus: the replicas are real scripts joined and renamed, and say nothing about what people write.
"""

import argparse
import json
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import esprima

from codegen.corpora.connectors import geemap_scripts, jsonl
from codegen.corpora.script import Found
from codegen.corpora.selection import select
from codegen.extraction.extract import extract
from codegen.extraction.javascript import read_javascript
from codegen.extraction.relations import Related, chains, relations

_NAME = re.compile(r"\bvar ([A-Za-z_]\w*)")
_NUMBER = re.compile(r"(?<![\w.'\"/])\d+(?![\w.'\"/])")
BYTES = 2_500


def main() -> None:
    """Runs the benchmark and prints it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--whole", type=int, metavar="N", help="scripts of a whole build")
    given = options.parse_args()
    texts = [script.text for script in select("geemap", geemap_scripts()).scripts]
    against_esprima(texts)
    linear(texts)
    if given.whole:
        whole(texts, given.whole)


def against_esprima(texts: list[str]) -> None:
    """Scripts a second of both, on those that esprima can read."""
    readable = [text for text in texts if _esprima(text)]
    ours = _seconds(lambda: [_ours(text) for text in readable])
    following = ours - _seconds(lambda: [read_javascript(text.encode()) for text in readable])
    parsing = _seconds(lambda: [_esprima(text) for text in readable])
    size = sum(len(text.encode()) for text in readable) / 1e6
    print(f"{len(readable)} scripts, {size:.2f} MB, one core")
    told = (("ours, whole", ours), ("esprima, parsing alone", parsing), ("esprima, and following", parsing + following))
    for name, seconds in told:
        print(f"  {name:24}{len(readable) / seconds:8,.0f} scripts/s {size / seconds:6.2f} MB/s")
    print(f"  ratio {(parsing + following) / ours:.1f} (claim: at least 3)")


def linear(texts: list[str]) -> None:
    """Time of ten times as many scripts."""
    few = texts[: len(texts) // 10]
    short, long = _seconds(lambda: [_ours(text) for text in few]), _seconds(lambda: [_ours(t) for t in few * 10])
    print(f"ten times the scripts: {long / short:.1f} times the time (claim: about 10)")


def whole(texts: list[str], count: int) -> None:
    """A whole build, with its time and memory."""
    from codegen.knowledge.building import build

    with tempfile.TemporaryDirectory() as folder:
        pile = Path(folder) / "replicas.jsonl"
        with pile.open("w", encoding="utf-8") as lines:
            for script in replicas(texts, count):
                lines.write(
                    json.dumps({"name": script.origin, "language": "javascript", "code": script.content.decode()})
                )
                lines.write("\n")
        _say(f"{count:,} scripts of {pile.stat().st_size / count:,.0f} bytes a line lie in a file.")
        started = time.perf_counter()
        manifest = build({"replicas": jsonl(pile)}, Path(folder) / "kb", _say)
        seconds = time.perf_counter() - started
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{count:,} scripts, {sum(manifest.corpora.values()):,} kept: {seconds:.0f} s (claim: 185,236 in 300 s)")
    print(f"  memory at its peak, when the workers are gone: {own:.2f} GiB (claim: 4 GiB)")


def replicas(texts: list[str], count: int) -> Iterator[Found]:
    """Scripts of about `BYTES`: some of geemap's one after the other, with other names and numbers."""
    rng = random.Random(20261126)
    for number in range(count):
        parts, size = [], 0
        while size < BYTES * rng.uniform(0.2, 0.98):
            parts.append(_mutated(rng.choice(texts), rng))
            size += len(parts[-1])
        yield Found(f"replica {number}", "\n".join(parts).encode(), "MIT", "javascript")


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def _mutated(text: str, rng: random.Random) -> str:
    for name in set(_NAME.findall(text)):
        text = re.sub(rf"\b{name}\b(?!['\"/])", f"{name}{rng.randrange(10**6)}", text)
    return _NUMBER.sub(lambda _: str(rng.randrange(1, 10**4)), text)


def _ours(text: str) -> object:
    related = Related(extract(text, "javascript"))
    return relations(related), chains(related)


def _esprima(text: str) -> object:
    try:
        return esprima.parseScript(text, {"loc": True})
    except esprima.Error:
        return None


def _seconds(work: object) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()  # type: ignore[operator]
        best = min(best, time.process_time() - started)
    return best


if __name__ == "__main__":
    sys.exit(main())
