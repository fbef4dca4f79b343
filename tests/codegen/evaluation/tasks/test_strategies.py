"""How a model is asked, one strategy after the other: with a model that says what is scripted."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest

from codegen.chain.steps import Strategy as ChainStrategy
from codegen.evaluation.tasks import strategies
from codegen.evaluation.tasks.conversation import Conversation
from codegen.evaluation.tasks.prompts import prompt
from codegen.evaluation.tasks.strategies import Question, Strategy
from codegen.models.completion import Completion, Message, Sampling
from codegen.sandbox.sandbox import Sandbox
from tests.codegen.evaluation.tasks.tiny import TASKS

TASK = TASKS[0]
RIVALS: tuple[ChainStrategy, ...] = ("direct", "few_shot", "chain_of_thought")
GOOD = "def numberAddTask(left, right):\n    return ee.Number(left).add(right)"
BROKEN = "def numberAddTask(left, right):\n    return ee.Number(left.add(right)"


class Scripted:
    """A model that says one thing after the other, and keeps what it was asked."""

    name = "scripted"

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[list[Message]] = []

    async def complete(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        self.asked.append(list(messages))
        return Completion(self.answers.pop(0), self.name, 10, 5, 0.25)


def _ask(strategy: Strategy, model: Scripted, sandbox: Sandbox | None = None) -> tuple[str, Conversation]:
    conversation = Conversation(model, Sampling(seed=3))

    def opened() -> Sandbox:
        assert sandbox is not None
        return sandbox

    return anyio.run(strategy, Question(TASK, conversation, opened)), conversation


def _block(code: str) -> str:
    return f"Here it is:\n```python\n{code}\n```"


@pytest.mark.parametrize("strategy", [strategies.bare, *(strategies.rival(name) for name in RIVALS)])
def test_a_question_has_signature_and_docstring_and_no_case_or_solution(strategy: Strategy) -> None:
    model = Scripted(_block(GOOD))
    code, conversation = _ask(strategy, model)
    assert code.strip() == GOOD
    assert TASK.instruction.strip() in conversation.prompt
    assert "3.5" not in conversation.prompt
    assert ".add(right)" not in conversation.prompt
    assert (conversation.prompt_tokens, conversation.completion_tokens, conversation.seconds) == (10, 5, 0.25)


def test_braces_of_an_instruction_are_left_as_they_are() -> None:
    assert "{rules} {context}" in prompt("bare", instruction="def f():\n    '''{rules} {context}'''")


def test_a_conversation_that_begins_anew_keeps_what_was_said_before() -> None:
    model = Scripted("one", "two", "three")
    conversation = Conversation(model, Sampling())

    async def talk() -> None:
        await conversation.say("first")
        await conversation.complete([Message("system", "be brief"), Message("user", "second")], Sampling())
        await conversation.complete([Message("user", "third")], Sampling())

    anyio.run(talk)
    said = [turn.content for turn in conversation.turns]
    assert said == ["first", "one", "be brief", "second", "two", "third", "three"]
    assert [len(messages) for messages in model.asked] == [1, 2, 1]
