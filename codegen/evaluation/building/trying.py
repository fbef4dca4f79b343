"""Trying a task: whether its solutions agree, and whether something other than a solution would pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from codegen.evaluation.building.constants import constant_answers
from codegen.evaluation.building.draft import Draft
from codegen.evaluation.building.executing import algorithms, call, make_params, returned
from codegen.evaluation.cases.case import Case
from codegen.evaluation.judging.answers import Answer
from codegen.evaluation.judging.compare import compare
from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.evaluate import evaluate
from codegen.sandbox.outcome import Returned

Fault = Literal["fails", "disagrees", "undocumented", "unstable", "identity", "trivial", "repeats", "constant", "route"]
"""What may be wrong.

`fails`: a solution raises, or has no value; `disagrees`: the two solutions differ; `undocumented`: the documented value
is another one; `unstable`: two runs differ; `identity`: a parameter is the answer; `trivial`: 0, nothing, or another
constant that needs no thought is the answer of an ordinary case; `repeats`: two cases have one answer; `constant`: a
constant passes all cases; `route`: a second solution that is said to be independent calls the algorithm itself.
"""
UNTYPED = "ee.ComputedObject"
"""What the client gives where Earth Engine's type is no class of it: any class will do (AutoGEEval++)."""
_TRUTHS = (True, False, 0, 1, -1)
"""What comparisons give."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a case, or with a task as a whole (number 0)."""

    function: str
    number: int
    fault: Fault
    told: str

    def __str__(self) -> str:
        where = f"{self.function}_testcase{self.number}" if self.number else self.function
        return f"{where}: {self.fault}: {self.told}"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a task.

    Attributes:
        answers: Of the cases that are sound, by number.
        problems: What is wrong with the others, or with the task.
    """

    answers: Mapping[int, Answer]
    problems: tuple[Problem, ...]


class _Fault(Exception):  # noqa: N818  it never leaves this module
    def __init__(self, fault: Fault, told: str) -> None:
        super().__init__(told)
        self.fault, self.told = fault, told


def try_draft(draft: Draft, url: str) -> Tried:
    """Runs both solutions on all cases; `ee` is initialised at this address."""
    answers: dict[int, Answer] = {}
    problems: list[Problem] = []
    passing: list[set[str]] = []
    for case in draft.task.cases:
        try:
            answer = _try_case(draft, case, answers, url)
            passing.append(_parameters_that_pass(case, answer, url))
            if passing[-1] and not draft.chooses:
                raise _Fault("identity", f"{', '.join(sorted(passing[-1]))} is the answer")
            answers[case.number] = answer
        except _Fault as fault:
            problems.append(Problem(draft.task.function, case.number, fault.fault, fault.told))
    problems += [Problem(draft.task.function, 0, "constant", told) for told in _constants(answers, url)]
    if always := set.intersection(*passing) if passing else set():
        problems.append(Problem(draft.task.function, 0, "identity", f"{', '.join(always)} passes all cases"))
    return Tried(answers, tuple(problems))


def _try_case(draft: Draft, case: Case, others: Mapping[int, Answer], url: str) -> Answer:
    task = draft.task
    assert task.reference is not None
    assert task.second is not None
    answer = _answer(task.reference, case, url, "the reference")
    _differ(answer, _answer(task.reference, case, url, "the reference"), "unstable")
    _differ(answer, _answer(task.second, case, url, "the second solution"), "disagrees")
    if draft.independence == "independent":
        _look_at_independence(draft, case)
    if case.number in draft.values:
        _differ(_documented(draft.values[case.number], case, url), answer, "undocumented")
    for number, other in others.items():
        if not _is_truth(answer) and compare(other, answer) is None:
            raise _Fault("repeats", f"the answer is that of case {number}")
    if answer.valid is not None and not answer.valid.any():
        raise _Fault("trivial", "all pixels are masked where the judge looks")
    if not case.edge_test and not _is_truth(answer):
        for expression, constant in constant_answers(case.out_type, url):
            if compare(answer, constant) is None:
                raise _Fault("trivial", f"the answer is {expression}")
    return answer


def _answer(code: str, case: Case, url: str, who: str) -> Answer:
    import ee

    try:
        result = returned(call(code, make_params(case.params)))
    except Exception as error:  # whatever a wrong solution of ours raises is told, with its case
        raise _Fault("fails", f"{who} raises {type(error).__name__}: {error}") from error
    wanted = _wanted(case)
    if result.type != wanted and wanted != UNTYPED:
        raise _Fault("fails", f"{who} gives {result.type}, not {wanted}")
    try:
        return evaluate(result, case.out_type, url)
    except (EvaluationError, ee.EEException) as error:
        raise _Fault("fails", f"{who} has no value: {error}") from error


def _wanted(case: Case) -> str:
    """Class of what a function must give; an image of arrays is an image."""
    return "ee.Image" if case.out_type == "ee.ArrayImage" else case.out_type


def _differ(expected: Answer, got: Answer, fault: Fault) -> None:
    told = compare(expected, got)
    if told is not None:
        raise _Fault(fault, told)


def _look_at_independence(draft: Draft, case: Case) -> None:
    """A second solution is independent where it does not call the algorithm itself.

    It is called with stand-ins for objects of Earth Engine, so that how those were made does not count.
    """
    task = draft.task
    assert task.second is not None
    made = {name: _stand_in(name, value) for name, value in make_params(case.params).items()}
    called = _called(call(task.second, made)) & _main_algorithms(draft)
    if called:
        raise _Fault("route", f"the second solution calls {', '.join(sorted(called))}")


def _stand_in(name: str, value: Any) -> Any:
    """An object of the same class that nothing is known of; plain values stay."""
    import ee

    if not isinstance(value, ee.ComputedObject):
        return value
    unknown = ee.ComputedObject(None, None, name)
    keeps_values = isinstance(value, ee.Array | ee.Dictionary | ee.List | ee.Number | ee.String)
    return type(value)(unknown) if keeps_values else type(value)._cast(unknown)


def _main_algorithms(draft: Draft) -> set[str]:
    """The algorithm of the operator that a task is about."""
    from codegen.extraction.signatures import signatures

    table = signatures()
    name = draft.task.operators[0].removeprefix("ee.") if draft.task.operators else ""
    owner, _, short = name.rpartition(".")
    operator = table.path(f"ee.{name}") or table.method(owner, short)
    if operator is None:
        return set()
    if operator.kind == "constructor":
        return {name} & set(table.algorithms)
    return {operator.algorithm} if operator.algorithm else set()


def _called(value: Any) -> set[str]:
    result = returned(value)
    return algorithms(result.expression if result.expression is not None else result.value)


def _documented(value: Any, case: Case, url: str) -> Answer:
    """A documented value as an answer: it goes the way of all values."""
    import ee

    made: Any = value
    if case.out_type == "ee.Array":
        made = ee.Array(value)
    elif case.out_type == "ee.Date":
        made = ee.Date(value)
    elif case.out_type == "ee.Geometry":
        made = ee.Geometry(value)
    elif case.out_type.startswith("ee."):
        return evaluate(Returned(case.out_type, ee.serializer.encode(value, for_cloud_api=True)), case.out_type, url)
    return evaluate(returned(made), case.out_type, url)


def _parameters_that_pass(case: Case, answer: Answer, url: str) -> set[str]:
    """Parameters that are the answer."""
    return {name for name, value in make_params(case.params).items() if _is_answer(value, case, answer, url)}


def _is_answer(value: Any, case: Case, answer: Answer, url: str) -> bool:
    """Whether a parameter, given back, would pass."""
    import ee

    result = returned(value)
    if result.type != _wanted(case) and _wanted(case) != UNTYPED:
        return False
    try:
        return compare(answer, evaluate(result, case.out_type, url)) is None
    except (EvaluationError, ee.EEException):
        return False


def _is_truth(answer: Answer) -> bool:
    """Whether an answer is true or false: two cases of a task cannot but repeat such answers."""
    return not isinstance(answer.value, float) and isinstance(answer.value, int) and answer.value in _TRUTHS


def _constants(answers: Mapping[int, Answer], url: str) -> Iterator[str]:
    """Constants that pass all cases of a task: the answers themselves, and those of its type."""
    if not answers:
        yield "no case is sound"
        return
    first, *others = answers.values()
    if all(compare(first, other) is None for other in others):
        yield "all cases have one answer"
        return
    for expression, constant in constant_answers(first.out_type, url):
        if all(compare(answer, constant) is None for answer in answers.values()):
            yield f"{expression} passes all cases"


def sound(draft: Draft, tried: Tried) -> Sequence[Case]:
    """The cases of a task that have an answer; none where the task as a whole is unsound."""
    if any(problem.number == 0 for problem in tried.problems):
        return ()
    return [case for case in draft.task.cases if case.number in tried.answers]
