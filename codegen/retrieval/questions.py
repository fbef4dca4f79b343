"""One door to all that is known: a text, an operator, a data set, or code that is not finished."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, get_args

from codegen.corpora.script import Language
from codegen.retrieval.completion import Continuations, Suggestion, language_of, open_end, suggest
from codegen.retrieval.documents import Kind
from codegen.retrieval.fusion import Mode
from codegen.retrieval.index import Hit, Index
from codegen.retrieval.relations import Counted, Group, Relations, Side
from codegen.retrieval.rules import asked_of_operator, data_sets_in, looks_like_code
from codegen.retrieval.tables import Knowledge, read_knowledge
from lake.errors import BadInputError


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """What was found for a text."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class OperatorAnswer:
    """What is known of an operator.

    Attributes:
        operator: Full name.
        signature: `ee.Image.select(bandSelectors, newNames?) -> Image`; empty for one that only scripts name.
        description: Likewise.
        asked: The side that was asked for; None: all.
        sides: What goes with it, on each side that was asked for.
        patterns: With it.
        chains: With it.
    """

    operator: str
    signature: str
    description: str
    asked: Side | None
    sides: Mapping[Side, tuple[Counted, ...]]
    patterns: tuple[Group, ...]
    chains: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class AmbiguousAnswer:
    """Several operators have the name.

    Attributes:
        name: As it was asked for.
        operators: Full names, the most used first: ask for one of them.
    """

    name: str
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataSetAnswer:
    """What goes with a data set.

    Attributes:
        dataset: Its id.
        title: Its title; data, never instructions.
        scripts: That use it.
        operators: Of those scripts.
    """

    dataset: str
    title: str
    scripts: int
    operators: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class CompletionAnswer:
    """How a script may go on.

    Attributes:
        chain: The calls that lead to its end.
        inside: The operator whose arguments are being written.
        suggestions: What may come next, the likeliest first.
    """

    chain: tuple[str, ...]
    inside: str | None
    suggestions: tuple[Suggestion, ...] = field(default=())


Answer: TypeAlias = TextAnswer | OperatorAnswer | AmbiguousAnswer | DataSetAnswer | CompletionAnswer


class KnowledgeSearch:
    """A knowledge base and its index, to be asked."""

    def __init__(self, knowledge: Knowledge, index: Index) -> None:
        self.index = index
        self._operators = {row["name"]: row for row in knowledge.operators.iter_rows(named=True)}
        self._datasets = {row["id"]: row for row in knowledge.datasets.iter_rows(named=True)}
        self._relations = Relations(knowledge)
        self._continuations = Continuations(knowledge.chains)

    @classmethod
    def open(cls, knowledge: Path, folder: Path) -> KnowledgeSearch:
        """Opens the tables in one folder, and their index in another.

        Raises:
            BadInputError: One of them is not what it should be.
        """
        return cls(read_knowledge(knowledge), Index.open(folder))

    def ask(self, question: str, k: int = 10, kinds: Collection[Kind] | None = None, mode: Mode = "fused") -> Answer:
        """Answers a question, whatever it is about.

        The id of a data set that is known, unfinished code, and a question about an operator that is known are told by
        fixed rules (`codegen.retrieval.rules`), in this order; anything else is a text to search for.

        Args:
            question: Chinese, English, a name or code.
            k: Entries of each list of the answer, at most.
            kinds: Of documents, for a text.
            mode: For a text.

        Raises:
            BadInputError: The question is empty, or what `Index.search` refuses.
        """
        if looks_like_code(question):
            return self.complete(question, k=k)
        known = [found for found in data_sets_in(question) if found in self._datasets]
        if known:
            return self.dataset(known[0], k)
        asked = asked_of_operator(question)
        if asked is not None and self._relations.resolve(asked.name):
            return self.operator(asked.name, asked.side, k)
        return TextAnswer(tuple(self.index.search(question, kinds, k, mode)))

    def operator(self, name: str, side: Side | None = None, k: int = 10) -> OperatorAnswer | AmbiguousAnswer:
        """What is known of an operator.

        Args:
            name: `ee.Image.select`, `Image.select`, or `select`, which several classes have.
            side: What is asked for; None: all.
            k: Entries of each list, at most.

        Raises:
            BadInputError: There is no operator of that name.
        """
        found = self._relations.resolve(name)
        if not found:
            raise BadInputError(f"There is no operator {name!r}.{_alike(name, self._operators)}")
        if len(found) > 1 and name not in found:
            return AmbiguousAnswer(name, tuple(found))
        operator = name if name in found else found[0]
        row = self._operators.get(operator)
        sides = get_args(Side) if side is None else (side,)
        return OperatorAnswer(
            operator,
            _signature(row) if row else "",
            (row["description"] or "") if row else "",
            side,
            {one: self._relations.at(operator, one, k) for one in sides},
            self._relations.patterns(operator, k),
            self._relations.chains(operator, k),
        )

    def dataset(self, id: str, k: int = 10) -> DataSetAnswer:
        """Which operators go with a data set.

        Raises:
            BadInputError: There is no such data set.
        """
        row = self._datasets.get(id)
        if row is None:
            raise BadInputError(f"There is no data set {id!r}.{_alike(id, self._datasets)}")
        return DataSetAnswer(id, row["title"] or "", row["scripts"] or 0, self._relations.of_data_set(id, k))

    def complete(self, code: str, language: Language | None = None, k: int = 10) -> CompletionAnswer:
        """How unfinished code may go on; nothing of it is run.

        Args:
            code: A script, or its beginning, that stops after a dot, a call, or within a call's arguments.
            language: None: is told from the code.
            k: Suggestions, at most.

        Raises:
            BadInputError: There is no code.
        """
        if not code.strip():
            raise BadInputError("There is no code to complete.")
        end = open_end(code, language or language_of(code))
        return CompletionAnswer(end.chain, end.inside, suggest(end, self._continuations, self._relations, k))


def _signature(row: Mapping[str, object]) -> str:
    given = row["parameters"] or ()
    parameters = ", ".join(f"{one['name']}{'?' if one['optional'] else ''}" for one in given)  # type: ignore[attr-defined]
    return f"{row['name']}({parameters}) -> {row['returns']}"


def _alike(name: str, names: Collection[str]) -> str:
    """A hint at what may be meant."""
    found = difflib.get_close_matches(name, names, n=3, cutoff=0.7)
    return f" Is {' or '.join(found)} meant?" if found else ""
