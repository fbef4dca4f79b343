"""Who answers for the user: a terminal, a file, a mapping, or nobody, so that something is assumed and said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Protocol

import yaml

from lake.errors import BadInputError

Tongue = Literal["en", "zh"]
FEEDBACK = "feedback"
"""Field of the question whether a program is what was wanted."""

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LONGEST = 2_000
_SATISFIED = {
    "en": "Is this what you wanted? (Enter: yes; or say what is wrong) ",
    "zh": "这是您想要的结果吗?(回车表示是;否则请说明问题) ",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked back.

    Attributes:
        field: Of the request, or `feedback`.
        text: As the user reads it.
        assumed: What is taken where nobody answers; empty for feedback.
    """

    field: str
    text: str
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `by`: `user`, `file`, `settings`, or `assumed`."""

    text: str
    by: str


class Asker(Protocol):
    """Answers questions."""

    def ask(self, question: Question) -> Answer | None:
        """An answer; None where nobody has one now, and may have one later: only for feedback."""
        ...


def tongue_of(text: str) -> Tongue:
    """Whether a request is in Chinese."""
    return "zh" if _CHINESE.search(text) else "en"


def question_for(field: str, tongue: Tongue) -> Question:
    """The question for a field of the request."""
    told = _questions()[field]
    return Question(field, told[tongue], told["assumed"][tongue])


def feedback_question(tongue: Tongue, number: int) -> Question:
    """The question whether the program is what was wanted; the number keeps one from another."""
    return Question(FEEDBACK, f"[{number}] {_SATISFIED[tongue]}")


def asked_fields() -> tuple[str, ...]:
    """Fields that are asked back."""
    return tuple(_questions())


@cache
def _questions() -> dict[str, dict[str, Any]]:
    text = resources.files("codegen.chain").joinpath("questions.yaml").read_text(encoding="utf-8")
    read: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return read


class Assuming:
    """Nobody is there: what is not told is assumed."""

    def ask(self, question: Question) -> Answer | None:
        """What is assumed; no feedback."""
        return None if question.field == FEEDBACK else Answer(question.assumed, "assumed")


class Given:
    """Answers that were given beforehand, by field; what they lack is assumed."""

    def __init__(self, answers: Mapping[str, str], by: str = "settings") -> None:
        """Of a mapping: Dagster's configuration, say."""
        self._answers = {name: str(text).strip()[:_LONGEST] for name, text in answers.items()}
        self._by = by

    def ask(self, question: Question) -> Answer | None:
        """The answer for the field; feedback is given once."""
        text = self._answers.get(question.field, "")
        if question.field == FEEDBACK:
            self._answers.pop(FEEDBACK, None)
        return Answer(text, self._by) if text else Assuming().ask(question)


class Terminal:
    """A person who reads and types."""

    def __init__(self, read: Callable[[str], str] = input) -> None:
        """`read` shows a text and gives what was typed."""
        self._read = read

    def ask(self, question: Question) -> Answer | None:
        """What was typed; nothing typed, or the end of input: what is assumed, or, for feedback, that all is well."""
        shown = question.text.split("] ", 1)[-1] if question.field == FEEDBACK else _with_assumed(question)
        try:
            text = self._read(shown).strip()[:_LONGEST]
        except EOFError:
            text = ""
        return Answer(text, "user") if text else Assuming().ask(question)


def _with_assumed(question: Question) -> str:
    return f"{question.text}\n  [Enter: {question.assumed}] "


def answers_from(path: Path) -> Given:
    """Answers from a YAML or JSON file: a mapping from fields to texts.

    Raises:
        BadInputError: There is no such file, or it holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
        read = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except FileNotFoundError:
        raise BadInputError(f"There is no file {path} with answers.") from None
    except (ValueError, yaml.YAMLError) as error:
        raise BadInputError(f"{path} cannot be read: {error}") from None
    allowed = {*asked_fields(), FEEDBACK}
    if not isinstance(read, dict) or not set(read) <= allowed:
        raise BadInputError(f"{path} should map fields to texts: {', '.join(sorted(allowed))}.")
    return Given({name: str(value) for name, value in read.items() if value is not None}, "file")
