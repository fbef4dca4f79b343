"""The shared information pool: all that a chain knows, in one file that can be read, resumed and replayed.

It has two halves. The **record** is what the world answered, in the order in which it was asked: the model, the user,
the knowledge base, the sandbox. Nothing of it is ever changed. The **state** is what the steps made of that: the fields
of the request, the design, the code. A chain is a function from the record to the state: it is resumed by beginning
anew, with the record's answers as long as there are some.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from codegen.chain.names import STEPS, Step, Strategy
from codegen.chain.steps import Steps
from codegen.checking.problem import Kind as ProblemKind
from codegen.checking.problem import Problem
from codegen.retrieval.documents import KINDS, Kind
from codegen.sandbox.outcome import Language, Stage, Status
from lake.atomic import replacing
from lake.errors import BadInputError

FORMAT = 1

FieldName = Literal[
    "platform", "language", "objective", "space_and_time", "data", "method", "output_format", "output_type"
]
Cause = Literal["check", "execution", "feedback", "review"]
State = Literal["none", "written", "ran", "failed"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Setting(_Part):
    """What was asked for, and how it is to be done; does not change any more.

    Attributes:
        request: In the user's words, or a function's signature and docstring.
        function: Name of the function that is asked for; empty for a script.
        language: Of the program.
        model: Name of the model.
        strategy: `cop`, or a rival.
        steps: Those that are taken.
        tables: Kinds of documents that retrieval may use.
        rounds: Of debugging, at most.
        seed: Of all draws.
        temperature: Of all draws.
        max_tokens: Of an answer.
        context_tokens: Of what is retrieved for one prompt, at most.
        data_sets: Ids that Earth Engine serves there; None: not told.
        date: That the program's header names; empty: none.
        take_result: Whether what `main()` gives is taken once the program runs.
        simulated: Whether programs run on the local Earth Engine, whose planet is simulated.
    """

    request: str
    function: str = ""
    language: Language = "python"
    model: str = ""
    strategy: Strategy = "cop"
    steps: list[Step] = Field(default_factory=lambda: list(STEPS))
    tables: list[Kind] = Field(default_factory=lambda: list(KINDS))
    rounds: int = 3
    seed: int = 0
    temperature: float = 0.2
    max_tokens: int = 1024
    context_tokens: int = 1200
    data_sets: list[str] | None = None
    date: str = ""
    take_result: bool = False
    simulated: bool = False

    @property
    def switched(self) -> Steps:
        """The steps and tables as a set."""
        return Steps(frozenset(self.steps), frozenset(self.tables))


class Turn(_Part):
    """A message."""

    role: Literal["system", "user", "assistant"]
    content: str


class ModelCall(_Part):
    """What a model was asked and what it said.

    Attributes:
        key: Hash of what was asked.
        step: For what.
        messages: The conversation.
        text: The answer.
        prompt_tokens: As the model counts them.
        completion_tokens: Likewise.
        seconds: That it took.
        seed: Of the draw.
        note: Why there is no answer, where there is none.
    """

    key: str
    step: str
    messages: list[Turn]
    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    seed: int
    note: str = ""


class UserAnswer(_Part):
    """What the user was asked and said; `by` tells whether it was the user, a file, or an assumption."""

    key: str
    field: str
    question: str
    text: str
    by: str


class Retrieved(_Part):
    """What the knowledge base gave for a query: ids of documents, and the text that stands in the prompt."""

    key: str
    step: str
    query: str
    documents: list[str]
    text: str


class Fault(_Part):
    """An error of a program."""

    stage: Stage
    kind: str
    message: str
    line: int | None
    traceback: str


class Execution(_Part):
    """What came of a program in the sandbox.

    Attributes:
        key: Hash of what was run.
        how: `run` or `call`.
        status: As `Outcome.status`.
        error: As `Outcome.error`.
        stdout: What it printed, shortened.
        stderr: Likewise.
        returned: As `Outcome.returned`.
        files: What it left, by name, in base 64.
        seconds: That it took.
    """

    key: str
    how: Literal["run", "call"]
    status: Status
    error: Fault | None
    stdout: str
    stderr: str
    returned: dict[str, Any] | None = None
    files: dict[str, str] = Field(default_factory=dict)
    seconds: float = 0.0

    @property
    def succeeded(self) -> bool:
        """Whether it came to its own end without an error."""
        return self.status == "ended" and self.error is None


class Record(_Part):
    """What the world answered."""

    calls: list[ModelCall] = Field(default_factory=list)
    answers: list[UserAnswer] = Field(default_factory=list)
    retrieved: list[Retrieved] = Field(default_factory=list)
    executions: list[Execution] = Field(default_factory=list)


class Value(_Part):
    """What a submodule takes or gives."""

    name: str
    type: str = ""


class Submodule(_Part):
    """A part of the program that does one thing.

    Attributes:
        name: Of its function.
        purpose: In a sentence.
        inputs: What it takes: outputs of others, or constants, which have defaults in its code.
        outputs: What it gives.
    """

    name: str
    purpose: str
    inputs: list[Value] = Field(default_factory=list)
    outputs: list[Value] = Field(default_factory=list)


class Finding(_Part):
    """A problem of the static check."""

    kind: ProblemKind
    operator: str
    message: str
    line: int | None

    @classmethod
    def of(cls, problem: Problem) -> Finding:
        """A problem as it is kept."""
        return cls(kind=problem.kind, operator=problem.operator, message=problem.message, line=problem.line)

    @property
    def is_warning(self) -> bool:
        """As `Problem.is_warning`."""
        return Problem(self.kind, self.operator, self.message, self.line).is_warning


class Draft(_Part):
    """A whole program on its way.

    Attributes:
        code: It.
        findings: Of the static check; None: it was not checked.
        execution: Number in the record, from 0; None: it was not run.
    """

    code: str
    findings: list[Finding] | None = None
    execution: int | None = None


class Round(_Part):
    """A round of debugging.

    Attributes:
        cause: What began it.
        told: What the model was told is wrong.
        draft: Number of the draft that came of it, from 0; None: nothing usable came.
    """

    cause: Cause
    told: str
    draft: int | None = None


class Program(_Part):
    """Where the chain stands with its program.

    Attributes:
        state: `written`: there is code that was not run; `ran`: it ran to its end; `failed`: it does not run, or there
            is none.
        code: With its header where annotation is on.
        reason: Why it failed.
    """

    state: State = "none"
    code: str = ""
    reason: str = ""


class Knowledge(_Part):
    """The state: what the steps made of the record; `result` is the number of the call of the program's `main`."""

    fields: dict[FieldName, str] = Field(default_factory=dict)
    assumptions: list[str] = Field(default_factory=list)
    submodules: list[Submodule] = Field(default_factory=list)
    code: dict[str, str] = Field(default_factory=dict)
    drafts: list[Draft] = Field(default_factory=list)
    rounds: list[Round] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    done: list[str] = Field(default_factory=list)
    result: int | None = None
    program: Program = Field(default_factory=Program)


