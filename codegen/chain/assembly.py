"""Functions become a program: each is called with the results of those before it. Nothing of it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

import tree_sitter_javascript
from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser

from codegen.chain.pool import Submodule
from codegen.checking.syntax import syntax_problem
from codegen.retrieval.context import harmless
from codegen.sandbox.outcome import Language

_PARSER = Parser(Grammar(tree_sitter_javascript.language()))
_DECLARATIONS = ("function_declaration", "lexical_declaration", "variable_declaration", "class_declaration")
_SHOW = '''def show(value):
    """Prints a value; what Earth Engine computes is asked for."""
    print(value.getInfo() if isinstance(value, ee.ComputedObject) else value)'''


def assembled(submodules: Sequence[Submodule], code: Mapping[str, str], language: Language, objective: str = "") -> str:
    """The program.

    Args:
        submodules: In the order in which they are called.
        code: Of each, by its name: as `definitions` leaves it.
        language: Of the program.
        objective: Told in the docstring of `main`.
    """
    return (_python if language == "python" else _javascript)(submodules, code, objective)


def definitions(code: str, language: Language, name: str) -> str | None:
    """Of a model's code what defines things; calls, prints and examples are left out.

    Returns:
        None where it has a fault of syntax, or does not define the name.
    """
    if syntax_problem(code, language) is not None:
        return None
    return _python_definitions(code, name) if language == "python" else _javascript_definitions(code, name)


def rounded_off(code: str, language: Language) -> str:
    """A whole program with what it lacks to be run: the import, and the call of its `main`."""
    if language == "javascript" or syntax_problem(code, language) is not None:
        return code
    tree = ast.parse(code)
    modules = {
        alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    called = {
        node.func.id
        for part in tree.body
        if not isinstance(part, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(part)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    if "ee" not in modules:
        code = f"import ee\n\nee.Initialize()\n\n{code}"
    if "main" in functions and "main" not in called:
        shown = f"\n\n{_SHOW}\n" if "show" not in functions else "\n"
        code = f'{code.rstrip()}\n{shown}\n\nif __name__ == "__main__":\n    show(main())\n'
    return code


def defined_parameters(code: str, language: Language, name: str) -> list[str]:
    """Parameters of a function in code without faults of syntax; none where it is not there."""
    if language == "python":
        found = _python_function(code, name)
        return [] if found is None else [one.arg for one in (*found.args.posonlyargs, *found.args.args)]
    node = _javascript_function(_PARSER.parse(code.encode()).root_node, name)
    given = node.child_by_field_name("parameters") if node is not None else None
    return [_text(child).split("=", 1)[0].strip() for child in given.named_children] if given is not None else []


def _python_definitions(code: str, name: str) -> str | None:
    tree, lines = ast.parse(code), code.split("\n")
    last = max((number for number, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef)), default=-1)
    if not _defines_python(tree, name):
        return None
    kept = [node for number, node in enumerate(tree.body) if _is_kept(node, before=number < last)]
    parts = []
    for node in kept:
        decorators = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(one.lineno for one in decorators)])
        parts.append("\n".join(lines[start - 1 : node.end_lineno]))
    return "\n".join(parts)


def _is_kept(node: ast.stmt, before: bool) -> bool:
    """Definitions and imports; what is set only where a function after it may need it; never the session's begin."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names] != ["ee"]
    if isinstance(node, ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    return isinstance(node, ast.Assign | ast.AnnAssign) and before


def _defines_python(tree: ast.Module, name: str) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def _python_function(code: str, name: str) -> ast.FunctionDef | None:
    return next((one for one in ast.parse(code).body if isinstance(one, ast.FunctionDef) and one.name == name), None)


def _javascript_definitions(code: str, name: str) -> str | None:
    root = _PARSER.parse(code.encode()).root_node
    if _javascript_function(root, name) is None:
        return None
    kept = [node for node in root.named_children if node.type in _DECLARATIONS]
    return "\n".join(_text(node) for node in kept)


def _javascript_function(root: Node, name: str) -> Node | None:
    """`function name(…)`, or `var name = function(…)` and the like."""
    for node in root.named_children:
        if node.type == "function_declaration" and _text(node.child_by_field_name("name")) == name:
            return node
        for declared in node.named_children if node.type in _DECLARATIONS else ():
            value = declared.child_by_field_name("value")
            if _text(declared.child_by_field_name("name")) == name and value is not None and "function" in value.type:
                return value
    return None


def _text(node: Node | None) -> str:
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def _python(submodules: Sequence[Submodule], code: Mapping[str, str], objective: str) -> str:
    parts = ["import ee\n\nee.Initialize()"]
    parts += [f"# {harmless(one.purpose)}\n{code[one.name]}" for one in submodules]
    calls = [
        f"    {_targets(one)} = {_called(one, code[one.name], before)}" for one, before in _with_before(submodules)
    ]
    docstring = harmless(objective).replace("\\", "/").replace('"', "'")
    result = _result(submodules[-1])
    main = "\n".join(
        ["def main():", *([f'    """{docstring}"""'] if docstring else []), *calls, f"    return {result}"]
    )
    parts += [main, _SHOW, 'if __name__ == "__main__":\n    show(main())']
    return "\n\n\n".join(parts) + "\n"


def _with_before(submodules: Sequence[Submodule]) -> Iterator[tuple[Submodule, set[str]]]:
    """Each with the names of what those before it gave."""
    given: set[str] = set()
    for one in submodules:
        yield one, set(given)
        given |= {value.name for value in one.outputs} or {"result"}


def _targets(submodule: Submodule) -> str:
    return ", ".join(one.name for one in submodule.outputs) or "result"


def _result(submodule: Submodule) -> str:
    names = [one.name for one in submodule.outputs] or ["result"]
    return names[0] if len(names) == 1 else "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"


def _called(submodule: Submodule, code: str, before: set[str]) -> str:
    """The call with what there is: by name where the function has these names, else by place."""
    own = defined_parameters(code, "python", submodule.name)
    inputs = [one.name for one in submodule.inputs if one.name in before]
    if set(inputs) <= set(own):
        given = ", ".join(f"{name}={name}" for name in own if name in inputs)
    else:
        given = ", ".join(inputs[: len(own)])
    return f"{submodule.name}({given})"


def _javascript(submodules: Sequence[Submodule], code: Mapping[str, str], objective: str) -> str:
    parts = [f"// {harmless(one.purpose)}\n{code[one.name]}" for one in submodules]
    calls = []
    for one, before in _with_before(submodules):
        own = defined_parameters(code[one.name], "javascript", one.name)
        names = own if {v.name for v in one.inputs if v.name in before} <= set(own) else [v.name for v in one.inputs]
        given = [name if name in before else "undefined" for name in names]
        while given and given[-1] == "undefined":
            given.pop()
        call = f"{one.name}({', '.join(given)})"
        if len(one.outputs) > 1:
            calls.append(f"var {one.name}Given = {call};")
            calls += [f"var {value.name} = {one.name}Given.{value.name};" for value in one.outputs]
        else:
            calls.append(f"var {_targets(one)} = {call};")
    parts.append("\n".join(calls))
    parts.append("\n".join(_shown(value.name, value.type) for value in submodules[-1].outputs) or "print(result);")
    return "\n\n".join(parts) + "\n"


def _shown(name: str, type_: str) -> str:
    is_image = "Image" in type_ and "Collection" not in type_
    return f"Map.addLayer({name}, {{}}, '{name}');" if is_image else f"print('{name}', {name});"
