"""Whether a program can be read at all."""

from __future__ import annotations

import re
import warnings

import tree_sitter_javascript
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from codegen.checking.problem import Problem
from codegen.corpora.script import Language

_PARSER = Parser(Grammar(tree_sitter_javascript.language()))
_JAVASCRIPT_OPERATOR = re.compile(r"\.(and|or|not)\s*\(")
_OF_JAVASCRIPT = re.compile(r"^\s*(?:var|let|const)\s+\w|\bfunction\s*\w*\s*\(|^\s*//|=>|&&|\|\|")
_SHOWN = 60


def syntax_problem(code: str, language: Language) -> Problem | None:
    """The first fault of syntax; None where there is none. Python is compiled, never executed."""
    if not code.strip():
        return Problem("syntax", "", "There is no code.", None)
    return _python(code) if language == "python" else _javascript(code)


def _python(code: str) -> Problem | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Problem("syntax", "", f"{error.msg}.{_hint(code, error.lineno)}", error.lineno)
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:  # null bytes; nested too deeply
        return Problem("syntax", "", f"Python cannot read it: {error or type(error).__name__}.", None)
    return None


def _hint(code: str, line: int | None) -> str:
    """What is often the reason: another language's way of writing."""
    lines = code.splitlines()
    written = lines[line - 1] if line is not None and 0 < line <= len(lines) else ""
    if found := _JAVASCRIPT_OPERATOR.search(written):
        return f" Python's client spells .{found[1]}( as .{found[1].capitalize()}(."
    return " This looks like JavaScript." if _OF_JAVASCRIPT.search(written) else ""


def _javascript(code: str) -> Problem | None:
    root = _PARSER.parse(code.encode("utf-8", "replace")).root_node
    if not root.has_error:
        return None
    node = _first_broken(root)
    line = node.start_point[0] + 1
    written = code.split("\n")[line - 1].strip() if line <= code.count("\n") + 1 else ""
    what = f"{node.type!r} is missing" if node.is_missing else "this cannot be read"
    return Problem("syntax", "", f"JavaScript: {what}: {written[:_SHOWN]}", line)


def _first_broken(root: Node) -> Node:
    """The first node, in the order of the text, that no rule of the language covers."""
    node = root
    while True:
        if node.is_error or node.is_missing:
            return node
        inside = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inside is None:
            return node
        node = inside
