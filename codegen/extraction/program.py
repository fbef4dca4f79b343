"""A script as a small tree that JavaScript and Python share: only what decides which operators are called on what.

Arithmetic, comparisons and the like are `Several`: their operands may call something, their result is a plain value.
Nothing changes a tree once it was read; its parts are not frozen because that makes reading a third slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Role = Literal["", "static", "class", "property", "arrow"]
PlainKind = Literal["", "number", "boolean", "null"]


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
class Number:
    """A whole number that is written out."""

    value: int


@dataclass(slots=True, eq=False)
class Plain:
    """Another number, a truth value, null or a regular expression; `kind` tells which of the first three."""

    kind: PlainKind = ""


@dataclass(slots=True, eq=False)
class Undefined:
    """`undefined`: an argument that is as good as none."""


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
class Spread:
    """`...list`, `*list`, `**dictionary`: its parts stand in its place."""

    value: Expression


@dataclass(slots=True, eq=False)
class Slice:
    """`list[1:]`: some of its values, from a number on where there is one alone."""

    of: Expression
    start: int | None


@dataclass(slots=True, eq=False)
class Entered:
    """What `with` gives for a context manager."""

    value: Expression


@dataclass(slots=True, eq=False)
class Yield:
    """`yield value`: one of what a generator gives; it goes on."""

    value: Expression


@dataclass(slots=True, eq=False)
class Items:
    """An array, list, tuple or set."""

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
    """`of[key]`; the place is that of the key."""

    of: Expression
    key: Expression
    place: Place


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
        rest: What takes the arguments that are left: `*args`, `...args`; empty for none.
        keyword_only: How many parameters, the last ones, take no argument by its place.
        named_rest: What takes the keywords that are left: `**options`; empty for none.
        role: `static` and `class` of methods that need no object, `property` of one that is read like a field, `arrow`
            of a function without a `this` of its own.
    """

    name: str
    parameters: tuple[Target, ...]
    defaults: tuple[tuple[int, Expression], ...]
    body: tuple[Statement, ...]
    variables: frozenset[str]
    rest: str = ""
    named_rest: str = ""
    keyword_only: int = 0
    role: Role = ""


@dataclass(slots=True, eq=False)
class Comprehension:
    """`[value for target in source if condition]`; with `keyed` a dictionary with these values.

    Of `[value for a in b for c in d]` the first `for` is around the second one: `around` tells that `value` is that.
    """

    target: Target
    source: Expression
    conditions: tuple[Expression, ...]
    value: Expression
    keyed: bool = False
    around: bool = False


@dataclass(slots=True, eq=False)
class Set:
    """An assignment where an expression may stand; its value is the result."""

    target: Target
    value: Expression


@dataclass(slots=True, eq=False)
class Pattern:
    """A target with parts: `[a, b]` (numbers as keys) or `{a, b: c}`, each with its default where it has one."""

    parts: tuple[tuple[str | int | None, Target, Expression | None], ...]


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
    """A class: its methods and what is set in it, the classes that it is made of, and the fields that it only names."""

    name: str
    body: tuple[Statement, ...]
    bases: tuple[Expression, ...]
    fields: tuple[str, ...] = ()


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
    """`for`, `while`: `target` takes the values of `source` (or its keys), where there is one.

    `before` is worked out in every round; `once` is told of a loop that makes one round for certain.
    """

    target: Target | None
    source: Expression | None
    keys: bool
    before: tuple[Expression, ...]
    body: tuple[Statement, ...]
    once: bool = False


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
    Name | Text | Number | Plain | Undefined | Several | Either | Last | Spread | Slice | Entered | Yield | Items
    | Fields | Member | Index | Call | Function | Comprehension | Set | ClassBody
)  # fmt: skip
Statement: TypeAlias = Evaluate | Declare | Define | Block | Branch | Loop | Return | Leave | Import
Target: TypeAlias = Name | Member | Index | Pattern


@dataclass(slots=True, eq=False)
class Program:
    """A whole script: its statements, and how many bytes of it could not be read."""

    body: tuple[Statement, ...]
    variables: frozenset[str]
    broken_bytes: int
