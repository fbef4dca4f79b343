"""What every fusion encoder has to keep, and what makes each the one that its name says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from lake.errors import BadInputError
from ml.config import TrainingConfig
from ml.dataset import StreamTable
from ml.export import export, load
from ml.fusion import FUSIONS, Encoder, make_fusion
from ml.fusion.bilinear import LowRankBilinear
from ml.fusion.cross_attention import QueryCrossAttention
from ml.fusion.experts import EXPERTS, MixtureOfExperts
from ml.fusion.film import Film
from ml.fusion.gated import GatedUnits
from ml.fusion.tokens import leading_stream
from ml.preprocessing import fit_preprocessing
from ml.schema import SEVEN, Schema, StreamSpec
from ml.training import train
from tests.ml.conftest import TINY

WIDTH, HIDDEN = 16, 20
BUDGET = 0.25
"""How far from the reference's number of parameters an encoder may be, as a share of it."""


def schema_of(*widths: int) -> Schema:
    """Streams s0, s1, … of these widths."""
    return Schema(
        tuple(
            StreamSpec(f"s{i}", f"S{i}", tuple(f"s{i}_{j}" for j in range(width)), "quantity", ("identity",) * width)
            for i, width in enumerate(widths)
        )
    )


def fusion_of(name: str, schema: Schema, seed: int = 0) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make_fusion(name, WIDTH, HIDDEN, schema).eval()


