"""Training: a function of data and configuration, which can be killed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import polars as pl
import pytest
import torch

from lake.code_version import code_version
from lake.errors import BadInputError, ModelMissingError
from lake.streams import STREAMS
from ml.config import TrainingConfig
from ml.dataset import StreamTable
from ml.model_files import load_trained, save_trained, trained_once
from ml.schema import SEVEN
from ml.training import Epoch, Trained, fingerprint, reproducible, train
from ml.weights import weights_digest
from tests.ml.conftest import TINY


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


def kill_after(epochs: int) -> object:
    def on_epoch(epoch: Epoch) -> None:
        if epoch.number == epochs:
            raise Killed

    return on_epoch


def rows(data: StreamTable) -> np.ndarray:
    return np.arange(len(data))


@pytest.fixture(scope="module")
def car(data: StreamTable) -> Trained:
    return train(data, TINY, rows(data))


@pytest.fixture(scope="module")
def shared(data: StreamTable) -> Trained:
    return train(data, replace(TINY, reconstruction="shared"), rows(data))


def test_the_loss_falls_under_both_objectives(car: Trained, shared: Trained) -> None:
    for trained in (car, shared):
        losses = [epoch.loss for epoch in trained.history]
        assert [epoch.number for epoch in trained.history] == [1, 2, 3]
        assert losses[-1] < 0.9 * losses[0]
        for epoch in trained.history:
            assert set(epoch.stream_loss) == set(STREAMS)
            assert sum(epoch.gradient_share.values()) == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_weights_and_another_seed_does_not(data: StreamTable, car: Trained) -> None:
    again = train(data, TINY, rows(data))
    other = train(data, replace(TINY, seed=1), rows(data))
    assert weights_digest(again.encoder) == weights_digest(car.encoder)
    assert weights_digest(other.encoder) != weights_digest(car.encoder)


def test_the_state_of_the_process_before_does_not_matter_and_is_left_as_it_was(data: StreamTable, car: Trained) -> None:
    torch.manual_seed(99)
    torch.rand(7)
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    again = train(data, TINY, rows(data))
    assert weights_digest(again.encoder) == weights_digest(car.encoder)
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.equal(torch.get_rng_state(), state)


def test_models_trained_side_by_side_are_those_trained_alone(data: StreamTable, car: Trained, shared: Trained) -> None:
    with reproducible(1), ThreadPoolExecutor(2) as pool:
        configs = [TINY, replace(TINY, reconstruction="shared")]
        both = list(pool.map(lambda config: train(data, config, rows(data)), configs))  # type: ignore[arg-type]
    assert [weights_digest(trained.encoder) for trained in both] == [
        weights_digest(trained.encoder) for trained in (car, shared)
    ]


def test_a_model_that_is_read_meanwhile_does_not_change_what_a_training_begins_with(
    data: StreamTable, shared: Trained, tmp_path: Path
) -> None:
    """Initial weights come from torch's global generator: reading a model must not draw from it."""
    path, config = tmp_path / "shared.pt", replace(TINY, epochs=1)
    save_trained(path, shared)
    alone = weights_digest(train(data, config, rows(data)).encoder)
    ended = Event()

    def read() -> None:
        while not ended.is_set():
            load_trained(path)

    with reproducible(1), ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        try:
            beside = {weights_digest(train(data, config, rows(data)).encoder) for _ in range(4)}
        finally:
            ended.set()
    reading.result()
    assert beside == {alone}


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_killed_run_goes_on_and_ends_bit_for_bit_as_one_that_was_not(
    data: StreamTable, car: Trained, tmp_path: Path, epochs: int
) -> None:
    checkpoint = tmp_path / "checkpoint"
    with pytest.raises(Killed):
        train(data, TINY, rows(data), checkpoint, kill_after(epochs))
    seen: list[int] = []
    resumed = train(data, TINY, rows(data), checkpoint, lambda epoch: seen.append(epoch.number))
    assert seen == list(range(epochs + 1, TINY.epochs + 1))
    assert weights_digest(resumed.encoder) == weights_digest(car.encoder)
    assert weights_digest(resumed.objective) == weights_digest(car.objective)
    assert [epoch.loss for epoch in resumed.history] == [epoch.loss for epoch in car.history]


@pytest.mark.parametrize("change", [{"learning_rate": 1e-3}, {"seed": 4}, {"reconstruction": "car", "masking": 0.1}])
def test_a_checkpoint_of_another_configuration_is_not_gone_on_from(
    data: StreamTable, tmp_path: Path, change: dict[str, object]
) -> None:
    checkpoint, config = tmp_path / "checkpoint", replace(TINY, epochs=1)
    train(data, config, rows(data), checkpoint)
    other = replace(config, **change)  # type: ignore[arg-type]
    seen: list[int] = []
    trained = train(data, other, rows(data), checkpoint, lambda epoch: seen.append(epoch.number))
    assert seen == [1]
    assert weights_digest(trained.encoder) == weights_digest(train(data, other, rows(data)).encoder)


