"""The command that starts a worker: what it may see of this machine, and with whom it shares it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import ee_emulator.client
from codegen.sandbox import inside
from codegen.sandbox.errors import SandboxMissingError
from codegen.sandbox.inside.isolation import TEMPORARY

HERE = "/eecode"
"""Where our own code lies in the sandbox."""

INSTALL = (
    "Generated code runs in bubblewrap only, and there is no `bwrap` here. Install it (`apt-get install bubblewrap`, "
    "`dnf install bubblewrap`); or, at your own risk, let generated code run as you: --unsafe-local."
)
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_DEVICE_LINKS = {"shm": TEMPORARY, "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
                 "stderr": "/proc/self/fd/2"}  # fmt: skip
_CAPABILITIES = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID")
"""That a worker has until it becomes an ordinary user, where root started it."""

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": TEMPORARY,
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",  # sets come in the same order in every worker
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
}


def worker_command(places: Sequence[str], main: str) -> list[str]:
    """Python, started as a worker, whether in a sandbox or not.

    Args:
        places: Where modules are found, besides Python's own library.
        main: The statement to execute.
    """
    code = f"import sys; sys.path[:0] = {list(places)!r}; {main}"
    return [os.path.realpath(sys.executable), "-P", "-s", "-S", "-c", code]


def site_folders() -> list[str]:
    """Where Earth Engine's client, and whatever else is installed beside it, lies."""
    found = importlib.util.find_spec("ee")
    assert found is not None
    assert found.origin is not None
    folders = [Path(found.origin).parents[1], *(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))]
    return [str(folder) for folder in dict.fromkeys(folders) if folder.is_dir()]


def sandbox_command(command: Sequence[str], visible: Mapping[str, str]) -> list[str]:
    """The command within a sandbox.

    Args:
        command: What is started in it.
        visible: Files and folders, besides the system's, that can be read there: place in the sandbox, place here.

    Raises:
        SandboxMissingError: There is no bubblewrap.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxMissingError(INSTALL)
    return [bwrap, *_spaces(), *_environment(), *_files(visible), "--chdir", "/", "--", *command]


def _spaces() -> list[str]:
    """Root lets the worker become somebody else; whoever else needs a user space to do anything of this."""
    spaces = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    spaces += ["--hostname", "sandbox", "--die-with-parent", "--new-session"]
    if os.getuid() != 0:
        return ["--unshare-user", *spaces]
    return [*spaces, "--cap-drop", "ALL", *(word for name in _CAPABILITIES for word in ("--cap-add", name))]


def _environment() -> list[str]:
    return ["--clearenv", *(word for name, value in ENVIRONMENT.items() for word in ("--setenv", name, value))]


def own_code() -> dict[str, str]:
    """What of this project is seen in the sandbox: place there, place here."""
    here = next(iter(inside.__path__))
    return {
        "/etc/passwd": f"{here}/passwd",
        f"{HERE}/codegen/sandbox/inside": here,
        f"{HERE}/ee_emulator/client.py": ee_emulator.client.__file__,
    }


def _files(visible: Mapping[str, str]) -> list[str]:
    binds = {place: source for place, source in visible.items() if not place.startswith("/usr/")}
    words = _parents([*binds, "/dev/null"])
    for place in _SYSTEM:
        if Path(place).is_symlink():
            words += ["--symlink", str(Path(place).readlink()), place]
        elif Path(place).is_dir():
            words += ["--ro-bind", place, place]
    for place in _SETTINGS:
        words += ["--ro-bind-try", place, place]
    for name in _DEVICES:
        words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for name, target in _DEVICE_LINKS.items():
        words += ["--symlink", target, f"/dev/{name}"]
    words += ["--dir", TEMPORARY, *(["--dir", "/proc"] if os.getuid() == 0 else ["--proc", "/proc"])]
    for place, source in binds.items():
        words += ["--ro-bind", source, place]
    return [*words, "--remount-ro", "/"]


def _parents(places: Iterable[str]) -> list[str]:
    """Makes the folders above places, open to all: those that bubblewrap makes on its own belong to root alone."""
    above = {str(parent) for place in places for parent in Path(place).parents[:-1]}
    return [word for folder in sorted(above) for word in ("--dir", folder)]


def python_folders() -> list[str]:
    """What Python itself needs."""
    base = Path(os.path.realpath(sys.executable)).parents[1]
    return [str(place) for place in (base / "bin", base / "lib") if place.is_dir()]
