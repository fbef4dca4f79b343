"""The encoder and what hides streams from it."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.streams import STREAMS
from ml.fusion import ConcatMLP, Encoder, leading, mask_streams
from ml.preprocessing import Preprocessing, Standardised
from ml.schema import SEVEN


def encoder(width: int = 32) -> Encoder:
    torch.manual_seed(0)
    return Encoder(Preprocessing(), ConcatMLP(width, 24)).eval()


def batch(presence: torch.Tensor) -> Standardised:
    """Ones where a stream is present."""
    widths = torch.tensor([stream.width for stream in STREAMS.values()])
    observed = torch.repeat_interleave(presence, widths, dim=1)
    return Standardised(observed.clone(), observed, presence)


def test_embeddings_have_unit_length_whatever_is_missing() -> None:
    raw = torch.rand(20, SEVEN.width) * 100
    raw[:10, SEVEN.slices["text"]] = torch.nan
    with torch.inference_mode():
        lengths = encoder()(raw).norm(dim=1)
    torch.testing.assert_close(lengths, torch.ones(20))


def test_a_row_without_any_stream_has_no_embedding() -> None:
    raw = torch.rand(3, SEVEN.width)
    raw[1] = torch.nan
    with torch.inference_mode():
        embedding = encoder()(raw)
    assert torch.isnan(embedding[1]).all()
    assert torch.isfinite(embedding[[0, 2]]).all()


def test_rows_do_not_touch_each_other() -> None:
    raw = torch.rand(8, SEVEN.width) * 50
    network = encoder()
    with torch.inference_mode():
        torch.testing.assert_close(network(raw)[3:4], network(raw[3:4]), rtol=1e-5, atol=1e-6)


def test_an_observed_zero_is_not_the_same_as_nothing_observed() -> None:
    seen, unseen = torch.zeros(1, SEVEN.width), torch.zeros(1, SEVEN.width)
    unseen[0, SEVEN.slices["poi"]] = torch.nan
    with torch.inference_mode():
        assert not torch.allclose(encoder()(seen), encoder()(unseen), atol=1e-4)


def test_leading_dimensions_are_unit_vectors_in_the_same_direction() -> None:
    embedding = torch.nn.functional.normalize(torch.randn(5, 32), dim=1)
    head = leading(embedding, 8)
    torch.testing.assert_close(head.norm(dim=1), torch.ones(5))
    torch.testing.assert_close(torch.cosine_similarity(head, embedding[:, :8]), torch.ones(5))


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**31), probability=st.floats(0.0, 1.0))
def test_masking_never_takes_all_that_a_row_has_and_adds_nothing(seed: int, probability: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    presence = (torch.rand(64, len(STREAMS), generator=generator) < 0.6).float()
    values, kept = mask_streams(batch(presence), probability, generator, SEVEN.widths)
    assert ((kept.sum(dim=1) > 0) == (presence.sum(dim=1) > 0)).all()
    assert (kept <= presence).all()
    for index, columns in enumerate(SEVEN.slices.values()):
        assert (values[:, columns] == kept[:, index : index + 1]).all()


def test_streams_are_hidden_about_as_often_as_asked() -> None:
    presence = torch.ones(20_000, len(STREAMS))
    _, kept = mask_streams(batch(presence), 0.3, torch.Generator().manual_seed(1), SEVEN.widths)
    np.testing.assert_allclose(1 - kept.mean(dim=0).numpy(), 0.3, atol=0.02)


def test_without_masking_everything_stays() -> None:
    presence = torch.ones(10, len(STREAMS))
    values, kept = mask_streams(batch(presence), 0.0, torch.Generator().manual_seed(1), SEVEN.widths)
    assert values.all()
    assert kept.all()
