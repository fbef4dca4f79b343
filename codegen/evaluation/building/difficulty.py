"""How difficult a task is, by a rule that looks at its reference.

Points: one for each parameter beyond the second; one for each class of Earth Engine beyond the first in signature and
reference; one for each call of an operator beyond the first; two for a callback. `easy`: none; `medium`: at most 3;
`hard`: more.
"""

from __future__ import annotations

import ast

from codegen.evaluation.cases.case import Task

EASY = 0
MEDIUM = 3


def difficulty(task: Task) -> str:
    """`easy`, `medium` or `hard`; empty where the task has no reference."""
    if task.reference is None:
        return ""
    found = points(task.reference)
    return "easy" if found <= EASY else "medium" if found <= MEDIUM else "hard"


def points(reference: str) -> int:
    """Points of a solution: a module with one function."""
    function = ast.parse(reference).body[0]
    assert isinstance(function, ast.FunctionDef)
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    parameters = len(function.args.args)
    calls = sum(isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) for node in nodes)
    callbacks = any(isinstance(node, ast.Lambda | ast.FunctionDef) for node in nodes)
    return max(parameters - 2, 0) + max(len(_classes(function)) - 1, 0) + max(calls - 1, 0) + 2 * callbacks


def _classes(function: ast.FunctionDef) -> set[str]:
    """Classes of Earth Engine that are named."""
    return {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ee"
    }
