"""Which system calls a program may make: a BPF program for seccomp(2), for x86-64 and 64-bit ARM.

Of the calls that were there before the numbers of all machines became one (up to `_LAST`), those are refused that
reach other processes, namespaces, the machine's state or memory that nobody counts; all others are allowed. Of the
later ones (from 424) only those are allowed that are named: a kernel that is newer than this table has no new doors.
"""

from __future__ import annotations

import errno
import functools
import os
import socket
import struct

_MACHINES = ("x86_64", "aarch64")
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LAST = {"x86_64": 334, "aarch64": 294}

# Numbers on x86-64 and on 64-bit ARM, from Linux's tables; None where a machine lacks the call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    # namespaces and file systems
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "quotactl": (179, 60),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "ustat": (136, None),
    "sysfs": (139, None),
    # keys, and the kernel's own machines
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_setup": (206, 0),
    "io_submit": (209, 2),
    "io_destroy": (207, 1),
    "io_getevents": (208, 4),
    "io_pgetevents": (333, 292),
    "io_cancel": (210, 3),
    "splice": (275, 76),
    "vmsplice": (278, 75),
    "tee": (276, 77),
    "remap_file_pages": (216, 234),
    "uselib": (134, None),
    "modify_ldt": (154, None),
    "personality": (135, 92),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    "vserver": (236, None),
    "_sysctl": (156, None),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "create_module": (174, None),
    "query_module": (178, None),
    "get_kernel_syms": (177, None),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
    "mbind": (237, 235),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "set_mempolicy": (238, 237),
    "get_mempolicy": (239, 236),
    # memory that no process maps, and that therefore nobody counts
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "semget": (64, 190),
    "mq_open": (240, 180),
}
_CLONE, _SOCKET, _IOCTL, _SET_OPTION = (56, 220), (41, 198), (16, 29), (54, 208)

_ALLOWED_LATER = {
    "close_range": 436,
    "openat2": 437,
    "faccessat2": 439,
    "epoll_pwait2": 441,
    "futex_waitv": 449,
    "fchmodat2": 452,
    "futex_wake": 454,
    "futex_wait": 455,
    "futex_requeue": 456,
    "mseal": 462,
}

_NAMESPACES = 0x7E020080
"""Flags of clone(2): a new time, mount, cgroup, UTS, IPC, user, process or network namespace."""
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
"""Others (netlink, packets, Bluetooth) are not needed, and a socket to a virtual machine's host knows no namespace."""
_TERMINAL_INPUT = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: writing into the terminal of whoever started us."""

_BUFFERS = tuple(
    getattr(socket, name, number)
    for name, number in (("SO_SNDBUF", 7), ("SO_RCVBUF", 8), ("SO_SNDBUFFORCE", 32), ("SO_RCVBUFFORCE", 33))
)
"""Options of sockets that seem to be set and are not: a buffer of megabytes is memory that nobody counts."""

_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 24, 32
_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_SET, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_KILL, _REFUSE, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000

Instruction = tuple[int, int, int, int]


@functools.cache
def program(machine: str | None = None) -> bytes | None:
    """The program for a machine, this one by default; None where there is no table for it."""
    machine = machine or os.uname().machine
    if machine not in _MACHINES:
        return None
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in _instructions(machine))


def _instructions(machine: str) -> list[Instruction]:
    which = _MACHINES.index(machine)
    found: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, _AUDIT[machine]),  # a call in the manner of another architecture has other numbers
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for number in _ALLOWED_LATER.values():
        found += _when(number, [(_RETURN, 0, 0, _ALLOW)])
    # So that libraries fall back on older calls, whose arguments can be looked at: clone3 and io_uring are among these.
    found += [(_JUMP_GREATER, 0, 1, _LAST[machine]), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS)]
    refusal = (_RETURN, 0, 0, _REFUSE | errno.EPERM)
    for numbers in _REFUSED.values():
        there = numbers[which]
        found += [] if there is None else _when(there, [refusal])
    allow = (_RETURN, 0, 0, _ALLOW)
    found += _when(_CLONE[which], [(_LOAD, 0, 0, _FIRST_ARGUMENT), (_JUMP_SET, 0, 1, _NAMESPACES), refusal, allow])
    families = [instruction for family in _FAMILIES for instruction in _when(family, [allow])]
    unknown = (_RETURN, 0, 0, _REFUSE | errno.EAFNOSUPPORT)
    found += _when(_SOCKET[which], [(_LOAD, 0, 0, _FIRST_ARGUMENT), *families, unknown])
    asked = [instruction for request in _TERMINAL_INPUT for instruction in _when(request, [refusal])]
    found += _when(_IOCTL[which], [(_LOAD, 0, 0, _SECOND_ARGUMENT), *asked, allow])
    ignored = [one for option in _BUFFERS for one in _when(option, [(_RETURN, 0, 0, _REFUSE | 0)])]
    of_sockets = _when(socket.SOL_SOCKET, [(_LOAD, 0, 0, _THIRD_ARGUMENT), *ignored])
    found += _when(_SET_OPTION[which], [(_LOAD, 0, 0, _SECOND_ARGUMENT), *of_sockets, allow])
    return [*found, allow]


def _when(value: int, then: list[Instruction]) -> list[Instruction]:
    """Instructions that are skipped unless what was loaded is a value."""
    return [(_JUMP_EQUAL, 0, len(then), value), *then]
