"""Python to the tree of `program`."""

from __future__ import annotations

from collections.abc import Callable

import tree_sitter_python
from tree_sitter import Language, Node, Parser

from codegen.extraction.nodes import NULL, TRUTH, broken_bytes, code_in, names_of, number_of, place_of, signed, text_of
from codegen.extraction.program import (
    Branch,
    Call,
    ClassBody,
    Comprehension,
    Define,
    Either,
    Entered,
    Evaluate,
    Expression,
    Fields,
    Function,
    Import,
    Index,
    Items,
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
    Slice,
    Spread,
    Statement,
    Target,
    Text,
    Yield,
)
from codegen.extraction.python_parts import fields_of_class, parameter_name

_PARSER = Parser(Language(tree_sitter_python.language()))
_PLAIN = Plain()
_ROLES: dict[str, Role] = {"staticmethod": "static", "classmethod": "class", "property": "property"}
_NO_PARAMETERS = {"positional_separator", "keyword_separator", "list_splat_pattern", "dictionary_splat_pattern"}
_PATTERNS = {"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"}
_SPREAD = {"list_splat_pattern", "dictionary_splat_pattern", "list_splat", "as_pattern_target"}


def read_python(source: bytes) -> Program:
    """Reads a script; what cannot be read of it is gone round.

    Raises:
        RecursionError: It is nested deeper than the interpreter's stack.
    """
    root = _PARSER.parse(source).root_node
    reader = _Reader()
    body = reader.statements(code_in(root))
    return Program(body, frozenset(reader.variables[-1]), broken_bytes(root) if root.has_error else 0)


