"""What both readers ask of a tree-sitter node."""

from collections.abc import Iterator

from tree_sitter import Node

from codegen.extraction.program import Expression, Name, Number, Pattern, Place, Plain, Several, Target

TRUTH, NULL = Plain("boolean"), Plain("null")
_DIGITS = 10


def broken_bytes(root: Node) -> int:
    """Bytes of a tree that no rule of the language covers."""
    total, waiting = 0, [root]
    while waiting:
        node = waiting.pop()
        if node.is_error:
            total += node.end_byte - node.start_byte
        elif node.has_error:
            waiting.extend(node.children)
    return total


def place_of(node: Node) -> Place:
    """Where a node begins."""
    row, column = node.start_point
    return Place(row + 1, column)


def text_of(node: Node | None) -> str:
    """A node as it is written."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def names_of(target: Target) -> Iterator[str]:
    """The variables that a target sets."""
    if isinstance(target, Name):
        yield target.name
    elif isinstance(target, Pattern):
        for _, part, _ in target.parts:
            yield from names_of(part)


def code_in(node: Node | None) -> list[Node]:
    """The children that are not comments, nor mere punctuation."""
    return [] if node is None else [child for child in node.named_children if child.type != "comment"]


def number_of(node: Node) -> Number | Plain:
    """A number that is written out: what it is where it may be an index."""
    written = text_of(node)
    return Number(int(written)) if written.isdecimal() and len(written) < _DIGITS else Plain("number")


def signed(operand: Expression) -> Expression:
    """What a sign before an operand makes: a number that is written out stays one."""
    return Plain("number") if isinstance(operand, Number | Plain) else Several((operand,))
