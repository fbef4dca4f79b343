"""Makes models, tasks, solvers and scorers known to inspect_ai: by being imported, as its entry point says."""

from __future__ import annotations

from inspect_ai.model import ModelAPI, modelapi

from codegen.evaluation.tasks.benchmark import autogeeval
from codegen.evaluation.tasks.reference import API
from codegen.evaluation.tasks.scorers import executed, hallucinated
from codegen.evaluation.tasks.solvers import bare, chain_of_thought, cop, direct, few_shot, prepare, rag, self_debug
from codegen.models.local.registry import eecode

__all__ = [
    "autogeeval",
    "bare",
    "benchmark",
    "chain_of_thought",
    "cop",
    "direct",
    "eecode",
    "executed",
    "few_shot",
    "hallucinated",
    "prepare",
    "rag",
    "self_debug",
]


@modelapi(name=API)
def benchmark() -> type[ModelAPI]:
    """The benchmark's own solutions."""
    from codegen.evaluation.tasks.reference import SolutionAPI

    return SolutionAPI
