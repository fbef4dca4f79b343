"""Mutations of a reference, by the rules of rules.yaml: what is changed, and the class of error that is right for it.

Each function yields all mutations of its kind that it can make of a program, with the label that follows from the rule
and the table of signatures alone; `UNTOLD` where the rule leaves it to what the plain client does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from codegen.extraction.signatures import UNTYPED, Operator, signatures
from tests.codegen.evaluation.mutants.program import Called, Program

UNTOLD = ""
KINDS = ("syntax_error", "wrong_operator", "swapped_argument", "off_by_one", "wrong_type", "wrong_band")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed program.

    Attributes:
        kind: As in rules.yaml.
        label: Class of error; `UNTOLD` where signatures do not tell.
        code: The program.
        note: What was changed.
    """

    kind: str
    label: str
    code: str
    note: str


@cache
def vocabulary() -> dict[str, Any]:
    """What is put in the place of what is right."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("vocabulary.yaml").read_text("utf-8"))
    return found


def mutations(program: Program) -> Iterator[Mutation]:
    """All mutations of all kinds."""
    for make in (syntax_errors, wrong_operators, swapped_arguments, off_by_one, wrong_types, wrong_bands):
        yield from make(program)


# Syntax -----------------------------------------------------------------------------------------------------------


def syntax_errors(program: Program) -> Iterator[Mutation]:
    """Text that Python cannot compile."""
    code = program.code
    head, body = code.split("\n", 1)
    start, end = program.span(program.returned)
    texts = {
        "the last bracket is missing": re.sub(r"\)(?=[^)]*$)", "", code),
        "the colon after the signature is missing": f"{head.rstrip().removesuffix(':')}\n{body}",
        "the body is not indented": f"{head}\n" + re.sub(r"^    ", "", body, count=1),
        "return is misspelt": program.with_text(start, start + len("return"), "retrun"),
        "the body stands in braces": f"{head.removesuffix(':')} {{\n{body}}}\n",
        "function is written for def": f"function{code.removeprefix('def')}",
        "a variable is declared with var": re.sub(r"^(    )(\w+ = )", r"\1var \2", code, count=1, flags=re.MULTILINE),
        "a quotation mark is missing": re.sub(r'"([^"\n]*)"', r'"\1', code, count=1),
        "a comma is missing": re.sub(r"(?<=[\w\"]), (?=[\w\"])", " ", body, count=1) and _without_comma(code),
        "a function is written as in JavaScript": re.sub(r"lambda (\w+): ", r"function(\1) ", code, count=1),
        "a bracket is one too many": program.with_text(end, end, ")"),
        "an assignment stands in the place of the result": program.with_text(
            start, start + len("return "), "return = "
        ),
    }
    for note, text in texts.items():
        if text and text != code:
            yield Mutation("syntax_error", "syntax", text, note)


def _without_comma(code: str) -> str:
    """The first comma between two arguments of a call in the body left out."""
    head, body = code.split("\n", 1)
    return f"{head}\n" + re.sub(r"(?<=[\w\"\])]), (?=[\w\"\[])", " ", body, count=1)


# Operators --------------------------------------------------------------------------------------------------------


def wrong_operators(program: Program) -> Iterator[Mutation]:
    """Another name of one operator."""
    for called in program.calls:
        if called.operator.kind not in ("method", "static") or not _is_plain(called):
            continue
        yield from _made_up(program, called)
        yield from _sisters(program, called)


def _made_up(program: Program, called: Called) -> Iterator[Mutation]:
    owner = called.operator.owner.split(".")[0]
    names = list(vocabulary()["made_up"].get(owner, ()))
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", called.name).lower()
    if snake != called.name.lower():
        names.insert(0, snake)
    for name in names:
        if not _is_there(called.operator, name):
            note = f"{called.operator.name} becomes {name}, which {owner} has not"
            yield Mutation("wrong_operator", "parameter", _renamed(program, called, name), note)


def _sisters(program: Program, called: Called) -> Iterator[Mutation]:
    """Other operators of the class that take the same arguments."""
    operator = called.operator
    methods = signatures().methods.get(operator.owner, {}) if operator.kind == "method" else {}
    statics = [o for o in signatures().paths.values() if o.owner == operator.owner and o.kind == "static"]
    for other in [*methods.values()] if operator.kind == "method" else statics:
        if other.short == operator.short or other.short in ("evaluate", "getInfo", "aside") or other.algorithm is None:
            continue
        if other.algorithm in signatures().hidden | signatures().deprecated or not _takes_as(other, called):
            continue
        name = {"and": "And", "or": "Or", "not": "Not"}.get(other.short, other.short)
        if not hasattr(_client_class(operator.owner), name):
            continue
        label = _label_of(program, called, other)
        if label:
            note = f"{operator.name} becomes {other.name}, which gives {other.returns}"
            yield Mutation("wrong_operator", label, _renamed(program, called, name), note)


def _label_of(program: Program, called: Called, other: Operator) -> str:
    """By the class of the other operator's result, and by what is done with it."""
    if UNTYPED in (other.returns, called.operator.returns):
        return ""
    if other.returns == called.operator.returns:
        return "wrong_answer"
    if program.returned.value is called.node:
        return "output_type"
    parent = next((one for one in program.calls if _receiver(one) is called.node), None)
    if parent is not None and not hasattr(_client_class(other.returns), parent.name):
        return "parameter"
    return ""


