"""Long-running tasks: a small pool beside interactive requests, and a log on disk that outlives the server."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import out_of_memory
from ee_emulator.rest.assets import rfc3339
from ee_emulator.rest.data_folder import DataFolder, written_whole
from ee_emulator.workers import worker_pool

logger = logging.getLogger("ee_emulator")

CONCURRENT = 2
SAVE_SECONDS = 2.0
"""How often the progress of a running task is written down."""
INTERRUPTED = "The server was stopped while the task was not finished; start it again."
# Codes of google.rpc.Code.
_CANCELLED, _INVALID, _ABORTED, _INTERNAL = 1, 3, 10, 13
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Cancelled(Exception):  # noqa: N818 - an order, not an error
    """The client cancelled the task."""


@dataclass
class Operation:
    """One task, as it is kept in the log.

    Attributes:
        name: `projects/PROJECT/operations/ID`.
        kind: `EXPORT_IMAGE`, `EXPORT_FEATURES`, `INGEST_IMAGE` or `INGEST_TABLE`.
        description: The client's.
        state: `PENDING`, `RUNNING`, `CANCELLING`, `SUCCEEDED`, `FAILED` or `CANCELLED`.
        request_id: The client's; a request of the same id is the same task.
        created: ms since 1970 UTC; so are `updated`, `started` and `ended`.
        progress: Share 0..1 that is done.
        uris: Where the results are.
        error: Code and message of a failed or cancelled one.
        priority: The client's; higher ones start first.
    """

    name: str
    kind: str
    description: str
    state: str = "PENDING"
    request_id: str = ""
    created: float = field(default_factory=lambda: time.time() * 1000)
    updated: float = 0.0
    started: float | None = None
    ended: float | None = None
    progress: float = 0.0
    uris: list[str] = field(default_factory=list)
    error: dict[str, Any] | None = None
    priority: int = 100

    @property
    def done(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("SUCCEEDED", "FAILED", "CANCELLED")

    def describe(self) -> dict[str, Any]:
        """The JSON of a `google.longrunning.Operation` with Earth Engine's metadata."""
        times = {"createTime": self.created, "updateTime": self.updated or self.created}
        times |= {k: v for k, v in (("startTime", self.started), ("endTime", self.ended)) if v is not None}
        metadata: dict[str, Any] = {
            "@type": "type.googleapis.com/google.earthengine.v1.OperationMetadata",
            "state": self.state,
            "description": self.description,
            "type": self.kind,
            "priority": self.priority,
            "progress": round(self.progress, 4),
            **{key: rfc3339(ms) for key, ms in times.items()},
        }
        if self.started is not None:
            metadata["attempt"] = 1
            metadata["batchEecuUsageSeconds"] = round(((self.ended or time.time() * 1000) - self.started) / 1000, 3)
        if self.uris:
            metadata["destinationUris"] = self.uris
        answer: dict[str, Any] = {"name": self.name, "metadata": metadata, "done": self.done}
        if self.error is not None:
            answer["error"] = self.error
        elif self.done:
            answer["response"] = {"@type": "type.googleapis.com/google.protobuf.Empty"}
        return answer


Progress = Callable[[float], None]
"""Called with the share that is done; raises `Cancelled` when the client does not want the rest."""
Work = Callable[[Progress], list[str]]
"""Does a task and returns where its results are."""


