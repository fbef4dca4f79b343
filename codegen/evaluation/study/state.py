"""What a study's folder knows of itself: `study.json`, which makes it go on where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from codegen.evaluation.study.conditions import Conditions, from_plain
from lake.atomic import replacing
from lake.errors import BadInputError

FILE = "study.json"


@dataclass(frozen=True, slots=True)
class Step:
    """A slice of which a condition was asked, from its beginning to its end.

    Attributes:
        condition: Name.
        slice: Number, from 1.
        programs: That were asked for.
        seconds: By the clock, with what starting takes.
        code: Hash of prompts and chain.
    """

    condition: str
    slice: int
    programs: int
    seconds: float
    code: str


@dataclass(slots=True)
class State:
    """Of a study.

    Attributes:
        fixed: What may not change: model, benchmark, order, sampling.
        told: What is told of it besides: versions, date, whether answers are simulated.
        conditions: Of the last call.
        epochs: Likewise.
        planned: Tasks that the last call wanted.
        slices: Tasks that were asked, with the classes of their problems.
        steps: What was done without a break.
    """

    fixed: Mapping[str, Any]
    told: Mapping[str, Any]
    conditions: Conditions
    epochs: int
    planned: int
    slices: list[dict[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def problems(self) -> dict[str, str]:
        """Class of each task that was asked."""
        return {function: name for one in self.slices for function, name in one.items()}

    def save(self, out: Path) -> None:
        """Writes it, whole or not at all."""
        plain = asdict(self) | {"conditions": self.conditions.plain(), "fixed": dict(self.fixed)}
        with replacing(out / FILE) as temporary:
            temporary.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_state(out: Path) -> State:
    """What `State.save` wrote.

    Raises:
        BadInputError: There is no study, or its file is broken.
    """
    path = out / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        steps = [Step(**step) for step in told.pop("steps")]
        return State(**{**told, "conditions": from_plain(told["conditions"]), "steps": steps})
    except FileNotFoundError:
        raise BadInputError(f"There is no study in {out}: `eecode eval study --model NAME` makes one.") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInputError(f"{path} is no study of this version ({error!r}): name another folder.") from None


def begun(out: Path, new: State) -> State:
    """The study of a folder, with the conditions, epochs and tasks that are wanted now; a new one where there is none.

    Raises:
        BadInputError: The folder is another study's; says in what it differs.
    """
    if not (out / FILE).exists():
        return new
    old = read_state(out)
    differs = [name for name, value in new.fixed.items() if old.fixed.get(name) != value]
    if differs:
        raise BadInputError(f"{out} is a study with another {', '.join(differs)}: name another folder with --out.")
    new.slices, new.steps = old.slices, old.steps
    return new
