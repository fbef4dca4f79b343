"""Whether search finds the operators that a script uses from what is said about it.

Lexical, dense and fused side by side, and the fused search without each table. A question is the title of one of
geemap's scripts and what its comments say; the answer is the operators that it uses, but those that a quarter of all
use. Scripts are split by family after duplicates went: those that differ in literals only are one family, all of it
known or held out. The knowledge base is built of the known ones. No number is claimed: the table tells what each part
is worth.
"""

import argparse
import hashlib
import random
import re
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl

from codegen.corpora.connectors import geemap_scripts
from codegen.corpora.script import Found, Script
from codegen.corpora.selection import select
from codegen.extraction.calls import Reached
from codegen.extraction.extract import extract
from codegen.knowledge.building import build
from codegen.retrieval.index import Index, build_index
from codegen.retrieval.measuring import Question, measure

_LITERAL = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|\b\d+(?:\.\d+)?\b")
HELD_OUT = 0.25
COMMON = 0.25
"""Share of the scripts from which on an operator is no answer: everything uses it."""


def main() -> None:
    """Splits, builds, asks and prints."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    scripts = select("geemap", geemap_scripts(), near=None).scripts
    known, held_out = split(scripts)
    operators = {script.id: used(script) for script in scripts}
    counts = Counter(name for names in operators.values() for name in names)
    common = {name for name, count in counts.items() if count >= COMMON * len(scripts)}
    questions = [
        Question(text, frozenset(wanted))
        for script in held_out
        if (text := said(script)) and (wanted := operators[script.id] - common)
    ]
    print(f"{len(known)} scripts known, {len(held_out)} held out; {len(questions)} questions")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        build({"known": [_found(script) for script in known]}, place, lambda _: None)
        build_index(place, place / "index")
        found = measure(Index.open(place / "index"), questions)
    with pl.Config(tbl_rows=60, tbl_cols=20, fmt_str_lengths=60, tbl_width_chars=160):
        print(found)


def split(scripts: list[Script]) -> tuple[list[Script], list[Script]]:
    """Known and held-out scripts; a family is all the one or all the other."""
    families: dict[str, list[Script]] = {}
    for script in scripts:
        masked = "".join(_LITERAL.sub("0", script.text).split())
        families.setdefault(hashlib.sha256(masked.encode()).hexdigest(), []).append(script)
    keys = sorted(families)
    random.Random(20261126).shuffle(keys)
    out = set(keys[: round(HELD_OUT * len(keys))])
    known = [script for key in keys if key not in out for script in families[key]]
    return known, [families[key][0] for key in keys if key in out]


def used(script: Script) -> set[str]:
    """The operators that a script calls when it runs."""
    return {call.operator for call in extract(script.text, script.language).calls if call.reached == Reached.RUNS}


def said(script: Script) -> str:
    """Title and comments."""
    title = script.origin.rsplit("/", 1)[-1].replace("_", " ")
    return f"{title}. {script.comments[:400]}".strip()


def _found(script: Script) -> Found:
    comments = "".join(f"// {line}\n" for line in script.comments.split("\n"))
    return Found(script.origin, f"{comments}{script.text}".encode(), script.licence, script.language)


if __name__ == "__main__":
    main()
