"""`Number.expression`: arithmetic over named numbers, with the operators of image expressions."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from ee_emulator.errors import EarthEngineError

_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: 0.0 if b == 0 else a / b,
    ast.Mod: lambda a, b: 0 if b == 0 else math.fmod(a, b),
    ast.Pow: lambda a, b: float(a) ** b,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: lambda a: int(not a),
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.BitAnd: lambda a, b: int(a) & int(b),
    ast.BitOr: lambda a, b: int(a) | int(b),
    ast.BitXor: lambda a, b: int(a) ^ int(b),
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    name: getattr(math, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sqrt", "exp", "log", "log10")
} | {"abs": abs, "min": min, "max": max, "floor": math.floor, "ceil": math.ceil, "pow": math.pow, "hypot": math.hypot}
_CONSTANTS = {"PI": math.pi, "E": math.e}


def evaluate_numbers(text: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression.

    Raises:
        EarthEngineError: Malformed, an unknown name or function, or a construct that expressions do not have.
    """
    python = re.sub(r"!(?!=)", " not ", text.replace("&&", " and ").replace("||", " or "))
    python = re.sub(r"([^?]+)\?([^:]+):(.+)", r"(\2) if (\1) else (\3)", python)
    try:
        tree = ast.parse(python.strip(), mode="eval")
    except SyntaxError as error:
        raise EarthEngineError(f"Number.expression: cannot parse '{text}': {error.msg}.") from None
    return _value(tree.body, names)


def _value(node: ast.AST, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.Name(id=name):
            raise EarthEngineError(f"Number.expression: '{name}' is not among the given variables.")
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand, names))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, names), _value(right, names))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return int(_OPERATORS[type(op)](_value(left, names), _value(right, names)))
        case ast.BoolOp(op=op, values=values):
            combine = all if isinstance(op, ast.And) else any
            return int(combine(_value(value, names) for value in values))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, names) else orelse, names)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(argument, names) for argument in arguments))
    raise EarthEngineError(f"Number.expression: not supported: {ast.unparse(node)}")
