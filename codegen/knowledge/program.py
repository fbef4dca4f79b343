"""A script as a small tree that JavaScript and Python share: only what decides which operators are called on what.

Arithmetic, comparisons and the like are `Several`: their operands may call something, their result is a plain value.
Nothing changes a tree once it was read; its parts are not frozen because that makes reading a third slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Place(NamedTuple):
    """Where something is written: line from 1, column from 0 in bytes."""

    line: int
    column: int


@dataclass(slots=True, eq=False)
class Name:
    """A variable that is read."""

    name: str


@dataclass(slots=True, eq=False)
class Text:
    """A string that is written out."""

    value: str


@dataclass(slots=True, eq=False)
class Plain:
    """A number, truth value, null or regular expression."""


@dataclass(slots=True, eq=False)
class Several:
    """Expressions of which only the calls matter; the result is a plain value."""

    parts: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Either:
    """`a ? b : c`, `b if a else c`, `b || c`: the condition, and values of which one is the result."""

    condition: Expression | None
    options: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Last:
    """`(a, b)` of JavaScript: all are evaluated, the last one is the result."""

    parts: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Items:
    """An array, list, tuple or set; a spread item stands as it is."""

    values: tuple[Expression, ...]


@dataclass(slots=True, eq=False)
class Fields:
    """An object or dictionary; a key that is computed is None."""

    pairs: tuple[tuple[str | None, Expression], ...]


@dataclass(slots=True, eq=False)
class Member:
    """`of.name`, also `of['name']`; the place is that of the name."""

    of: Expression
    name: str
    place: Place


@dataclass(slots=True, eq=False)
class Index:
    """`of[key]`, or a value out of what is gone through."""

    of: Expression
    key: Expression | None


@dataclass(slots=True, eq=False)
class Call:
    """A call; `named` are keyword arguments. The place is that of the callee's last name."""

    callee: Expression
    arguments: tuple[Expression, ...]
    named: tuple[tuple[str, Expression], ...]
    place: Place


@dataclass(slots=True, eq=False)
class Function:
    """A function that is written out; one is equal to itself only.

    Attributes:
        name: Empty for one without.
        parameters: What the arguments are bound to, in order.
        defaults: Of the parameters that have one.
        body: A single `Return` where it is an expression.
        variables: Names that `var` (or an assignment, in Python) makes in it wherever they stand.
    """

    name: str
    parameters: tuple[Target, ...]
    defaults: tuple[tuple[int, Expression], ...]
    body: tuple[Statement, ...]
    variables: frozenset[str]


@dataclass(slots=True, eq=False)
class Comprehension:
    """`[value for target in source if condition]`."""

    target: Target
    source: Expression
    conditions: tuple[Expression, ...]
    value: Expression


@dataclass(slots=True, eq=False)
class Set:
    """An assignment where an expression may stand; its value is the result."""

    target: Target
    value: Expression


@dataclass(slots=True, eq=False)
class Pattern:
    """A target with parts: `[a, b]` (numbers as keys) or `{a, b: c}`."""

    parts: tuple[tuple[str | int | None, Target], ...]


@dataclass(slots=True, eq=False)
class Evaluate:
    """A statement that is an expression."""

    value: Expression


@dataclass(slots=True, eq=False)
class Declare:
    """`let`, `const`, a parameter of `catch`: a name of the block that it stands in."""

    target: Target
    value: Expression | None


@dataclass(slots=True, eq=False)
class Define:
    """A function or class that is given a name where its scope begins (JavaScript) or where it stands (Python)."""

    name: str
    value: Expression


@dataclass(slots=True, eq=False)
class ClassBody:
    """A class: its methods and what is set in it."""

    name: str
    body: tuple[Statement, ...]


@dataclass(slots=True, eq=False)
class Block:
    """Statements with names of their own (`let`, `const`)."""

    body: tuple[Statement, ...]


@dataclass(slots=True, eq=False)
class Branch:
    """`if`, `switch`, `try`: ways of which one is taken, or, where it is not `exhaustive`, none."""

    condition: Expression | None
    ways: tuple[tuple[Statement, ...], ...]
    exhaustive: bool


@dataclass(slots=True, eq=False)
class Loop:
    """`for`, `while`: `target` takes the values of `source` (or its keys), where there is one."""

    target: Target | None
    source: Expression | None
    keys: bool
    before: tuple[Expression, ...]
    body: tuple[Statement, ...]


@dataclass(slots=True, eq=False)
class Return:
    """Leaves the function."""

    value: Expression | None


@dataclass(slots=True, eq=False)
class Leave:
    """`break`, `continue`, `throw`, `raise`: what follows in the block is not reached."""


@dataclass(slots=True, eq=False)
class Import:
    """`import module as name`, `from module import member as name`."""

    name: str
    module: str
    member: str | None


Expression: TypeAlias = (
    Name | Text | Plain | Several | Either | Last | Items | Fields | Member | Index | Call | Function | Comprehension
    | Set | ClassBody
)  # fmt: skip
Statement: TypeAlias = Evaluate | Declare | Define | Block | Branch | Loop | Return | Leave | Import
Target: TypeAlias = Name | Member | Index | Pattern


@dataclass(slots=True, eq=False)
class Program:
    """A whole script: its statements, and how many bytes of it could not be read."""

    body: tuple[Statement, ...]
    variables: frozenset[str]
    broken_bytes: int