class Operations:
    """All tasks of a data folder.

    Tasks that an earlier server did not finish are failed ones: what they were to compute died with it.
    """

    def __init__(self, data: DataFolder, concurrent: int = CONCURRENT) -> None:
        self._data = data
        self._concurrent = concurrent
        self._pool: Any = None
        self._waiting: list[tuple[Operation, Work]] = []
        self._changed = threading.Condition()
        self._operations: dict[str, Operation] = {}
        if data.exists and data.operations.is_dir():
            self._read_log()

    def _read_log(self) -> None:
        for path in sorted(self._data.operations.glob("*.json")):
            operation = Operation(**json.loads(path.read_text(encoding="utf-8")))
            self._operations[operation.name] = operation
            if not operation.done:
                self._end(operation, "FAILED", {"code": _ABORTED, "message": INTERRUPTED})

    def start(self, project: str, request: dict[str, Any], kind: str, work: Work) -> Operation:
        """Queues a task; a request whose `requestId` is known is that task, and is not started again."""
        request_id = str(request.get("requestId") or "")
        with self._changed:
            for known in self._operations.values():
                if request_id and known.request_id == request_id:
                    return known
            name = f"projects/{project}/operations/" + "".join(secrets.choice(_ALPHABET) for _ in range(24))
            operation = Operation(name, kind, str(request.get("description") or ""), request_id=request_id)
            operation.priority = _priority(request.get("priority"))
            self._operations[name] = operation
            self._save(operation)
            self._waiting.append((operation, work))
        self._workers().submit(self._run_next)
        return operation

    def _workers(self) -> Any:
        with self._changed:
            if self._pool is None:  # most servers never see a task
                self._pool = worker_pool(self._concurrent)
            return self._pool

    def _run_next(self) -> None:
        """Runs the task of the highest priority, the oldest of several."""
        with self._changed:
            if not self._waiting:
                return  # it was cancelled before its turn
            chosen = max(range(len(self._waiting)), key=lambda k: (self._waiting[k][0].priority, -k))
            operation, work = self._waiting.pop(chosen)
            operation.state, operation.started = "RUNNING", time.time() * 1000
            self._save(operation)
        try:
            operation.uris = work(self._progress(operation))
        except Cancelled:
            self._end(operation, "CANCELLED", {"code": _CANCELLED, "message": "Cancelled."})
        except EarthEngineError as error:
            self._end(operation, "FAILED", {"code": _INVALID, "message": error.message})
        except MemoryError:
            self._end(operation, "FAILED", {"code": _INVALID, "message": out_of_memory().message})
        else:
            operation.progress = 1.0
            self._end(operation, "SUCCEEDED", None)
        finally:
            if not operation.done:  # a bug of ours: a task that stayed RUNNING would keep its client waiting for ever
                logger.exception("%s failed", operation.name)
                message = f"Internal error in the emulator: {sys.exception()!r}"
                self._end(operation, "FAILED", {"code": _INTERNAL, "message": message})

    def _progress(self, operation: Operation) -> Progress:
        def note(share: float) -> None:
            with self._changed:
                if operation.state == "CANCELLING":
                    raise Cancelled
                operation.progress = share
                if time.time() * 1000 - operation.updated > SAVE_SECONDS * 1000:
                    self._save(operation)

        return note

    def _end(self, operation: Operation, state: str, error: dict[str, Any] | None) -> None:
        with self._changed:
            operation.state, operation.error, operation.ended = state, error, time.time() * 1000
            self._save(operation)
            self._changed.notify_all()

    def _save(self, operation: Operation) -> None:
        operation.updated = time.time() * 1000
        with written_whole(self._path(operation)) as place:
            place.write_text(json.dumps(asdict(operation)), encoding="utf-8")

    def _path(self, operation: Operation) -> Path:
        return self._data.operations / (operation.name.rpartition("/")[2] + ".json")

    def get(self, name: str) -> Operation:
        """The task of a name.

        Raises:
            EarthEngineError: 404: there is none.
        """
        with self._changed:
            found = self._operations.get(name)
        if found is None:
            raise EarthEngineError(f"Operation '{name}' not found.", 404, "NOT_FOUND")
        return found

    def list(self, project: str) -> list[Operation]:
        """The tasks of a project, the latest first."""
        with self._changed:
            mine = [o for o in self._operations.values() if o.name.startswith(f"projects/{project}/")]
        return sorted(mine, key=lambda o: o.created, reverse=True)

    def cancel(self, name: str) -> None:
        """Cancels a task: at once where it waits, at its next step where it runs, not at all where it is done."""
        operation = self.get(name)
        with self._changed:
            waiting = [entry for entry in self._waiting if entry[0] is operation]
            if waiting:
                self._waiting.remove(waiting[0])
                self._end(operation, "CANCELLED", {"code": _CANCELLED, "message": "Cancelled."})
            elif operation.state == "RUNNING":
                operation.state = "CANCELLING"
                self._save(operation)

    def wait(self, name: str, seconds: float) -> Operation:
        """The task when it is done, or as it is after so many seconds."""
        operation = self.get(name)
        with self._changed:
            self._changed.wait_for(lambda: operation.done, seconds)
        return operation

    def forget(self, name: str) -> None:
        """Takes a finished task off the list.

        Raises:
            EarthEngineError: It is not finished.
        """
        operation = self.get(name)
        if not operation.done:
            raise EarthEngineError(f"Operation '{name}' is not done: cancel it first.")
        with self._changed:
            self._operations.pop(name, None)
            self._path(operation).unlink(missing_ok=True)


def _priority(given: Any) -> int:
    value = given.get("value") if isinstance(given, dict) else given
    try:
        priority = 100 if value is None else int(value)
    except (TypeError, ValueError):
        priority = -1
    if not 0 <= priority <= 9999:
        raise EarthEngineError(f"The priority must be an integer between 0 and 9999, but was {value!r}.")
    return priority
