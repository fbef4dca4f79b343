"""Objectives against formulas written out in NumPy, and what each must not do: collapse, forget, or draw anew."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from lake.errors import BadInputError
from ml.config import TrainingConfig
from ml.dataset import StreamTable
from ml.fusion import make_fusion
from ml.inference import embed_matrix
from ml.model_files import load_trained, save_trained
from ml.objectives import OBJECTIVES, make_objective
from ml.objectives import views as two
from ml.objectives.byol import SLOWNESS, BootstrapYourOwnLatent
from ml.objectives.combined import CONTRAST, Combined
from ml.preprocessing import Standardised
from ml.schema import SEVEN
from ml.training import Epoch, Trained, train
from ml.weights import weights_digest
from tests.ml.conftest import TINY

SHORT = replace(TINY, epochs=2)
CONTRASTIVE = ("info_nce", "vicreg", "barlow_twins", "byol")
every_objective = pytest.mark.parametrize("name", OBJECTIVES)


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


def pair(rows: int, width: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    first = torch.randn(rows, width, generator=generator)
    return first, first + 0.3 * torch.randn(rows, width, generator=generator)


def batch_of(rows: int, seed: int = 0) -> Standardised:
    """Rows with a third of their streams missing, and one more with all there."""
    generator = torch.Generator().manual_seed(seed)
    presence = (torch.rand(rows, len(SEVEN.streams), generator=generator) < 0.7).float()
    presence[0] = 1.0
    observed = presence.repeat_interleave(torch.tensor(SEVEN.widths), dim=1)
    return Standardised(torch.randn(observed.shape, generator=generator) * observed, observed, presence)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


# Formulas -----------------------------------------------------------------------------------------------------------


def info_nce_by_hand(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    one = first / np.linalg.norm(first, axis=1, keepdims=True)
    other = second / np.linalg.norm(second, axis=1, keepdims=True)
    similarity = np.exp(one @ other.T / two.TEMPERATURE)
    forward = -np.log(np.diag(similarity) / similarity.sum(axis=1))
    backward = -np.log(np.diag(similarity) / similarity.sum(axis=0))
    return float((forward.mean() + backward.mean()) / 2)


def vicreg_by_hand(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    total = 25 * ((first - second) ** 2).mean()
    for values in (first, second):
        total += 25 * np.maximum(0, 1 - np.sqrt(values.var(axis=0, ddof=1) + 1e-4)).mean()
        covariance = np.cov(values.T)
        total += (covariance**2).sum() / len(covariance) - (np.diag(covariance) ** 2).sum() / len(covariance)
    return float(total)


def barlow_twins_by_hand(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    width = first.shape[1]
    correlation = np.corrcoef(first.T, second.T)[:width, width:]
    on = ((1 - np.diag(correlation)) ** 2).sum()
    return float(on + 5e-3 * (correlation[~np.eye(width, dtype=bool)] ** 2).sum())


FORMULAS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], float]] = {
    "info_nce": info_nce_by_hand,
    "vicreg": vicreg_by_hand,
    "barlow_twins": barlow_twins_by_hand,
}


@pytest.mark.parametrize("name", FORMULAS)
@settings(max_examples=25, deadline=None)
@given(rows=st.integers(10, 40), width=st.integers(2, 9), seed=st.integers(0, 2**31))
def test_criteria_follow_the_papers(name: str, rows: int, width: int, seed: int) -> None:
    first, second = pair(rows, width, seed)
    expected = FORMULAS[name](first.double().numpy(), second.double().numpy())
    assert float(getattr(two, name)(first, second)) == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_info_nce_of_two_rows_worked_by_hand() -> None:
    rows = torch.eye(2)
    expected = math.log(1 + math.exp(-1 / two.TEMPERATURE))
    assert float(two.info_nce(rows, rows)) == pytest.approx(expected, rel=1e-3)
    assert float(two.info_nce(rows, rows.flip(0))) == pytest.approx(1 / two.TEMPERATURE + expected, rel=1e-4)


def test_vicreg_of_a_collapsed_batch_is_its_variance_term_alone() -> None:
    same = torch.ones(6, 4)
    assert float(two.vicreg(same, same)) == pytest.approx(2 * 25 * (1 - math.sqrt(1e-4)), rel=1e-5)


def test_barlow_twins_of_a_collapsed_batch_is_the_number_of_columns() -> None:
    same = torch.ones(6, 4)
    assert float(two.barlow_twins(same, same)) == pytest.approx(4.0)


@pytest.mark.parametrize("name", CONTRASTIVE)
def test_one_row_has_a_finite_loss(name: str) -> None:
    """As the last batch of the rows held out may have."""
    objective = make_objective(replace(TINY, objective=name), SEVEN, {})
    fusion = make_fusion("concat_mlp", TINY.width, TINY.hidden, SEVEN)
    assert torch.isfinite(objective.loss(fusion, batch_of(1), generator()).total)


# Views --------------------------------------------------------------------------------------------------------------


def test_two_views_hide_streams_each_for_itself_and_put_noise_on_what_is_left() -> None:
    batch, draws = batch_of(500), generator()
    (first, seen_first), (second, seen_second) = (two.view(batch, 0.3, draws, SEVEN.widths) for _ in range(2))
    both = (seen_first * seen_second).sum() / batch.presence.sum()
    assert float(both) == pytest.approx(0.49, abs=0.05)
    shown = seen_first.repeat_interleave(torch.tensor(SEVEN.widths), dim=1) > 0
    assert not first[~shown].any()
    assert float((first - batch.values)[shown].std()) == pytest.approx(two.NOISE, rel=0.02)
    assert not torch.equal(first, second)


def test_a_missing_value_in_a_stream_that_is_there_gets_no_noise() -> None:
    batch = batch_of(50)
    batch.observed[0, 3] = batch.values[0, 3] = 0.0
    values, _ = two.view(batch, 0.0, generator(), SEVEN.widths)
    assert float(values[0, 3]) == 0.0
    assert bool((values[0, :3] != batch.values[0, :3]).all())


# BYOL ---------------------------------------------------------------------------------------------------------------


def byol() -> tuple[BootstrapYourOwnLatent, torch.nn.Module]:
    objective = make_objective(replace(TINY, objective="byol"), SEVEN, {})
    assert isinstance(objective, BootstrapYourOwnLatent)
    return objective, make_fusion("concat_mlp", TINY.width, TINY.hidden, SEVEN)


def test_the_slow_copy_begins_as_the_encoder_and_follows_it_slowly() -> None:
    objective, fusion = byol()
    objective.loss(fusion, batch_of(8), generator())
    slow = objective.slow_fusion.module
    for copied, original in zip(slow.parameters(), fusion.parameters(), strict=True):
        torch.testing.assert_close(copied, original, rtol=0, atol=0)
    before = [p.clone() for p in slow.parameters()]
    with torch.no_grad():
        for parameter in fusion.parameters():
            parameter.add_(1.0)
    objective.after_step(fusion)
    for old, new in zip(before, slow.parameters(), strict=True):
        torch.testing.assert_close(new - old, torch.full_like(old, 1 - SLOWNESS), rtol=1e-3, atol=1e-5)


def test_the_slow_copy_has_no_gradient_and_nothing_to_optimise() -> None:
    objective, fusion = byol()
    objective.loss(fusion, batch_of(8), generator()).total.backward()  # type: ignore[no-untyped-call]
    slow = [*objective.slow_fusion.parameters(), *objective.slow_projectors.parameters()]
    assert all(not p.requires_grad and p.grad is None for p in slow)
    learned = [p for p in objective.parameters() if p.requires_grad]
    assert all(p.grad is not None for p in [*learned, *fusion.parameters()])


def test_a_perfect_prediction_costs_nothing_and_an_opposite_one_four_a_width() -> None:
    objective, fusion = byol()
    batch = batch_of(8)
    objective.loss(fusion, batch, generator())
    for i, project in enumerate(objective.slow_projectors.module):
        objective.predictors[i] = torch.nn.Identity()
        objective.projectors[i].load_state_dict(project.state_dict())
    seen = (batch.values, batch.presence)
    embedding = fusion(*seen)
    widths = 1 + len(TINY.heads)
    assert float(objective._towards(embedding, seen).detach()) == pytest.approx(0.0, abs=1e-5)
    for i in range(widths):
        objective.predictors[i] = Opposite()
    assert float(objective._towards(embedding, seen).detach()) == pytest.approx(4.0 * widths, rel=1e-5)


class Opposite(torch.nn.Module):
    """Turns vectors round."""

    def forward(self, values: Tensor) -> Tensor:
        return -values


# All of them --------------------------------------------------------------------------------------------------------


def test_combined_is_the_sum_of_its_parts_and_decodes() -> None:
    variance = dict.fromkeys(SEVEN.names, 1.0)
    objective = make_objective(replace(TINY, objective="combined"), SEVEN, variance)
    assert isinstance(objective, Combined)
    fusion = make_fusion("concat_mlp", TINY.width, TINY.hidden, SEVEN)
    batch, draws = batch_of(30), generator()
    one, other = (fusion(*two.view(batch, TINY.masking, draws, SEVEN.widths)) for _ in range(2))
    told = objective.reconstruction.loss_of(one, batch)
    expected = told.total + CONTRAST * objective.contrast.between(one, other)
    loss = objective.loss(fusion, batch, generator())
    assert float(loss.total.detach()) == pytest.approx(float(expected.detach()), rel=1e-6)
    assert set(loss.by_stream) == set(SEVEN.names)
    assert objective.decoders is not None


@pytest.fixture(scope="module")
def trained(data: StreamTable) -> Callable[[str], Trained]:
    """Two epochs under each objective, once."""
    done: dict[str, Trained] = {}

    def train_once(name: str) -> Trained:
        if name not in done:
            done[name] = train(data, replace(SHORT, objective=name), np.arange(len(data)))
        return done[name]

    return train_once


@every_objective
def test_training_does_not_collapse_and_lowers_the_loss(
    name: str, data: StreamTable, trained: Callable[[str], Trained]
) -> None:
    found = trained(name)
    embedding = embed_matrix(found.encoder, data.raw)
    centre = np.linalg.norm(embedding.mean(axis=0))
    assert np.isfinite(embedding).all()
    # of unit vectors: 1 where all are the same
    assert centre < 0.9
    assert found.history[-1].loss < found.history[0].loss


@every_objective
def test_a_killed_run_goes_on_bit_for_bit(
    name: str, data: StreamTable, trained: Callable[[str], Trained], tmp_path: Path
) -> None:
    config, rows = replace(SHORT, objective=name), np.arange(len(data))

    def kill(epoch: Epoch) -> None:
        raise Killed

    with pytest.raises(Killed):
        train(data, config, rows, tmp_path / "checkpoint", kill)
    resumed = train(data, config, rows, tmp_path / "checkpoint")
    assert weights_digest(resumed.encoder) == weights_digest(trained(name).encoder)
    assert weights_digest(resumed.objective) == weights_digest(trained(name).objective)


@every_objective
def test_a_model_is_read_as_it_was_written(
    name: str, data: StreamTable, trained: Callable[[str], Trained], tmp_path: Path
) -> None:
    save_trained(tmp_path / "model.pt", trained(name))
    read = load_trained(tmp_path / "model.pt")
    assert weights_digest(read.objective) == weights_digest(trained(name).objective)
    assert weights_digest(read.encoder) == weights_digest(trained(name).encoder)


@pytest.mark.parametrize("name", CONTRASTIVE)
def test_where_nothing_is_reconstructed_there_is_no_share_of_the_gradient(
    name: str, data: StreamTable, trained: Callable[[str], Trained]
) -> None:
    found = trained(name)
    assert found.objective.decoders is None
    assert found.history[0].gradient_share == found.history[0].stream_loss == {}
    assert found.reconstruction_r2(data, np.arange(9)) == {}


@every_objective
def test_every_matryoshka_head_is_trained(name: str) -> None:
    config = TrainingConfig(width=12, heads=(4,), hidden=16, objective=name, decorrelation=0.0)
    objective = make_objective(config, SEVEN, dict.fromkeys(SEVEN.names, 1.0))
    modules = [m for m in objective.modules() if isinstance(m, torch.nn.Linear) and m.in_features == 4]
    fusion = make_fusion("concat_mlp", 12, 16, SEVEN)
    objective.loss(fusion, batch_of(20), generator()).total.backward()  # type: ignore[no-untyped-call]
    learned = [m.weight.grad for m in modules if m.weight.requires_grad]
    assert learned
    assert all(gradient is not None and bool(gradient.abs().sum() > 0) for gradient in learned)


def test_an_objective_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadInputError, match="Unknown objective 'moco'; there are masked_stream"):
        make_objective(replace(TINY, objective="moco"), SEVEN, {})
