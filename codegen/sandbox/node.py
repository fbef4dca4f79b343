"""What programs in JavaScript need: Node, Google's client, and the stand-in for the Code Editor that lies beside."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegen.sandbox.errors import JavaScriptMissingError
from codegen.sandbox.outcome import Limits

SHIM = Path(__file__).parent / "javascript"
CLIENT = "@google/earthengine"
_HEAP_SHARE = 0.75
"""Of a program's memory, for what its script makes; Node needs some for itself."""


@dataclass(frozen=True, slots=True)
class JavaScript:
    """Where it lies on this machine.

    Attributes:
        node: The program.
        modules: A folder `node_modules` with Google's client in it.
    """

    node: Path
    modules: Path


def find_javascript(modules: Path | None) -> JavaScript | None:
    """Node and Google's client; None where one is missing.

    Args:
        modules: A folder `node_modules`; by default the one beside the stand-in for the Code Editor.
    """
    node = shutil.which("node")
    folder = modules or SHIM / "node_modules"
    if node is None or not (folder / CLIENT).is_dir():
        return None
    return JavaScript(Path(node).resolve(), folder.resolve())


def javascript_job(
    found: JavaScript | None, places: tuple[str, str], url: str, project: str, limits: Limits
) -> dict[str, Any]:
    """The fields of a job by which Node is started.

    Args:
        found: What there is.
        places: Of the shim and of the modules, as the program sees them.
        url: Of Earth Engine, as the program sees it.
        project: In which it works.
        limits: Of the program.

    Raises:
        JavaScriptMissingError: Node or the client is missing; says how to install it.
    """
    if found is None:
        raise JavaScriptMissingError(
            f"Programs in JavaScript need Node and Google's client: install Node (`apt-get install nodejs npm`), then "
            f"`npm ci --prefix {SHIM}`."
        )
    shim, modules = places
    heap = int(limits.memory_bytes * _HEAP_SHARE) // 2**20
    command: Sequence[str] = [str(found.node), f"--max-old-space-size={heap}", f"{shim}/run.cjs", url, project]
    return {"command": command, "modules": modules}
