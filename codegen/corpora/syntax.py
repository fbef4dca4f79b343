"""What a grammar tells about a script: where its comments are, and how much of it fits no rule.

Scripts are strangers' files: a tree may be 10⁵ levels deep or wide. A cursor walks the broken ones, without recursion:
tree-sitter's queries take minutes on some of them, the walk a fraction of a second.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import tree_sitter_javascript
import tree_sitter_python
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from codegen.corpora.reasons import RefusedError
from codegen.corpora.script import Language

Span = tuple[int, int]
"""First byte, and the one after the last."""

_GRAMMARS: Mapping[Language, Grammar] = {
    "javascript": Grammar(tree_sitter_javascript.language()),
    "python": Grammar(tree_sitter_python.language()),
}
_PARSERS: Mapping[Language, Parser] = {language: Parser(grammar) for language, grammar in _GRAMMARS.items()}
_QUERIES: Mapping[Language, Query] = {
    "javascript": Query(_GRAMMARS["javascript"], "[(comment) (html_comment) (hash_bang_line)] @comment"),
    "python": Query(
        _GRAMMARS["python"],
        "(comment) @comment (function_definition body: (block) @body) (class_definition body: (block) @body)",
    ),
}
_COMMENTS = frozenset({"comment", "html_comment", "hash_bang_line"})
_DEFINITIONS = frozenset({"function_definition", "class_definition"})
_MOST_STEPS = 200_000_000
_COMMENTED = re.compile(rb"(?:^[ \t]*+(?:#[^\n]*+)?\n)+", re.MULTILINE)
_COMMENT_LINE = re.compile(rb"^[ \t]*+#", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a script.

    Attributes:
        comments: Where, in order.
        docstrings: What stands between the quotes of those of modules, classes and functions, in order; Python only.
        broken: Share of the bytes of its tokens that stand directly in a broken part, 0 to 1. Statements that are
            well-formed within a broken part are not counted.
        broken_from: The first line that has any, from 1; 0: none has.
        is_well_formed: True where the grammar fits everywhere.
    """

    comments: list[Span]
    docstrings: list[Span]
    broken: float
    broken_from: int
    is_well_formed: bool


def look(source: bytes, language: Language) -> Look:
    """Parses and looks; takes time and memory linear in the size, whatever the bytes.

    Args:
        source: UTF-8.
        language: Whose grammar is taken.

    Raises:
        RefusedError: `too large`: Python with comments in a row of which the grammar would read each again for every
            one before it, as takes over a second or two.
    """
    if language == "python":
        _refuse_endless_comments(source)
    tree = _PARSERS[language].parse(source)
    if not tree.root_node.has_error:
        return _look_at_sound(tree.root_node, language)
    comments: list[Span] = []
    docstrings: list[Span] = []
    total = broken = broken_from = 0
    for node, parent, is_leaf in _walk(tree):
        if node.type in _COMMENTS:
            comments.append(node.byte_range)
        elif is_leaf:
            size = node.end_byte - node.start_byte
            total += size
            if size and parent and parent.is_error:
                broken += size
                broken_from = broken_from or node.start_point.row + 1
        elif language == "python" and _is_documented(node, parent):
            docstrings += _docstring(node)
    return Look(comments, docstrings, broken / total if total else 0.0, broken_from, not tree.root_node.has_error)


def _look_at_sound(root: Node, language: Language) -> Look:
    """The same for a tree without errors, by a query: a third of the time, and safe where nothing is broken."""
    found = QueryCursor(_QUERIES[language]).captures(root)
    comments = sorted(node.byte_range for node in found.get("comment", ()))
    bodies = sorted((node for node in found.get("body", ())), key=lambda node: node.start_byte)
    docstrings = [span for body in ([root, *bodies] if language == "python" else ()) for span in _docstring(body)]
    return Look(comments, sorted(docstrings), 0.0, 0, is_well_formed=True)


def _refuse_endless_comments(source: bytes) -> None:
    """After each comment the grammar of Python reads on to the next statement, to tell how far it is indented."""
    runs = [match[0] for match in _COMMENTED.finditer(source) if len(match[0]) > 10_000]
    steps = sum(len(run) * len(_COMMENT_LINE.findall(run)) for run in runs)
    if steps > _MOST_STEPS:
        raise RefusedError("too large", f"{len(max(runs, key=len)):,} bytes of comments in a row")


def _walk(tree: Tree) -> Iterator[tuple[Node, Node | None, bool]]:
    """Every node in the order of the text, with its parent, and whether it has no children."""
    cursor = tree.walk()
    above: list[Node] = []
    while node := cursor.node:
        is_leaf = not cursor.goto_first_child()
        yield node, above[-1] if above else None, is_leaf
        if not is_leaf:
            above.append(node)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            above.pop()


def _is_documented(node: Node, parent: Node | None) -> bool:
    """Whether a docstring may stand first in it."""
    return parent is None or (node.type == "block" and parent.type in _DEFINITIONS)


def _docstring(body: Node) -> list[Span]:
    """Between the quotes of the string, or the strings in a row, that are the whole of a body's first statement."""
    first = next((child for child in body.children if child.type not in _COMMENTS), None)
    if first is None or first.type != "expression_statement" or first.child_count != 1:
        return []
    value = first.children[0]
    strings = {"string": [value], "concatenated_string": value.children}.get(value.type, [])
    parts = [string.children for string in strings if string.type == "string" and string.child_count > 1]
    starts = b"".join(part[0].text or b"" for part in parts).lower()
    if b"f" in starts or b"b" in starts:  # Python keeps neither as a docstring
        return []
    return [(part[0].end_byte, part[-1].start_byte) for part in parts]
