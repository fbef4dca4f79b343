"""A notebook becomes one script, of what its cells of code say to Python."""

import ast
import json
from typing import Any

import pytest

from codegen.corpora.notebooks import script_of_notebook
from codegen.corpora.reasons import RefusedError


def notebook(*cells: str | list[str], language: str = "python") -> bytes:
    """A notebook with these cells of code and one of prose."""
    code: list[dict[str, Any]] = [{"cell_type": "code", "source": cell, "outputs": []} for cell in cells]
    prose = {"cell_type": "markdown", "source": "# Prose"}
    return json.dumps(
        {"nbformat": 4, "metadata": {"language_info": {"name": language}}, "cells": [prose, *code]}
    ).encode()


def script(*cells: str | list[str]) -> str:
    return script_of_notebook(notebook(*cells))[0].decode()


def test_cells_stand_below_each_other_a_blank_line_between() -> None:
    assert script(["import ee\n", "ee.Initialize()"], "print(1)\n", "") == "import ee\nee.Initialize()\n\nprint(1)"


@pytest.mark.parametrize(
    "magic",
    [
        "%matplotlib inline",
        "!pip install a \\\n  b",
        "?ee.Image",
        "ee.Image??",
        "files = !ls",
        "x = %time f()",
        "%%time",
        "%%capture out",
    ],
)
def test_what_speaks_to_ipython_is_left_out(magic: str) -> None:
    found = script(f"{magic}\nx = 1")
    assert found.split("\n")[-1] == "x = 1"
    assert found.strip() == "x = 1"


@pytest.mark.parametrize("line", ["x = (7\n  % 3)", "x = 'a?'", "assert (1\n  != 2)", "x = y %z"])
def test_what_only_looks_like_it_is_kept(line: str) -> None:
    assert script(line) == line


def test_a_block_of_a_magic_alone_stays_a_block() -> None:
    found = script("try:\n    import ee\nexcept ImportError:\n    !pip install earthengine-api\n")
    ast.parse(found)
    assert found.endswith("    pass")


def test_cells_in_another_language_are_left_out() -> None:
    assert script("%%javascript\nvar a;", "x = 1", "%%bash\nls") == "x = 1"


def test_notebooks_of_the_older_format_are_read() -> None:
    old = {"nbformat": 3, "metadata": {}, "worksheets": [{"cells": [{"cell_type": "code", "input": ["import ee"]}]}]}
    assert script_of_notebook(json.dumps(old).encode()) == (b"import ee", "python")


def test_the_kernel_tells_the_language() -> None:
    assert script_of_notebook(notebook("%a", language="javascript")) == (b"%a", "javascript")
    with pytest.raises(RefusedError, match="no language: a notebook in 'julia'"):
        script_of_notebook(notebook("a", language="julia"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"cells": [1]}',
        b'{"cells": [{"cell_type": "code", "source": 1}]}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_notebook_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        script_of_notebook(content)
    assert refused.value.reason == "unreadable"
