"""Models of inspect_ai by the names that users give."""

from __future__ import annotations

from inspect_ai.model import Model, get_model

from codegen.evaluation.tasks.plan import SOLUTIONS
from codegen.evaluation.tasks.reference import API
from codegen.models.asking import InspectModel
from codegen.models.opening import open_model
from lake.errors import BadInputError


def inspect_model(name: str) -> Model:
    """A model for inspect_ai to evaluate.

    Args:
        name: `reference`, `second`, or as `codegen.models.opening` has it.

    Raises:
        BadInputError: There is no such model.
        ModelError: A package, a key or an address is missing.
    """
    if name.removeprefix(f"{API}/") in SOLUTIONS:
        from codegen.evaluation.tasks import registry  # noqa: F401 - makes the name known

        return get_model(f"{API}/{name.removeprefix(f'{API}/')}", memoize=False)
    opened = open_model(name)
    if not isinstance(opened, InspectModel):
        raise BadInputError(f"{name} is no model of inspect_ai.")
    return opened.make()
