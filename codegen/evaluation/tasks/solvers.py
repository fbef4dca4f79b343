"""Strategies as solvers of inspect_ai: what was answered before is taken from the journal, not asked again."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from inspect_ai.log import transcript
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver

from codegen.chain.steps import Step
from codegen.evaluation.cases.case import Part, Task
from codegen.evaluation.tasks import strategies
from codegen.evaluation.tasks.breaker import Breaker
from codegen.evaluation.tasks.conversation import Conversation
from codegen.evaluation.tasks.journal import Answered, Key
from codegen.evaluation.tasks.knowledge import default_knowledge
from codegen.evaluation.tasks.plan import SOLUTIONS, label
from codegen.evaluation.tasks.reference import SOLUTION, SolutionAPI
from codegen.evaluation.tasks.rig import ANYWHERE, Place, rig
from codegen.evaluation.tasks.strategies import Question, Strategy
from codegen.models.asking import InspectModel
from codegen.models.completion import Sampling
from codegen.models.errors import EmptyAnswerError, ModelError, PromptTooLongError
from codegen.models.explaining import Place as Endpoint
from codegen.models.patience import Patience
from codegen.retrieval.documents import Kind

LABEL = "solver"
"""Key under which a solver puts its name into a sample's store."""
_TURNS = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}


@solver
def bare(place: Mapping[str, Any] | None = None, asking: Mapping[str, Any] | None = None) -> Solver:
    """Asks once, with signature and docstring.

    Args:
        place: Fields of `Place`; for all solvers.
        asking: Fields of `Asking`; for all solvers.
    """
    return _solver("bare", strategies.bare, place, asking)


@solver
def rag(
    place: Mapping[str, Any] | None = None,
    asking: Mapping[str, Any] | None = None,
    knowledge: str = "",
    tokens: int = 1500,
    hits: int = 12,
    tables_without: Sequence[Kind] = (),
) -> Solver:
    """Puts in front what the knowledge base has on the docstring; see `strategies.rag`."""
    name = label("rag", tables_without=tables_without)
    return _solver(name, strategies.rag(_folder(knowledge), tokens, hits, tables_without), place, asking)


@solver
def cop(
    place: Mapping[str, Any] | None = None,
    asking: Mapping[str, Any] | None = None,
    knowledge: str = "",
    tokens: int = 1200,
    rounds: int = 2,
    without: Sequence[Step] = (),
    tables_without: Sequence[Kind] = (),
) -> Solver:
    """Chain of Programming, or what is left of it without some of its steps and tables; see `strategies.cop`."""
    strategy = strategies.cop(_folder(knowledge), tokens, rounds, (*without, *tables_without))
    return _solver(label("cop", without, tables_without), strategy, place, asking)


@solver
def direct(place: Mapping[str, Any] | None = None, asking: Mapping[str, Any] | None = None) -> Solver:
    """Asks once, in the words in which the chain asks."""
    return _solver("direct", strategies.rival("direct"), place, asking)


@solver
def few_shot(place: Mapping[str, Any] | None = None, asking: Mapping[str, Any] | None = None) -> Solver:
    """Shows worked examples."""
    return _solver("few_shot", strategies.rival("few_shot"), place, asking)


@solver
def chain_of_thought(place: Mapping[str, Any] | None = None, asking: Mapping[str, Any] | None = None) -> Solver:
    """Has the model think before it writes."""
    return _solver("chain_of_thought", strategies.rival("chain_of_thought"), place, asking)


@solver
def self_debug(
    place: Mapping[str, Any] | None = None, asking: Mapping[str, Any] | None = None, rounds: int = 2
) -> Solver:
    """Has the model explain its code and mend it."""
    return _solver("self_debug", strategies.rival("self_debug", rounds), place, asking)


def _folder(knowledge: str) -> Path:
    return Path(knowledge) if knowledge else default_knowledge()


