"""Calls of the Linux kernel that Python's library lacks."""

from __future__ import annotations

import ctypes
import functools
import os

NEW_MOUNTS = 0x00020000
NEW_CGROUP = 0x02000000
NEW_UTS = 0x04000000
NEW_IPC = 0x08000000
NEW_USER = 0x10000000
NEW_PIDS = 0x20000000

NO_SUID = 2
NO_DEVICES = 4
NO_EXEC = 8

_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_READ, _PR_CAPBSET_DROP = 4, 22, 23, 24
_PR_SET_SECUREBITS, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 28, 36, 38, 47
_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
_SECURE_BITS = 0xEF
"""No privileges from being root, none kept over a change of user, none ambient; each locked (securebits.h)."""
_CAPABILITY_VERSION = 0x20080522
_JOIN_SESSION_KEYRING = 1
_KEYCTL = {"x86_64": 250, "aarch64": 219}

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leaves namespaces for new ones (unshare(2)).

    Raises:
        OSError: The kernel does not allow it.
    """
    _check(_libc.unshare(flags), "unshare")


def enter(namespace: int, flags: int) -> None:
    """Enters a namespace by a descriptor of it (setns(2))."""
    _check(_libc.setns(namespace, flags), "setns")


def mount(kind: str, place: str, flags: int, options: str = "") -> None:
    """Mounts a file system that needs no device (mount(2))."""
    texts = kind.encode(), place.encode(), kind.encode()
    _check(_libc.mount(*texts, ctypes.c_ulong(flags), options.encode()), f"mount {kind} on {place}")


def set_dumpable(dumpable: bool) -> None:
    """Whether others of the same user may look into this process; false after every change of user."""
    _prctl(_PR_SET_DUMPABLE, int(dumpable))


def adopt_orphans() -> None:
    """Becomes the parent of every descendant whose own has ended."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def forbid_new_privileges() -> None:
    """From here on, no program gives more than its caller has."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Gives up every capability, now and for whatever is started later."""
    for capability in range(count_capabilities()):
        _prctl(_PR_CAPBSET_DROP, capability)
    _prctl(_PR_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
    _prctl(_PR_SET_SECUREBITS, _SECURE_BITS)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, nothing), "capset")


@functools.cache
def count_capabilities() -> int:
    """How many this kernel knows."""
    return next(one for one in range(65) if _libc.prctl(_PR_CAPBSET_READ, ctypes.c_ulong(one), 0, 0, 0) < 0)


def write(path: str, content: bytes) -> None:
    """Writes to one of the kernel's files, at once as it wants it.

    Raises:
        OSError: The kernel refuses it.
    """
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(file, content)
    finally:
        os.close(file)


def new_session_keyring() -> None:
    """Leaves the keyring of whoever started the sandbox, where the kernel has keyrings."""
    number = _KEYCTL.get(os.uname().machine)
    if number is not None:
        _libc.syscall(ctypes.c_long(number), ctypes.c_long(_JOIN_SESSION_KEYRING), None)


def install_filter(program: bytes) -> None:
    """Lets a BPF program judge every system call from here on (seccomp(2))."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    given = Program(len(program) // 8, program)
    _check(
        _libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(given), 0, 0),
        "prctl(PR_SET_SECCOMP)",
    )


def _prctl(option: int, value: int) -> None:
    _check(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl({option})")
