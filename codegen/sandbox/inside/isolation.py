"""The two shells around a program: that of its worker, made once, and its own, made for each program."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

from codegen.sandbox.inside import kernel, system_calls

TEMPORARY = "/tmp"  # noqa: S108  # in the sandbox it is the program's own
USER = 1000
"""As whom a program sees itself."""

ORDINARY = 65_500
"""The user that a worker becomes where root started it: one that owns nothing."""

_FILES = 256
"""Descriptors of a process."""
_NODES = 10_000
"""Files and folders in the temporary folder."""
_SAFE = kernel.NO_SUID | kernel.NO_DEVICES
_SPACES = kernel.NEW_MOUNTS | kernel.NEW_IPC | kernel.NEW_UTS | kernel.NEW_CGROUP


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits that the kernel keeps, a process each; see `codegen.sandbox.outcome.Limits` for what they are made of."""

    cpu_seconds: int
    address_bytes: int | None
    processes: int
    disk_bytes: int


def become_ordinary() -> None:
    """Root becomes a user that owns nothing; whoever else stays who they are.

    Mounts a `/proc` first: the one of bubblewrap has covers when root makes it, and below it none could be mounted.
    """
    if os.getuid() != 0:
        return
    kernel.mount("proc", "/proc", _SAFE | kernel.NO_EXEC)
    os.setgroups([])
    os.setresgid(ORDINARY, ORDINARY, ORDINARY)
    os.setresuid(ORDINARY, ORDINARY, ORDINARY)
    kernel.set_dumpable(True)  # else /proc/self belongs to root, and no user can be mapped


def enter_worker() -> None:
    """Makes the spaces of a worker, in which it has all capabilities and nobody else is; returns as their process 1.

    The caller's process stays outside, waits, and ends as the worker does.
    """
    kernel.new_session_keyring()
    _new_user(kernel.NEW_PIDS | kernel.NEW_MOUNTS | kernel.NEW_IPC)
    worker = os.fork()
    if worker:
        os.closerange(0, 3)
        _, status = os.waitpid(worker, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    kernel.mount("proc", "/proc", _SAFE | kernel.NO_EXEC)
    kernel.count_capabilities()
    system_calls.program()  # once, and not by each program anew


class ProcessSpaces:
    """Gives each program a process space of its own, below the worker's."""

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def fork(self) -> int:
        """Forks; the child is process 1 of a new space: with it, everything ends that it started."""
        kernel.unshare(kernel.NEW_PIDS)  # of the next child
        try:
            child = os.fork()
        except OSError:
            kernel.enter(self._own, kernel.NEW_PIDS)
            raise
        if child:
            kernel.enter(self._own, kernel.NEW_PIDS)
        return child


def enclose(bounds: Bounds) -> None:
    """Makes the shell of a program around this process, which must be process 1 of its space.

    A new temporary and working directory and a `/proc` that shows this space alone; a user space in which nothing is
    owned and none can be made; no capability, and only harmless system calls.
    """
    kernel.write("/proc/self/oom_score_adj", b"1000")  # first to go where a machine has no memory
    kernel.unshare(_SPACES)
    options = f"size={bounds.disk_bytes},nr_inodes={_NODES},mode=0700,uid={os.getuid()},gid={os.getgid()}"
    kernel.mount("tmpfs", TEMPORARY, _SAFE | kernel.NO_EXEC, options)
    kernel.mount("proc", "/proc", _SAFE | kernel.NO_EXEC)
    _new_user(0)
    kernel.write("/proc/sys/user/max_user_namespaces", b"0")
    limit(bounds)
    kernel.drop_capabilities()
    kernel.forbid_new_privileges()
    judged = system_calls.program()
    if judged is not None:
        kernel.install_filter(judged)


def limit(bounds: Bounds) -> None:
    """Has the kernel keep a process, and those that it starts, within bounds."""
    kept: dict[int, int | None] = {
        resource.RLIMIT_AS: bounds.address_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: bounds.cpu_seconds,
        resource.RLIMIT_FSIZE: bounds.disk_bytes,
        resource.RLIMIT_NOFILE: _FILES,
        resource.RLIMIT_NPROC: bounds.processes,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 1024,
        resource.RLIMIT_RTPRIO: 0,
    }
    for kind, most in kept.items():
        if most is None:
            continue
        hard = resource.getrlimit(kind)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _new_user(flags: int) -> None:
    """Enters a new user space, and those of `flags` that it owns, as the only user there."""
    user, group = os.getuid(), os.getgid()
    kernel.unshare(kernel.NEW_USER | flags)
    kernel.write("/proc/self/setgroups", b"deny")
    kernel.write("/proc/self/uid_map", b"%d %d 1" % (USER, user))
    kernel.write("/proc/self/gid_map", b"%d %d 1" % (USER, group))
