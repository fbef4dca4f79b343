"""A digest of code: results are computed anew when what computed them changed, and not when a comment did."""

import ast
import hashlib
import importlib
import inspect
import pkgutil
from functools import lru_cache
from types import ModuleType

_HAVE_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@lru_cache(maxsize=32)
def code_version(*modules: ModuleType) -> str:
    """Digest of the modules' syntax trees without comments and docstrings."""
    trees = [_without_docstrings(ast.parse(inspect.getsource(module))) for module in modules]
    return hashlib.sha256("\n".join(ast.dump(tree) for tree in trees).encode()).hexdigest()[:16]


def package_version(package: ModuleType) -> str:
    """The same over all modules of a package."""
    names = sorted(module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
    return code_version(package, *(importlib.import_module(name) for name in names))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, _HAVE_DOCSTRINGS) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return tree
