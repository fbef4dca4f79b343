"""From a specification to a task that lacks only its answers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from codegen.evaluation.building.code import call, docstring, function_name, header, solution, source
from codegen.evaluation.building.difficulty import difficulty
from codegen.evaluation.building.draft import Draft
from codegen.evaluation.building.operators import Argument, TaskOperator, find
from codegen.evaluation.building.spec import CaseSpec, Spec, inputs
from codegen.evaluation.cases.case import Case, Task
from lake.errors import BadInputError

_MADE_OF = {
    "ee.Number": (int, float),
    "ee.String": (str,),
    "ee.List": (list,),
    "ee.Dictionary": (dict,),
    "ee.Array": (list, int, float),
    "ee.Date": (int, float),
    "ee.ConfusionMatrix": (list,),
}
"""Classes that a plain value makes."""


def draft(spec: Spec) -> Draft:
    """The task of a specification.

    Raises:
        BadInputError: The specification does not fit the operator.
    """
    operator = find(spec.operator)
    kind = spec.type or operator.type
    arguments = _arguments(spec, operator)
    returns = spec.returns or operator.returns
    function = spec.name or function_name(spec.operator)
    head = header(function, arguments, returns)
    reference = solution(head, spec.reference or call(operator, arguments))
    told = docstring(
        spec.about or operator.description, arguments, returns, spec.result or f"The resulting {_words(returns)}"
    )
    out_type = "ee.ArrayImage" if kind == "ee.ArrayImage" and returns == "ee.Image" else returns
    cases = tuple(_case(function, at, case, arguments, out_type) for at, case in enumerate(spec.cases, 1))
    task = Task(
        function=function,
        part="unit",
        instruction=f"{head}\n{told}\n",
        cases=cases,
        reference=reference,
        second=solution(head, spec.second),
        operators=spec.operators or (operator.name,),
        type=kind,
    )
    task = replace(task, difficulty=difficulty(task))
    return Draft(task, spec.kind, _values(spec, arguments), spec.chooses)


def _words(returns: str) -> str:
    """`ee.FeatureCollection` as "feature collection"."""
    name = returns.removeprefix("ee.")
    return "value" if name == "ComputedObject" else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _arguments(spec: Spec, operator: TaskOperator) -> list[Argument]:
    """The parameters that cases use and those that must be given, in the operator's order, others in the cases'."""
    used = [name for case in spec.cases for name in case.params]
    known = {argument.name: argument for argument in operator.arguments}
    if set(used) <= set(known) and not spec.reference:
        names = [a.name for a in operator.arguments if a.name in used or not a.optional]
    else:
        names = list(dict.fromkeys(used))
    everywhere = {name for name in names if all(name in case.params for case in spec.cases)}
    return [_argument(spec, known.get(name), name, optional=name not in everywhere) for name in names]


def _argument(spec: Spec, known: Argument | None, name: str, *, optional: bool) -> Argument:
    annotation = spec.types.get(name) or (known.annotation if known else "")
    if not annotation:
        raise BadInputError(f"{spec.operator}: `types` should tell what {name} is; the operator has no such parameter.")
    described = spec.args.get(name) or (known.description if known else "")
    return Argument(name, annotation, known.keyword if known else name, optional, described)


def _case(function: str, number: int, case: CaseSpec, arguments: Sequence[Argument], out_type: str) -> Case:
    by_name = {argument.name: argument for argument in arguments}
    params = {
        name: _param(by_name[name], case.params[name]) for name in by_name if name in case.params
    }  # in the order of the signature
    return Case(function, number, params, out_type, "", case.edge)


def _param(argument: Argument, value: Any) -> Any:
    """A value as it stands in the file of cases: plain, or the source of an object of Earth Engine."""
    expression = _expression(argument, value)
    return value if expression is None else source(argument.name, expression, inputs())


def _expression(argument: Argument, value: Any) -> str | None:
    annotation = argument.annotation
    if value is None:
        return None
    if isinstance(value, str) and _is_python(annotation, value):
        return value
    if isinstance(value, _MADE_OF.get(annotation, ())):
        inner = f"ee.Array({value!r})" if annotation == "ee.ConfusionMatrix" else repr(value)
        return f"{annotation}({inner})"
    if annotation.startswith("ee."):
        raise BadInputError(f"{argument.name} is {annotation}, which {value!r} does not make.")
    return None


def _is_python(annotation: str, text: str) -> bool:
    if annotation == "str":
        return False
    return text.startswith(("ee.", "$", "[ee.", "[$")) or annotation not in (
        "object",
        "list",
        "dict",
        "ee.String",
    )


def _values(spec: Spec, arguments: Sequence[Argument]) -> Mapping[int, Any]:
    """What cases give by first principles: as the file tells, or by its formula."""
    found: dict[int, Any] = {}
    for number, case in enumerate(spec.cases, 1):
        if case.documented:
            found[number] = case.value
        elif spec.value:
            found[number] = _value(spec, case, arguments)
    return found


def _value(spec: Spec, case: CaseSpec, arguments: Sequence[Argument]) -> Any:
    """A formula's value for the plain parameters of a case."""
    names = {argument.name: case.params.get(argument.name) for argument in arguments}
    try:
        return eval(spec.value, {"math": math, "each": _each, **names})  # noqa: S307  a formula of our own files
    except (ArithmeticError, ValueError, TypeError, NameError) as error:
        raise BadInputError(f"{spec.operator}: {spec.value} with {names}: {error}") from error


def _each(function: Any, *values: Any) -> Any:
    """A function of numbers, element by element; a single number goes with each element."""
    if not any(isinstance(value, list) for value in values):
        return function(*values)
    length = max(len(value) for value in values if isinstance(value, list))
    rows = [value if isinstance(value, list) else [value] * length for value in values]
    return [_each(function, *row) for row in zip(*rows, strict=True)]
