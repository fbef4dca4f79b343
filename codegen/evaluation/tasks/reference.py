"""The benchmark's own solutions as models of inspect_ai: `benchmark/reference`, `benchmark/second`."""

from __future__ import annotations

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import store

from codegen.evaluation.tasks.plan import SOLUTIONS
from codegen.models.errors import ModelError

API = "benchmark"
SOLUTION = "solution"
"""Key under which a task's set-up puts them into the sample's store."""


class SolutionAPI(ModelAPI):
    """Answers whatever is asked with the solution of the sample's task."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008 - as inspect_ai declares it
    ) -> None:
        """Checks the name.

        Raises:
            ModelError: There is no such model.
        """
        if model_name not in SOLUTIONS:
            raise ModelError(f"A benchmark's own models are {' and '.join(f'{API}/{name}' for name in SOLUTIONS)}.")
        super().__init__(model_name, base_url, api_key, [], config)

    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Gives the solution; costs no tokens.

        Raises:
            ModelError: The task has none.
        """
        solutions = store().get(SOLUTION) or {}
        code = solutions.get(self.model_name)
        if not code:
            raise ModelError(f"The task has no solution of the kind {self.model_name!r}: only our own benchmark has.")
        output = ModelOutput.from_content(f"{API}/{self.model_name}", f"```python\n{code}\n```")
        output.usage = ModelUsage()
        return output
