"""What the study compares: ways of asking a model, each against others; a table that users may replace."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from codegen.chain.steps import STEPS
from codegen.evaluation.tasks.plan import SOLVERS
from codegen.retrieval.documents import KINDS
from lake.errors import BadInputError

OURS = Path(__file__).with_name("conditions.yaml")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "rag": ("tokens", "hits", "tables_without"),
    "cop": ("tokens", "rounds", "without", "tables_without"),
    "self_debug": ("rounds",),
}
"""What a row may set of a solver; the knowledge base is the study's."""
ROUNDS = 2
"""Of debugging, where a row does not say."""
NAMES_TAKEN = ("slices", "tables", "study", "report", "uplift")
"""Of what else lies in a study's folder."""

_COLUMNS = ("family", "solver", "options", "against", "hypothesis")
_KNOWN: Mapping[str, Sequence[str]] = {"without": STEPS, "tables_without": KINDS}
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Condition:
    """A way of asking.

    Attributes:
        name: Also of its folder.
        family: Whose comparisons are corrected together.
        solver: One of `SOLVERS`.
        options: Of the solver.
        against: Names of the conditions that it is compared with.
        hypothesis: What is expected of these comparisons; empty where there are none.
    """

    name: str
    family: str
    solver: str
    options: Mapping[str, Any] = field(default_factory=dict)
    against: tuple[str, ...] = ()
    hypothesis: str = ""

    @property
    def looks_up(self) -> bool:
        """Whether the knowledge base is asked."""
        left_out = self.options.get("without", ())
        return self.solver == "rag" or (self.solver == "cop" and "retrieval" not in left_out)

    @property
    def rounds(self) -> int:
        """Rounds of reading or mending that a task can take."""
        mends = self.solver in ("cop", "self_debug") and "debugging" not in self.options.get("without", ())
        return int(self.options.get("rounds", ROUNDS)) if mends else 0

    @property
    def most_calls(self) -> int:
        """Questions that a task can take, with all rounds used."""
        if self.solver == "self_debug":
            return 1 + 2 * self.rounds  # each round of reading, and each of mending what does not run
        designs = self.solver == "cop" and "design" not in self.options.get("without", ())
        return 1 + designs + self.rounds

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "name": self.name,
            "family": self.family,
            "solver": self.solver,
            "options": dict(self.options),
            "against": list(self.against),
            "hypothesis": self.hypothesis,
        }


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of a study.

    Attributes:
        families: Titles by name.
        rows: In the order in which they are run and told.
    """

    families: Mapping[str, str]
    rows: tuple[Condition, ...]

    def named(self, name: str) -> Condition:
        """A row by its name."""
        return next(row for row in self.rows if row.name == name)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"families": dict(self.families), "conditions": [row.plain() for row in self.rows]}


def from_plain(told: Mapping[str, Any]) -> Conditions:
    """What `Conditions.plain` gave."""
    rows = tuple(Condition(**{**row, "against": tuple(row["against"])}) for row in told["conditions"])
    return Conditions(dict(told["families"]), rows)


def read_conditions(path: Path | None = None) -> Conditions:
    """A table of conditions.

    Args:
        path: A file of the form of `conditions.yaml`; None: that file.

    Raises:
        BadInputError: It is none; says which row is wrong, and what can stand there.
    """
    file = path or OURS
    told = _loaded(file)
    families, rows = told.get("families"), told.get("conditions")
    if (
        not isinstance(families, dict)
        or not isinstance(rows, dict)
        or not rows
        or set(told) - {"families", "conditions"}
    ):
        raise BadInputError(f"{file}: `families` (titles by name) and `conditions` (rows by name) are wanted, no more.")
    made = tuple(_row(f"{file}, {name}", name, row) for name, row in rows.items())
    titles = {str(name): str(title or name) for name, title in families.items()}
    _check_whole(file, titles, made)
    return Conditions(titles, made)


def only(conditions: Conditions, names: Collection[str]) -> Conditions:
    """Some families or rows, with the rows that they are compared with.

    Raises:
        BadInputError: There is no such family or row.
    """
    known = [*conditions.families, *(row.name for row in conditions.rows)]
    if unknown := [name for name in names if name not in known]:
        raise BadInputError(f"No family or condition is named {', '.join(unknown)}. There are: {', '.join(known)}.")
    chosen = [row for row in conditions.rows if row.name in names or row.family in names]
    beside = {name for row in chosen for name in row.against}
    kept = [row for row in conditions.rows if row in chosen or row.name in beside]
    there = {row.name for row in kept}
    rows = [
        Condition(row.name, row.family, row.solver, row.options, against, row.hypothesis if against else "")
        for row in kept
        for against in [tuple(name for name in row.against if name in there)]
    ]
    families = {name: title for name, title in conditions.families.items() if any(row.family == name for row in rows)}
    return Conditions(families, tuple(rows))


def _loaded(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        told = yaml.safe_load(text)
        twice = _twice(yaml.compose(text, Loader=yaml.SafeLoader))
    except OSError as error:
        raise BadInputError(f"{path} cannot be read ({error.strerror}): name a file with --conditions.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(told, dict):
        raise BadInputError(f"{path}: `families` and `conditions` are wanted, there is a {type(told).__name__}.")
    if twice:
        raise BadInputError(f"{path} names {', '.join(twice)} twice: YAML would take the later one alone.")
    return told


def _twice(node: yaml.Node | None) -> list[str]:
    """Keys that a mapping has twice, wherever it stands."""
    if isinstance(node, yaml.SequenceNode):
        return [name for one in node.value for name in _twice(one)]
    if not isinstance(node, yaml.MappingNode):
        return []
    keys = [str(key.value) for key, _ in node.value]
    return [*{key: 0 for key in keys if keys.count(key) > 1}, *(name for _, one in node.value for name in _twice(one))]


def _row(where: str, name: Any, row: Any) -> Condition:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in NAMES_TAKEN:
        _refuse(where, f"a name is a folder's: letters, digits, `_.+-`, and none of {', '.join(NAMES_TAKEN)}")
    if not isinstance(row, dict) or (unknown := set(row) - set(_COLUMNS)):
        extra = f"; there is {', '.join(map(str, sorted(unknown, key=str)))}" if isinstance(row, dict) else ""
        _refuse(where, f"a row has {', '.join(_COLUMNS)}{extra}")
    solver, against = row.get("solver"), row.get("against") or []
    if solver not in SOLVERS:
        _refuse(where, f"there is no solver {solver!r}. There are: {', '.join(SOLVERS)}")
    if not isinstance(against, list) or not all(isinstance(one, str) for one in against):
        _refuse(where, "`against` wants a list of names of other rows")
    hypothesis = str(row.get("hypothesis") or "")
    if bool(against) != bool(hypothesis):
        _refuse(where, "what is compared with other rows (`against`) wants a `hypothesis`, and nothing else does")
    options = _options(where, str(solver), row.get("options") or {})
    return Condition(name, str(row.get("family")), str(solver), options, tuple(against), hypothesis)


def _options(where: str, solver: str, options: Any) -> dict[str, Any]:
    known = OPTIONS.get(solver, ())
    if not isinstance(options, dict) or (unknown := set(options) - set(known)):
        named = ", ".join(map(str, sorted(unknown, key=str))) if isinstance(options, dict) else repr(options)
        _refuse(where, f"{solver} has no options {named}. It has: {', '.join(known) or 'none'}")
    for name, value in options.items():
        if name not in _KNOWN:
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                _refuse(where, f"`{name}` wants a whole number, there is {value!r}")
        elif not isinstance(value, list) or not value or set(map(str, value)) - set(_KNOWN[name]):
            _refuse(where, f"`{name}` wants a list of {', '.join(_KNOWN[name])}; there is {value!r}")
    return dict(options)


def _check_whole(path: Path, families: Mapping[str, str], rows: Sequence[Condition]) -> None:
    """Whether rows name families and rows that there are, and none is another's twin."""
    names = [row.name for row in rows]
    asked: dict[str, str] = {}
    for row in rows:
        where = f"{path}, {row.name}"
        if row.family not in families:
            _refuse(where, f"there is no family {row.family}. There are: {', '.join(families) or 'none'}")
        for other in row.against:
            if other not in names or other == row.name:
                _refuse(where, f"it is compared with {other}, which is no other row")
        if len(set(row.against)) < len(row.against):
            _refuse(where, "it is compared with the same row twice")
        way = f"{row.solver} {sorted(row.options.items())}"
        if way in asked:
            _refuse(where, f"it asks as {asked[way]} does: leave one out")
        asked[way] = row.name


def _refuse(where: str, why: str) -> NoReturn:
    raise BadInputError(f"{where}: {why}.")
