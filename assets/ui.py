"""`aef-econ ui`: Dagster's page with its daemon, and MLflow's, on loopback until interrupted."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from assets.environment import QUIET
from assets.extraction.connection import connect
from assets.instance import dagster_home, log_file, open_instance
from lake.errors import BadInputError
from lake.settings import REPOSITORY, Settings, settings

_BIN = Path(sys.executable).parent
_START_SECONDS = 180.0


def serve(dagster_port: int, mlflow_port: int, host: str = "127.0.0.1") -> int:
    """Serves both pages until interrupted; the local Earth Engine is started once for all runs.

    Raises:
        BadInputError: A port is busy, or both are the same.
    """
    if dagster_port == mlflow_port:
        raise BadInputError(f"--port and --mlflow-port are both {dagster_port}: choose another for one of them.")
    for port, option in ((dagster_port, "--port"), (mlflow_port, "--mlflow-port")):
        _refuse_busy(host, port, option)
    configured = settings()
    _heed_interrupts()
    open_instance().dispose()  # closes what was killed: its runs would hold their pool slots before anything new
    with ExitStack() as stack:
        environment = _environment(configured, stack)
        servers = {"Dagster": (_dagster(host, dagster_port), dagster_port)}
        if "://" in configured.tracking_uri and not configured.tracking_uri.startswith("sqlite:"):
            print(f"MLflow: {configured.tracking_uri}", flush=True)  # a server that somebody else runs
        else:
            servers["MLflow"] = (_mlflow(configured, host, mlflow_port), mlflow_port)
        children = {name: _start(command, environment, stack) for name, (command, _) in servers.items()}
        for name, (_, port) in servers.items():
            _wait_for(host, port, children[name], name)
            print(f"{name}: http://{host}:{port}", flush=True)
        print(f"Ctrl-C ends what was started here. Logs: {log_file('dagster.log').parent}", flush=True)
        return _until_interrupted(list(children.values()))


def _heed_interrupts() -> None:
    """Ctrl-C and SIGTERM end everything in order, also while it starts.

    A shell begins what is put in the background (`aef-econ ui &`) with interrupts ignored. Our servers would inherit
    that, and could only be killed.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _environment(configured: Settings, stack: ExitStack) -> dict[str, str]:
    """The environment of the pages: one local Earth Engine for all runs, our Dagster folder, our MLflow store."""
    environment = QUIET | os.environ
    environment["DAGSTER_HOME"] = str(dagster_home())
    environment.setdefault("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")  # of its AI features, in processes of its own
    environment["PATH"] = f"{_BIN}{os.pathsep}{environment.get('PATH', '')}"
    if not configured.uses_real_earth_engine and not configured.ee_emulator_url:
        session = stack.enter_context(connect(configured))
        environment["AEF_ECON_EE_EMULATOR_URL"] = str(session.url)
    return environment


def _dagster(host: str, port: int) -> list[str]:
    command = [str(_BIN / "dagster"), "dev", "-w", str(REPOSITORY / "workspace.yaml")]
    return [*command, "-h", host, "-p", str(port), "--log-level", "warning"]


def _mlflow(configured: Settings, host: str, port: int) -> list[str]:
    command = [str(_BIN / "mlflow"), "server", "--host", host, "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", configured.tracking_uri]
    return [*command, "--default-artifact-root", configured.artifact_root]


def _start(command: Sequence[str], environment: dict[str, str], stack: ExitStack) -> subprocess.Popen[bytes]:
    """Starts a server in a process group of its own, which ends with us; it logs into a file of its name."""
    with log_file(f"{Path(command[0]).name}.log").open("w") as log:
        child = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    stack.callback(_end, child)
    return child


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGINT)  # Dagster's servers close their children on an interrupt
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)


def _refuse_busy(host: str, port: int, option: str) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            message = f"Port {port} on {host} is busy ({error.strerror}): choose another with {option}."
            raise BadInputError(message) from None


def _wait_for(host: str, port: int, child: subprocess.Popen[bytes], name: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        if child.poll() is not None:
            log = log_file(f"{name.lower()}.log")
            told = f"{name} ended at its start with status {child.returncode}; its output, in {log}, ends with:"
            raise BadInputError(f"{told}\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
        time.sleep(0.3)
    raise BadInputError(f"{name} did not answer on port {port} within {_START_SECONDS:.0f} s.")


def _until_interrupted(children: Sequence[subprocess.Popen[bytes]]) -> int:
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    print("A server ended by itself; ending the other.", file=sys.stderr)
    return 1
