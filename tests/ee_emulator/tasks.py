"""Waiting for tasks of the local Earth Engine."""

import time
from typing import Any

DONE = ("COMPLETED", "FAILED", "CANCELLED")


def finished(task: Any, seconds: float = 30.0) -> dict[str, Any]:
    """Starts a task and returns its status when it is done."""
    task.start()
    return ended(task, seconds)


def ended(task: Any, seconds: float = 30.0) -> dict[str, Any]:
    """The status of a started task when it is done."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status: dict[str, Any] = task.status()
        if status["state"] in DONE:
            return status
        time.sleep(0.02)
    raise AssertionError(f"still {status}")
