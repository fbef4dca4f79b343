"""What a chain asks of the world; each answer goes into the pool's record, and is taken from there the next time."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import anyio.to_thread

from codegen.chain.asking import Answer, Asker, Question
from codegen.chain.pool import Execution, Fault, ModelCall, Pool, Retrieved, Turn, UserAnswer
from codegen.models.completion import Completion, LanguageModel, Message, Sampling
from codegen.models.errors import EmptyAnswerError, PromptTooLongError
from codegen.retrieval.context import context
from codegen.retrieval.documents import Kind
from codegen.retrieval.index import Hit
from codegen.sandbox.outcome import Language, Outcome
from lake.errors import AefEconError

if TYPE_CHECKING:
    from codegen.retrieval.questions import KnowledgeSearch

_MOST_TEXT = 20_000
"""Characters of what a program printed that are kept."""
_MOST_FILE = 4 * 2**20
"""Bytes of a file that are kept."""

Say = Callable[[str], None]
Show = Callable[[Pool], None]


class Runner(Protocol):
    """The sandbox, as far as a chain uses it: see `codegen.sandbox.sandbox.Sandbox`."""

    def run(self, code: str, language: Language) -> Outcome:
        """Runs a script."""
        ...

    def call(self, code: str, function: str, params: Mapping[str, Any]) -> Outcome:
        """Calls a function."""
        ...


class ReplayError(AefEconError):
    """The record of a pool does not hold what the chain asks for."""


_Entry = TypeVar("_Entry", ModelCall, UserAnswer, Retrieved, Execution)


class Effects:
    """Of one chain. Without a model it only replays.

    Attributes:
        pool: All that the chain knows.
        show: Is given the pool when a program runs.
        is_live: Whether the world is asked; until then everything comes from the record.
    """

    def __init__(
        self,
        pool: Pool,
        path: Path | None,
        model: LanguageModel | None,
        search: KnowledgeSearch | None,
        sandbox: Runner | None,
        asker: Asker | None,
        say: Say = lambda line: None,
        show: Show = lambda pool: None,
    ) -> None:
        """Begins at the start of the pool's record.

        Args:
            pool: Its record is read and added to.
            path: Where the pool is saved; None: nowhere.
            model: None: only what is recorded is answered.
            search: The knowledge base; None: there is none.
            sandbox: Where programs run; None: there is none.
            asker: Who answers for the user.
            say: Is told of what happens.
            show: Is given the pool when a program runs.
        """
        self.pool = pool
        self.show = show
        self.is_live = not any((pool.record.calls, pool.record.retrieved, pool.record.executions))
        self._say, self._unsaid = say, ""
        self._path = path
        self._model, self._search, self._sandbox, self._asker = model, search, sandbox, asker
        self._used: Counter[str] = Counter()

    def say(self, line: str) -> None:
        """Tells what happens; what the record holds happened before, and is not told again."""
        if self.is_live:
            self._say(line)
        else:
            self._unsaid = line

    def _begin(self) -> None:
        """From here on the world is asked."""
        if not self.is_live:
            self.is_live = True
            if self._unsaid:
                self._say(self._unsaid)

    @property
    def can_search(self) -> bool:
        """Whether there is a knowledge base, or a record of one."""
        return self._search is not None or bool(self.pool.record.retrieved)

    @property
    def can_run(self) -> bool:
        """Whether there is a sandbox, or a record of one."""
        return self._sandbox is not None or bool(self.pool.record.executions)

    async def ask(self, step: str, messages: Sequence[Message]) -> ModelCall:
        """Asks the model; one that says nothing, or has no room for the question, answers with an empty text.

        Raises:
            ModelError: It cannot be reached; what was done so far is in the pool.
            ReplayError: The record has no such answer, and there is no model.
        """
        key = _key(step, [asdict(one) for one in messages])
        known, number = self._known(self.pool.record.calls, key)
        if known is not None:
            return known
        if self._model is None:
            raise ReplayError(f"The record has no answer of a model for the step {step!r}.")
        self._begin()
        setting = self.pool.setting
        sampling = Sampling(setting.temperature, setting.max_tokens, setting.seed + number)
        note = ""
        try:
            said = await self._model.complete(messages, sampling)
        except (EmptyAnswerError, PromptTooLongError) as error:
            said, note = Completion("", setting.model, 0, 0, 0.0), str(error)
        call = ModelCall(
            key=key,
            step=step,
            messages=[Turn(role=one.role, content=one.content) for one in messages],
            text=_written(said.text),
            prompt_tokens=said.prompt_tokens,
            completion_tokens=said.completion_tokens,
            seconds=said.seconds,
            seed=sampling.seed or 0,
            note=note,
        )
        return self._keep(self.pool.record.calls, call)

    async def answer(self, question: Question) -> UserAnswer | None:
        """Asks the user; None where nobody answers now."""
        key = _key(question.field, question.text)
        known, _ = self._known(self.pool.record.answers, key)
        if known is not None or self._asker is None:
            return known
        said: Answer | None = await anyio.to_thread.run_sync(self._asker.ask, question)
        if said is None:
            self._used[key] -= 1
            return None
        self._begin()
        kept = UserAnswer(key=key, field=question.field, question=question.text, text=_written(said.text), by=said.by)
        return self._keep(self.pool.record.answers, kept)

    async def retrieve(self, step: str, query: str, wanted: Mapping[tuple[Kind, ...], int]) -> Retrieved:
        """Looks something up: of each group of kinds so many documents, within the setting's budget.

        Raises:
            ReplayError: The record has no such look-up, and there is no knowledge base.
        """
        groups = [[sorted(kinds), count] for kinds, count in wanted.items()]
        key = _key("retrieve", query, groups, self.pool.setting.context_tokens)
        known, _ = self._known(self.pool.record.retrieved, key)
        if known is not None:
            return known
        if self._search is None:
            raise ReplayError(f"The record has no look-up for the step {step!r}, and there is no knowledge base.")
        self._begin()
        search = self._search
        hits = await anyio.to_thread.run_sync(lambda: _hits(search, query, wanted, self.pool.setting.data_sets))
        text = context(hits, self.pool.setting.context_tokens)
        found = Retrieved(key=key, step=step, query=query, documents=[one.document.id for one in hits], text=text)
        return self._keep(self.pool.record.retrieved, found)

    async def run(self, code: str, language: Language) -> tuple[Execution, int]:
        """Runs a script; also tells its number in the record."""
        return await self._execute("run", code, language, lambda sandbox: sandbox.run(code, language))

    async def call(self, code: str, function: str, params: Mapping[str, Any]) -> tuple[Execution, int]:
        """Calls a function; also tells the execution's number in the record."""
        what = f"{function}({json.dumps(params, sort_keys=True, default=repr)})"
        return await self._execute("call", code, what, lambda sandbox: sandbox.call(code, function, params))

    async def _execute(
        self, how: Any, code: str, what: str, execute: Callable[[Runner], Outcome]
    ) -> tuple[Execution, int]:
        key = _key(how, code, what)
        known, _ = self._known(self.pool.record.executions, key)
        if known is None:
            if self._sandbox is None:
                raise ReplayError("The record has no run of this program, and there is no sandbox.")
            self._begin()
            outcome = await anyio.to_thread.run_sync(execute, self._sandbox)
            known = self._keep(self.pool.record.executions, _execution(key, how, outcome))
        return known, next(n for n, one in enumerate(self.pool.record.executions) if one is known)

    def save(self) -> None:
        """Writes the pool, if it has a file."""
        if self._path is not None:
            self.pool.save(self._path)

    def _known(self, entries: list[_Entry], key: str) -> tuple[_Entry | None, int]:
        """The next entry of a key that was not used yet, and how many there were before."""
        number = self._used[key]
        self._used[key] += 1
        same = [one for one in entries if one.key == key]
        return (same[number] if number < len(same) else None), number

    def _keep(self, entries: list[_Entry], entry: _Entry) -> _Entry:
        entries.append(entry)
        self.save()
        return entries[-1]


