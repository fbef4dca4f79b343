"""Jupyter notebooks as scripts."""

import json
import re
from typing import Any

from codegen.corpora.reasons import RefusedError
from codegen.corpora.script import Language

MAX_NOTEBOOK_BYTES = 50_000_000
"""Pictures in a notebook's output are large; its code is held to the limit of scripts."""

_PYTHON_CELLS = frozenset({"time", "timeit", "capture", "prun"})
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_MAGIC = re.compile(r"\s*+(?:[\w.,\[\] ]++=\s*+)?(?:%[A-Za-z]|!(?!=))|\s*\?{1,2}[\w.]+\s*$|\s*[\w.]+\?{1,2}\s*$")


def script_of_notebook(content: bytes) -> tuple[bytes, Language]:
    """Its cells of code one below the other, a blank line between.

    What speaks to IPython instead of Python (`%`, `!`, `?`) becomes a blank line, or `pass` where it is indented and
    may be all that a block has. Cells in another language (`%%javascript`, `%%bash`) are left out.

    Raises:
        RefusedError: `unreadable`: it is no notebook. `no language`: it is in neither JavaScript nor Python.
    """
    try:
        notebook = json.loads(content)
        language = _language(notebook.get("metadata", {}))
        cells = [_source(cell) for cell in _cells(notebook) if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RefusedError("unreadable", f"no notebook ({type(error).__name__})") from None
    if language == "python":
        cells = [_without_magics(cell) for cell in cells]
    return "\n\n".join(cell.rstrip("\n") for cell in cells if cell).encode(errors="surrogatepass"), language


def _language(metadata: dict[str, Any]) -> Language:
    said = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language") or "python"
    match str(said).lower():
        case "python" | "ipython":
            return "python"
        case "javascript":
            return "javascript"
    raise RefusedError("no language", f"a notebook in {str(said)[:80]!a}")


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Of format 4; of format 3 those of its worksheets."""
    if "cells" in notebook:
        return list(notebook["cells"])
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"] if "source" in cell else cell["input"]
    return source if isinstance(source, str) else "".join(source)


def _without_magics(cell: str) -> str:
    if (cell_magic := _CELL_MAGIC.match(cell)) and cell_magic[1] not in _PYTHON_CELLS:
        return ""
    lines, continues = [], False
    for line in cell.split("\n"):
        is_magic = not continues and bool(_MAGIC.match(line) or _CELL_MAGIC.match(line))
        lines.append("" if continues else _silenced(line) if is_magic else line)
        continues = (continues or is_magic) and line.rstrip().endswith("\\")
    return "\n".join(lines)


def _silenced(line: str) -> str:
    indentation = line[: len(line) - len(line.lstrip())]
    return f"{indentation}pass" if indentation else ""
