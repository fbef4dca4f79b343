"""Names that a program reads and that nothing in it, nor its language, defines."""

from __future__ import annotations

import ast
import builtins
import difflib
from collections.abc import Iterator

import tree_sitter_javascript
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from codegen.checking.forms import javascript
from codegen.checking.problem import Problem
from codegen.corpora.script import Language

_PARSER = Parser(Grammar(tree_sitter_javascript.language()))
_PYTHON = frozenset(dir(builtins)) | {"ee", "__file__", "__name__", "__doc__", "__builtins__"}
_DYNAMIC = {"exec", "globals", "locals", "eval", "setattr"}
_NOT_READ = {"break_statement", "continue_statement"}
"""Their names are labels."""


def unknown_names(code: str, language: Language) -> list[Problem]:
    """A problem for each name that is read and never defined, at its first place.

    A name counts as defined if it is anywhere in the program, in whatever scope: what is told is certain.
    """
    pairs = _python(code) if language == "python" else _javascript(code)
    if pairs is None:
        return []
    defined, read = pairs
    found: dict[str, Problem] = {}
    for name, line in read:
        if name not in defined and name not in found:
            near = difflib.get_close_matches(name, defined, n=1, cutoff=0.75)
            meant = f" Is {near[0]!r} meant?" if near else ""
            found[name] = Problem("unknown_name", name, f"The name {name!r} is not defined.{meant}", line)
    return list(found.values())


_Names = tuple[set[str] | frozenset[str], list[tuple[str, int]]]


def _python(code: str) -> _Names | None:
    defined, read = set(_PYTHON), list[tuple[str, int]]()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                read.append((node.id, node.lineno))
            else:
                defined.add(node.id)
        else:
            defined.update(_defined_by(node))
    if "*" in defined or any(name in _DYNAMIC for name, _ in read):
        return None
    return defined, sorted(read, key=lambda one: one[1])


def _defined_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).split(".", 1)[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names


def _javascript(code: str) -> _Names | None:
    defined, read = set(javascript().globals), list[tuple[str, int]]()
    waiting = [_PARSER.parse(code.encode("utf-8", "replace")).root_node]
    while waiting:
        node = waiting.pop()
        if node.type in ("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"):
            name = (node.text or b"").decode("utf-8", "replace")
            if _is_defined_there(node):
                defined.add(name)
            else:
                read.append((name, node.start_point[0] + 1))
        if node.type not in _NOT_READ:
            waiting.extend(node.children)
    return defined, sorted(read, key=lambda one: one[1])


def _is_defined_there(node: Node) -> bool:
    """Whether an identifier is where a name is made: declared, a parameter, assigned to, or tested by `typeof`."""
    child, parent = node, node.parent
    if node.type == "shorthand_property_identifier_pattern":
        return True
    while parent is not None and parent.type in _PATTERNS:
        if parent.type in ("pair_pattern",) and parent.child_by_field_name("key") == child:
            return False
        if parent.type in _WITH_DEFAULT and parent.child_by_field_name("right") == child:
            return False
        child, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type == "unary_expression":
        return any(one.type == "typeof" for one in parent.children)
    field = _MAKING.get(parent.type)
    return field is not None and (field == "" or parent.child_by_field_name(field) == child)


_WITH_DEFAULT = ("assignment_pattern", "object_assignment_pattern")
_PATTERNS = {
    "array_pattern", "object_pattern", "rest_pattern", "pair_pattern", "assignment_pattern",
    "object_assignment_pattern", "array", "object", "pair", "spread_element", "parenthesized_expression",
}  # fmt: skip
_MAKING = {
    "variable_declarator": "name",
    "function_declaration": "name",
    "generator_function_declaration": "name",
    "function_expression": "name",
    "class_declaration": "name",
    "class": "name",
    "formal_parameters": "",
    "arrow_function": "parameter",
    "catch_clause": "parameter",
    "for_in_statement": "left",
    "assignment_expression": "left",
    "import_specifier": "",
    "import_clause": "",
    "namespace_import": "",
    "labeled_statement": "",
}
"""Where a name is made: a node, and its part in which; empty: wherever in it."""
