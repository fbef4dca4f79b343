"""An endpoint that answers, fails, is slow or gone: what a caller gets."""

import asyncio
import json
import logging
import socket
import threading
from dataclasses import replace

import pytest
from inspect_ai.util import LimitExceededError, token_limit

from codegen.models.completion import Message
from codegen.models.errors import EmptyAnswerError, ModelError, PromptTooLongError
from codegen.models.metering import Meter
from codegen.models.opening import open_model
from codegen.models.patience import Patience
from tests.codegen.models.fake_endpoint import Asked, Fault, Reply, fake_endpoint
from tests.codegen.models.support import HURRIED, QUESTION, SAMPLING, ask

NAME = "openai-api/fake/tiny/model"


@pytest.fixture(autouse=True)
def _proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_an_answer_carries_its_cost_and_the_question_its_sampling(monkeypatch):
    with fake_endpoint([Reply("def f(): pass", prompt_tokens=70, completion_tokens=9)]) as endpoint:
        endpoint.set(monkeypatch)
        answer = ask(open_model(NAME))
    assert (answer.text, answer.model, answer.prompt_tokens, answer.completion_tokens) == ("def f(): pass", NAME, 70, 9)
    assert (answer.attempts, answer.cached) == (1, False)
    assert 0 < answer.seconds < 60
    body = endpoint.bodies[0]
    assert body["model"] == "tiny/model"
    assert body["messages"] == [{"role": message.role, "content": message.content} for message in QUESTION]
    assert (body["temperature"], body["max_tokens"], body["seed"], body["stop"]) == (0.7, 50, 1, ["###"])


@pytest.mark.parametrize(
    "fault",
    [Fault(500), Fault(503), Fault(429), Fault(dropped=True), Fault(malformed=True)],
    ids=["500", "503", "429", "dropped", "malformed"],
)
def test_a_passing_failure_is_met_by_asking_again(monkeypatch, fault):
    with fake_endpoint([fault, fault, "at last"]) as endpoint:
        endpoint.set(monkeypatch)
        answer = ask(open_model(NAME, patience=HURRIED))
    assert (answer.text, answer.attempts, endpoint.count) == ("at last", 3, 3)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(500, "boiler burst"), "answered 500 (Error code: 500 - boiler burst)"),
        (Fault(429, "slow down"), "limits are met"),
        (Fault(dropped=True), "cannot be reached"),
        (Fault(malformed=True), "something else than JSON"),
    ],
    ids=["500", "429", "dropped", "malformed"],
)
def test_attempts_are_bounded_and_retries_do_not_stack(monkeypatch, fault, told):
    with fake_endpoint([fault]) as endpoint:
        endpoint.set(monkeypatch)
        with pytest.raises(ModelError, match="after 3 attempts in") as raised:
            ask(open_model(NAME, patience=HURRIED))
    assert told in str(raised.value)
    assert endpoint.url in str(raised.value)
    assert endpoint.count == 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(401, "no such key"), "FAKE_API_KEY"),
        (Fault(403, "not for you"), "FAKE_API_KEY"),
        (Fault(404, "The model `tiny/model` does not exist"), "FAKE_BASE_URL"),
        (Fault(400, "temperature must be an integer"), "temperature must be an integer"),
    ],
    ids=["401", "403", "404", "400"],
)
def test_what_will_not_pass_is_not_asked_again(monkeypatch, fault, told):
    with fake_endpoint([fault]) as endpoint:
        endpoint.set(monkeypatch)
        with pytest.raises(ModelError, match=f"answered {fault.status}") as raised:
            ask(open_model(NAME, patience=HURRIED))
    assert told in str(raised.value)
    assert fault.message in str(raised.value)
    assert endpoint.count == 1


def test_an_answer_that_takes_too_long_is_asked_for_again(monkeypatch):
    hurried = replace(HURRIED, attempt_seconds=1)
    with fake_endpoint([Reply("late", delay=30), "in time"]) as endpoint:
        endpoint.set(monkeypatch)
        answer = ask(open_model(NAME, patience=hurried))
    assert (answer.text, answer.attempts) == ("in time", 2)
    assert answer.seconds >= 1, "time of the failed attempt counts"


def test_time_outs_are_bounded_and_named(monkeypatch):
    with fake_endpoint([Reply("late", delay=30)]) as endpoint:
        endpoint.set(monkeypatch)
        with pytest.raises(ModelError, match="took too long"):
            ask(open_model(NAME, patience=replace(HURRIED, attempts=1, attempt_seconds=1)))