class _Reader:
    """One script; `variables` holds the names that are set in each function which is being read."""

    def __init__(self) -> None:
        self.variables: list[set[str]] = [set()]
        self.elsewhere: list[set[str]] = [set()]

    def statements(self, nodes: list[Node]) -> tuple[Statement, ...]:
        return tuple(one for node in nodes for one in self.statement(node))

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
        parts = tuple(self.expression(child) for child in code_in(node))
        return Several(parts) if parts else _PLAIN

    def body(self, node: Node | None, field: str = "body") -> tuple[Statement, ...]:
        """The statements of a block; of one that a clause has without a name, those of its block."""
        if node is None:
            return ()
        block = node.child_by_field_name(field) or next((c for c in node.named_children if c.type == "block"), None)
        return () if block is None else self.statements(code_in(block))

    # Statements

    def evaluated(self, node: Node) -> tuple[Statement, ...]:
        return tuple(Evaluate(self.expression(child)) for child in code_in(node))

    def define(self, node: Node) -> tuple[Statement, ...]:
        name = text_of(node.child_by_field_name("name"))
        self.variables[-1].add(name)
        return (Define(name, self.function(node)),)

    def class_statement(self, node: Node) -> tuple[Statement, ...]:
        name = text_of(node.child_by_field_name("name"))
        self.variables[-1].add(name)
        self.variables.append(set())
        self.elsewhere.append(set())
        body = self.body(node)
        self.variables.pop()
        self.elsewhere.pop()
        given = code_in(node.child_by_field_name("superclasses"))
        bases = tuple(self.expression(child) for child in given if child.type != "keyword_argument")
        return (Define(name, ClassBody(name, body, bases, tuple(fields_of_class(node)))),)

    def decorated(self, node: Node) -> tuple[Statement, ...]:
        """The function as it is written: what a decorator makes of it is not followed, but for methods' kinds."""
        decorators = [child for child in code_in(node) if child.type == "decorator"]
        definition = node.child_by_field_name("definition")
        made: tuple[Statement, ...] = tuple(
            Evaluate(self.expression(part)) for child in decorators for part in code_in(child)
        )
        if definition is None:
            return made
        defined = self.statement(definition)
        for one in defined:
            if isinstance(one, Define) and isinstance(one.value, Function):
                roles = [_ROLES[name] for child in decorators if (name := text_of(child).strip("@ \n")) in _ROLES]
                one.value.role = roles[0] if roles else ""
        return (*made, *defined)

    def branch(self, node: Node) -> tuple[Statement, ...]:
        """`if` with its `elif`s, from the last one backwards."""
        clauses = node.children_by_field_name("alternative")
        exhaustive = bool(clauses) and clauses[-1].type == "else_clause"
        rest = self.body(clauses.pop()) if exhaustive else ()
        for clause in reversed(clauses):
            ways = (self.body(clause, "consequence"), rest)
            rest = (Branch(self.expression(clause.child_by_field_name("condition")), ways, True),)
        condition = self.expression(node.child_by_field_name("condition"))
        return (Branch(condition, (self.body(node, "consequence"), rest), True),)

    def match(self, node: Node) -> tuple[Statement, ...]:
        cases = code_in(node.child_by_field_name("body"))
        ways = tuple(self.body(case, "consequence") for case in cases)
        return (Branch(self.expression(node.child_by_field_name("subject")), ways, False),)

    def attempt(self, node: Node) -> tuple[Statement, ...]:
        """`try`: what is tried and then `else`, or a handler; then what is final."""
        tried, final = [*self.body(node)], list[Statement]()
        handlers = []
        for clause in code_in(node):
            if clause.type in ("except_clause", "except_group_clause"):
                handlers.append(self.body(clause))
            elif clause.type == "else_clause":
                tried += self.body(clause)
            elif clause.type == "finally_clause":
                final += self.body(clause)
        return (Branch(None, (tuple(tried), *handlers), True), *final)

    def each(self, node: Node) -> tuple[Statement, ...]:
        target = self.target(node.child_by_field_name("left"))
        source = self.expression(node.child_by_field_name("right"))
        loop = Loop(target, source, False, (), self.body(node))
        return (loop, *self.body(node.child_by_field_name("alternative")))

    def repeated(self, node: Node) -> tuple[Statement, ...]:
        condition = self.expression(node.child_by_field_name("condition"))
        loop = Loop(None, None, False, (condition,), self.body(node))
        return (loop, *self.body(node.child_by_field_name("alternative")))

    def entered(self, node: Node) -> tuple[Statement, ...]:
        """`with`: what is entered, and its block."""
        clause = next((child for child in code_in(node) if child.type == "with_clause"), None)
        values = [item.child_by_field_name("value") for item in code_in(clause)]
        made = tuple(Evaluate(self.entering(value)) for value in values if value is not None)
        return (*made, *self.body(node))

    def entering(self, node: Node) -> Expression:
        if node.type != "as_pattern":
            return Entered(self.expression(node))
        alias, parts = node.child_by_field_name("alias"), code_in(node)
        return Set(self.target(alias), Entered(self.expression(parts[0] if parts else None)))

    def returned(self, node: Node) -> tuple[Statement, ...]:
        value = next(iter(code_in(node)), None)
        return (Return(None if value is None else self.expression(value)),)

    def left(self, node: Node) -> tuple[Statement, ...]:
        return (*self.evaluated(node), Leave())

    def elsewhere_set(self, node: Node) -> tuple[Statement, ...]:
        """`global`, `nonlocal`: these names are not the function's own."""
        self.elsewhere[-1].update(text_of(child) for child in code_in(node))
        return ()

    def imports(self, node: Node) -> tuple[Statement, ...]:
        module = node.child_by_field_name("module_name")
        made: list[Statement] = []
        for child in node.children_by_field_name("name"):
            name, alias = child.child_by_field_name("name") or child, child.child_by_field_name("alias")
            dotted = text_of(name)
            known_as = text_of(alias) if alias is not None else dotted.split(".", 1)[0]
            self.variables[-1].add(known_as)
            if module is not None:
                made.append(Import(known_as, text_of(module), dotted))
            else:
                made.append(Import(known_as, dotted if alias is not None else dotted.split(".", 1)[0], None))
        return tuple(made)

    def nothing(self, node: Node) -> tuple[Statement, ...]:
        return ()

    def broken(self, node: Node) -> tuple[Statement, ...]:
        return self.statements(code_in(node))

    # Expressions

    def name(self, node: Node) -> Expression:
        return Name(text_of(node))

    def text(self, node: Node) -> Expression:
        inside = [child for child in node.named_children if child.type == "interpolation"]
        if inside:
            return Several(tuple(self.expression(child.child_by_field_name("expression")) for child in inside))
        return Text("".join(text_of(child) for child in node.named_children if child.type == "string_content"))

    def inside(self, node: Node) -> Expression:
        return self.expression(next(iter(code_in(node)), None))

    def member(self, node: Node) -> Expression:
        name = node.child_by_field_name("attribute")
        return Member(self.expression(node.child_by_field_name("object")), text_of(name), place_of(name or node))

    def subscript(self, node: Node) -> Expression:
        of = self.expression(node.child_by_field_name("value"))
        keys = node.children_by_field_name("subscript")
        if keys and keys[0].type == "slice":
            written = text_of(keys[0]).replace(" ", "")
            return Slice(of, int(written[:-1]) if written[:-1].isdecimal() and written.endswith(":") else None)
        key, place = self.expression(keys[0] if keys else None), place_of(keys[0] if keys else node)
        return Member(of, key.value, place) if isinstance(key, Text) else Index(of, key, place)

    def call(self, node: Node) -> Expression:
        function = node.child_by_field_name("function")
        callee = self.expression(function)
        place = callee.place if isinstance(callee, Member | Index) else place_of(function or node)
        given = node.child_by_field_name("arguments")
        if given is not None and given.type == "generator_expression":
            return Call(callee, (self.comprehension(given),), (), place)
        arguments, named = [], []
        for child in code_in(given):
            if child.type == "keyword_argument":
                value = self.expression(child.child_by_field_name("value"))
                named.append((text_of(child.child_by_field_name("name")), value))
            elif child.type == "dictionary_splat":
                named.append(("", Spread(self.inside(child))))
            else:
                arguments.append(self.expression(child))
        return Call(callee, tuple(arguments), tuple(named), place)

    def items(self, node: Node) -> Expression:
        return Items(tuple(self.expression(child) for child in code_in(node)))

    def fields(self, node: Node) -> Expression:
        pairs: list[tuple[str | None, Expression]] = []
        for child in code_in(node):
            if child.type != "pair":
                pairs.append((None, self.expression(child)))
                continue
            key = self.expression(child.child_by_field_name("key"))
            pairs.append(
                (key.value if isinstance(key, Text) else None, self.expression(child.child_by_field_name("value")))
            )
        return Fields(tuple(pairs))

    def comprehension(self, node: Node) -> Expression:
        """`[value for a in b if c for d in e]`: one inside the other."""
        body = node.child_by_field_name("body")
        keyed = body is not None and body.type == "pair"
        value = self.expression(body.child_by_field_name("value") if body is not None and keyed else body)
        conditions: list[Expression] = []
        around = False
        for clause in reversed([child for child in code_in(node) if child != body]):
            if clause.type == "if_clause":
                conditions.append(self.inside(clause))
                continue
            self.variables.append(set())
            self.elsewhere.append(set())
            target = self.target(clause.child_by_field_name("left"))
            self.variables.pop()
            self.elsewhere.pop()
            source = self.expression(clause.child_by_field_name("right"))
            value = Comprehension(target, source, tuple(conditions), value, keyed, around)
            conditions, keyed, around = [], False, True
        return value

    def function(self, node: Node) -> Function:
        self.variables.append(set())
        self.elsewhere.append(set())
        parameters: list[Target] = []
        defaults = []
        by_place: int | None = None
        rests = {"list_splat_pattern": "", "dictionary_splat_pattern": ""}
        for parameter in code_in(node.child_by_field_name("parameters")):
            if parameter.type in ("keyword_separator", "list_splat_pattern"):
                by_place = len(parameters)
            if parameter.type in rests:
                rests[parameter.type] = parameter_name(parameter)
            if parameter.type in _NO_PARAMETERS:
                continue
            value = parameter.child_by_field_name("value")
            if value is not None:
                defaults.append((len(parameters), self.expression(value)))
            parameters.append(Name(parameter_name(parameter)))
        body = node.child_by_field_name("body")
        if node.type == "lambda":
            statements: tuple[Statement, ...] = (Return(self.expression(body)),)
        else:
            statements = self.body(node)
        name = text_of(node.child_by_field_name("name"))
        own = frozenset(self.variables.pop() - self.elsewhere.pop())
        keyword_only = 0 if by_place is None else len(parameters) - by_place
        rest, named_rest = rests.values()
        return Function(name, tuple(parameters), tuple(defaults), statements, own, rest, named_rest, keyword_only)

    def assignment(self, node: Node) -> Expression:
        right = node.child_by_field_name("right")
        target = self.target(node.child_by_field_name("left") or node.child_by_field_name("name"))
        value = self.expression(right or node.child_by_field_name("value"))
        return _PLAIN if right is None and node.type == "assignment" else Set(target, value)

    def changed(self, node: Node) -> Expression:
        return Several((self.expression(node.child_by_field_name("right")),))

    def conditional(self, node: Node) -> Expression:
        """`value if condition else other`: the three stand in this order, without names."""
        value, condition, *other = (self.expression(child) for child in code_in(node))
        return Either(condition, (value, *other))

    def either(self, node: Node) -> Expression:
        sides = tuple(self.expression(node.child_by_field_name(side)) for side in ("left", "right"))
        return Either(None, sides)

    def aliased(self, node: Node) -> Expression:
        """`value as name`."""
        parts = code_in(node)
        alias = node.child_by_field_name("alias")
        value = self.expression(parts[0] if parts else None)
        return value if alias is None else Set(self.target(alias), value)

    def plain(self, node: Node) -> Expression:
        return _PLAIN

    def number(self, node: Node) -> Expression:
        return number_of(node)

    def signed(self, node: Node) -> Expression:
        return signed(self.expression(node.child_by_field_name("argument")))

    def spread(self, node: Node) -> Expression:
        return Spread(self.inside(node))

    def yielded(self, node: Node) -> Expression:
        return Yield(self.inside(node))

    # Targets

    def target(self, node: Node | None) -> Target:
        target = self._target(node)
        self.variables[-1].update(names_of(target))
        return target

    def _target(self, node: Node | None) -> Target:
        if node is None:
            return Name("")
        if node.type in _PATTERNS:
            return Pattern(tuple((number, self._target(child), None) for number, child in enumerate(code_in(node))))
        if node.type in _SPREAD:
            return self._target(next(iter(code_in(node)), None))
        read = self.expression(node)
        return read if isinstance(read, Name | Member | Index) else Name("")


