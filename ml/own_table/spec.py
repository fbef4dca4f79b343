"""What a user writes about a table: `spec.yaml`, checked as a whole before anything is read or trained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from lake.errors import BadInputError
from ml.car import StreamLoss, Weights
from ml.config import ReconstructionKind, TrainingConfig
from ml.experiments.table import load_experiments
from ml.fusion import FUSIONS
from ml.normalisers import Normalisation
from ml.objectives import OBJECTIVES
from ml.schema import Kind

LabelKind = Literal["quantity", "class"]
OwnTransform = Literal["identity", "log1p"]
_Model = TypeVar("_Model", bound=BaseModel)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | Mapping) else value


def _group(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _labels(value: Any) -> Any:
    """A list of names is one of quantities; `name: class` and `name: {kind: class}` say the same."""
    if isinstance(value, str | list):
        return dict.fromkeys(_listed(value), "quantity")
    if isinstance(value, Mapping):
        return {name: kind.get("kind") if isinstance(kind, Mapping) else kind for name, kind in value.items()}
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StreamEntry(_Strict):
    """A stream: some columns of the table, or one column of lists.

    Attributes:
        columns: Names, or patterns (`poi_*`, `b[0-9]`), in the order in which they are taken.
        list_column: One column that holds a list of numbers in each row, in place of `columns`.
        width: Length of these lists.
        kind: `quantity` or `direction` (the length of the vector says nothing, as of most embeddings).
        transform: `identity` or `log1p` (skewed, not below 0), of all columns or by name or pattern.
        title: For figures.
    """

    columns: Annotated[list[str], BeforeValidator(_listed)] = []
    list_column: str = Field(default="", alias="list")
    width: int | None = Field(default=None, ge=1)
    kind: Kind = "quantity"
    transform: OwnTransform | dict[str, OwnTransform] = "identity"
    title: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> "StreamEntry":
        if bool(self.columns) == bool(self.list_column):
            raise ValueError("give either `columns` (names or patterns) or `list` (one column of lists)")
        if bool(self.list_column) != (self.width is not None):
            raise ValueError("`width` belongs to `list`: the length of the lists")
        return self


class GroupEntry(_Strict):
    """A column that makes a split: each of its values is held out in turn.

    Attributes:
        column: Such as `region`.
        units: Column of smaller units (such as `city`), which are left out whole when a penalty is chosen.
    """

    column: str
    units: str | None = None


class BlocksEntry(_Strict):
    """Square blocks of ground, dealt into five folds, so that neighbours do not stand on both sides.

    Attributes:
        x: Column of eastings, in any unit of length.
        y: Column of northings.
        side: Side of a block in the same unit; about the distance at which neighbours stop being alike.
    """

    x: str
    y: str
    side: float = Field(gt=0)


class ModelEntry(_Strict):
    """What is trained; every field as in `ml.config.TrainingConfig`."""

    fusion: str = "concat_mlp"
    objective: str = "masked_stream"
    reconstruction: ReconstructionKind = "car"
    weights: Weights = "uniform"
    stream_loss: StreamLoss = "by_kind"
    normalisation: Normalisation = "log1p_z"
    masking: float = Field(default=0.3, ge=0, lt=1)
    decorrelation: float = Field(default=0.05, ge=0)

    @model_validator(mode="after")
    def _known(self) -> "ModelEntry":
        for what, name, known in (("fusion", self.fusion, FUSIONS), ("objective", self.objective, OBJECTIVES)):
            if name not in known:
                raise ValueError(f"unknown {what} {name!r}; there are {', '.join(known)}")
        return self


MODELS: Mapping[str, Mapping[str, Any]] = {"car": {}, "shared": {"reconstruction": "shared"}}
"""Models that a spec may name besides the rows of the experiments, as changes of `ModelEntry`."""
_OTHER_AXES = ("text", "dimension")
"""Of the experiments: they vary the platform's own text, and what here is `budget.width`."""


