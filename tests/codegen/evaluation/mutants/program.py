"""A reference as text and tree, with the operators that it calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from codegen.evaluation.cases.case import Case, PythonSource, Task
from codegen.extraction.extract import extract
from codegen.extraction.signatures import Operator, signatures


@dataclass(frozen=True)
class Called:
    """A call of an operator in a program.

    Attributes:
        operator: From the table of signatures.
        node: The call.
        start: Where the operator's name begins in the text.
    """

    operator: Operator
    node: ast.Call
    start: int

    @property
    def name(self) -> str:
        """As it is written: `And`."""
        assert isinstance(self.node.func, ast.Attribute)
        return self.node.func.attr


@dataclass(frozen=True)
class Program:
    """A reference and the case that it is tried with."""

    task: Task
    case: Case

    @property
    def code(self) -> str:
        """The reference."""
        assert self.task.reference is not None
        return self.task.reference

    @cached_property
    def tree(self) -> ast.FunctionDef:
        """The function."""
        function = ast.parse(self.code).body[0]
        assert isinstance(function, ast.FunctionDef)
        return function

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.code.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def at(self, line: int, column: int) -> int:
        """Place in the text; references are ASCII, so that bytes are characters."""
        return self._line_starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node begins and ends in the text."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def text(self, node: ast.expr | ast.stmt) -> str:
        """A node's text."""
        start, end = self.span(node)
        return self.code[start:end]

    def with_text(self, start: int, end: int, text: str) -> str:
        """The code with another text in a place."""
        return self.code[:start] + text + self.code[end:]

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> str:
        """The code with another text in a node's place."""
        return self.with_text(*self.span(node), text)

    @cached_property
    def returned(self) -> ast.Return:
        """The last statement."""
        last = self.tree.body[-1]
        assert isinstance(last, ast.Return)
        return last

    @cached_property
    def calls(self) -> list[Called]:
        """Calls whose operator is known, in the order of the text."""
        nodes = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                nodes[self.span(node.func)[1] - len(node.func.attr)] = node
        known = {operator.name: operator for operator in signatures().all()}
        found = {}
        for call in extract(self._script(), "python").calls:
            if 2 <= call.place.line <= 1 + len(self.code.splitlines()):
                place = self.at(call.place.line - 1, call.place.column)
                if place in nodes and call.operator in known and not call.guessed:
                    found[place] = Called(known[call.operator], nodes[place], place)
        return [found[place] for place in sorted(found)]

    def _script(self) -> str:
        """As a script that calls the function: only so is it known what its parameters are."""
        sources = [value.text for value in self.case.params.values() if isinstance(value, PythonSource)]
        made = [value.text.split("(")[0].removeprefix("def ") for value in self.case.params.values()
                if isinstance(value, PythonSource)]  # fmt: skip
        given = []
        for name, value in self.case.params.items():
            given.append(f"{name}={made.pop(0)}()" if isinstance(value, PythonSource) else f"{name}={value!r}")
        return f"import ee\n{self.code}\n" + "\n".join(sources) + f"\n{self.task.function}({', '.join(given)})\n"
