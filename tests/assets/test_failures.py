"""What happens to an error in an asset: bad input fails at once, a silent Earth Engine is asked again."""

import dagster as dg
import pytest

from assets import failures
from assets.extraction.errors import UnansweredError
from assets.failures import told_clearly
from lake.errors import AefEconError, BadInputError

SEVERAL_TRIES = 3


def materialise(error: AefEconError) -> tuple[int, str]:
    """How often an asset was tried that raises this, and what Dagster tells of its failure."""
    tries = 0

    @dg.asset
    def failing() -> None:
        nonlocal tries
        tries += 1
        with told_clearly():
            raise error

    result = dg.materialize([failing], raise_on_error=False)
    (failed,) = result.filter_events(lambda event: event.is_step_failure)
    told = failed.step_failure_data.user_failure_data
    assert told is not None
    return tries, str(told.description)


def test_bad_input_fails_at_the_first_try_with_its_own_words() -> None:
    assert materialise(BadInputError("points.csv lacks 'unit'.")) == (1, "points.csv lacks 'unit'.")


def test_an_earth_engine_that_does_not_answer_is_asked_again_before_its_words_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failures, "_WAIT_SECONDS", 0.0)
    assert materialise(UnansweredError("No answer.")) == (SEVERAL_TRIES, "No answer.")


def test_what_is_no_error_of_ours_is_left_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), told_clearly():
        1 / 0  # noqa: B018
