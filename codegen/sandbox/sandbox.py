"""The sandbox: programs run in it, and what came of them comes out."""

from __future__ import annotations

import os
import queue
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from codegen.sandbox import bubblewrap
from codegen.sandbox.errors import SandboxError, SandboxMissingError
from codegen.sandbox.inside.isolation import ORDINARY
from codegen.sandbox.jobs import bounds, encode, read_result
from codegen.sandbox.node import SHIM, JavaScript, find_javascript, javascript_job
from codegen.sandbox.outcome import Language, Limits, Outcome, ProgramError, Stage, Status
from codegen.sandbox.relay import Relay
from codegen.sandbox.rules import Mode
from codegen.sandbox.upstream import open_upstream
from codegen.sandbox.worker import Run, Worker, WorkerDiedError
from ee_emulator.client import DEFAULT_PROJECT

_PORT = 8085
"""Where programs in a sandbox find Earth Engine."""

_OUT_OF_HEAP = b"JavaScript heap out of memory"
"""Node's last words."""

UNSAFE = (
    "WARNING: generated code runs WITHOUT a sandbox, as you: it can read, change and send whatever you can. "
    "You asked for it with --unsafe-local."
)


@dataclass(frozen=True, slots=True)
class _JavaScriptPlaces:
    """What there is, and where a program sees the shim and the modules."""

    found: JavaScript | None
    shim: str
    modules: str


class Sandbox:
    """Runs programs, as many at a time as there are workers; may be used from several threads."""

    def __init__(
        self, workers: list[Worker], limits: Limits, project: str, javascript: _JavaScriptPlaces, enclosed: bool
    ) -> None:
        """See `open_sandbox`."""
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()
        for worker in workers:
            self._free.put(worker)
        self._limits = limits
        self._project = project
        self._javascript = javascript
        self._enclosed = enclosed

    def run(self, code: str, language: Language, limits: Limits | None = None) -> Outcome:
        """Runs a script to its end.

        Args:
            code: The script. `ee.Authenticate` and `ee.Initialize` may be called, and change nothing.
            language: Of the script.
            limits: Others than the sandbox has.

        Raises:
            JavaScriptMissingError: Node or Google's client is missing.
            SandboxError: The sandbox does not work any more.
        """
        what = "run" if language == "python" else "javascript"
        return self._do({"what": what, "code": code, "keep_files": True}, "run", limits)

    def call(self, code: str, function: str, params: Mapping[str, Any], limits: Limits | None = None) -> Outcome:
        """Executes Python code that defines a function, calls the function and gives back what it gave.

        Args:
            code: Defines the function.
            function: Its name; where the code has none of that name, the first one that it defines is called.
            params: By name: plain values, and sources (`PythonSource`) that are executed inside, with
                `<ee-project>` replaced.
            limits: Others than the sandbox has.

        Raises:
            BadInputError: A parameter cannot be given to a program.
            SandboxError: The sandbox does not work any more.
        """
        given = {name: encode(value, self._project) for name, value in params.items()}
        job = {"what": "call", "code": code, "function": function, "params": given, "keep_files": False}
        return self._do(job, "call", limits)

    def _do(self, job: dict[str, Any], stage: Stage, limits: Limits | None) -> Outcome:
        limits = limits or self._limits
        of_python = job["what"] != "javascript"
        job |= {"limits": asdict(limits), "bounds": bounds(limits, of_python, self._enclosed)}
        worker = self._free.get()
        started = time.monotonic()
        try:
            if not of_python:
                java = self._javascript
                job |= javascript_job(java.found, (java.shim, java.modules), worker.url, self._project, limits)
            return _outcome(worker.run(job), stage)
        except WorkerDiedError:
            return Outcome("killed", None, "", "", None, seconds=time.monotonic() - started)
        finally:
            self._free.put(worker)


def _outcome(run: Run, stage: Stage) -> Outcome:
    returned, error = read_result(bytes(run.written["result"]))
    status: Status = "ended"
    if stage == "run":
        returned = None
    if run.limit is not None:
        status, returned, error = run.limit, None, None  # type: ignore[assignment]  # the worker's words are Status
    elif error is not None:
        status = "memory" if error.kind == "MemoryError" else "failed"
    elif run.status < 0:
        status, returned = "killed", None
        if _OUT_OF_HEAP in run.written["stderr"]:
            status = "memory"
    elif run.status or (stage == "call" and returned is None):
        status = "failed"
        message = f"The program ended itself with exit status {run.status}."
        error = ProgramError(stage, "SystemExit", message, None, "")
    return Outcome(
        status,
        error,
        run.written["stdout"].decode("utf-8", "replace"),
        run.written["stderr"].decode("utf-8", "replace"),
        returned,
        run.files,
        run.seconds,
        run.status if stage == "run" and run.status >= 0 and run.limit is None else None,
    )


