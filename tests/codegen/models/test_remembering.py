"""Answers that are kept, and entries that were spoiled."""

import json
import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.models.completion import Message
from codegen.models.errors import ModelError
from codegen.models.metering import Meter, Totals
from codegen.models.opening import open_model
from codegen.models.remembering import CachedModel
from tests.codegen.models.fake_endpoint import Asked, Fault, Reply, fake_endpoint
from tests.codegen.models.support import HURRIED, QUESTION, SAMPLING, ask

NAME = "openai-api/fake/model"
OTHER_PROCESS = """
import pathlib, sys
from codegen.models.opening import open_model
from tests.codegen.models.support import ask
print(ask(open_model({name!r}, cache=pathlib.Path(sys.argv[1]))).text)
"""


def numbered(asked: Asked) -> Reply:
    return Reply(f"answer {asked.number}", prompt_tokens=11, completion_tokens=3)


def entries(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.json"))


def test_a_question_is_asked_once_even_by_another_process(monkeypatch, tmp_path):
    with fake_endpoint(numbered) as endpoint:
        endpoint.set(monkeypatch)
        command = [sys.executable, "-c", OTHER_PROCESS.format(name=NAME), str(tmp_path)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        answer = ask(open_model(NAME, cache=tmp_path))
    assert endpoint.count == 1
    assert said == answer.text == "answer 1"
    assert (answer.cached, answer.attempts) == (True, 0)


def test_a_kept_answer_tells_what_it_took_at_first(monkeypatch, tmp_path):
    with fake_endpoint(numbered) as endpoint:
        endpoint.set(monkeypatch)
        model = Meter(open_model(NAME, cache=tmp_path))
        first, second = ask(model), ask(model)
    assert second == replace(first, cached=True, attempts=0)
    assert model.totals == Totals(2, 1, 0, 22, 6, 2 * first.seconds)


@pytest.mark.parametrize(
    "other",
    [
        {"sampling": replace(SAMPLING, seed=2)},
        {"sampling": replace(SAMPLING, temperature=0.0)},
        {"sampling": replace(SAMPLING, max_tokens=51)},
        {"sampling": replace(SAMPLING, stop=())},
        {"messages": QUESTION[1:]},
        {"messages": (*QUESTION[:1], Message("assistant", QUESTION[1].content))},
    ],
    ids=["seed", "temperature", "max_tokens", "stop", "messages", "role"],
)
def test_another_question_is_asked(monkeypatch, tmp_path, other):
    with fake_endpoint(numbered) as endpoint:
        endpoint.set(monkeypatch)
        model = open_model(NAME, cache=tmp_path)
        assert [ask(model).text, ask(model, **other).text, ask(model).text] == ["answer 1", "answer 2", "answer 1"]


def test_five_seeds_are_five_answers(monkeypatch, tmp_path):
    with fake_endpoint(numbered) as endpoint:
        endpoint.set(monkeypatch)
        model = open_model(NAME, cache=tmp_path)
        drawn = {ask(model, replace(SAMPLING, seed=seed)).text for _ in range(2) for seed in range(5)}
    assert len(drawn) == endpoint.count == 5


def test_models_and_addresses_share_no_answers(monkeypatch, tmp_path):
    with fake_endpoint(numbered) as one, fake_endpoint(["from elsewhere"]) as other:
        one.set(monkeypatch)
        ask(open_model(NAME, cache=tmp_path))
        assert ask(open_model(f"{NAME}-2", cache=tmp_path)).text == "answer 2"
        other.set(monkeypatch)
        assert ask(open_model(NAME, cache=tmp_path)).text == "from elsewhere"


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda entry: entry[: len(entry) // 2],
        lambda entry: b"",
        lambda entry: b"\xff\xfe\x00",
        lambda entry: b"[]",
        lambda entry: json.dumps(json.loads(entry) | {"answer": {"text": "x"}}).encode(),
        lambda entry: entry.replace(b'"prompt_tokens": 11', b'"prompt_tokens": "11"'),
        lambda entry: entry.replace(b'"seed": 1', b'"seed": 3'),
    ],
    ids=["cut", "empty", "bytes", "other JSON", "lacking", "wrong type", "another question"],
)
def test_a_spoiled_entry_is_dropped_and_asked_for_again(monkeypatch, tmp_path, caplog, spoiled):
    with fake_endpoint(numbered) as endpoint:
        endpoint.set(monkeypatch)
        model = open_model(NAME, cache=tmp_path)
        ask(model)
        (entry,) = entries(tmp_path)
        entry.write_bytes(spoiled(entry.read_bytes()))
        with caplog.at_level(logging.WARNING, "codegen.models"):
            again, kept = ask(model), ask(model)
    assert (again.text, again.cached) == ("answer 2", False)
    assert (kept.text, kept.cached) == ("answer 2", True)
    assert str(entry) in caplog.text


def test_failures_are_not_kept(monkeypatch, tmp_path):
    with fake_endpoint([Fault(400), "fine"]) as endpoint:
        endpoint.set(monkeypatch)
        model = Meter(open_model(NAME, cache=tmp_path, patience=HURRIED))
        with pytest.raises(ModelError):
            ask(model)
        assert entries(tmp_path) == []
        assert ask(model).text == "fine"
    assert (model.totals.calls, model.totals.failures, model.totals.cached) == (2, 1, 0)


def test_a_name_of_a_model_stays_within_the_folder(tmp_path):
    class Climber:
        name = "../../up"

    CachedModel(Climber(), tmp_path / "cache")  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_text_of_any_kind_comes_back_as_it_was(monkeypatch, tmp_path):
    text = '武汉 "ndvi"\n\t\\u0000 \x07 €'
    with fake_endpoint([text]) as endpoint:
        endpoint.set(monkeypatch)
        model = open_model(NAME, cache=tmp_path)
        assert ask(model).text == ask(model).text == text
