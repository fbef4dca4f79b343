"""Which functions of a benchmark are asked for."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence

from codegen.evaluation.cases.case import Task
from lake.errors import BadInputError


def choose(tasks: Sequence[Task], limit: int | None = None, sample: int | None = None, seed: int = 0) -> list[Task]:
    """Some tasks of a benchmark, in its order.

    A sample has of each type as many as are its share, rounded by the largest remainders; which of a type is drawn.

    Args:
        tasks: All.
        limit: The first so many.
        sample: So many, drawn.
        seed: Of the draw.

    Raises:
        BadInputError: Both are given, or one is below 1.
    """
    if limit is not None and sample is not None:
        raise BadInputError("The first functions or a sample of them: give --limit or --sample, not both.")
    if any(number is not None and number < 1 for number in (limit, sample)):
        raise BadInputError("--limit and --sample want 1 function or more.")
    if sample is None:
        return list(tasks[:limit])
    drawn = _drawn(tasks, min(sample, len(tasks)), random.Random(seed))  # noqa: S311 - no secret
    return [task for task in tasks if task.function in drawn]


def _drawn(tasks: Sequence[Task], sample: int, draw: random.Random) -> set[str]:
    by_type = defaultdict[str, list[str]](list)
    for task in tasks:
        by_type[task.type].append(task.function)
    shares = {name: sample * len(functions) / len(tasks) for name, functions in by_type.items()}
    counts = {name: math.floor(share) for name, share in shares.items()}
    order = sorted(shares, key=lambda name: (counts[name] - shares[name], draw.random()))
    for name in order[: sample - sum(counts.values())]:
        counts[name] += 1
    return {function for name in sorted(by_type) for function in draw.sample(by_type[name], counts[name])}