@contextmanager
def open_sandbox(
    url: str,
    limits: Limits = Limits(),  # noqa: B008  # it cannot be changed
    workers: int = 1,
    unsafe_local: bool = False,
    *,
    mode: Mode = "read",
    project: str = DEFAULT_PROJECT,
    javascript_modules: Path | None = None,
) -> Iterator[Sandbox]:
    """Opens a sandbox whose programs reach one Earth Engine and nothing else.

    Args:
        url: Of a local Earth Engine, or of Google's; then the user's credentials are added outside of the sandbox.
        limits: Of each program.
        workers: Programs at a time.
        unsafe_local: Without a sandbox, where there is none; says so on standard error.
        mode: `read`: programs that would change assets or start tasks are refused; `all`: they may.
        project: In which programs work.
        javascript_modules: A folder `node_modules` that has Google's JavaScript client; by default the one beside
            `codegen/sandbox/javascript/package.json`. Only programs in JavaScript need it.

    Raises:
        SandboxMissingError: Bubblewrap is missing, or not allowed to work; says what to do.
        SandboxError: The worker does not start; says why.
    """
    with ExitStack() as stack:
        upstream = open_upstream(url, project)
        stack.callback(upstream.close)
        upstream.check()
        starter = stack.enter_context(ThreadPoolExecutor(1, "sandbox"))
        javascript = _javascript(find_javascript(javascript_modules), unsafe_local)
        command, environment = _command(unsafe_local, project, javascript)
        owner = ORDINARY if os.getuid() == 0 and not unsafe_local else None
        started = [
            Worker(command, environment, lambda listener: Relay(listener, upstream, mode), starter, owner)
            for _ in range(workers)
        ]
        for worker in started:
            stack.callback(worker.stop)
            _start(worker)
        yield Sandbox(started, limits, project, javascript, not unsafe_local)


def _javascript(found: JavaScript | None, unsafe_local: bool) -> _JavaScriptPlaces:
    if unsafe_local:
        return _JavaScriptPlaces(found, str(SHIM), str(found.modules) if found else "")
    return _JavaScriptPlaces(found, f"{bubblewrap.HERE}/javascript", f"{bubblewrap.HERE}/node_modules")


def _command(unsafe_local: bool, project: str, javascript: _JavaScriptPlaces) -> tuple[list[str], Mapping[str, str]]:
    """What starts a worker, and its environment."""
    settings = {"enclosed": not unsafe_local, "port": 0 if unsafe_local else _PORT, "project": project}
    main = f"from codegen.sandbox.inside.zygote import main; main({settings!r})"
    site = bubblewrap.site_folders()
    if unsafe_local:
        print(UNSAFE, file=sys.stderr)
        repository = str(Path(__file__).resolve().parents[2])
        path = os.environ.get("PATH", "/usr/bin")
        return bubblewrap.worker_command([repository, *site], main), {**bubblewrap.ENVIRONMENT, "PATH": path}
    # Under names of their own: where they lie in /tmp here, a program's own /tmp would hide them.
    packages = {f"{bubblewrap.HERE}/packages/{number}": folder for number, folder in enumerate(site)}
    command = bubblewrap.worker_command([bubblewrap.HERE, *packages], main)
    visible = {place: place for place in bubblewrap.python_folders()} | packages | bubblewrap.own_code()
    if javascript.found is not None:
        node = str(javascript.found.node)
        visible |= {node: node, javascript.modules: str(javascript.found.modules)}
        visible |= {f"{javascript.shim}/{file.name}": str(file) for file in SHIM.glob("*.cjs")}
    return bubblewrap.sandbox_command(command, visible), {}


def _start(worker: Worker) -> None:
    try:
        worker.start()
    except SandboxError as error:
        told = str(error)
        if "bwrap:" in told or "unshare" in told or "mount" in told:
            raise SandboxMissingError(
                f"This machine does not let bubblewrap make a sandbox ({told.splitlines()[-1]}). Allow unprivileged "
                "user namespaces (`sysctl kernel.apparmor_restrict_unprivileged_userns=0` on Ubuntu, `sysctl "
                "kernel.unprivileged_userns_clone=1` on older Debian; in a container, its seccomp profile decides); "
                "or, at your own risk, let generated code run as you: --unsafe-local."
            ) from None
        raise
