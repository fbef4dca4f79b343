"""A page with which a person explores a knowledge base, and a report of its head numbers."""

from codegen.knowledge.explorer.head import HeadNumbers, put_aside
from codegen.knowledge.explorer.rendering import page
from codegen.knowledge.explorer.report import report_markdown

__all__ = ["HeadNumbers", "page", "put_aside", "report_markdown"]