def _receiver(called: Called) -> ast.expr | None:
    return called.node.func.value if isinstance(called.node.func, ast.Attribute) else None


def _takes_as(other: Operator, called: Called) -> bool:
    """Whether an operator takes the arguments of a call by the types that signatures declare."""
    given = len(called.node.args)
    needed = sum(not parameter.optional for parameter in other.parameters)
    if called.node.keywords or not needed <= given <= len(other.parameters):
        return False
    own = called.operator.parameters[:given]
    return all(_base(a.type) == _base(b.type) for a, b in zip(own, other.parameters, strict=False))


def _renamed(program: Program, called: Called, name: str) -> str:
    return program.with_text(called.start, called.start + len(called.name), name)


def _is_there(operator: Operator, name: str) -> bool:
    """Whether a class, or what it may be at run time, has an operator."""
    owner = _client_class(operator.owner)
    return owner is None or hasattr(owner, name)


def _client_class(owner: str) -> Any:
    import ee

    found: Any = ee
    for part in owner.split("."):
        found = getattr(found, part, None)
    return found


def _is_plain(called: Called) -> bool:
    return not any(isinstance(argument, ast.Starred) for argument in called.node.args)


def _base(declared: str) -> str:
    base = re.sub(r".*_arg_types\.|<.*", "", declared.split("|")[0].strip())
    return "Number" if base in ("Integer", "Long", "Float", "Double", "Number", "Short", "Byte") else base


# Arguments --------------------------------------------------------------------------------------------------------

_ONE_WAY = {"subtract", "divide", "pow", "mod", "gt", "gte", "lt", "lte", "cat", "addBands", "difference", "atan2",
            "rightShift", "leftShift", "merge", "matrixMultiply", "where"}  # fmt: skip
"""Operators that do not give the same when receiver and argument change places."""


def swapped_arguments(program: Program) -> Iterator[Mutation]:
    """Arguments in another order, receiver and argument exchanged, an unknown keyword."""
    for called in program.calls:
        node = called.node
        if not _is_plain(called):
            continue
        for first, second in zip(node.args, node.args[1:], strict=False):
            yield _exchanged(program, called, first, second)
        if called.operator.short in _ONE_WAY and len(node.args) == 1 and _is_object(program, node.args[0]):
            assert isinstance(node.func, ast.Attribute)
            receiver, argument = program.text(node.func.value), program.text(node.args[0])
            if receiver != argument:
                text = program.replaced(node, f"{argument}.{called.name}({receiver})")
                note = f"receiver and argument of {called.operator.name} change places"
                yield Mutation("swapped_argument", UNTOLD, text, note)
        yield from _unknown_keyword(program, called)