def _hits(
    search: KnowledgeSearch, query: str, wanted: Mapping[tuple[Kind, ...], int], data_sets: Collection[str] | None
) -> list[Hit]:
    """The best of each group; of data sets those that are served."""
    found: dict[str, Hit] = {}
    for kinds, count in wanted.items():
        present = [kind for kind in kinds if kind in search.index.kinds]
        if not present:
            continue
        hits = search.index.search(query, present, k=count if data_sets is None else count * 20)
        served = [
            hit
            for hit in hits
            if data_sets is None or hit.document.kind != "dataset" or hit.document.dataset in data_sets
        ]
        found |= {hit.document.id: hit for hit in served[:count]}
    return list(found.values())


def _execution(key: str, how: Any, outcome: Outcome) -> Execution:
    error = outcome.error
    return Execution(
        key=key,
        how=how,
        status=outcome.status,
        error=None if error is None else Fault(**asdict(error)),
        stdout=outcome.stdout[:_MOST_TEXT],
        stderr=outcome.stderr[:_MOST_TEXT],
        returned=None if outcome.returned is None else asdict(outcome.returned),
        files={
            name: base64.b64encode(content).decode("ascii")
            for name, content in outcome.files.items()
            if len(content) <= _MOST_FILE
        },
        seconds=outcome.seconds,
    )


def _written(text: str) -> str:
    """A text that can be written to a file: half a character becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _key(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=list)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
