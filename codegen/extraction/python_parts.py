"""Small questions to nodes of Python."""

from collections.abc import Iterator

from tree_sitter import Node

from codegen.extraction.nodes import code_in, text_of


def fields_of_class(node: Node) -> Iterator[str]:
    """Names that a class gives a type: the fields of a dataclass, in order."""
    for statement in code_in(node.child_by_field_name("body")):
        for child in code_in(statement):
            if child.type == "assignment" and child.child_by_field_name("type") is not None:
                yield text_of(child.child_by_field_name("left"))


def parameter_name(node: Node) -> str:
    """Name of a parameter, however it is written."""
    name = node.child_by_field_name("name")
    if name is not None:
        return text_of(name)
    identifiers = _identifiers(node)
    return next(identifiers, "")


def _identifiers(node: Node) -> Iterator[str]:
    if node.type == "identifier":
        yield text_of(node)
    for child in node.named_children:
        if child.type in ("identifier", "list_splat_pattern", "dictionary_splat_pattern"):
            yield from _identifiers(child)
