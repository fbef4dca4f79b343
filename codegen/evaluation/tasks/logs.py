"""The logs of inspect_ai in a run's folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from lake.errors import BadInputError


def remove_superseded(folder: Path) -> None:
    """Removes the logs of interrupted tries: the newest, which is complete, has all that is in them."""
    from inspect_ai.log import list_eval_logs, read_eval_log

    newest, *others = list_eval_logs(str(folder), descending=True)
    if not _is_complete(read_eval_log(newest, header_only=True)):
        return
    for info in others:
        if not _is_complete(read_eval_log(info, header_only=True)):
            Path(info.name.removeprefix("file://")).unlink(missing_ok=True)


def _is_complete(log: object) -> bool:
    status, results = getattr(log, "status", ""), getattr(log, "results", None)
    return status == "success" and results is not None and results.completed_samples == results.total_samples


def folder_of_logs(folder: Path) -> Path:
    """The logs of a run, or of all runs below a folder.

    Raises:
        BadInputError: There are none.
    """
    if not any(folder.rglob("*.eval")):
        raise BadInputError(f"There are no logs in {folder}: `eecode eval run` writes some.")
    return folder / "logs" if (folder / "logs").is_dir() else folder


def view(folder: Path, port: int) -> NoReturn:
    """Becomes the server of inspect_ai's log viewer, on this machine only, until it is interrupted.

    What models wrote is shown as plain text: it may be made to look like something else.
    """
    command = [sys.executable, "-m", "inspect_ai", "view", "start", "--log-dir", str(folder_of_logs(folder))]
    os.execv(sys.executable, [*command, "--host", "127.0.0.1", "--port", str(port), "--no-trust-content"])  # noqa: S606
