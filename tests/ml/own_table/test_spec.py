"""A spec is checked as a whole, and a mistake is answered with the file, the field and what to do."""

from pathlib import Path

import pytest

from lake.errors import BadInputError
from ml.own_table.spec import load_probe_spec, load_spec
from tests.ml.own_table.conftest import SPEC, write_spec

STREAM = "streams: {all: {columns: [a]}}\n"


def test_a_spec_says_what_it_was_told(tmp_path: Path) -> None:
    spec = load_spec(write_spec(tmp_path, SPEC))
    assert spec.streams["bands"].kind == "direction"
    assert spec.labels == {"income": "quantity", "use": "class"}
    assert spec.columns == ("place", "region", "income", "use")
    config = spec.config(epochs=7)
    assert (config.reconstruction, config.epochs, config.width, config.heads) == ("car", 7, 8, (4,))


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("labels: a", {"a": "quantity"}),
        ("labels: [a, b]", {"a": "quantity", "b": "quantity"}),
        ("labels: {a: class}", {"a": "class"}),
        ("labels: {a: {kind: class}}", {"a": "class"}),
    ],
)
def test_labels_may_be_written_in_four_ways(tmp_path: Path, written: str, kinds: dict[str, str]) -> None:
    assert load_spec(write_spec(tmp_path, "streams: {all: {columns: [c]}}\n" + written)).labels == kinds


def test_a_model_is_named_or_told(tmp_path: Path) -> None:
    named = load_spec(write_spec(tmp_path, STREAM + "model: shared"))
    told = load_spec(write_spec(tmp_path, STREAM + "model: {reconstruction: shared}"))
    assert named.model == told.model
    assert load_spec(write_spec(tmp_path, STREAM)).model.reconstruction == "car"
    experiment = load_spec(write_spec(tmp_path, STREAM + "model: objective_denoising")).model
    assert (experiment.objective, experiment.reconstruction) == ("denoising", "shared")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STREAM + "label: [x]", "label: there is no such field"),
        ("labels: [x]", "streams: this field is needed"),
        ("streams: {}", "streams"),
        ("streams: {all: {}}", "streams.all: give either `columns`"),
        ("streams: {all: {columns: [a], list: b, width: 3}}", "streams.all: give either `columns`"),
        ("streams: {all: {list: b}}", "`width` belongs to `list`"),
        ("streams: {all: {columns: [a], kind: angle}}", "streams.all.kind"),
        ("streams: {all: {columns: [a], transform: sqrt}}", "streams.all.transform"),
        (STREAM + "model: cra", "unknown model 'cra'; there are car, shared, reference, fusion_gated"),
        (STREAM + "model: text_zh", "unknown model 'text_zh'"),
        (STREAM + "model: {fusion: glue}", "unknown fusion 'glue'; there are concat_mlp"),
        (STREAM + "budget: {epochs: 3, seconds: 9}", "budget: give either `epochs` or `seconds`"),
        (STREAM + "budget: {width: 8, heads: [8]}", "narrower than the embedding (8)"),
        (STREAM + "budget: {epochs: many}", "budget.epochs"),
        (STREAM + "blocks: {x: a, y: b, side: 0}", "blocks.side"),
        (STREAM + "labels: {x: ordinal}", "labels.x"),
        (STREAM + STREAM, "'streams' stands twice"),
        ("streams: {a: {columns: [x]}, a: {columns: [y]}}", "'a' stands twice"),
        ("streams: [", "is no YAML"),
        ("just words", "holds no fields"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = write_spec(tmp_path, text)
    with pytest.raises(BadInputError) as refused:
        load_spec(path)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)


def test_a_spec_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"There is no spec .*nowhere"):
        load_spec(tmp_path / "nowhere.yaml")


def test_features_of_a_probe_are_ours_unless_told(tmp_path: Path) -> None:
    assert load_probe_spec(write_spec(tmp_path, "labels: [a]")).features.columns == ["e[0-9]*"]
