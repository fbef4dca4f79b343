"""What the tests of this room share."""

import asyncio
from collections.abc import Sequence

from codegen.models.completion import Completion, LanguageModel, Message, Sampling
from codegen.models.patience import Patience

HURRIED = Patience(attempts=3, first_wait=0.0, longest_wait=0.0, attempt_seconds=20)
QUESTION = (Message("system", "You write code."), Message("user", "Add two numbers, please."))
"""Seven words: the fake endpoint counts words as tokens."""
SAMPLING = Sampling(temperature=0.7, max_tokens=50, seed=1, stop=("###",))


def ask(model: LanguageModel, sampling: Sampling = SAMPLING, messages: Sequence[Message] = QUESTION) -> Completion:
    """One answer, in an event loop of its own."""
    return asyncio.run(model.complete(messages, sampling))
