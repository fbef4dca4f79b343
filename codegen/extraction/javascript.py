"""JavaScript, as the Code Editor takes it, to the tree of `program`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from codegen.extraction.javascript_parts import key_of, role_of
from codegen.extraction.nodes import NULL, TRUTH, broken_bytes, code_in, names_of, number_of, place_of, signed, text_of
from codegen.extraction.program import (
    Block,
    Branch,
    Call,
    ClassBody,
    Declare,
    Define,
    Either,
    Evaluate,
    Expression,
    Fields,
    Function,
    Index,
    Items,
    Last,
    Leave,
    Loop,
    Member,
    Name,
    Pattern,
    Plain,
    Program,
    Return,
    Role,
    Set,
    Several,
    Spread,
    Statement,
    Target,
    Text,
    Undefined,
    Yield,
)

_PARSER = Parser(Language(tree_sitter_javascript.language()))
_FUNCTIONS = {"function_declaration", "generator_function_declaration"}
_PLAIN = Plain()
_VALUES_OF_OPERANDS = {"||", "&&", "??"}


def read_javascript(source: bytes) -> Program:
    """Reads a script; what cannot be read of it is gone round.

    Raises:
        RecursionError: It is nested deeper than the interpreter's stack.
    """
    root = _PARSER.parse(source).root_node
    reader = _Reader()
    body = reader.statements(root.named_children)
    return Program(body, frozenset(reader.variables[-1]), broken_bytes(root) if root.has_error else 0)


class _Reader:
    """One script; `variables` holds the names that `var` makes in each function which is being read."""

    def __init__(self) -> None:
        self.variables: list[set[str]] = [set()]

    def statements(self, nodes: list[Node]) -> tuple[Statement, ...]:
        """Functions first: they are there from where their scope begins."""
        first = [self.define(node) for node in nodes if node.type in _FUNCTIONS]
        rest = [self.statement(node) for node in nodes if node.type not in _FUNCTIONS and node.type != "comment"]
        return (*first, *(one for some in rest for one in some))

    def statement(self, node: Node) -> tuple[Statement, ...]:
        handler = _STATEMENTS.get(node.type)
        if handler is not None:
            return handler(self, node)
        return (Evaluate(self.expression(node)),)

    def expression(self, node: Node | None) -> Expression:
        if node is None:
            return _PLAIN
        handler = _EXPRESSIONS.get(node.type)
        if handler is not None:
            return handler(self, node)
        parts = tuple(self.expression(child) for child in node.named_children if child.type != "comment")
        return Several(parts) if parts else _PLAIN

    # Statements

    def define(self, node: Node) -> Define:
        name = text_of(node.child_by_field_name("name"))
        return Define(name, self.function(node))

    def evaluated(self, node: Node) -> tuple[Statement, ...]:
        return tuple(Evaluate(self.expression(child)) for child in code_in(node))

    def variable(self, node: Node) -> tuple[Statement, ...]:
        """`var`: a name of the function, set where it stands; without a value it keeps the one that it has."""
        made: list[Statement] = []
        for declarator in code_in(node):
            if declarator.type != "variable_declarator":
                continue
            target = self.target(declarator.child_by_field_name("name"))
            self.variables[-1].update(names_of(target))
            value = declarator.child_by_field_name("value")
            if value is not None:
                made.append(Evaluate(Set(target, self.named(value, target))))
        return tuple(made)

    def lexical(self, node: Node) -> tuple[Statement, ...]:
        made: list[Statement] = []
        for declarator in code_in(node):
            if declarator.type == "variable_declarator":
                target = self.target(declarator.child_by_field_name("name"))
                value = declarator.child_by_field_name("value")
                made.append(Declare(target, None if value is None else self.named(value, target)))
        return tuple(made)

    def named(self, value: Node, target: Target) -> Expression:
        """A value; a function without a name takes that of its variable."""
        read = self.expression(value)
        if isinstance(read, Function) and not read.name and isinstance(target, Name):
            read.name = target.name
        return read

    def block(self, node: Node) -> tuple[Statement, ...]:
        return (Block(self.statements(node.named_children)),)

    def branch(self, node: Node) -> tuple[Statement, ...]:
        ways = [self.body(node.child_by_field_name("consequence"))]
        alternative = node.child_by_field_name("alternative")
        if alternative is not None:
            ways.append(tuple(one for child in code_in(alternative) for one in self.statement(child)))
        condition = self.expression(node.child_by_field_name("condition"))
        return (Branch(condition, tuple(ways), alternative is not None),)

    def body(self, node: Node | None) -> tuple[Statement, ...]:
        return () if node is None else self.statement(node)

    def switch(self, node: Node) -> tuple[Statement, ...]:
        ways, exhaustive = [], False
        conditions = [self.expression(node.child_by_field_name("value"))]
        for case in code_in(node.child_by_field_name("body")):
            value = case.child_by_field_name("value")
            exhaustive = exhaustive or case.type == "switch_default"
            if value is not None:
                conditions.append(self.expression(value))
            body = self.statements([child for child in code_in(case) if child != value])
            ways.append(tuple(one for one in body if not isinstance(one, Leave)))
        return (Branch(Several(tuple(conditions)), tuple(ways), exhaustive),)

    def attempt(self, node: Node) -> tuple[Statement, ...]:
        """`try`: what is tried, or the handler; then what is final."""
        ways = [self.body(node.child_by_field_name("body"))]
        handler = node.child_by_field_name("handler")
        if handler is not None:
            parameter = handler.child_by_field_name("parameter")
            caught: list[Statement] = [] if parameter is None else [Declare(self.target(parameter), None)]
            caught += self.body(handler.child_by_field_name("body"))
            ways.append((Block(tuple(caught)),))
        made: list[Statement] = [Branch(None, tuple(ways), True)]
        finalizer = node.child_by_field_name("finalizer")
        if finalizer is not None:
            made += self.body(finalizer.child_by_field_name("body"))
        return tuple(made)

    def counted(self, node: Node) -> tuple[Statement, ...]:
        """`for (…; …; …)`."""
        first = node.child_by_field_name("initializer")
        before = () if first is None else self.statement(first)
        header = [node.child_by_field_name(name) for name in ("condition", "increment")]
        repeated = tuple(self.expression(part) for part in header if part is not None)
        loop = Loop(None, None, False, repeated, self.body(node.child_by_field_name("body")))
        return (Block((*before, loop)),)

    def each(self, node: Node) -> tuple[Statement, ...]:
        """`for (… in …)`, `for (… of …)`."""
        target = self.target(node.child_by_field_name("left"))
        kind = text_of(node.child_by_field_name("kind"))
        keys = text_of(node.child_by_field_name("operator")) == "in"
        source = self.expression(node.child_by_field_name("right"))
        body = self.body(node.child_by_field_name("body"))
        if kind in ("let", "const"):
            nothing = tuple(Declare(Name(name), None) for name in names_of(target))
            return (Block((*nothing, Loop(target, source, keys, (), body))),)
        self.variables[-1].update(names_of(target) if kind == "var" else ())
        return (Loop(target, source, keys, (), body),)

    def repeated(self, node: Node) -> tuple[Statement, ...]:
        condition = self.expression(node.child_by_field_name("condition"))
        body = self.body(node.child_by_field_name("body"))
        return (Loop(None, None, False, (condition,), body, once=node.type == "do_statement"),)

    def returned(self, node: Node) -> tuple[Statement, ...]:
        value = next(iter(code_in(node)), None)
        return (Return(None if value is None else self.expression(value)),)

    def left(self, node: Node) -> tuple[Statement, ...]:
        values = [] if node.type in ("break_statement", "continue_statement") else code_in(node)
        return (*(Evaluate(self.expression(value)) for value in values), Leave())

    def labelled(self, node: Node) -> tuple[Statement, ...]:
        return self.body(node.child_by_field_name("body"))

    def broken(self, node: Node) -> tuple[Statement, ...]:
        return self.statements(node.named_children)

    def class_statement(self, node: Node) -> tuple[Statement, ...]:
        return (Declare(Name(text_of(node.child_by_field_name("name"))), self.class_body(node)),)

    def nothing(self, node: Node) -> tuple[Statement, ...]:
        return ()

    # Expressions

    def name(self, node: Node) -> Expression:
        return Name(text_of(node))

    def text(self, node: Node) -> Expression:
        return Text("".join(text_of(child) for child in node.named_children))

    def template(self, node: Node) -> Expression:
        parts = [child for child in node.named_children if child.type == "template_substitution"]
        if not parts:
            return Text(text_of(node)[1:-1])
        return Several(tuple(self.expression(child) for part in parts for child in code_in(part)))

    def inside(self, node: Node) -> Expression:
        return self.expression(next(iter(code_in(node)), None))

    def member(self, node: Node) -> Expression:
        name = node.child_by_field_name("property")
        return Member(self.expression(node.child_by_field_name("object")), text_of(name), place_of(name or node))

    def subscript(self, node: Node) -> Expression:
        of, index = self.expression(node.child_by_field_name("object")), node.child_by_field_name("index")
        key = self.expression(index)
        if isinstance(key, Text):
            return Member(of, key.value, place_of(index or node))
        return Index(of, key, place_of(index or node))

    def call(self, node: Node) -> Expression:
        named = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        callee = self.expression(named)
        given = node.child_by_field_name("arguments")
        if given is not None and given.type == "template_string":
            return Several((callee, self.expression(given)))
        place = callee.place if isinstance(callee, Member | Index) else place_of(named or node)
        return Call(callee, tuple(self.expression(child) for child in code_in(given)), (), place)

    def items(self, node: Node) -> Expression:
        return Items(tuple(self.expression(child) for child in code_in(node)))

    def fields(self, node: Node) -> Expression:
        pairs: list[tuple[str | None, Expression]] = []
        for child in code_in(node):
            if child.type == "pair":
                pairs.append(
                    (key_of(child.child_by_field_name("key")), self.expression(child.child_by_field_name("value")))
                )
            elif child.type == "shorthand_property_identifier":
                pairs.append((text_of(child), Name(text_of(child))))
            elif child.type == "method_definition":
                pairs.append((key_of(child.child_by_field_name("name")), self.function(child)))
            else:
                pairs.append((None, self.expression(child)))
        return Fields(tuple(pairs))

    def function(self, node: Node) -> Function:
        self.variables.append(set())
        is_arrow = node.type == "arrow_function"
        single = node.child_by_field_name("parameter")
        given = [single] if single is not None else code_in(node.child_by_field_name("parameters"))
        parameters, defaults, rest = [], [], ""
        for number, parameter in enumerate(given):
            if parameter.type == "rest_pattern":
                rest = text_of(parameter).removeprefix("...")
                continue
            target = parameter
            if parameter.type == "assignment_pattern":
                target = parameter.child_by_field_name("left") or parameter
                defaults.append((number, self.expression(parameter.child_by_field_name("right"))))
            parameters.append(self.target(target))
        body = node.child_by_field_name("body")
        if body is not None and body.type == "statement_block":
            statements = self.statements(body.named_children)
        else:
            statements = (Return(self.expression(body)),)
        name = text_of(node.child_by_field_name("name"))
        own = frozenset(self.variables.pop())
        role: Role = "arrow" if is_arrow else role_of(node)
        return Function(name, tuple(parameters), tuple(defaults), statements, own, rest, role=role)

    def class_body(self, node: Node) -> Expression:
        made: list[Statement] = []
        for child in code_in(node.child_by_field_name("body")):
            name = child.child_by_field_name("name") or child.child_by_field_name("property")
            if child.type == "method_definition":
                made.append(Define(text_of(name), self.function(child)))
            elif child.type == "field_definition":
                made.append(Evaluate(Set(Name(text_of(name)), self.expression(child.child_by_field_name("value")))))
        heritage = [child for child in node.named_children if child.type == "class_heritage"]
        bases = tuple(self.expression(part) for child in heritage for part in code_in(child))
        return ClassBody(text_of(node.child_by_field_name("name")), tuple(made), bases)

    def assignment(self, node: Node) -> Expression:
        target = self.target(node.child_by_field_name("left"))
        right = node.child_by_field_name("right")
        value = _PLAIN if right is None else self.named(right, target)
        if node.type == "augmented_assignment_expression":
            return Several((value,))
        return Set(target, value)

    def binary(self, node: Node) -> Expression:
        sides = tuple(self.expression(node.child_by_field_name(side)) for side in ("left", "right"))
        if text_of(node.child_by_field_name("operator")) in _VALUES_OF_OPERANDS:
            return Either(None, sides)
        return Several(sides)

    def ternary(self, node: Node) -> Expression:
        condition, *options = (
            self.expression(node.child_by_field_name(part)) for part in ("condition", "consequence", "alternative")
        )
        return Either(condition, tuple(options))

    def sequence(self, node: Node) -> Expression:
        return Last(tuple(self.expression(child) for child in code_in(node)))

    def plain(self, node: Node) -> Expression:
        return _PLAIN

    def number(self, node: Node) -> Expression:
        return number_of(node)

    def unary(self, node: Node) -> Expression:
        argument = self.expression(node.child_by_field_name("argument"))
        return signed(argument) if text_of(node.child_by_field_name("operator")) in "+-" else Several((argument,))

    def truth(self, node: Node) -> Expression:
        return TRUTH

    def null(self, node: Node) -> Expression:
        return NULL

    def undefined(self, node: Node) -> Expression:
        return Undefined()

    def spread(self, node: Node) -> Expression:
        return Spread(self.inside(node))

    def yielded(self, node: Node) -> Expression:
        return Yield(self.inside(node))

    # Targets

    def target(self, node: Node | None) -> Target:
        if node is None:
            return Name("")
        if node.type in ("array_pattern", "array"):
            return Pattern(tuple((number, *self.part(child)) for number, child in enumerate(code_in(node))))
        if node.type in ("object_pattern", "object"):
            return Pattern(tuple(self.parts(node)))
        if node.type in ("assignment_pattern", "object_assignment_pattern"):
            return self.target(node.child_by_field_name("left"))
        if node.type in ("rest_pattern", "spread_element", "parenthesized_expression"):
            return self.target(next(iter(code_in(node)), None))
        read = self.expression(node)
        return read if isinstance(read, Name | Member | Index) else Name(text_of(node) if node.child_count == 0 else "")

    def part(self, node: Node) -> tuple[Target, Expression | None]:
        """A part of a pattern, and what it is where there is nothing for it."""
        has_default = node.type in ("assignment_pattern", "object_assignment_pattern", "assignment_expression")
        right = node.child_by_field_name("right") if has_default else None
        target = self.target(node.child_by_field_name("left") if has_default else node)
        return target, None if right is None else self.expression(right)

    def parts(self, node: Node) -> Iterator[tuple[str | None, Target, Expression | None]]:
        for child in code_in(node):
            if child.type in ("pair_pattern", "pair"):
                value = child.child_by_field_name("value")
                yield key_of(child.child_by_field_name("key")), *(self.part(value) if value else (Name(""), None))
            else:
                target, default = self.part(child)
                yield (target.name if isinstance(target, Name) else None), target, default


_STATEMENTS: dict[str, Callable[[_Reader, Node], tuple[Statement, ...]]] = {
    "expression_statement": _Reader.evaluated,
    "variable_declaration": _Reader.variable,
    "lexical_declaration": _Reader.lexical,
    "statement_block": _Reader.block,
    "if_statement": _Reader.branch,
    "switch_statement": _Reader.switch,
    "try_statement": _Reader.attempt,
    "for_statement": _Reader.counted,
    "for_in_statement": _Reader.each,
    "while_statement": _Reader.repeated,
    "do_statement": _Reader.repeated,
    "return_statement": _Reader.returned,
    "throw_statement": _Reader.left,
    "break_statement": _Reader.left,
    "continue_statement": _Reader.left,
    "labeled_statement": _Reader.labelled,
    "class_declaration": _Reader.class_statement,
    "empty_statement": _Reader.nothing,
    "comment": _Reader.nothing,
    "ERROR": _Reader.broken,
}
_EXPRESSIONS: dict[str, Callable[[_Reader, Node], Expression]] = {
    "identifier": _Reader.name,
    "shorthand_property_identifier": _Reader.name,
    "this": _Reader.name,
    "string": _Reader.text,
    "template_string": _Reader.template,
    "number": _Reader.number,
    "true": _Reader.truth,
    "false": _Reader.truth,
    "null": _Reader.null,
    "unary_expression": _Reader.unary,
    "undefined": _Reader.undefined,
    "regex": _Reader.plain,
    "comment": _Reader.plain,
    "parenthesized_expression": _Reader.inside,
    "spread_element": _Reader.spread,
    "yield_expression": _Reader.yielded,
    "super": _Reader.name,
    "await_expression": _Reader.inside,
    "member_expression": _Reader.member,
    "subscript_expression": _Reader.subscript,
    "call_expression": _Reader.call,
    "new_expression": _Reader.call,
    "array": _Reader.items,
    "object": _Reader.fields,
    "function_expression": _Reader.function,
    "arrow_function": _Reader.function,
    "generator_function": _Reader.function,
    "class": _Reader.class_body,
    "assignment_expression": _Reader.assignment,
    "augmented_assignment_expression": _Reader.assignment,
    "binary_expression": _Reader.binary,
    "ternary_expression": _Reader.ternary,
    "sequence_expression": _Reader.sequence,
}
