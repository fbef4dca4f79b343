"""Whether a call's arguments are those that its operator takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codegen.checking.forms import Form
from codegen.checking.problem import Kind
from codegen.checking.types import is_untold, refused
from codegen.corpora.script import Language
from codegen.extraction.calling import Given
from codegen.extraction.signatures import Operator
from codegen.extraction.values import Mapping as Fields
from codegen.extraction.values import Value, alternatives

_MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the arguments of a call."""

    kind: Kind
    message: str


@dataclass(frozen=True, slots=True)
class _Taken:
    """Arguments as the operator sees them.

    Attributes:
        placed: By place.
        named: By name.
        complete: Whether there are no others.
    """

    placed: Sequence[Value]
    named: Mapping[str, Value]
    complete: bool


def faults(operator: Operator, form: Form, given: Given, language: Language, is_unbound: bool) -> Iterator[Fault]:
    """What is wrong with a call's arguments.

    Args:
        operator: What is called.
        form: How it takes arguments.
        given: The call.
        language: Of the program.
        is_unbound: Whether the first argument is the object that a method works on (Python: `ee.Image.abs(image)`).
    """
    values = list(given.values)[1:] if is_unbound else list(given.values)
    taken = _taken(form, values, given)
    if taken is None:
        return
    names = [one.name for one in form.parameters]
    yield from _unknown(operator, form, taken, names)
    if not given.is_open and not form.more and len(taken.placed) > len(names) and form.style != "placed":
        yield Fault("too_many_arguments", f"{operator.name} takes {_counted(len(names))}, not {len(taken.placed)}.")
    filled = dict(zip(names, taken.placed, strict=False)) if not given.is_open else {}
    filled |= taken.named
    if taken.complete and not given.is_open and not (form.more and taken.placed):
        yield from _missing(operator, form, filled)
    if not form.more or taken.named:
        yield from _wrong(operator, form, filled, language)


def _taken(form: Form, values: Sequence[Value], given: Given) -> _Taken | None:
    """By place and by name; None where it cannot be told which is which."""
    if form.style == "python":
        return _Taken(values, given.named, complete=True)
    if len(values) == 1 and form.style in ("generated", "options") and not given.is_open:
        options = alternatives(values[0])
        if all(isinstance(one, Fields) and one.of is None for one in options):
            if len(options) > 1:
                return None
            if isinstance(options[0], Fields) and _names_arguments(form, options[0]):
                return _Taken((), options[0].fields, complete=not options[0].rest)
        elif is_untold(values[0]):
            return _Taken((), {}, complete=False)  # it may be an object with all of them
    return _Taken(values, {}, complete=True)


def _names_arguments(form: Form, fields: Fields) -> bool:
    """Whether an object that is a call's only argument names the arguments, or is the first one."""
    parameters = form.parameters
    if form.style == "options":
        return any(one.name in fields.fields for one in parameters) or bool(fields.rest)
    needs_one = len(parameters) == 1 or (len(parameters) > 1 and parameters[1].optional)
    return bool(parameters) and (not needs_one or not parameters[0].type.startswith("Dictionary"))


def _unknown(operator: Operator, form: Form, taken: _Taken, names: Sequence[str]) -> Iterator[Fault]:
    if form.any_name:
        return
    for name in taken.named:
        if name not in names and name.removeprefix("opt_") not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
            meant = f" Is {near[0]!r} meant?" if near else f" It has {_listed(names)}."
            yield Fault("unknown_argument", f"{operator.name} has no argument {name!r}.{meant}")
    for name in dict.fromkeys(names[: len(taken.placed)]):
        if name in taken.named:
            yield Fault("too_many_arguments", f"{operator.name} is given {name!r} twice: by place and by name.")


def _missing(operator: Operator, form: Form, filled: Mapping[str, Value]) -> Iterator[Fault]:
    given = {name.removeprefix("opt_") for name in filled}
    lacking = [one for one in form.parameters if not one.optional and one.name.rstrip("_") not in given | _plain(given)]
    if lacking:
        told = ", ".join(f"{one.name!r} ({one.type})" if one.type else repr(one.name) for one in lacking)
        yield Fault("missing_argument", f"{operator.name} needs {told}.")


def _plain(names: set[str]) -> set[str]:
    return {name.rstrip("_") for name in names}


def _wrong(operator: Operator, form: Form, filled: Mapping[str, Value], language: Language) -> Iterator[Fault]:
    for one in form.parameters:
        value = filled.get(one.name)
        if value is not None and (what := refused(value, one.type, language, operator.kind == "constructor")):
            yield Fault("wrong_type", f"{operator.name}: {one.name!r} has to be {_article(one.type)}, not {what}.")


def _counted(count: int) -> str:
    return "no argument" if count == 0 else f"at most {count} argument{'' if count == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown}, …" if len(names) > _MOST_NAMES else shown or "none"


def _article(type_: str) -> str:
    base = type_.replace("<unknown bands>", "")
    return f"{'an' if base[0] in 'AEIO' else 'a'} {base}"
