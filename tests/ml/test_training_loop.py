"""The loop's own promises: early stopping, precision, rows held out, and tables larger than memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ml import training
from ml.batches import WHOLE_SHUFFLE, batches, held_out, shuffled, steps
from ml.config import TrainingConfig
from ml.dataset import StreamTable
from ml.training import Epoch, Trained, train
from ml.weights import weights_digest
from tests.ml.conftest import TINY

STOPPED = replace(TINY, epochs=40, patience=2, batch=32, learning_rate=0.02)
"""Soon learns its 200 rows by heart."""
FEW = np.arange(200)


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


def rows(data: StreamTable) -> np.ndarray:
    return np.arange(len(data))


# Early stopping -----------------------------------------------------------------------------------------------------


Stopped = tuple[Trained, list[dict[str, torch.Tensor]]]


@pytest.fixture(scope="module")
def stopped(data: StreamTable, tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """A run that ends early, and the encoder's weights after each epoch."""
    checkpoint = tmp_path_factory.mktemp("stopped") / "checkpoint"
    encoders: list[dict[str, torch.Tensor]] = []

    def keep(_: Epoch) -> None:
        encoders.append(torch.load(checkpoint, weights_only=True)["encoder"])

    return train(data, STOPPED, FEW, checkpoint, keep), encoders


def test_training_ends_when_rows_held_out_get_no_better_and_the_best_weights_come_back(stopped: Stopped) -> None:
    trained, encoders = stopped
    losses = [epoch.validation_loss for epoch in trained.history]
    assert all(loss is not None for loss in losses)
    best = int(np.argmin(losses))  # type: ignore[arg-type]
    assert len(losses) < STOPPED.epochs
    assert best == len(losses) - 1 - STOPPED.patience
    for name, weight in trained.encoder.state_dict().items():
        torch.testing.assert_close(weight, encoders[best][name], rtol=0, atol=0)
    assert any(not torch.equal(encoders[best][name], encoders[-1][name]) for name in encoders[best])


def test_a_run_killed_past_its_best_epoch_still_ends_with_it(
    data: StreamTable, stopped: Stopped, tmp_path: Path
) -> None:
    whole, _ = stopped
    past_best = len(whole.history) - 1

    def kill(epoch: Epoch) -> None:
        if epoch.number == past_best:
            raise Killed

    with pytest.raises(Killed):
        train(data, STOPPED, FEW, tmp_path / "checkpoint", kill)
    resumed = train(data, STOPPED, FEW, tmp_path / "checkpoint")
    assert weights_digest(resumed.encoder) == weights_digest(whole.encoder)
    assert weights_digest(resumed.objective) == weights_digest(whole.objective)
    assert [epoch.validation_loss for epoch in resumed.history] == [epoch.validation_loss for epoch in whole.history]


def test_rows_held_out_are_never_trained_on(data: StreamTable) -> None:
    config = replace(TINY, patience=TINY.epochs)
    _, validation = held_out(rows(data))
    raw = data.raw.copy()
    raw[validation] = raw[validation][:, ::-1]
    before, after = (train(table, config, rows(data)).history for table in (data, replace(data, raw=raw)))
    assert [epoch.loss for epoch in before] == [epoch.loss for epoch in after]
    assert [epoch.validation_loss for epoch in before] != [epoch.validation_loss for epoch in after]


@given(count=st.integers(10, 3_000))
def test_a_tenth_of_the_rows_is_held_out_and_none_is_lost(count: int) -> None:
    fit, validation = held_out(np.arange(count) * 3)
    assert sorted([*fit, *validation]) == list(range(0, 3 * count, 3))
    assert len(validation) == pytest.approx(count / 10, abs=64)


# Precision ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"reconstruction": "shared", "fusion": "token_self_attention"},
        {"objective": "combined", "fusion": "aef_query_cross_attention"},
        {"objective": "byol", "fusion": "mixture_of_experts"},
        {"objective": "vicreg", "fusion": "low_rank_bilinear"},
        {"objective": "barlow_twins", "fusion": "film"},
    ],
)
def test_bfloat16_trains_and_keeps_weights_in_float32(data: StreamTable, change: dict[str, str]) -> None:
    config = replace(TINY, **change)  # type: ignore[arg-type]
    trained = train(data, replace(config, precision="bfloat16"), rows(data))
    losses = [epoch.loss for epoch in trained.history]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    assert all(
        weight.dtype == torch.float32 and torch.isfinite(weight).all() for weight in trained.encoder.parameters()
    )
    in_full = train(data, config, rows(data))
    assert losses[-1] == pytest.approx(in_full.history[-1].loss, rel=0.1)
    assert weights_digest(trained.encoder) != weights_digest(in_full.encoder)


# Large tables -------------------------------------------------------------------------------------------------------


def test_a_memory_mapped_table_trains_bit_for_bit_as_one_in_memory(data: StreamTable, tmp_path: Path) -> None:
    np.save(tmp_path / "raw.npy", data.raw)
    mapped = replace(data, raw=np.load(tmp_path / "raw.npy", mmap_mode="r"))
    one, other = (train(table, TINY, rows(data)) for table in (data, mapped))
    assert weights_digest(one.encoder) == weights_digest(other.encoder)
    assert weights_digest(one.objective) == weights_digest(other.objective)


def test_batches_normalised_one_by_one_are_those_normalised_at_once(
    data: StreamTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = train(data, TINY, rows(data))
    monkeypatch.setattr(training, "_IN_MEMORY", 0)
    one_by_one = train(data, TINY, rows(data))
    assert weights_digest(at_once.encoder) == weights_digest(one_by_one.encoder)
    assert weights_digest(at_once.objective) == weights_digest(one_by_one.objective)


def test_large_tables_are_shuffled_by_blocks_that_lie_together() -> None:
    count = WHOLE_SHUFFLE + 777
    order = shuffled(np.arange(count), (1, 2))
    assert np.array_equal(np.sort(order), np.arange(count))
    assert np.array_equal(order, shuffled(np.arange(count), (1, 2)))
    assert not np.array_equal(order, shuffled(np.arange(count), (1, 3)))
    of_one_batch = np.unique(order[:1024] // 256)
    assert len(of_one_batch) <= 128


@given(count=st.integers(2, 500), size=st.integers(2, 64))
def test_every_row_is_in_one_batch_and_no_batch_is_of_one_row(count: int, size: int) -> None:
    found = batches(np.arange(count), size, (1,))
    assert sorted(np.concatenate(found)) == list(range(count))
    assert min(len(batch) for batch in found) >= 2
    assert len(found) == steps(np.arange(count), size)


def test_the_reference_holds_nothing_out() -> None:
    assert TrainingConfig().patience == 0
