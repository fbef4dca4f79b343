"""Names of the steps and of the strategies; a command that only lists them loads nothing else."""

from __future__ import annotations

from typing import Literal, get_args

Step = Literal["requirement", "design", "retrieval", "check", "execution", "debugging", "annotation"]
STEPS: tuple[Step, ...] = get_args(Step)

Strategy = Literal["cop", "direct", "few_shot", "chain_of_thought", "self_debug"]
"""`cop`: Chain of Programming; the others are its rivals."""
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
