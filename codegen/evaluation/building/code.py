"""The texts of a task: signature, docstring, solutions, sources of parameters."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from codegen.evaluation.building.operators import Argument, TaskOperator
from codegen.evaluation.cases.case import PythonSource

WIDTH = 100
_INPUT = re.compile(r"\$(\w+)")


def function_name(name: str) -> str:
    """Name of the function around an operator, by the published rule: `imageAddTask` of `Image.add`."""
    owner, _, short = name.removeprefix("Algorithms.").replace("GeometryConstructors", "Geometry").rpartition(".")
    words = [word for part in (owner or "Algorithms", short) for word in re.split(r"[._]", part) if word]
    return words[0][0].lower() + words[0][1:] + "".join(w[0].upper() + w[1:] for w in words[1:]) + "Task"


def header(function: str, arguments: Sequence[Argument], returns: str) -> str:
    """The line with `def`; parameters that may be left out have None."""
    given = ", ".join(f"{a.name}: {a.annotation}{' = None' if a.optional else ''}" for a in arguments)
    return f"def {function}({given}) -> {returns}:"


def docstring(about: str, arguments: Sequence[Argument], returns: str, result: str) -> str:
    """A docstring in Google's style, indented."""
    lines = textwrap.wrap(_sentence(about), WIDTH)
    if arguments:
        lines += ["", "Args:"]
        for argument in arguments:
            told = _sentence(argument.description) or _plain(argument)
            lines += textwrap.wrap(
                f"{argument.name} ({argument.annotation}): {told}",
                WIDTH,
                initial_indent="    ",
                subsequent_indent=" " * 8,
            )
    lines += ["", "Returns:", *textwrap.wrap(f"{returns}: {_sentence(result)}", WIDTH, initial_indent="    ",
                                             subsequent_indent=" " * 8)]  # fmt: skip
    lines[0] = f'"""{lines[0]}'
    lines.append('"""')
    return textwrap.indent("\n".join(lines).replace("\\", "\\\\"), "    ")


def _sentence(text: str) -> str:
    text = " ".join(re.sub(r"</?\w+[^<>]*>", "", text).replace('"', "'").split())
    return text if not text or text[-1] in ".!?" else f"{text}."


def _plain(argument: Argument) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", argument.name).replace("_", " ").lower().strip()
    return f"The {words}."


def solution(head: str, body: str) -> str:
    """A function of a head and a body: an expression, or lines that end in a return."""
    text = textwrap.dedent(body).strip("\n")
    first = text.split("\n", 1)[0]
    is_statement = ("\n" in text and not text.startswith("(")) or re.match(r"(return|def|import|raise|try|if)\b", first)
    lines = text if is_statement else f"return {text}"
    return f"{head}\n{textwrap.indent(lines, '    ')}\n"


def call(operator: TaskOperator, arguments: Sequence[Argument]) -> str:
    """The plain call of an operator with the parameters of a function."""
    is_method = operator.call.startswith(".")
    taken = list(arguments[1:] if is_method else arguments)
    subject = arguments[0].name if is_method else ""
    given = ", ".join(_given(argument, operator, at) for at, argument in enumerate(taken))
    return f"{subject}{operator.call}({given})"


def _given(argument: Argument, operator: TaskOperator, at: int) -> str:
    """By its place as long as nothing before it was left out, by its name from there on."""
    declared = operator.arguments[1 if operator.call.startswith(".") else 0 :]
    in_place = at < len(declared) and declared[at].name == argument.name
    return argument.name if in_place and not argument.optional else f"{argument.keyword}={argument.name}"


def source(parameter: str, expression: str, inputs: Mapping[str, str]) -> PythonSource:
    """The source of a parameter: the published form, a function without parameters.

    Args:
        parameter: Gives the function its name.
        expression: Python; `$name` stands for a named input.
        inputs: What named inputs are; they may use others.

    Raises:
        KeyError: It uses an input that there is not.
    """
    named: dict[str, str] = {}
    _collect(expression, inputs, named)
    lines = [f"    {name} = {text}" for name, text in named.items()]
    made = _INPUT.sub(r"\1", expression)
    text = "\n".join(["    import ee", *lines, f"    return {made}"])
    return PythonSource(f"def get_{parameter.strip('_')}():\n{text}\n")


def _collect(expression: str, inputs: Mapping[str, str], into: dict[str, str]) -> None:
    for name in _INPUT.findall(expression):
        if name not in into:
            _collect(inputs[name], inputs, into)
            into[name] = _INPUT.sub(r"\1", inputs[name])
