"""Small questions to nodes of JavaScript."""

from tree_sitter import Node

from codegen.extraction.nodes import text_of
from codegen.extraction.program import Role


def role_of(node: Node) -> Role:
    """Of a method: whether it needs an object, or is read like a field."""
    words = {child.type for child in node.children if not child.is_named}
    if "static" in words:
        return "static"
    return "property" if "get" in words else ""


def key_of(node: Node | None) -> str | None:
    """Key of a field; None for one that is computed."""
    if node is None or node.type == "computed_property_name":
        return None
    return text_of(node).strip("'\"")
