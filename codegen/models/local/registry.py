"""Makes `eecode/local` known to inspect_ai: by being imported, which its entry point `inspect_ai` does too."""

from __future__ import annotations

from inspect_ai.model import ModelAPI, modelapi

from codegen.models.local.names import API


@modelapi(name=API)
def eecode() -> type[ModelAPI]:
    """The embedded model; imported when it is asked for."""
    from codegen.models.local.provider import EmbeddedAPI

    return EmbeddedAPI
