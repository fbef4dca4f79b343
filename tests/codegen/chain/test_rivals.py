"""The rivals: what they ask, and what they leave out."""

import asyncio
from importlib import resources

import pytest
import yaml

from codegen.chain.generate import complete_function, generate, replay
from codegen.chain.names import Strategy
from codegen.chain.pool import Pool
from codegen.checking.check import check
from codegen.sandbox.outcome import Language
from codegen.sandbox.sandbox import Sandbox
from tests.codegen.chain.support import PROGRAM, Scripted, StandIn, block, failed

REQUEST = "mean elevation around Wuhan"
EXAMPLES = yaml.safe_load(resources.files("codegen.chain").joinpath("prompts", "examples.yaml").read_text())


def written(strategy: Strategy, *answers: str, sandbox: StandIn | None = None) -> tuple[Pool, Scripted]:
    model = Scripted(answers or (block(PROGRAM),))
    pool = asyncio.run(generate(REQUEST, model, strategy=strategy, sandbox=sandbox or StandIn()))
    assert asyncio.run(replay(pool)) == pool
    return pool, model


@pytest.mark.parametrize("strategy", ["direct", "few_shot", "chain_of_thought"])
def test_one_question_leads_to_a_program(strategy: Strategy) -> None:
    pool, model = written(strategy)
    assert pool.ran
    assert len(model.asked) == 1
    assert pool.setting.strategy == strategy
    assert pool.program.code == PROGRAM.strip()
    assert f"```text\n{REQUEST}\n```" in model.prompts[0]


def test_each_asks_in_its_own_way() -> None:
    prompts = {one: written(one)[1].prompts[0] for one in ("direct", "few_shot", "chain_of_thought")}  # type: ignore[arg-type]
    assert EXAMPLES[0]["request"] in prompts["few_shot"]
    assert "Think step by step" in prompts["chain_of_thought"]
    assert EXAMPLES[0]["request"] not in prompts["direct"]
    assert "Think step by step" not in prompts["direct"]


@pytest.mark.parametrize("strategy", ["direct", "few_shot", "chain_of_thought"])
def test_nothing_is_looked_up_checked_or_mended(strategy: Strategy) -> None:
    pool, model = written(strategy, sandbox=StandIn(lambda code: failed("no")))
    assert len(model.asked) == 1
    assert pool.program.state == "failed"
    assert pool.record.retrieved == []
    assert pool.state.drafts[0].findings is None


def test_self_debug_looks_again_until_it_says_that_all_is_right() -> None:
    better = PROGRAM.replace("5000", "6000")
    pool, model = written("self_debug", block(PROGRAM), block(better), "Line by line… CORRECT")
    assert "6000" in pool.program.code
    assert len(model.asked) == 3
    assert "Explain it line by line" in model.prompts[1]
    assert [one.cause for one in pool.state.rounds] == ["review"]


def test_self_debug_is_told_an_error() -> None:
    sandbox = StandIn(lambda code: failed("boom") if "5000" in code else StandIn().run("", "python"))
    pool, model = written("self_debug", block(PROGRAM), "CORRECT", block(PROGRAM.replace("5000", "6")), sandbox=sandbox)
    assert pool.ran
    assert "boom" in model.prompts[-1]


@pytest.mark.parametrize("strategy", ["direct", "few_shot", "chain_of_thought", "self_debug"])
def test_a_rival_that_writes_nothing_fails_without_an_exception(strategy: Strategy) -> None:
    pool, _ = written(strategy, *["I cannot."] * 3)
    assert pool.program.state == "failed"


def test_a_rival_completes_a_function() -> None:
    instruction = 'def f(x: ee.Number) -> ee.Number:\n    """Adds one."""\n'
    model = Scripted([block("def f(x):\n    return x.add(1)")])
    pool = asyncio.run(complete_function(instruction, model, sandbox=StandIn(), strategy="direct"))
    assert pool.program.code == "def f(x):\n    return x.add(1)"
    assert instruction.strip() in model.prompts[0]


@pytest.mark.parametrize("language", ["python", "javascript"])
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_are_right_and_run(sandbox: Sandbox, language: Language, number: int) -> None:
    code = EXAMPLES[number][language]
    assert check(code, language) == ()
    outcome = sandbox.run(code, language)
    assert outcome.succeeded, outcome
    assert outcome.stdout
