"""`ee-emulator run`: a script, unchanged, against a fresh local Earth Engine."""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ee_emulator.client import redirected
from ee_emulator.process import start_emulator


def run_script(script: str, arguments: Sequence[str], catalog: str | None = None, data: str | None = None) -> int:
    """Runs a Python file as `python SCRIPT ARGUMENTS` would, with `ee.Authenticate` and `ee.Initialize` kept here.

    Args:
        script: The file.
        arguments: Its own arguments.
        catalog: Folder of your own assets.
        data: Folder of assets and exports; a temporary one by default.

    Its exit status and its traceback are the script's own: what ends it ends this process.

    Returns:
        0 where the script came to its end, 2 where there is no such file.
    """
    path = Path(script)
    if not path.is_file():
        print(f"ee-emulator: there is no file {script}", file=sys.stderr)
        return 2
    with start_emulator(catalog=catalog, data=Path(data) if data else None) as server, redirected(server.url):
        _run(path, arguments)
    return 0


def _run(path: Path, arguments: Sequence[str]) -> None:
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, str(path.resolve().parent))  # as Python does for a script
    shown = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        own = _from(path, traceback)
        shown(kind, error.with_traceback(own), own)

    sys.excepthook = hook
    runpy.run_path(str(path), run_name="__main__")


def _from(path: Path, traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that begins in the script; all of it where the script was never reached."""
    step = traceback
    while step is not None:
        if step.tb_frame.f_code.co_filename == str(path):
            return step
        step = step.tb_next
    return traceback