@solver
def prepare() -> Solver:
    """A task's set-up: gives a benchmark's own model the solution that it answers with."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if isinstance(get_model().api, SolutionAPI):
            state.store.set(SOLUTION, {name: state.metadata.get(name) for name in SOLUTIONS})
        return state

    return solve


def _solver(name: str, strategy: Strategy, place: Mapping[str, Any] | None, asking: Mapping[str, Any] | None) -> Solver:
    sampling, patience, connections = _bounds(**(asking or {}))

    @cache
    def opened(model: Model) -> InspectModel:
        return _language_model(model, str((place or {}).get("model", "")), patience, connections)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        found = rig(Place(**place) if place else ANYWHERE)
        state.store.set(LABEL, name)
        key = key_of(state, found.place)
        answered = found.journal.answered(key)
        if answered is not None:
            transcript().info("Answered in an earlier session of this run: taken from its journal.")
        else:
            drawn = Sampling(sampling.temperature, sampling.max_tokens, (sampling.seed or 0) + state.epoch)
            question = Question(task_of(state), Conversation(opened(get_model()), drawn), lambda: found.sandbox)
            with found.noting(key, found.asking, ModelError):
                _refuse_where_nobody_answers(found.asking)
                answered = await _asked(strategy, question)
            found.journal.add_answer(key, answered)
        return with_answer(state, answered)

    return solve


def _refuse_where_nobody_answers(breaker: Breaker) -> None:
    if breaker.is_open:
        raise ModelError("The model did not answer several times in a row, so it is not asked any more in this run.")


def _bounds(
    temperature: float = 0.2,
    max_tokens: int = 1024,
    seed: int = 0,
    attempts: int = 6,
    attempt_seconds: int = 300,
    connections: int = 10,
) -> tuple[Sampling, Patience, int]:
    """How a model is asked, and how often at a time; the seed of an epoch is the sum of both."""
    patience = Patience(attempts=attempts, attempt_seconds=attempt_seconds)
    return Sampling(temperature, max_tokens, seed), patience, connections


async def _asked(strategy: Strategy, question: Question) -> Answered:
    """Asks; a model that says nothing, or has no room for the question, has answered: with no code."""
    started, code, note = time.monotonic(), "", ""
    try:
        code = await strategy(question)
    except (EmptyAnswerError, PromptTooLongError) as error:
        note = str(error)
    said = question.model
    turns = tuple((turn.role, turn.content) for turn in said.turns)
    seconds = said.seconds or (time.monotonic() - started)
    return Answered(said.prompt, code, turns, said.prompt_tokens, said.completion_tokens, seconds, note)


def key_of(state: TaskState, place: Place) -> Key:
    """What a sample is known by: function and epoch in a journal of its run, which a process may share otherwise."""
    return (str(state.sample_id) if place.journal else state.uuid), state.epoch


def task_of(state: TaskState) -> Task:
    """The task of a sample, without its cases."""
    told = state.metadata
    return Task(str(state.sample_id), cast("Part", told["part"]), str(told["instruction"]), ())


def with_answer(state: TaskState, answered: Answered) -> TaskState:
    """The state of a sample once it is answered."""
    state.messages = [_turn(role, text) for role, text in answered.turns]
    said = next((text for role, text in reversed(answered.turns) if role == "assistant"), answered.note)
    state.output = ModelOutput.from_content(str(state.model), said)
    tokens = answered.prompt_tokens, answered.completion_tokens
    state.output.usage = ModelUsage(input_tokens=tokens[0], output_tokens=tokens[1], total_tokens=sum(tokens))
    return state


def _turn(role: str, text: str) -> ChatMessage:
    return cast("ChatMessage", _TURNS[role](content=text))


def _language_model(model: Model, name: str, patience: Patience, connections: int) -> InspectModel:
    """The model that inspect_ai evaluates, so that it counts and logs what is asked.

    One that answers a question at a time, as the embedded one does, is asked one: the others' waiting is not its time.
    """
    api = model.api
    url = str(api.base_url) if api.base_url else None
    endpoint = Endpoint(name or str(model), url, tuple(api.api_key_vars), key=api.api_key)
    bound = 1 if api.max_connections() == 1 else connections
    return InspectModel(lambda: model, endpoint, model, patience, bound)