def _exchanged(program: Program, called: Called, first: ast.expr, second: ast.expr) -> Mutation:
    (a, b), (c, d) = program.span(first), program.span(second)
    code = program.code
    text = code[:a] + code[c:d] + code[b:c] + code[a:b] + code[d:]
    note = f"two arguments of {called.operator.name} change places: {code[a:b]} and {code[c:d]}"
    return Mutation("swapped_argument", UNTOLD, text, note)


def _is_object(program: Program, node: ast.expr) -> bool:
    """Whether an argument is an object of Earth Engine for certain."""
    if isinstance(node, ast.Name):
        arguments = program.tree.args.args
        types = {a.arg: ast.unparse(a.annotation) for a in arguments if a.annotation is not None}
        return types.get(node.id, "").startswith("ee.")
    return any(node is called.node for called in program.calls)


def _unknown_keyword(program: Program, called: Called) -> Iterator[Mutation]:
    node, operator = called.node, called.operator
    if operator.kind == "constructor" or not operator.parameters:
        return
    known = {parameter.name for parameter in operator.parameters}
    if node.args and not node.keywords and len(node.args) <= len(operator.parameters):
        own = operator.parameters[len(node.args) - 1].name
        for word in vocabulary()["keywords"].get(own, [f"{own}_value", "value_of"]):
            if word not in known:
                text = program.replaced(node.args[-1], f"{word}={program.text(node.args[-1])}")
                note = f"{operator.name} is given a keyword {word}, which it has not"
                yield Mutation("swapped_argument", "parameter", text, note)


# Numbers ----------------------------------------------------------------------------------------------------------

_COUNTING = {
    "slice",
    "get",
    "advance",
    "fromYMD",
    "calendarRange",
    "bitwiseAnd",
    "rightShift",
    "leftShift",
    "sequence",
    "arrayGet",
    "arraySlice",
    "arrayProject",
    "limit",
    "toList",
    "percentile",
    "splice",
    "toArray",
    "repeat",
    "insert",
    "gt",
    "gte",
    "lt",
    "lte",
    "buffer",
    "reduceNeighborhood",
    "pad",
    "cut",
    "zip",
    "remove",
    "getNumber",
    "min",
    "max",
    "nth",
    "circle",
    "square",
    "rectangle",
    "iterate",
    "linearRegression",
    "mod",
}
_COMPARED = {"gt": "gte", "gte": "gt", "lt": "lte", "lte": "lt"}