def rows_of(schema: Schema, count: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Values with 0 where a stream is missing, presence flags, and a mask of the columns that are there."""
    generator = torch.Generator().manual_seed(seed)
    presence = (torch.rand(count, len(schema.streams), generator=generator) < 0.6).float()
    presence[torch.arange(count), torch.arange(count) % len(schema.streams)] = 1.0
    there = presence.repeat_interleave(torch.tensor(schema.widths), dim=1)
    return torch.randn(there.shape, generator=generator) * there, presence, there


SCHEMAS = st.lists(st.integers(1, 9), min_size=1, max_size=6).map(lambda widths: schema_of(*widths))
SEEDS = st.integers(0, 2**31)
every_fusion = pytest.mark.parametrize("name", FUSIONS)


@every_fusion
@settings(max_examples=15, deadline=None)
@given(schema=SCHEMAS, seed=SEEDS)
def test_any_streams_give_vectors_of_unit_length_and_finite_gradients(name: str, schema: Schema, seed: int) -> None:
    network = fusion_of(name, schema, seed)
    values, presence, _ = rows_of(schema, 7, seed)
    embedding = network(100 * values, presence)
    assert embedding.shape == (7, WIDTH)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(7))
    (embedding * torch.randn(WIDTH)).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None)


@every_fusion
@settings(max_examples=15, deadline=None)
@given(schema=SCHEMAS, seed=SEEDS)
def test_rows_do_not_touch_each_other(name: str, schema: Schema, seed: int) -> None:
    network = fusion_of(name, schema, seed)
    values, presence, _ = rows_of(schema, 5, seed)
    with torch.inference_mode():
        together = network(values, presence)
        for row in range(5):
            alone = network(values[row : row + 1], presence[row : row + 1])
            torch.testing.assert_close(alone, together[row : row + 1], rtol=1e-4, atol=1e-5)


@every_fusion
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_what_was_measured_in_a_missing_stream_is_not_seen(name: str, seed: int) -> None:
    schema = schema_of(4, 1, 3)
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(12, schema.width)).astype(np.float32)
    encoder = Encoder(fit_preprocessing(raw, np.arange(12), schema), fusion_of(name, schema)).eval()
    hidden = schema.slices[f"s{seed % 3}"]
    one, other = torch.from_numpy(raw.copy()), torch.from_numpy(raw.copy())
    one[:, hidden] = torch.nan
    other[:, hidden] = torch.inf
    with torch.inference_mode():
        torch.testing.assert_close(encoder(one), encoder(other), rtol=0, atol=0)


@pytest.mark.parametrize("name", ["token_self_attention", "aef_query_cross_attention", "low_rank_bilinear"])
def test_where_streams_are_taken_one_by_one_the_flag_alone_decides(name: str) -> None:
    schema = schema_of(4, 1, 3)
    network = fusion_of(name, schema)
    values, presence, there = rows_of(schema, 9, 3)
    with torch.inference_mode():
        expected, found = network(values, presence), network(values + 50 * (1 - there), presence)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


@every_fusion
def test_a_measured_mean_is_not_the_same_as_nothing_measured(name: str) -> None:
    schema = schema_of(4, 1, 3)
    network = fusion_of(name, schema)
    values = torch.randn(3, schema.width, generator=torch.Generator().manual_seed(1))
    for index, columns in enumerate(schema.slices.values()):
        seen, flags = values.clone(), torch.ones(3, 3)
        seen[:, columns] = 0.0
        unseen_flags = flags.clone()
        unseen_flags[:, index] = 0.0
        with torch.inference_mode():
            assert not torch.allclose(network(seen, flags), network(seen, unseen_flags), atol=1e-4), index


@every_fusion
def test_every_stream_reaches_the_embedding(name: str) -> None:
    schema = schema_of(4, 1, 3, 2)
    network = fusion_of(name, schema)
    values = torch.randn(6, schema.width, generator=torch.Generator().manual_seed(2)).requires_grad_()
    (network(values, torch.ones(6, 4)) * torch.randn(WIDTH)).sum().backward()
    assert (values.grad.abs() > 0).all()


@every_fusion
@pytest.mark.parametrize("rows", [1, 2, 9])
def test_the_exported_graph_is_the_network(name: str, data: StreamTable, rows: int) -> None:
    encoder = Encoder(fit_preprocessing(data.raw, np.arange(len(data))), fusion_of(name, SEVEN)).eval()
    raw = torch.from_numpy(data.raw[:rows].copy())
    raw[0, SEVEN.slices["aef"]] = torch.nan
    with torch.inference_mode():
        torch.testing.assert_close(archive_of(name, encoder)(raw), encoder(raw), rtol=1e-4, atol=1e-5)


_ARCHIVES: dict[str, nn.Module] = {}


def archive_of(name: str, encoder: Encoder) -> nn.Module:
    """The network exported and read again, once a name."""
    if name not in _ARCHIVES:
        _ARCHIVES[name] = load(export(encoder))
    return _ARCHIVES[name]


@every_fusion
def test_parameter_budgets_are_comparable(name: str) -> None:
    config = TrainingConfig()
    count, reference = (
        sum(p.numel() for p in make_fusion(fusion, config.width, config.hidden, SEVEN).parameters())
        for fusion in (name, "concat_mlp")
    )
    assert abs(count - reference) <= BUDGET * reference


@every_fusion
def test_training_lowers_the_loss(name: str, data: StreamTable) -> None:
    history = train(data, replace(TINY, fusion=name), np.arange(len(data))).history
    assert history[-1].loss < 0.95 * history[0].loss


def test_a_fusion_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadInputError, match="Unknown fusion 'sum'; there are concat_mlp, gated"):
        make_fusion("sum", 8, 8, SEVEN)


# What each is -------------------------------------------------------------------------------------------------------


def test_alphaearth_leads_where_there_is_one_and_the_widest_stream_where_not() -> None:
    assert leading_stream(SEVEN) == "aef"
    assert leading_stream(schema_of(2, 5, 5, 1)) == "s1"


def test_gated_units_are_the_sum_of_gated_features() -> None:
    network = fusion_of("gated", schema_of(3, 2))
    assert isinstance(network, GatedUnits)
    values, presence = torch.randn(4, 5), torch.tensor([[1.0, 1.0]] * 3 + [[1.0, 0.0]])
    values[3, 3:] = 0.0
    gates = torch.sigmoid(network.gates(torch.cat([values, presence], dim=1)))
    one, two = gates.chunk(2, dim=1)
    units = one * torch.tanh(network.features[0](values[:, :3]))
    units[:3] += (two * torch.tanh(network.features[1](values[:, 3:])))[:3]
    expected = nn.functional.normalize(network.head(units), dim=1)
    torch.testing.assert_close(network(values, presence), expected)


def test_bilinear_products_are_those_of_every_pair() -> None:
    network = fusion_of("low_rank_bilinear", schema_of(3, 2, 4))
    assert isinstance(network, LowRankBilinear)
    values, presence = torch.randn(5, 9), torch.ones(5, 3)
    u = [torch.tanh(f(part)) for f, part in zip(network.factors, values.split([3, 2, 4], dim=1), strict=True)]
    products = (u[0] * u[1] + u[0] * u[2] + u[1] * u[2]) / 3**0.5
    expected = nn.functional.normalize(network.head(torch.cat([sum(u), products, presence], dim=1)), dim=1)
    torch.testing.assert_close(network(values, presence), expected, rtol=1e-4, atol=1e-5)


def test_film_without_modulation_is_a_network_of_one_stream() -> None:
    network = fusion_of("film", schema_of(2, 5))
    assert isinstance(network, Film)
    with torch.no_grad():
        for parameter in network.condition[-1].parameters():
            parameter.zero_()
    values, presence = torch.randn(4, 7), torch.ones(4, 2)
    other = values.clone()
    other[:, :2] = 9.0
    torch.testing.assert_close(network(values, presence), network(other, presence), rtol=0, atol=0)
    features = values[:, 2:]
    for layer in network.layers:
        features = nn.functional.gelu(layer(features))
    torch.testing.assert_close(network(values, presence), nn.functional.normalize(network.head(features), dim=1))


def test_the_query_mixes_values_of_the_other_streams() -> None:
    network = fusion_of("aef_query_cross_attention", schema_of(2, 5, 3))
    assert isinstance(network, QueryCrossAttention)
    assert network._query == 1
    asked: list[Tensor] = []
    network.attention.register_forward_pre_hook(lambda _, inputs: asked.extend(inputs))
    network(torch.randn(4, 10), torch.ones(4, 3))
    assert [tuple(tensor.shape[:2]) for tensor in asked] == [(1, 4), (2, 4), (2, 4)]


def test_no_expert_is_left_without_rows_after_training(data: StreamTable) -> None:
    trained = train(data, replace(TINY, fusion="mixture_of_experts", epochs=6), np.arange(len(data)))
    batch = trained.encoder.preprocessing.standardise(torch.from_numpy(data.raw))
    network = trained.encoder.fusion
    assert isinstance(network, MixtureOfExperts)
    shares = network.shares(batch.values, batch.presence).detach()
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(len(data)))
    assert (shares.mean(dim=0) > 0.2 / EXPERTS).all()
