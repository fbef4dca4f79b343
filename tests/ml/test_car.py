"""Both objectives against what is worked out by hand, and the capacity problem that they differ in."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from lake.streams import STREAMS
from ml.capacity import gradient_share
from ml.car import CapacityAdaptiveReconstruction, SharedReconstruction, decoder_width, decorrelation
from ml.fusion import ConcatMLP, Encoder
from ml.preprocessing import Preprocessing, Standardised
from ml.schema import SEVEN

WIDTH = 12
UNIT_VARIANCE = dict.fromkeys(STREAMS, 1.0)


def batch(rows: int = 6, missing: float = 0.0) -> Standardised:
    generator = torch.Generator().manual_seed(5)
    observed = (torch.rand(rows, SEVEN.width, generator=generator) >= missing).float()
    values = torch.randn(rows, SEVEN.width, generator=generator) * observed
    presence = torch.stack([observed[:, columns].amax(dim=1) for columns in SEVEN.slices.values()], dim=1)
    return Standardised(values, observed, presence)


def embedding(rows: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(6)
    return nn.functional.normalize(torch.randn(rows, WIDTH, generator=generator), dim=1)


def car(variance: dict[str, float] | None = None, weights: str = "uniform") -> CapacityAdaptiveReconstruction:
    torch.manual_seed(0)
    return CapacityAdaptiveReconstruction(WIDTH, variance or UNIT_VARIANCE, weights)  # type: ignore[arg-type]


def index(stream: str) -> int:
    return SEVEN.names.index(stream)


def shared() -> SharedReconstruction:
    torch.manual_seed(0)
    return SharedReconstruction(WIDTH)


@pytest.mark.parametrize(("width", "hidden"), [(1, 16), (2, 16), (9, 24), (14, 30), (64, 64), (128, 91), (4096, 256)])
def test_decoders_grow_with_the_root_of_their_stream(width: int, hidden: int) -> None:
    assert decoder_width(width) == hidden


def test_a_quantity_costs_its_squared_error_by_width_and_variance() -> None:
    data, z = batch(), embedding()
    objective = car({**UNIT_VARIANCE, "population": 4.0})
    columns = SEVEN.slices["population"]
    decoded = objective.decoders[index("population")](z).detach().numpy()
    expected = ((decoded - data.values[:, columns].numpy()) ** 2).sum(axis=1) / (2 * 4.0)
    assert float(objective.terms(z, data)["population"].detach()) == pytest.approx(expected.mean(), rel=1e-5)


def test_a_direction_costs_one_minus_its_cosine() -> None:
    data, z = batch(), embedding()
    objective = car()
    decoded = objective.decoders[index("aef")](z).detach().numpy()
    target = data.values[:, SEVEN.slices["aef"]].numpy()
    cosine = (decoded * target).sum(1) / np.linalg.norm(decoded, axis=1) / np.linalg.norm(target, axis=1)
    assert float(objective.terms(z, data)["aef"].detach()) == pytest.approx((1 - cosine).mean(), rel=1e-5)


def test_missing_columns_and_rows_are_left_out_of_sum_and_count() -> None:
    data, z = batch(rows=40, missing=0.6), embedding(40)
    objective = car()
    columns = SEVEN.slices["nightlights"]
    decoded = objective.decoders[index("nightlights")](z).detach().numpy()
    observed = data.observed[:, columns].numpy() > 0
    target = data.values[:, columns].numpy()
    rows = [((decoded[i] - target[i])[seen] ** 2).mean() for i, seen in enumerate(observed) if seen.any()]
    assert 0 < len(rows) < 40
    assert float(objective.terms(z, data)["nightlights"].detach()) == pytest.approx(np.mean(rows), rel=1e-5)


def test_a_stream_that_no_row_has_costs_nothing_and_has_a_finite_gradient() -> None:
    data, z = batch(), embedding().requires_grad_()
    columns = SEVEN.slices["text"]
    data.values[:, columns], data.observed[:, columns] = 0.0, 0.0
    objective = car()
    terms = objective.terms(z, data)
    assert float(terms["text"].detach()) == 0.0
    (gradient,) = torch.autograd.grad(objective.total(terms), z)
    assert torch.isfinite(gradient).all()


def test_uniform_weights_add_the_terms_up() -> None:
    objective = car()
    terms = objective.terms(embedding(), batch())
    assert float(objective.total(terms).detach()) == pytest.approx(
        sum(float(term.detach()) for term in terms.values()), rel=1e-6
    )


def test_learned_weights_follow_the_formula_and_settle_where_a_term_is_e_to_the_eta() -> None:
    objective = car(weights="learned")
    terms = {name: torch.tensor(float(i + 1)) for i, name in enumerate(STREAMS)}
    with torch.no_grad():
        for i in range(len(STREAMS)):
            objective.log_variance[i].fill_(0.1 * i)
    expected = sum(0.5 * math.exp(-0.1 * i) * (i + 1) + 0.05 * i for i in range(len(STREAMS)))
    assert float(objective.total(terms).detach()) == pytest.approx(expected, rel=1e-6)
    with torch.no_grad():
        for i in range(len(STREAMS)):
            objective.log_variance[i].fill_(math.log(i + 1))
    objective.total(terms).backward()  # type: ignore[no-untyped-call]
    for eta in objective.log_variance:
        assert float(eta.grad) == pytest.approx(0.0, abs=1e-6)


def test_the_shared_loss_is_the_mean_squared_error_over_all_columns() -> None:
    data, z = batch(missing=0.3), embedding()
    objective = shared()
    decoded = objective.reconstruct(z).detach().numpy()
    squared = (decoded - data.values.numpy()) ** 2 * data.observed.numpy()
    assert float(objective.total(objective.terms(z, data)).detach()) == pytest.approx(
        squared.sum(axis=1).mean() / SEVEN.width, rel=1e-5
    )


def test_both_reconstruct_columns_in_the_networks_order() -> None:
    z = embedding()
    objective = car()
    decoded = objective.reconstruct(z)
    assert decoded.shape == shared().reconstruct(z).shape == (6, SEVEN.width)
    torch.testing.assert_close(decoded[:, SEVEN.slices["poi"]], objective.decoders[index("poi")](z))


def test_decorrelation_is_the_mean_overlap_with_the_row_before() -> None:
    z = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    # rows 0·2, 1·0, 2·1: 0, 0, −1
    assert float(decorrelation(z)) == pytest.approx(1 / 3)
    assert float(decorrelation(z[:1].repeat(4, 1))) == pytest.approx(1.0)


def test_narrow_streams_reach_the_encoder_under_car_and_are_drowned_under_shared_reconstruction() -> None:
    torch.manual_seed(3)
    encoder = Encoder(Preprocessing(), ConcatMLP(WIDTH, 24))
    raw = torch.from_numpy(np.random.default_rng(0).normal(size=(256, SEVEN.width)).astype(np.float32))
    data = encoder.preprocessing.standardise(raw)
    under_car, under_shared = gradient_share(encoder, car(), data), gradient_share(encoder, shared(), data)
    narrow = ("population", "nightlights", "morphology")
    assert sum(under_car.values()) == pytest.approx(1.0)
    assert sum(under_shared.values()) == pytest.approx(1.0)
    assert sum(under_shared[name] for name in narrow) < 0.25
    assert sum(under_car[name] for name in narrow) > 2 * sum(under_shared[name] for name in narrow)
