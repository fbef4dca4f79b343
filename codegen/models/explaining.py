"""What went wrong between us and a model, in words that say what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass

from codegen.models.redaction import redacted

_LONGEST = 400
"""Characters of what a server said; some answer with a page."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is asked.

    Attributes:
        name: As given by the user.
        url: Address of the endpoint; None: it is not known.
        key_variables: Environment variables that may hold the key.
        url_variable: Environment variable that holds the address, if one is known.
        key: Taken out of every text.
    """

    name: str
    url: str | None
    key_variables: tuple[str, ...]
    url_variable: str | None = None
    key: str | None = None

    def __repr__(self) -> str:
        """Without the key."""
        return f"Place({self.name!r}, {self.where!r})"

    @property
    def where(self) -> str:
        """Who answers, for a sentence."""
        return redacted(self.url, self.key) if self.url else "the provider"


def explain(error: BaseException, place: Place, attempts: int, seconds: float) -> str:
    """A failure in a sentence or two, without keys."""
    tried = f"after {attempts} attempts in {seconds:.0f} s" if attempts > 1 else "at the first attempt"
    return f"{place.name} gave no answer {tried}: {_reason(error, place)}".rstrip()


def _reason(error: BaseException, place: Place) -> str:
    """What happened, and what to do about it."""
    status, said = _status(error), _said(error, place)
    if status is not None:
        return f"{place.where} answered {status} ({said}). {_advice(status, place)}"
    if _is_timeout(error):
        return f"{place.where} took too long ({said}). Ask for fewer tokens, or wait longer (attempt_seconds)."
    if _is_connection(error):
        return f"{place.where} cannot be reached ({said}). {_reach(place)}"
    if isinstance(error, json.JSONDecodeError):
        return f"{place.where} answered something else than JSON. {_reach(place)}"
    if isinstance(error, TypeError | AttributeError | LookupError | ValueError):  # from reading the answer
        return f"{place.where} answered in a form that is not understood ({type(error).__name__}: {said})."
    return f"{said}."


def is_malformed(error: BaseException) -> bool:
    """Whether an answer could not be read, as when a proxy cuts it; inspect_ai does not ask again then."""
    return isinstance(error, json.JSONDecodeError)


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return status
    return _status(error.__cause__) if error.__cause__ is not None else None


def _said(error: BaseException, place: Place) -> str:
    """The innermost message: a server's words, or the operating system's."""
    said = getattr(error, "provider_message", None) or str(error)
    inner = error.__cause__
    if _is_connection(error) and inner is not None:
        said = f"{said} {type(inner).__name__}: {inner}"
    text = " ".join(redacted(said, place.key).split()) or type(error).__name__
    return (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…").rstrip(".")


def _advice(status: int, place: Place) -> str:
    keys = " or ".join(place.key_variables) or "the key's environment variable"
    if status in (401, 403):
        return f"Check the key in {keys}."
    if status == 404:
        return f"Check the model's name, and that the address ends as the server wants it (often /v1). {_reach(place)}"
    if status == 429:
        return "Its limits are met: ask less at a time, or go on later; answers are kept where a cache is used."
    if status >= 500:
        return "The server fails: go on later; answers are kept where a cache is used."
    return "The server does not take the request as it is."


def _reach(place: Place) -> str:
    return f"The address is read from {place.url_variable}: does a server run there?" if place.url_variable else ""


def _is_timeout(error: BaseException) -> bool:
    return "Timeout" in type(error).__name__


def _is_connection(error: BaseException) -> bool:
    return isinstance(error, ConnectionError) or "Connect" in type(error).__name__
