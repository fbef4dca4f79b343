"""How much all processes of a program have used, together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_BUFFERS_OF_A_SOCKET = 2 * 212_992
"""Linux's default of what is sent and of what is received, which programs cannot change."""
_FEW_CONNECTIONS = 16
_TICKS = os.sysconf("SC_CLK_TCK")
_OWN = ("RssAnon", "RssShmem", "VmPTE", "VmSwap")
_PROPORTIONAL = ("Pss_Anon", "Pss_Shmem", "SwapPss")


@dataclass(frozen=True, slots=True)
class Usage:
    """Of several processes at a time.

    Attributes:
        memory_bytes: What is theirs alone, tables of pages included; what they share is counted for each.
        cpu_seconds: Of theirs and of their children that ended.
        threads: Of all.
    """

    memory_bytes: int
    cpu_seconds: float
    threads: int


def usage(processes: Iterable[int]) -> Usage:
    """What processes use now; those that have ended meanwhile use nothing."""
    memory, ticks, threads = 0, 0, 0
    for process in processes:
        try:
            fields = _fields(process, "status")
            words = _words(process)
        except OSError:
            continue
        memory += _sum(fields, _OWN)
        threads += fields.get("Threads", 0)
        ticks += sum(int(word) for word in words[11:15])
    return Usage(memory * 1024, ticks / _TICKS, threads)


def proportional_bytes(processes: Iterable[int]) -> int:
    """Memory of processes, what they share (after a fork) counted once; takes long for large ones."""
    memory = 0
    for process in processes:
        try:
            memory += _sum(_fields(process, "smaps_rollup"), _PROPORTIONAL)
        except OSError:
            memory += _all_of(process)  # who does not let us look is counted in full
    return memory * 1024


def _all_of(process: int) -> int:
    try:
        return _sum(_fields(process, "status"), _OWN)
    except OSError:
        return 0  # it has ended


def socket_bytes() -> int:
    """What the sockets of this network may hold: no process' memory, and yet theirs."""
    used = {words[0]: int(words[2]) for words in _lines("sockstat") if len(words) > 2}
    held = used.get("sockets:", 0) * _BUFFERS_OF_A_SOCKET
    if used.get("TCP:", 0) > _FEW_CONNECTIONS:  # their buffers grow; the table takes a while to read
        queues = [words[4].split(":") for words in _lines("tcp")[1:] + _lines("tcp6")[1:]]
        held += sum(int(sent, 16) + int(received, 16) for sent, received in queues)
    return held


def _lines(file: str) -> list[list[str]]:
    try:
        return [line.split() for line in Path(f"/proc/net/{file}").read_text("ascii").splitlines()]
    except OSError:
        return []  # a kernel without that protocol


def all_but(worker: int) -> list[int]:
    """Every process that is seen here, but one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != worker]  # noqa: PTH208


def descendants(process: int) -> list[int]:
    """A process' children, theirs, and so on."""
    parents: dict[int, int] = {}
    for one in all_but(process):
        try:
            parents[one] = int(_words(one)[1])
        except OSError:
            continue
    found, seen = [process], {process}
    for parent in found:
        children = [child for child, its in parents.items() if its == parent and child not in seen]
        found += children
        seen.update(children)
    return found[1:]


def _fields(process: int, file: str) -> dict[str, int]:
    """The numbers of a file of lines `Name: number kB`."""
    found = {}
    for line in Path(f"/proc/{process}/{file}").read_text("utf-8", "replace").splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            found[name] = int(words[0])
    return found


def _sum(fields: Mapping[str, int], names: Iterable[str]) -> int:
    return sum(fields.get(name, 0) for name in names)


def _words(process: int) -> list[str]:
    """What follows the name of a process in its `stat`: state, parent, …; the name itself may be anything."""
    return Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
