"""Why a language model gave no answer."""

from __future__ import annotations

from lake.errors import AefEconError


class ModelError(AefEconError):
    """A language model could not be opened or gave no answer; never shows a key."""


class EmptyAnswerError(ModelError):
    """A model ended its answer before it said anything; in an evaluation that is a wrong answer, not a broken run."""


class PromptTooLongError(ModelError):
    """A conversation that a model has no room for."""
