"""String: text operations with Java's indices and regular expressions."""

import json
from typing import Any

from ee_emulator.encode import encode
from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import algorithm
from ee_emulator.text import compile_regex, java_number, java_replacement


@algorithm("String")
def string(input: Any) -> str:
    """Text of a value; numbers as Java prints them."""
    if isinstance(input, str):
        return input
    if input is None:
        return "null"
    if isinstance(input, bool | int | float):
        return java_number(input)
    return json.dumps(encode(input), ensure_ascii=False, separators=(",", ":"))


@algorithm("String.cat")
def cat(string1: str, string2: str) -> str:
    """One after the other."""
    return string1 + string2


@algorithm("String.compareTo")
def compare_to(string1: str, string2: str) -> int:
    """−1, 0 or 1: whether the first text comes before, with or after the second in the order of their characters."""
    return (string1 > string2) - (string1 < string2)


@algorithm("String.decodeJSON")
def decode_json(string: str) -> Any:
    """The value that a JSON text stands for.

    Raises:
        EarthEngineError: Not JSON.
    """
    try:
        return json.loads(string)
    except json.JSONDecodeError as error:
        raise EarthEngineError(f"Invalid JSON: {error}.") from None


@algorithm("String.encodeJSON")
def encode_json(object: Any) -> str:
    """JSON without spaces, keys in alphabetical order."""
    return json.dumps(encode(object), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@algorithm("String.equals")
def equals(reference: str, target: Any) -> bool:
    """Whether the target is the same text."""
    return isinstance(target, str) and reference == target


@algorithm("String.index")
def index(target: str, pattern: str) -> int:
    """Where the pattern occurs first; −1 where it does not."""
    return target.find(pattern)


@algorithm("String.rindex")
def rindex(target: str, pattern: str) -> int:
    """Where the pattern occurs last; −1 where it does not."""
    return target.rfind(pattern)


@algorithm("String.length")
def length(string: str) -> int:
    """Number of UTF-16 units, as Java counts."""
    return len(string.encode("utf-16-le")) // 2


@algorithm("String.match")
def match(input: str, regex: str, flags: str) -> list[str]:
    """The first match with its groups, or with flag `g` all matches; empty where there is none."""
    pattern = compile_regex(regex, flags)
    if "g" in flags:
        return [found.group(0) for found in pattern.finditer(input)]
    found = pattern.search(input)
    return [found.group(0), *found.groups()] if found else []


@algorithm("String.replace")
def replace(input: str, regex: str, replacement: str, flags: str) -> str:
    """The first match replaced, or with flag `g` all; `$1` in the replacement is a group."""
    count = 0 if "g" in flags else 1
    return compile_regex(regex, flags).sub(java_replacement(replacement), input, count=count)


@algorithm("String.slice")
def slice_(string: str, start: int, end: int | None) -> str:
    """From `start` up to `end`; negative positions count from the end."""
    return string[start:end]


@algorithm("String.split")
def split(string: str, regex: str, flags: str) -> list[str]:
    """The parts between matches, without empty ones at the end; an empty pattern splits into characters."""
    if not regex:
        return list(string)
    parts, position = [], 0
    for found in compile_regex(regex, flags).finditer(string):
        if found.end() == 0:
            continue
        parts.append(string[position : found.start()])
        position = found.end()
    parts.append(string[position:])
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


@algorithm("String.toLowerCase")
def to_lower_case(string: str) -> str:
    """Lower case."""
    return string.lower()


@algorithm("String.toUpperCase")
def to_upper_case(string: str) -> str:
    """Upper case."""
    return string.upper()


@algorithm("String.trim")
def trim(string: str) -> str:
    """Without white space at both ends."""
    return string.strip()