def test_what_the_server_asks_to_wait_is_heeded(monkeypatch, caplog):
    patience = Patience(attempts=2, first_wait=0.0, longest_wait=0.2, attempt_seconds=20)
    with fake_endpoint([Fault(429, headers={"retry-after": "0.1"}), "now"]) as endpoint:
        endpoint.set(monkeypatch)
        with caplog.at_level(logging.WARNING, "codegen.models"):
            ask(open_model(NAME, patience=patience))
    assert "attempt 1 of 2 failed" in caplog.text
    assert "asking again in 0.1 s" in caplog.text


def test_an_endpoint_that_does_not_run_is_named_with_its_variable(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("FAKE_BASE_URL", f"http://127.0.0.1:{port}/v1")
    with pytest.raises(ModelError, match=rf"127.0.0.1:{port}/v1 cannot be reached.*FAKE_BASE_URL"):
        ask(open_model(NAME, patience=HURRIED))


def test_a_server_of_this_machine_needs_no_key(monkeypatch):
    with fake_endpoint(["hello"]) as endpoint:
        endpoint.set(monkeypatch, key=None)
        assert ask(open_model(NAME)).text == "hello"


@pytest.mark.parametrize(
    ("reason", "told"), [("stop", "ended at once"), ("length", "50 tokens"), ("content_filter", "filter")]
)
def test_an_empty_answer_is_an_error_of_its_own(monkeypatch, reason, told):
    with fake_endpoint([Reply(" \n", finish_reason=reason)]) as endpoint:
        endpoint.set(monkeypatch)
        with pytest.raises(EmptyAnswerError, match=told):
            ask(open_model(NAME, patience=HURRIED))
    assert endpoint.count == 1


def test_a_cut_answer_is_an_answer(monkeypatch):
    with fake_endpoint([Reply("def f(", finish_reason="length")]) as endpoint:
        endpoint.set(monkeypatch)
        assert ask(open_model(NAME)).text == "def f("


def test_a_prompt_that_is_too_long_for_the_endpoint_is_told(monkeypatch):
    def refuse(asked: Asked) -> Fault:
        return Fault(400, "at most 10 tokens", code="context_length_exceeded")

    with fake_endpoint(refuse) as endpoint:
        endpoint.set(monkeypatch)
        with pytest.raises(PromptTooLongError, match="at most 10 tokens"):
            ask(open_model(NAME))


def test_answers_at_a_time_stay_apart_and_add_up(monkeypatch):
    def echo(asked: Asked) -> Reply:
        return Reply(f"answer to {asked.prompt}", delay=0.05)

    async def many(model: Meter) -> list[str]:
        questions = [[Message("user", f"question {number}")] for number in range(12)]
        answers = await asyncio.gather(*(model.complete(question, SAMPLING) for question in questions))
        return [answer.text for answer in answers]

    with fake_endpoint(echo) as endpoint:
        endpoint.set(monkeypatch)
        model = Meter(open_model(NAME))
        assert asyncio.run(many(model)) == [f"answer to question {number}" for number in range(12)]
        first = model.totals
        asyncio.run(many(model))  # in another event loop: connections of the first one are gone
    assert (first.calls, first.cached, first.failures) == (12, 0, 0)
    assert (first.prompt_tokens, first.completion_tokens) == (24, 48)
    assert model.totals.calls == endpoint.count == 24


def test_threads_with_loops_of_their_own_do_not_wait_for_each_other(monkeypatch):
    answered: list[int] = []

    async def many() -> None:
        answered.append(len(await asyncio.gather(*(model.complete(QUESTION, SAMPLING) for _ in range(30)))))

    with fake_endpoint(lambda asked: Reply("x", delay=0.02)) as endpoint:
        endpoint.set(monkeypatch)
        model = open_model(NAME)
        threads = [threading.Thread(target=lambda: asyncio.run(many()), daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert answered == [30, 30, 30]


def test_limits_of_inspect_are_not_taken_for_failures_of_the_model(monkeypatch):
    async def limited() -> None:
        with token_limit(5):
            await model.complete(QUESTION, SAMPLING)

    with fake_endpoint(["many more words than five, by far"]) as endpoint:
        endpoint.set(monkeypatch)
        model = open_model(NAME)
        with pytest.raises(LimitExceededError):
            asyncio.run(limited())


def test_an_answer_without_choices_is_a_failure_of_the_endpoint(monkeypatch):
    with fake_endpoint([Fault(200, "not what was asked for")]) as endpoint:
        endpoint.set(monkeypatch)
        with pytest.raises(ModelError, match="in a form that is not understood"):
            ask(open_model(NAME, patience=HURRIED))


def test_the_fake_endpoint_raises_what_its_script_raised(monkeypatch):
    def broken(asked: Asked) -> str:
        return json.loads("no json")["text"]

    with pytest.raises(json.JSONDecodeError), fake_endpoint(broken) as endpoint:  # noqa: PT012
        endpoint.set(monkeypatch)
        with pytest.raises(ModelError):
            ask(open_model(NAME, patience=HURRIED))