def _model(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value in MODELS:
        return MODELS[value]
    rows = {row.name: row.training for row in load_experiments() if row.training and row.axis not in _OTHER_AXES}
    if value not in rows:
        names = ", ".join([*MODELS, *(name for name in rows if name not in MODELS)])
        raise ValueError(f"unknown model {value!r}; there are {names}, or give its settings as a mapping")
    return {name: getattr(rows[value], name) for name in ModelEntry.model_fields}


class BudgetEntry(_Strict):
    """What training may take.

    Attributes:
        epochs: Passes over the training rows, the same for every encoder.
        seconds: In place of `epochs`: about so long for all encoders together; the speed is measured first.
        patience: Epochs without a better validation loss after which an encoder is done; 0: never early.
        training_rows: Rows that an encoder is trained on at most, evenly spread; None: all.
        probe_rows: Labelled rows that the probes see at most, drawn at random.
        width: Of the embedding.
        heads: Widths of leading dimensions that are trained to stand on their own.
        hidden: Width of hidden layers.
        batch: Rows a step.
        learning_rate: Peak of the one-cycle schedule.
        threads: CPU threads an encoder; sums depend on it.
        seed: Of weights, order, masks, and of what is drawn.
    """

    epochs: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    patience: int = Field(default=0, ge=0)
    training_rows: int | None = Field(default=None, ge=2)
    probe_rows: int = Field(default=100_000, ge=100)
    width: int = Field(default=64, ge=2, le=4096)
    heads: tuple[int, ...] = ()
    hidden: int = Field(default=256, ge=2, le=8192)
    batch: int = Field(default=256, ge=2)
    learning_rate: float = Field(default=2e-3, gt=0, lt=1)
    threads: int = Field(default=1, ge=1)
    seed: int = Field(default=2025, ge=0)

    @model_validator(mode="after")
    def _consistent(self) -> "BudgetEntry":
        if self.epochs is not None and self.seconds is not None:
            raise ValueError("give either `epochs` or `seconds`")
        if any(not 0 < head < self.width for head in self.heads):
            raise ValueError(f"every head must be narrower than the embedding ({self.width})")
        return self


class LabelsSpec(_Strict):
    """What labels are probed, and how the rows are split.

    Attributes:
        labels: Name of a column to `quantity` or `class`.
        groups: Columns that make splits.
        blocks: A split by blocks of ground.
        keys: Columns that tell which row is which; carried through to the embeddings.
        where: Rows that are taken, as SQL: `year >= 2020 AND city <> 'wuhan'`.
        origin: Sentence on where the data come from, for figures and pages; say so here where they are simulated.
    """

    labels: Annotated[dict[str, LabelKind], BeforeValidator(_labels)] = {}
    groups: Annotated[
        list[Annotated[GroupEntry, BeforeValidator(_group)]],
        BeforeValidator(_listed),
    ] = []
    blocks: BlocksEntry | None = None
    keys: Annotated[list[str], BeforeValidator(_listed)] = []
    where: str = ""
    origin: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are named here, each once, keys first."""
        units = [name for group in self.groups for name in (group.column, group.units) if name]
        places = [self.blocks.x, self.blocks.y] if self.blocks else []
        return tuple(dict.fromkeys([*self.keys, *units, *places, *self.labels]))


class Spec(LabelsSpec):
    """What `aef-econ fit` is told about a table.

    Attributes:
        streams: At least one, by name.
        model: `car`, `shared`, the name of an experiment, or settings.
        budget: What training may take.
    """

    streams: dict[str, StreamEntry] = Field(min_length=1)
    model: Annotated[ModelEntry, BeforeValidator(_model)] = ModelEntry()
    budget: BudgetEntry = BudgetEntry()

    def config(self, epochs: int) -> TrainingConfig:
        """The training run that this asks for."""
        budget = self.budget
        return TrainingConfig(
            **self.model.model_dump(),
            width=budget.width,
            heads=budget.heads,
            hidden=budget.hidden,
            epochs=epochs,
            patience=budget.patience,
            batch=budget.batch,
            learning_rate=budget.learning_rate,
            threads=budget.threads,
            seed=budget.seed,
        )


class ProbeSpec(LabelsSpec):
    """What `aef-econ probe` is told about a table of embeddings.

    Attributes:
        features: Columns of the embeddings, names or patterns, or one column of lists.
        probe_rows: Labelled rows that the probes see at most, drawn at random.
        seed: Of the draw.
    """

    features: StreamEntry = StreamEntry(columns=["e[0-9]*"])
    probe_rows: int = Field(default=100_000, ge=100)
    seed: int = Field(default=2025, ge=0)


def load_spec(path: Path) -> Spec:
    """Reads and checks a `spec.yaml` of `fit`.

    Raises:
        BadInputError: It is not there, is no YAML, or a field is wrong; names the file, the field and what to do.
    """
    return _load(path, Spec)


def load_probe_spec(path: Path) -> ProbeSpec:
    """The same for a spec of `probe`."""
    return _load(path, ProbeSpec)


def _load(path: Path, kind: type[_Model]) -> _Model:
    content = _read_yaml(path)
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        problems = "\n".join(f"  {_where(problem['loc'])}: {_said(problem)}" for problem in error.errors())
        raise BadInputError(
            f"{path} cannot be used:\n{problems}\nThe fields are told in docs/fit-your-own-table.md."
        ) from None


def _read_yaml(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _UniqueKeys)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise BadInputError(f"There is no spec {path}: write one as in docs/fit-your-own-table.md.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} is no YAML: {error}") from None
    if not isinstance(content, Mapping):
        raise BadInputError(f"{path} holds no fields: it needs at least `streams`.")
    return content


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error: otherwise the last would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} stands twice in one mapping", node.start_mark
                )
        return super().construct_mapping(node, deep)


def _where(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place if part != "function-after" and not str(part).startswith("dict["))


def _said(problem: Mapping[str, Any]) -> str:
    if problem["type"] == "extra_forbidden":
        return "there is no such field; check the spelling"
    if problem["type"] == "missing":
        return "this field is needed"
    return f"{str(problem['msg']).removeprefix('Value error, ')} (got {problem['input']!r:.80})"
