"""Makes mutants.yaml: 300 mutants of the reference solutions, by a seed.

    python -m tests.codegen.evaluation.mutants.make_mutants

Each is labelled by rules.yaml: from signatures where they tell, else from what the plain client does with it; and each
is kept only where the plain client shows that its outcome is what the label says. The judge is not asked.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import yaml

from codegen.evaluation.building.combinations.tasks import combination_tasks
from codegen.evaluation.building.draft import Draft
from codegen.evaluation.building.drafting import draft
from codegen.evaluation.building.families import family_specs
from codegen.evaluation.building.spec import specs
from codegen.evaluation.building.themes.tasks import theme_tasks
from codegen.evaluation.building.trying import sound, try_draft
from codegen.evaluation.cases.case import ERROR_MESSAGE, Case
from ee_emulator.client import initialise
from ee_emulator.process import start_emulator
from lake.atomic import replacing
from tests.codegen.evaluation.mutants.edits import UNTOLD, Mutation, mutations
from tests.codegen.evaluation.mutants.plain import Outcome, differ, outcome
from tests.codegen.evaluation.mutants.program import Program

FILE = Path(__file__).with_name("mutants.yaml")
SEED = 20261126
WANTED = {
    ("syntax_error", "syntax"): 50,
    ("wrong_operator", "parameter"): 20,
    ("wrong_operator", "wrong_answer"): 22,
    ("wrong_operator", "output_type"): 8,
    ("swapped_argument", "parameter"): 24,
    ("swapped_argument", "wrong_answer"): 26,
    ("off_by_one", "wrong_answer"): 42,
    ("off_by_one", "parameter"): 8,
    ("wrong_type", "output_type"): 30,
    ("wrong_type", "parameter"): 20,
    ("wrong_band", "parameter"): 28,
    ("wrong_band", "wrong_answer"): 22,
}
"""Mutants by kind and class of error."""
MOST_OF_A_TASK = 3
_TRIES = 4
_NOT_OURS = ("not supported by the emulator", "timed out", "memory", "maxPixels", "Too many", "larger than")
"""What Earth Engine, or the local one, says of its own limits: no fault of a program."""


@dataclass
class _Making:
    """What has been made so far."""

    chance: random.Random
    url: str
    left: dict[tuple[str, str], int] = field(default_factory=lambda: dict(WANTED))
    made: list[dict[str, object]] = field(default_factory=list)
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    notes: Counter[str] = field(default_factory=Counter)
    tried: dict[str, _Tried | None] = field(default_factory=dict)

    def reference(self, task: Draft) -> _Tried | None:
        """A case of a task, and what the reference gives; None where the task is not sound."""
        name = task.task.function
        if name not in self.tried:
            self.tried[name] = self._reference(task)
        return self.tried[name]

    def _reference(self, task: Draft) -> _Tried | None:
        cases = [case for case in sound(task, try_draft(task, self.url)) if is_ordinary(case)]
        if not cases:
            return None
        case = self.chance.choice(cases)
        found = outcome(task.task.reference or "", case)
        return _Tried(case, found) if found.found == "value" and found.type == wanted_type(case) else None


class _Tried(NamedTuple):
    """A case that is sound, and what the reference gives."""

    case: Case
    expected: Outcome


def is_ordinary(case: Case) -> bool:
    """Whether a case has an answer and is no edge test."""
    return not case.edge_test and case.out_type != ERROR_MESSAGE


def wanted_type(case: Case) -> str:
    """Class that a case names; an image of arrays is an image."""
    return "ee.Image" if case.out_type == "ee.ArrayImage" else case.out_type


def label_of(found: Outcome, expected: Outcome, case: Case) -> str:
    """The class of error by the order of rules.yaml; empty where the outcome is right or not clear."""
    if found.found == "uncompiled":
        return "syntax"
    if found.found == "raised":
        return "parameter"
    if found.type == "ee.ComputedObject" or any(word in found.told for word in _NOT_OURS):
        return ""
    if found.type != wanted_type(case) and not (found.type == "int" and case.out_type == "float"):
        return "output_type"
    if found.found == "refused":
        return "parameter"
    return "wrong_answer" if differ(expected.value, found.value) else ""


def _drafts(chance: random.Random) -> list[Draft]:
    """Units of all types in turn, one combination or theme after two of them."""
    by_type: dict[str, list[Draft]] = defaultdict(list)
    for one in map(draft, specs() + family_specs()):
        by_type[one.task.type].append(one)
    for group in by_type.values():
        chance.shuffle(group)
    units = [one for turn in zip_longest(*(by_type[name] for name in sorted(by_type))) for one in turn if one]
    combinations, themes = ([w.draft for w in tasks()] for tasks in (combination_tasks, theme_tasks))
    chance.shuffle(combinations)
    chance.shuffle(themes)
    others = [one for pair in zip_longest(combinations, themes) for one in pair if one]
    mixed = zip_longest(units[::2], units[1::2], others)
    return [one for turn in mixed for one in turn if one]


def make(url: str, seed: int = SEED) -> list[dict[str, object]]:
    """The mutants, in the order of their tasks; `ee` is initialised at this address."""
    making = _Making(random.Random(seed), url)
    drafts = _drafts(making.chance)
    for _ in range(MOST_OF_A_TASK):
        for task in drafts:
            if any(making.left.values()):
                _mutate(making, task)
    order = {one.task.function: place for place, one in enumerate(drafts)}
    return sorted(making.made, key=lambda mutant: (order[str(mutant["function"])], str(mutant["kind"])))


def _mutate(making: _Making, task: Draft) -> None:
    """One more mutant of a task, if there can be: of the kind and class of which most are wanting."""
    tried = making.reference(task)
    if tried is None:
        return
    candidates = _by_cell(making, Program(task.task, tried.case))
    cells = sorted(making.left, key=lambda cell: (-making.left[cell] / WANTED[cell], making.chance.random()))
    tries = 0
    for cell in cells:
        if making.left[cell] == 0 or cell[0] in making.kinds[task.task.function]:
            continue
        for mutation in candidates.get(cell, [])[:2]:
            tries += 1
            if _keep(making, tried, cell, mutation):
                return
            if tries >= _TRIES:
                return


def _by_cell(making: _Making, program: Program) -> dict[tuple[str, str], list[Mutation]]:
    """Mutations by kind and class, those first whose change was made least; what has no label yet may be either."""
    found = list(mutations(program))
    making.chance.shuffle(found)
    cells: dict[tuple[str, str], list[Mutation]] = defaultdict(list)
    for mutation in sorted(found, key=lambda one: making.notes[_change(one)]):
        labels = [label for kind, label in WANTED if kind == mutation.kind and mutation.label in (UNTOLD, label)]
        for label in labels:
            cells[mutation.kind, label].append(mutation)
    return cells


def _change(mutation: Mutation) -> str:
    """What was changed, without the names of this program: of the faults of syntax all, of others the last words."""
    return mutation.note if mutation.kind == "syntax_error" else " ".join(mutation.note.split()[-3:])


def _keep(making: _Making, tried: _Tried, cell: tuple[str, str], mutation: Mutation) -> bool:
    """Keeps a mutation if the plain client shows what its label says."""
    case, expected = tried
    found = outcome(mutation.code, case)
    if label_of(found, expected, case) != cell[1]:
        return False
    making.left[cell] -= 1
    making.kinds[case.function].add(mutation.kind)
    making.notes[_change(mutation)] += 1
    by = "signatures" if mutation.label != UNTOLD else "what the plain client does"
    told = {"function": case.function, "case": case.number, "kind": cell[0], "class": cell[1], "by": by}
    making.made.append({**told, "note": mutation.note, "shown": _shown(found), "code": mutation.code})
    return True


def _shown(found: Outcome) -> str:
    """What the plain client did, in a line."""
    if found.found in ("uncompiled", "raised", "refused"):
        return f"{found.found}: {' '.join(found.told.split())}"[:160]
    return f"gave {found.type}"


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def main() -> None:
    """Writes the file."""
    with start_emulator() as server:
        initialise(server.url)
        made = make(server.url)
    with replacing(FILE) as temporary:
        head = "# Made by make_mutants.py and labelled by rules.yaml; the judge was not asked.\n"
        temporary.write_text(head + yaml.dump(made, Dumper=_Dumper, sort_keys=False, width=120), "utf-8")
    print(len(made), Counter(f"{m['kind']} → {m['class']}" for m in made))


if __name__ == "__main__":
    main()
