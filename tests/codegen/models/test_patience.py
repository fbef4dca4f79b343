"""Waits and attempts."""

import asyncio

import pytest

from codegen.models.patience import Patience, TransientError, persist
from lake.errors import BadInputError

PATIENCE = Patience(attempts=5, first_wait=1.0, longest_wait=60.0)


def test_waits_double_and_are_spread():
    waits = [[PATIENCE.wait(attempt, None) for _ in range(200)] for attempt in range(1, 6)]
    for attempt, drawn in enumerate(waits, start=1):
        most = 2.0 ** (attempt - 1)
        assert most / 2 <= min(drawn) < max(drawn) <= most
        assert len(set(drawn)) > 100


@pytest.mark.parametrize(("attempt", "asked_for", "wait"), [(1, 30.0, 30.0), (1, 3600.0, 60.0), (500, None, 60.0)])
def test_waits_heed_the_server_and_the_bound(attempt, asked_for, wait):
    assert PATIENCE.wait(attempt, asked_for) == wait


@pytest.mark.parametrize(
    "bounds", [{"attempts": 0}, {"attempt_seconds": 0}, {"first_wait": -1.0}, {"first_wait": 2.0, "longest_wait": 1.0}]
)
def test_bounds_that_cannot_be_are_refused(bounds):
    with pytest.raises(BadInputError, match="at least 1"):
        Patience(**bounds)


def test_only_what_may_pass_is_tried_again():
    tried = []

    async def ask() -> str:
        tried.append(1)
        raise KeyError("not passing") if len(tried) == 2 else TransientError(OSError("passing"))

    with pytest.raises(KeyError):
        asyncio.run(persist(ask, Patience(attempts=5, first_wait=0.0), lambda *_: None))
    assert len(tried) == 2
