"""Tasks that are written by hand, as YAML: what is asked, two solutions, and what they are tried with.

    name_of_the_function:
      chain: ImageCollection > ImageCollection.filterDate > ImageCollection.mean    # of combination tasks
      problem: time_series          # a class of building/themes/classification.yaml
      takes: 'year: int, region: ee.Geometry'
      returns: ee.Number            # as in a case's out_type
      does: |                       # the docstring
      reference: |                  # bodies of the two solutions
      second: |
      cases:
        - {year: 2015, region: '=ee.Geometry.Point([114.29, 30.585])'}

A parameter that begins with `=` is an expression of Earth Engine; it becomes a `!python` source and is run in the
sandbox only. What the simulated planet serves is simulated, and so is every answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from codegen.evaluation.building.difficulty import points
from codegen.evaluation.building.draft import Draft
from codegen.evaluation.cases.case import Case, Part, PythonSource, Task
from codegen.evaluation.cases.types import type_of_result
from codegen.evaluation.cases.yaml_form import load
from lake.errors import BadInputError

_KEYS = {"chain", "problem", "takes", "returns", "does", "reference", "second", "cases"}
_OPTIONAL = {"chain"}
EASY, MEDIUM = 8, 16
"""Most points (`codegen.evaluation.building.difficulty`) of an easy and of a medium task; units have other bounds."""


@dataclass(frozen=True, slots=True)
class Written:
    """A task as it was written.

    Its second solution counts as independent where it does neither call the operators of the chain in their order nor
    the one that the reference calls first.

    Attributes:
        draft: The task, without answers.
        problem: Class of the problem, of `codegen.evaluation.building.themes.classification`.
        chain: Operators that it is about, by the JavaScript client's names; empty for themes.
    """

    draft: Draft
    problem: str
    chain: tuple[str, ...]


def read_written(folder: Path, part: Part) -> tuple[Written, ...]:
    """The tasks of a folder's YAML files, in the order of the files' names.

    Raises:
        BadInputError: An entry lacks something or has what is not known, or a function is there twice; says where.
    """
    found: dict[str, Written] = {}
    for path in sorted(folder.glob("*.yaml")):
        for function, entry in load(path).items():
            where = f"{path}, {function}"
            if function in found:
                raise BadInputError(f"{where}: another task has this name. Rename one of them.")
            found[function] = _written(where, function, entry, part)
    return tuple(found.values())


def _written(where: str, function: str, entry: Mapping[str, Any], part: Part) -> Written:
    unknown, missing = sorted(entry.keys() - _KEYS), sorted(_KEYS - _OPTIONAL - entry.keys())
    if unknown or missing:
        raise BadInputError(f"{where}: not known: {unknown}; missing: {missing}. The keys are {sorted(_KEYS)}.")
    head = f"def {function}({entry['takes']}) -> {entry['returns']}:\n"
    reference, second = _solution(head, entry["reference"]), _solution(head, entry["second"])
    cases, chain = tuple(_cases(function, entry)), _chain(entry.get("chain", ""))
    operators = calls_of(reference, cases[0])
    task = Task(
        function=function,
        part=part,
        instruction=head + indent(f'"""{dedent(entry["does"]).strip()}\n"""', "    ") + "\n",
        cases=cases,
        reference=reference,
        second=second,
        operators=tuple(dict.fromkeys(operators)),
        type=type_of_result(entry["returns"]),
        difficulty=_difficulty(reference),
    )
    in_second = calls_of(second, cases[0])
    independent = operators[0] not in in_second and not follows(chain or operators, in_second)
    return Written(Draft(task, "independent" if independent else "route"), entry["problem"], chain)


def follows(chain: Sequence[str], operators: Iterable[str]) -> bool:
    """Whether operators are called in the order of a chain, others between them or not."""
    called = iter(operators)
    return all(operator in called for operator in chain)


def _difficulty(reference: str) -> str:
    found = points(reference)
    return "easy" if found <= EASY else "medium" if found <= MEDIUM else "hard"


def calls_of(code: str, case: Case) -> tuple[str, ...]:
    """The operators that a solution calls when it is tried with a case, in the order of its calls.

    What makes the case's parameters is not counted. Names are those of the JavaScript client: `ee.Image.and`.
    """
    from codegen.extraction.extract import extract

    sources = "\n".join(value.text for value in case.params.values() if isinstance(value, PythonSource))
    given = ", ".join(
        f"{name}={f'get_{name}()' if isinstance(value, PythonSource) else repr(value)}"
        for name, value in case.params.items()
    )
    solution = f"import ee\n{code}"
    script = f"{solution}\n{sources}\n{case.function}({given})\n"
    lines = len(solution.splitlines())
    return tuple(call.operator for call in extract(script, "python").calls if call.place.line <= lines)


def _solution(head: str, body: str) -> str:
    return f"{head}{indent(dedent(body).strip(), '    ')}\n"


def _cases(function: str, entry: Mapping[str, Any]) -> Iterator[Case]:
    for number, params in enumerate(entry["cases"], 1):
        made = {name: _parameter(name, value) for name, value in params.items()}
        yield Case(function, number, made, entry["returns"], answer="")


def _parameter(name: str, value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("="):
        return value
    return PythonSource(f"def get_{name}():\n    import ee\n    return {value[1:].strip()}\n")


def _chain(text: str) -> tuple[str, ...]:
    return tuple(f"ee.{name.strip()}" for name in text.split(">")) if text else ()
