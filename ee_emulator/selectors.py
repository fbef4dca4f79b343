"""Names chosen by exact text or by regular expression, as properties, bands and keys are."""

import re
from collections.abc import Sequence

from ee_emulator.errors import EarthEngineError
from ee_emulator.regex import Pattern


def matching(selectors: Sequence[str], names: Sequence[str], ignore_missing: bool, what: str) -> list[str]:
    """The names that the selectors choose, in the selectors' order.

    Raises:
        EarthEngineError: A selector that chooses nothing, unless that is allowed.
    """
    chosen: dict[str, None] = {}
    for selector in selectors:
        if not isinstance(selector, str):
            raise EarthEngineError(f"{what} must be a text, got {selector}.")
        found = [selector] if selector in names else _by_pattern(selector, names)
        if not found and not ignore_missing:
            raise EarthEngineError(f"{what} '{selector}' did not match any of: {', '.join(names)}.")
        chosen |= dict.fromkeys(found)
    return list(chosen)


def _by_pattern(selector: str, names: Sequence[str]) -> list[str]:
    try:
        pattern = Pattern(re.compile(selector))
    except re.error:
        return []
    return [name for name in names if pattern.fullmatch(name)]