def test_the_fingerprint_follows_data_rows_and_configuration() -> None:
    raw = np.random.default_rng(0).normal(size=(50, SEVEN.width)).astype(np.float32)
    data = StreamTable(pl.DataFrame(), SEVEN, raw)
    before = fingerprint(data, TINY, np.arange(50))
    assert fingerprint(replace(data, raw=raw.copy()), TINY, np.arange(50)) == before
    changed = raw.copy()
    changed[33, 1] += 1
    assert fingerprint(replace(data, raw=changed), TINY, np.arange(50)) != before
    assert fingerprint(data, TINY, np.arange(49)) != before
    assert fingerprint(data, replace(TINY, epochs=9), np.arange(50)) != before


def test_rows_that_are_not_trained_on_do_not_matter(data: StreamTable) -> None:
    some, config = np.arange(300), replace(TINY, epochs=1)
    before = train(data, config, some)
    raw = data.raw.copy()
    raw[300:] = 50.0
    after = train(replace(data, raw=raw), config, some)
    assert weights_digest(after.encoder) == weights_digest(before.encoder)


def test_a_loss_that_is_not_finite_says_so(data: StreamTable) -> None:
    with pytest.raises(BadInputError, match="not finite: lower the learning rate"):
        train(data, replace(TINY, learning_rate=float("inf")), rows(data))


def test_streams_that_are_all_missing_are_refused(data: StreamTable) -> None:
    with pytest.raises(BadInputError, match="at least two pixels"):
        train(replace(data, raw=np.full_like(data.raw, np.nan)), TINY, rows(data))


def test_one_row_in_the_last_batch_is_trained_with_the_one_before(data: StreamTable) -> None:
    config = replace(TINY, epochs=1, batch=100, decorrelation=1.0)
    assert np.isfinite(train(data, config, np.arange(201)).history[0].loss)


def test_a_stream_that_is_missing_everywhere_does_not_stop_the_training(data: StreamTable) -> None:
    raw = data.raw.copy()
    raw[:, SEVEN.slices["text"]] = np.nan
    without = replace(data, raw=raw)
    trained = train(without, replace(TINY, epochs=1), rows(data))
    assert trained.history[0].stream_loss["text"] == 0.0
    assert np.isnan(trained.reconstruction_r2(without, rows(data))["text"])


def test_learned_weights_are_trained(data: StreamTable) -> None:
    trained = train(data, replace(TINY, weights="learned"), rows(data))
    weights = [float(trained.objective.decoders.weight(name).detach()) for name in STREAMS]
    assert all(np.isfinite(weights))
    assert len(set(weights)) == len(STREAMS)


def test_car_decodes_a_narrow_stream_that_its_twin_suppresses(data: StreamTable) -> None:
    config = replace(TINY, epochs=12, batch=64)
    under_car, under_shared = (
        train(data, replace(config, reconstruction=name), rows(data)).reconstruction_r2(data, rows(data))
        for name in ("car", "shared")
    )
    assert under_car["population"] > under_shared["population"] + 0.2
    assert all(value <= 1.0 for value in (*under_car.values(), *under_shared.values()))


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", ["uniform", "learned"])
def test_a_model_is_read_as_it_was_written(data: StreamTable, tmp_path: Path, weights: str) -> None:
    trained = train(data, replace(TINY, epochs=1, weights=weights), rows(data))  # type: ignore[arg-type]
    save_trained(tmp_path / "model.pt", trained)
    read = load_trained(tmp_path / "model.pt")
    assert read.config == trained.config
    assert read.history == trained.history
    assert weights_digest(read.encoder) == weights_digest(trained.encoder)
    assert read.reconstruction_r2(data, rows(data)) == trained.reconstruction_r2(data, rows(data))


def test_a_model_that_was_never_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"nothing\.pt"):
        load_trained(tmp_path / "nothing.pt")


def test_a_model_is_trained_once_and_a_killed_one_goes_on(data: StreamTable, car: Trained, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        trained_once(tmp_path, data, TINY, rows(data), kill_after(2))
    assert not list(tmp_path.glob("*.pt"))
    seen: list[int] = []
    first, path = trained_once(tmp_path, data, TINY, rows(data), lambda epoch: seen.append(epoch.number))
    again, same = trained_once(tmp_path, data, TINY, rows(data), lambda epoch: seen.append(epoch.number))
    assert seen == [3]
    assert path == same
    assert list(tmp_path.iterdir()) == [path]  # no checkpoint is left behind
    assert weights_digest(first.encoder) == weights_digest(again.encoder) == weights_digest(car.encoder)


def test_a_write_that_fails_leaves_the_old_file(data: StreamTable, car: Trained, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    save_trained(path, car)
    before = path.read_bytes()
    unwritable = replace(car, history=(replace(car.history[0], loss=lambda: 0),))  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match=r"Can't (get|pickle) local object"):
        save_trained(path, unwritable)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_code_version_ignores_comments_and_docstrings_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    monkeypatch.syspath_prepend(tmp_path)
    sources = {
        "version_a": "def f(x):\n    return x + 1\n",
        "version_b": '"""Module."""\n\n\ndef f(x):\n    """Adds."""\n    # why\n    return x + 1\n',
        "version_c": "def f(x):\n    return x + 2\n",
    }
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source)
    a, b, c = (code_version(importlib.import_module(name)) for name in sources)
    assert a == b
    assert a != c


def test_the_default_configuration_is_the_reference() -> None:
    config = TrainingConfig()
    assert (config.reconstruction, config.width, config.heads, config.masking) == ("car", 256, (128, 64), 0.3)
