"""Scripts of a fake endpoint that know which function is asked for, and in which epoch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from tests.codegen.evaluation.tasks.tiny import TASKS
from tests.codegen.models.fake_endpoint import Asked, FakeEndpoint, Step

MODEL = "openai-api/fake/scripted"
REFERENCES: Mapping[str, str] = {task.function: f"```python\n{task.reference}```" for task in TASKS}
_FUNCTION = re.compile(r"def (\w+Task)\(")


def key(asked: Asked) -> tuple[str, int]:
    """Function and epoch: a run with seed 0 asks with the epoch as seed."""
    functions = [name for message in asked.messages for name in _FUNCTION.findall(str(message["content"]))]
    assert functions, asked.messages
    return functions[0], asked.seed or 0


def answering(answers: Mapping[str, Step]) -> Callable[[Asked], Step]:
    """What is told for a function; the reference for all others."""
    return lambda asked: answers.get(key(asked)[0]) or REFERENCES[key(asked)[0]]


def counts(endpoint: FakeEndpoint) -> Counter[tuple[str, int]]:
    """How often each function was asked for in each epoch."""
    return Counter(key(asked) for asked in endpoint.asked)
