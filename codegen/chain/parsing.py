"""What stands in a model's answer: code, or data; as robust as small models need it, and never executed."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from codegen.checking.syntax import syntax_problem
from codegen.sandbox.outcome import Language

_LONGEST = 100_000
"""Characters of an answer that are looked at."""
_LONGEST_DATA = 20_000
"""Of one that should hold data, or code without a fence: it is read from many places."""
_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1`*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_NAMES: dict[Language, tuple[str, ...]] = {
    "python": ("python", "py", "python3"),
    "javascript": ("javascript", "js", "gee", "earthengine"),
}
_BEGINS: dict[Language, re.Pattern[str]] = {
    "python": re.compile(r"^(?:import |from |def |class |@|ee\.|[A-Za-z_]\w*(?:\[[^\]]*\])? *[-+*/]?= *\S)"),
    "javascript": re.compile(r"^(?:var |let |const |function |Map\.|print\(|Export\.|ee\.|[A-Za-z_$][\w$.]* *= *\S)"),
}
_MOST_TRIES = 40
_MOST_RANGES = 200
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_CLOSING = {"{": "}", "[": "]"}
_FIELD_LINE = re.compile(r"^[\s>*#-]*[\"'`*]*([A-Za-z][\w /&,-]*?)[\"'`*]*\s*[::]\s*(.+?)\s*,?$")


def code_in(answer: str, language: Language, wanted: str = "") -> str | None:
    """The program in an answer; None where there is none.

    A fenced block in the language (or in none) is it; of several the one that defines what is wanted, or else all of
    them, one after the other. A block in another language is taken where there is no better one: what is wrong with it
    is for the check to say. Without a fence it is what reads like code and has no fault of syntax.

    Args:
        answer: Of the model.
        language: Of the program.
        wanted: Name of a function that it should define.
    """
    answer = answer[:_LONGEST].replace("\r\n", "\n")
    blocks = [(found[2].lower(), found[3].strip("\n")) for found in _FENCE.finditer(answer)]
    blocks = [(name, code) for name, code in blocks if code.strip()]
    fitting = [code for name, code in blocks if name in _NAMES[language]]
    fitting = (
        fitting or [code for name, code in blocks if name == ""] or [code for name, code in blocks if "ee." in code]
    )
    if fitting:
        defining = [code for code in fitting if wanted and _defines(code, wanted)]
        return _dedented(defining[-1] if defining else "\n\n".join(dict.fromkeys(fitting)))
    return None if blocks else _unfenced(answer, language)


def _defines(code: str, name: str) -> bool:
    return re.search(rf"\b(?:def|function)\s+{re.escape(name)}\b|\b{re.escape(name)}\s*=", code) is not None


def _dedented(code: str) -> str:
    """Without the blanks before the fence, where a list's item holds it."""
    lines = code.split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in lines)


def _unfenced(answer: str, language: Language) -> str | None:
    lines = answer[:_LONGEST_DATA].strip().split("\n")
    starts = [number for number, line in enumerate(lines) if _BEGINS[language].match(line)]
    ranges = ((start, end) for start in starts for end in range(len(lines), max(start, len(lines) - _MOST_TRIES), -1))
    for start, end in islice(ranges, _MOST_RANGES):
        code = "\n".join(lines[start:end])
        if syntax_problem(code, language) is None:
            return code
    return None


def data_in(answer: str) -> Any:
    """The JSON in an answer, also where prose stands around it, or it is nearly JSON; None where there is none."""
    answer = answer[:_LONGEST_DATA]
    blocks = [found[3] for found in _FENCE.finditer(answer)]
    for text in (*blocks, answer):
        for start in _beginnings(text):
            for read in (_strict, _lenient):
                found = read(text[start:])
                if found:
                    return found
    return None


def _beginnings(text: str) -> Iterator[int]:
    """Where an object or a list may begin: not in the midst of one that was tried."""
    for number, found in enumerate(re.finditer(r"[{\[]", text)):
        if number == _MOST_TRIES:
            return
        yield found.start()


def _strict(text: str) -> Any:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _lenient(text: str) -> Any:
    """With trailing commas, Python's quotes and words, or without its end."""
    cut = _balanced(text)
    whole = _TRAILING_COMMA.sub(r"\1", cut)
    found = _strict(whole)
    if found is not None:
        return found
    try:
        value = ast.literal_eval(whole)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, dict | list) else None


def _balanced(text: str) -> str:
    """Up to where the first bracket is closed; closed, where the text ends before."""
    open_, quote, escaped = list[str](), "", False
    for number, character in enumerate(text):
        if quote:
            escaped = character == "\\" and not escaped
            if character == quote and text[number - 1] != "\\":
                quote = ""
        elif character == '"':
            quote = character
        elif character in _CLOSING:
            open_.append(_CLOSING[character])
        elif open_ and character == open_[-1]:
            open_.pop()
            if not open_:
                return text[: number + 1]
    return text.rstrip().rstrip(",:") + quote + "".join(reversed(open_))


def field_lines(answer: str) -> dict[str, str]:
    """`name: value`, a line each, names in lower case with `_`: what is left where a model writes no JSON."""
    found: dict[str, str] = {}
    for line in answer[:_LONGEST].split("\n"):
        matched = _FIELD_LINE.match(line)
        if matched:
            name = re.sub(r"\W+", "_", matched[1].strip().lower())
            found.setdefault(name, matched[2].strip("\"'`* "))
    return found


def fenced(text: str, name: str = "") -> str:
    """A text as a block that nothing in it can close."""
    longest = max((len(found) for found in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{name}\n{text}\n{fence}"