def off_by_one(program: Program) -> Iterator[Mutation]:
    """A counting number that is one more or less, a border that belongs to the other side."""
    for node in ast.walk(program.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value == 1:
            yield from _shifted(program, node.right, "a sum")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            for argument in node.args:
                yield from _shifted(program, argument, "range")
    for called in program.calls:
        if called.operator.short in _COUNTING:
            for argument in called.node.args:
                yield from _shifted(program, argument, called.operator.name)
        other = _COMPARED.get(called.operator.short)
        if other:
            note = f"{called.operator.name} becomes {other}: the border belongs to the other side"
            yield Mutation("off_by_one", "wrong_answer", _renamed(program, called, other), note)


def _shifted(program: Program, node: ast.expr, where: str) -> Iterator[Mutation]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and type(part.value) is int and abs(part.value) < 10_000:
            for change in (1, -1):
                note = f"{part.value} becomes {part.value + change} in {where}"
                yield Mutation("off_by_one", UNTOLD, program.replaced(part, str(part.value + change)), note)
    if isinstance(node, ast.Name) and where != "a sum":
        types = {a.arg: ast.unparse(a.annotation) for a in program.tree.args.args if a.annotation is not None}
        if types.get(node.id) == "int":
            for other in (f"{node.id} + 1", f"{node.id} - 1"):
                note = f"{other} stands for {node.id} in {where}"
                yield Mutation("off_by_one", UNTOLD, program.replaced(node, other), note)


# Types ------------------------------------------------------------------------------------------------------------

_CLASSES = {"Number": "number", "Geometry": "geometry", "Reducer": "reducer", "Image": "image", "List": "list",
            "Date": "date", "Kernel": "kernel", "Filter": "filter", "Dictionary": "dictionary"}  # fmt: skip


def wrong_types(program: Program) -> Iterator[Mutation]:
    """Another class given back, nothing given back, an argument of a class that is refused."""
    value = program.returned.value
    assert value is not None
    text = program.text(value)
    whole = text if re.fullmatch(r"[\w.\"'\[\]]+|.*\)", text, re.DOTALL) and not text.startswith("(") else f"({text})"
    for form in vocabulary()["wrapped"].get(program.case.out_type, ()):
        changed = program.replaced(value, form.format(whole))
        yield Mutation("wrong_type", "output_type", changed, f"{form.format('the result')} is given back")
    start, end = program.span(program.returned)
    yield Mutation("wrong_type", "output_type", program.with_text(start, end, text), "the word return is missing")
    for called in program.calls:
        for parameter, argument in zip(called.operator.parameters, called.node.args, strict=False):
            kind = _CLASSES.get(_base(parameter.type))
            for wrong in vocabulary()["refused"].get(kind, ()) if kind else ():
                note = f"{called.operator.name} is given {wrong} for {parameter.name}"
                yield Mutation("wrong_type", "parameter", program.replaced(argument, wrong), note)


# Bands ------------------------------------------------------------------------------------------------------------

_READS = {
    "select",
    "get",
    "getNumber",
    "normalizedDifference",
    "aggregate_array",
    "aggregate_mean",
    "aggregate_sum",
    "aggregate_max",
    "aggregate_min",
    "aggregate_histogram",
    "expression",
    "eq",
    "lt",
    "lte",
    "gt",
    "gte",
    "sort",
    "inList",
    "equals",
    "filterMetadata",
    "notNull",
    "qualityMosaic",
    "reduceColumns",
    "distinct",
    "remap",
    "addBands",
    "train",
    "getString",
    "getArray",
    "toArray",
    "sample",
    "classify",
    "unmix",
    "getGeometry",
}


def wrong_bands(program: Program) -> Iterator[Mutation]:
    """Another band or property, one that is there or one that is not."""
    for called in program.calls:
        if called.operator.short not in _READS:
            continue
        for argument in [*called.node.args, *(keyword.value for keyword in called.node.keywords)]:
            for part in ast.walk(argument):
                if (
                    isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and re.fullmatch(r"\w{2,}", part.value)
                ):
                    yield from _another(program, called, part)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\w{2,}", value) is not None


def _another(program: Program, called: Called, part: ast.Constant) -> Iterator[Mutation]:
    name = str(part.value)
    is_band = called.operator.short in ("select", "normalizedDifference")
    for bands in vocabulary()["bands"]:
        for other in bands if name in bands else ():
            if other != name:
                note = f"{other} stands for {name} in {called.operator.name}"
                yield Mutation("wrong_band", UNTOLD, program.replaced(part, f'"{other}"'), note)
    typo = name[:-1] + name[-1] * 2 if name[-1].isalnum() else f"{name}x"
    for wrong in (typo, f"{name}_1", name.swapcase() if name.swapcase() != name else f"{name}X"):
        note = f"{wrong}, which is not there, stands for {name} in {called.operator.name}"
        label = "parameter" if is_band else UNTOLD
        yield Mutation("wrong_band", label, program.replaced(part, f'"{wrong}"'), note)
