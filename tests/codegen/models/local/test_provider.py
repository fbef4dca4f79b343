"""`local` and `eecode/local`: the embedded model as others ask it."""

import asyncio
import subprocess
import sys

import pytest
from inspect_ai.model import ChatMessageUser, ContentImage, GenerateConfig, get_model
from inspect_ai.tool import ToolInfo

from codegen.models.completion import Message, Sampling
from codegen.models.errors import ModelError, PromptTooLongError
from codegen.models.local import registry  # noqa: F401 - makes the name known
from codegen.models.local.names import CONTEXT, EMBEDDED
from codegen.models.opening import open_model
from tests.codegen.models.support import ask

QUESTION = [Message("user", "Say hello.")]
SHORT = Sampling(temperature=1.0, max_tokens=8, seed=5)

slow = pytest.mark.slow  # unpacking the weights takes 20 s and more where it was not done yet


def generate(text: str, **config: object):
    return asyncio.run(get_model(EMBEDDED, memoize=False).generate(text, config=GenerateConfig(**config)))


@slow
def test_local_answers_as_inspects_model_does_and_counts():
    answer = ask(open_model("local"), SHORT, QUESTION)
    output = generate("Say hello.", temperature=1.0, max_tokens=8, seed=5)
    assert answer.text == output.completion
    assert output.usage is not None
    assert (answer.prompt_tokens, answer.completion_tokens) == (output.usage.input_tokens, output.usage.output_tokens)
    assert 0 < answer.completion_tokens <= 8
    assert (answer.model, answer.attempts, output.model) == ("local", 1, EMBEDDED)


@slow
def test_answers_of_local_are_kept(tmp_path):
    model = open_model("local", cache=tmp_path)
    first, second = ask(model, SHORT, QUESTION), ask(model, SHORT, QUESTION)
    assert (first.cached, second.cached) == (False, True)
    assert (first.text, first.completion_tokens) == (second.text, second.completion_tokens)


@slow
def test_questions_at_a_time_are_answered_one_after_the_other():
    async def together() -> list[str]:
        model = open_model("local")
        answers = await asyncio.gather(*(model.complete(QUESTION, SHORT) for _ in range(3)))
        return [answer.text for answer in answers]

    assert len(set(asyncio.run(together()))) == 1


@slow
def test_a_prompt_that_is_too_long_ends_for_inspect_as_with_other_models():
    text = "one two " * CONTEXT
    assert generate(text, max_tokens=8).stop_reason == "model_length"
    with pytest.raises(PromptTooLongError, match=r"local has no room .* tokens"):
        ask(open_model("local"), SHORT, [Message("user", text)])


def test_tools_and_pictures_are_refused_by_name():
    model = get_model(EMBEDDED, memoize=False)
    tool = ToolInfo(name="add", description="Adds.")
    with pytest.raises(ModelError, match="calls no tools"):
        asyncio.run(model.generate("Say hello.", tools=[tool]))
    picture = ChatMessageUser(content=[ContentImage(image="data:image/png;base64,")])
    with pytest.raises(ModelError, match="reads text only"):
        asyncio.run(model.generate([picture]))


def test_there_is_one_embedded_model():
    with pytest.raises(ModelError, match=f"is called {EMBEDDED}"):
        open_model("eecode/large")


def test_inspect_finds_the_model_without_an_import_of_ours():
    code = f"from inspect_ai.model import get_model; print(get_model({EMBEDDED!r}))"  # by the entry point
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == EMBEDDED, ran.stderr
