"""What is finished in a run, kept so that nothing that ends the process undoes it.

One line of JSON each, written with one call: `run` (what the lines after it depend on), `answer` (what a model wrote),
`verdicts` (what the judge says of it). A line that a killed process left half written counts for nothing. inspect_ai's
own logs are not enough: after `kill -9` in the middle of 180 samples, `eval_retry` judged 1 to 8 finished ones again,
depending on how logs are buffered; and a log cannot tell an answer that was given from one that was judged.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from codegen.evaluation.judging.judge import Verdict
from lake.errors import BadInputError

Key = tuple[str, int]
"""Function and epoch."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a model wrote for a function in one epoch.

    Attributes:
        prompt: What it was asked at first.
        code: What it wrote; empty: nothing.
        turns: Role and text of all that was said.
        prompt_tokens: Of all questions.
        completion_tokens: Of all answers.
        seconds: In which the model answered.
        note: Why there is no code, where the model said nothing or had no room for the question.
    """

    prompt: str
    code: str
    turns: tuple[tuple[str, str], ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of an answer.

    Attributes:
        verdicts: By id of the case.
        operators: Calls of Earth Engine in the code.
        unknown_operators: Those of them that do not exist.
    """

    verdicts: Mapping[str, Verdict]
    operators: int
    unknown_operators: int


class Journal:
    """Answers and verdicts of one run; threads may share it."""

    def __init__(self, path: Path | None = None) -> None:
        """Opens a journal, and reads what is in it.

        Args:
            path: Of its file; None: it is kept in memory only.

        Raises:
            BadInputError: Another process has it open, or it cannot be written.
        """
        self._lock = threading.Lock()
        self._asking: Mapping[str, Any] = {}
        self._judging: Mapping[str, Any] = {}
        self._answers: dict[Key, Answered] = {}
        self._judged: dict[Key, Judged] = {}
        self._file = None if path is None else _opened(path)
        self.path = path
        self.on_judged: Callable[[Key, Judged], None] = lambda key, judged: None
        if path is not None:
            self._read(path)

    def begin(self, asking: Mapping[str, Any], judging: Mapping[str, Any]) -> bool:
        """Says what the run depends on.

        Args:
            asking: What answers depend on, plain values by name: model, solver, prompts, sampling, instructions.
            judging: What verdicts depend on: the judge and the expected answers. Where one is another than before,
                answers stay, and all of them are judged again. What is new in either changes nothing.

        Returns:
            Whether there were verdicts, and they are void now.

        Raises:
            BadInputError: The journal is of another run; names what differs.
        """
        differs = _differences(self._asking, asking) if self._answers else []
        if differs:
            raise BadInputError(
                f"{self.path} is of a run with another {', '.join(differs)}: name another folder with --out, or begin "
                "anew with --fresh."
            )
        is_void = bool(self._judged) and bool(_differences(self._judging, judging))
        before = (self._asking, self._judging)
        asking, judging = {**self._asking, **asking}, {**self._judging, **judging}
        if before != (asking, judging):
            self._write({"kind": "run", "asking": asking, "judging": judging})
        return is_void

    def answered(self, key: Key) -> Answered | None:
        """The answer for a function in an epoch, where there is one."""
        with self._lock:
            return self._answers.get(key)

    def judged(self, key: Key) -> Judged | None:
        """What was found of it, where it was judged."""
        with self._lock:
            return self._judged.get(key)

    def finished(self, keys: Collection[Key]) -> int:
        """How many of them are."""
        with self._lock:
            return sum(key in self._judged for key in keys)

    def add_answer(self, key: Key, answered: Answered) -> None:
        """Keeps an answer."""
        self._write({"kind": "answer", "key": key, **asdict(answered)})

    def add_verdicts(self, key: Key, judged: Judged) -> None:
        """Keeps verdicts."""
        self._write({"kind": "verdicts", "key": key, **asdict(judged)})
        self.on_judged(key, judged)

    def close(self) -> None:
        """Lets the file go."""
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def _write(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False, default=_plain).encode("utf-8", "replace") + b"\n"
        with self._lock:
            if self._file is not None:
                _write_all(self._file, line)
            self._take(json.loads(line))

    def _read(self, path: Path) -> None:
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(path, len(whole))
        for line in whole.splitlines():
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError):  # what a crash of the machine left
                continue

    def _take(self, entry: dict[str, Any]) -> None:
        kind = entry.pop("kind")
        if kind == "run":
            if _differences(self._judging, entry["judging"]):
                self._judged.clear()
            self._asking, self._judging = entry["asking"], entry["judging"]
            return
        function, epoch = entry.pop("key")
        if kind == "answer":
            turns = tuple((role, text) for role, text in entry.pop("turns"))
            self._answers[function, epoch] = Answered(turns=turns, **entry)
        elif kind == "verdicts":
            verdicts = {case: Verdict(**verdict) for case, verdict in entry.pop("verdicts").items()}
            self._judged[function, epoch] = Judged(verdicts, **entry)


def _opened(path: Path) -> int:
    """The file, for this process alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        raise BadInputError(f"{path} cannot be written ({error.strerror}): name another folder with --out.") from None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)  # goes with the process, however that ends
    except BlockingIOError:
        os.close(opened)
        raise BadInputError(f"Another process works on {path.parent}: wait for it, or name another folder.") from None
    return opened


def _write_all(file: int, line: bytes) -> None:
    """Writes a line; where only a part of it gets through, as on a full disk, the part is taken back."""
    written = os.write(file, line)
    if written != len(line):
        os.ftruncate(file, os.lseek(file, 0, os.SEEK_END) - written)
        raise OSError(f"only {written} of {len(line)} bytes could be written: is the disk full?")


def _plain(value: Any) -> Any:
    return value.item()  # a number of numpy


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Names that both have, with other values."""
    return [name for name in sorted(one.keys() & other.keys()) if one[name] != other[name]]