_STATEMENTS: dict[str, Callable[[_Reader, Node], tuple[Statement, ...]]] = {
    "expression_statement": _Reader.evaluated,
    "function_definition": _Reader.define,
    "class_definition": _Reader.class_statement,
    "decorated_definition": _Reader.decorated,
    "if_statement": _Reader.branch,
    "match_statement": _Reader.match,
    "try_statement": _Reader.attempt,
    "for_statement": _Reader.each,
    "while_statement": _Reader.repeated,
    "with_statement": _Reader.entered,
    "return_statement": _Reader.returned,
    "raise_statement": _Reader.left,
    "break_statement": _Reader.left,
    "continue_statement": _Reader.left,
    "global_statement": _Reader.elsewhere_set,
    "nonlocal_statement": _Reader.elsewhere_set,
    "import_statement": _Reader.imports,
    "import_from_statement": _Reader.imports,
    "future_import_statement": _Reader.nothing,
    "pass_statement": _Reader.nothing,
    "comment": _Reader.nothing,
    "block": _Reader.broken,
    "ERROR": _Reader.broken,
}
_EXPRESSIONS: dict[str, Callable[[_Reader, Node], Expression]] = {
    "identifier": _Reader.name,
    "string": _Reader.text,
    "integer": _Reader.number,
    "float": _Reader.number,
    "unary_operator": _Reader.signed,
    "true": lambda *_: TRUTH,
    "false": lambda *_: TRUTH,
    "none": lambda *_: NULL,
    "comment": _Reader.plain,
    "type": _Reader.plain,
    "parenthesized_expression": _Reader.inside,
    "list_splat": _Reader.spread,
    "dictionary_splat": _Reader.spread,
    "yield": _Reader.yielded,
    "await": _Reader.inside,
    "attribute": _Reader.member,
    "subscript": _Reader.subscript,
    "call": _Reader.call,
    "list": _Reader.items,
    "tuple": _Reader.items,
    "set": _Reader.items,
    "expression_list": _Reader.items,
    "dictionary": _Reader.fields,
    "list_comprehension": _Reader.comprehension,
    "set_comprehension": _Reader.comprehension,
    "dictionary_comprehension": _Reader.comprehension,
    "generator_expression": _Reader.comprehension,
    "lambda": _Reader.function,
    "assignment": _Reader.assignment,
    "named_expression": _Reader.assignment,
    "augmented_assignment": _Reader.changed,
    "conditional_expression": _Reader.conditional,
    "boolean_operator": _Reader.either,
    "as_pattern": _Reader.aliased,
}
