"""The extractor against what the scripts really do, in Node and in Python: the rules stand in `scoring`."""

import os
import shutil
from collections import Counter

import pytest

from codegen.extraction.calls import Reached
from codegen.extraction.extract import extract
from codegen.extraction.signatures import signatures
from ee_emulator.process import Emulator, start_emulator
from tests.codegen.extraction.client_algorithms import BRINGS, PROMOTIONS
from tests.codegen.extraction.scoring import score
from tests.codegen.trace.runs import Trace, in_python, trace_javascript, trace_python
from tests.ee_emulator.javascript.scripts import distinct_scripts

pytestmark = pytest.mark.slow
LEAST = 0.95


@pytest.fixture(scope="module")
def emulator():
    with start_emulator() as server:
        yield server


@pytest.fixture(scope="module")
def javascript(emulator: Emulator) -> list[tuple[str, Trace]]:
    if shutil.which("node") is None:
        pytest.skip("no node here")
    scripts = distinct_scripts()
    traces = trace_javascript(emulator.url, scripts)
    return [(script["code"], trace) for script, trace in zip(scripts, traces, strict=True)]


def test_operators_of_javascript_are_those_that_node_called(javascript: list[tuple[str, Trace]]) -> None:
    found = score((extract(code, "javascript"), trace) for code, trace in javascript)
    print(found)
    assert found.scripts >= 995
    assert min(found.precision, found.recall, found.f1, found.macro_f1) >= LEAST, str(found)


def test_operators_of_python_are_those_that_python_called(emulator: Emulator) -> None:
    scripts = in_python(distinct_scripts())
    if not os.environ.get("AEF_ECON_ALL_TRACES"):  # each is run in a process of its own
        scripts = scripts[::3]
    traces = trace_python(emulator.url, scripts)
    pairs = [(extract(script["code"], "python"), trace) for script, trace in zip(scripts, traces, strict=True)]
    found = score(pairs)
    print(found)
    assert found.scripts >= 0.8 * len(scripts)
    assert min(found.precision, found.recall, found.f1, found.macro_f1) >= LEAST, str(found)


def test_every_algorithm_of_the_graphs_is_explained_by_an_operator(javascript: list[tuple[str, Trace]]) -> None:
    """Of what a script had evaluated nothing comes from an operator that was not found."""
    algorithms = {operator.name: operator.algorithm for operator in signatures().all()}
    unexplained: Counter[str] = Counter()
    explained = 0
    for code, trace in javascript:
        if trace.error:
            continue
        operators = {call.operator for call in extract(code, "javascript").calls if call.reached == Reached.RUNS}
        brought = {algorithms.get(name) for name in operators} | PROMOTIONS
        brought |= {algorithm for name in operators for algorithm in BRINGS.get(name, ())}
        found = {algorithm for graph in trace.graphs for algorithm in graph}
        explained += len(found & brought)
        unexplained.update(found - brought)
    print(f"{explained} pairs of script and algorithm explained, {unexplained.total()} not: {dict(unexplained)}")
    assert unexplained.total() <= 0.01 * explained, dict(unexplained)
