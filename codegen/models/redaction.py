"""Keys are taken out of every text that a person, a log or a file may see."""

from __future__ import annotations

import os
import re

_KEY_NAMES = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$")
_SHORTEST = 6
"""Shorter values, such as the `none` that local servers are given, are no secrets and would garble texts."""
_LIKE_KEYS = re.compile(r"\b(sk|pk|gsk|hf|xai)[-_][\w-]{8,}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[^\s'\",]{6,}")
_USER = re.compile(r"://[^/@\s]+@")

REDACTED = "[key]"


def redacted(text: str, *keys: str | None) -> str:
    """The text without keys: the given ones, those in the environment, and what looks like one."""
    for key in sorted({*_environment(), *filter(None, keys)}, key=len, reverse=True):
        if len(key) >= _SHORTEST:
            text = text.replace(key, REDACTED)
    text = _USER.sub("://", text)
    text = _BEARER.sub(REDACTED, text)
    return _LIKE_KEYS.sub(REDACTED, text)


def _environment() -> set[str]:
    return {value for name, value in os.environ.items() if _KEY_NAMES.search(name.upper())}
