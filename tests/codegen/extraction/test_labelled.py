"""Relations and chains against the scripts that were labelled by hand, blind to the extractor.

A pair (first, second, relation) counts once a script; a chain agrees where it is the same text. Precision, recall and
F1 are over all pairs, or chains, of all scripts.
"""

from pathlib import Path

import pytest
import yaml

from codegen.extraction.extract import extract
from codegen.extraction.relations import Related, chains, relations

LABELLED = Path(__file__).parents[1] / "labelled"
SCRIPTS = sorted(path for path in LABELLED.glob("[0-9]*") if path.suffix in (".js", ".py"))
LEAST = 0.95


def found(path: Path) -> tuple[set[tuple[str, ...]], set[str]]:
    related = Related(extract(path.read_text(encoding="utf-8"), "javascript" if path.suffix == ".js" else "python"))
    return {tuple(pair) for pair in relations(related)}, {chain.text for chain in chains(related)}


def labelled(path: Path) -> tuple[set[tuple[str, ...]], set[str]]:
    told = yaml.safe_load(path.with_suffix(".yaml").read_text(encoding="utf-8"))
    return {tuple(row[:3]) for row in told["relations"]}, set(told["chains"])


@pytest.mark.parametrize("what", ["relations", "chains"])
def test_relations_and_chains_are_those_that_were_labelled(what: str) -> None:
    number = ["relations", "chains"].index(what)
    agreed = wrong = missed = 0
    for path in SCRIPTS:
        ours, theirs = found(path)[number], labelled(path)[number]
        agreed, wrong, missed = agreed + len(ours & theirs), wrong + len(ours - theirs), missed + len(theirs - ours)
        for sign, rest in (("+", ours - theirs), ("-", theirs - ours)):
            for one in sorted(map(str, rest)):
                print(f"{path.name} {sign} {one}")
    precision, recall = agreed / (agreed + wrong), agreed / (agreed + missed)
    f1 = 2 * precision * recall / (precision + recall)
    print(f"{what}: {len(SCRIPTS)} scripts, {agreed} agree")
    print(f"precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")
    assert f1 >= LEAST