class Pool(_Part):
    """All that a chain knows.

    Attributes:
        format: Of the file.
        setting: What was asked for.
        record: What the world answered.
        state: What the steps made of it.
    """

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT)] = FORMAT
    setting: Setting
    record: Record = Field(default_factory=Record)
    state: Knowledge = Field(default_factory=Knowledge)

    @property
    def program(self) -> Program:
        """Where the chain stands with its program."""
        return self.state.program

    @property
    def ran(self) -> bool:
        """Whether there is a program that ran."""
        return self.state.program.state == "ran"

    @property
    def last_execution(self) -> Execution | None:
        """Of the newest draft that was run."""
        numbers = [draft.execution for draft in self.state.drafts if draft.execution is not None]
        return self.record.executions[numbers[-1]] if numbers else None

    def failed(self, reason: str) -> None:
        """Says that the chain ends without a program that runs."""
        self.state.program = Program(state="failed", code=self.state.program.code, reason=reason)

    def note(self, text: str) -> None:
        """Writes down what a reader should know."""
        self.state.notes.append(text)

    def save(self, path: Path) -> None:
        """Writes it to a file, whole or not at all."""
        with replacing(path) as temporary:
            temporary.write_text(self.model_dump_json(indent=1), encoding="utf-8")


def read_pool(path: Path) -> Pool:
    """A pool from its file.

    Raises:
        BadInputError: There is none, or it is not one.
    """
    try:
        return Pool.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BadInputError(f"There is no pool {path}: name the folder that an earlier run wrote to.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInputError(f"{path} is no pool of this version: {where}: {first['msg']}.") from None
