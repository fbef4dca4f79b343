"""Where the files of a benchmark lie: AutoGEEval++'s published layout, and what we add to it.

<folder>/manifest.json                              ours
<folder>/atomic_code/atomic_test_config.yaml        functions and their cases
test_instructions/<function>.txt   signature and docstring, as in the prompt
ref_answer/<answer>                expected answers
reference_code/<function>.txt      ours: a solution
second_reference/<function>.txt    ours: another
tasks.yaml                         ours: operators, type, difficulty
<folder>/combined_code/…, <folder>/theme_code/…     likewise
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from codegen.evaluation.cases.case import Part

NAMES: Mapping[Part, tuple[str, ...]] = {
    "unit": ("atomic_code", "unit_code"),
    "combination": ("combined_code", "compositional_code", "combination_code"),
    "theme": ("theme_code", "scenario_code"),
}
"""Names under which a part was published, the one that we write first."""
MANIFEST = "manifest.json"
INSTRUCTIONS = "test_instructions"
ANSWERS = "ref_answer"
REFERENCES = "reference_code"
SECONDS = "second_reference"
TASKS = "tasks.yaml"


def benchmark_folder(folder: Path) -> Path:
    """The folder that holds the parts: the given one, or `test_code` in it, as the published repository has it."""
    below = folder / "test_code"
    return below if not any(part_folder(folder, part) for part in NAMES) and below.is_dir() else folder


def part_folder(folder: Path, part: Part) -> Path | None:
    """Where a part lies; None where there is none."""
    return next((found for name in NAMES[part] if (found := folder / name).is_dir()), None)


def written_folder(folder: Path, part: Part) -> Path:
    """Where we write a part."""
    return folder / NAMES[part][0]


def config_file(folder: Path) -> Path | None:
    """The file of cases of a part's folder; None where there is none.

    `atomic_code` has `atomic_test_config.yaml`; a copy may have renamed the folder alone, so any other one will do
    where it is the only one.
    """
    named = folder / f"{folder.name.removesuffix('_code')}_test_config.yaml"
    if named.is_file():
        return named
    others = sorted(folder.glob("*test_config.y*ml"))
    return others[0] if len(others) == 1 else None


def answers_folder(folder: Path, part: Part) -> Path:
    """Where the expected answers of a part lie."""
    return (part_folder(folder, part) or written_folder(folder, part)) / ANSWERS
