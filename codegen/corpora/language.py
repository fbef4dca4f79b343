"""JavaScript or Python, where the origin does not tell."""

import re
from collections.abc import Mapping

from codegen.corpora.script import Language
from codegen.corpora.syntax import look

MOST_BROKEN = 0.2
"""Share of a script's tokens, in bytes, that may stand where the grammar does not fit."""

_HINTS: Mapping[Language, re.Pattern[str]] = {
    "javascript": re.compile(
        r"^[ \t]*(?:(?:var|let|const|function)\b|//|/\*)|===|\b(?:true|false|null)\b|\bMap\.|;[ \t]*$", re.MULTILINE
    ),
    "python": re.compile(
        r"^[ \t]*(?:(?:import|from|def|class)\b|#|(?:if|for|while|with|else)\b.*:[ \t]*$)"
        r"|\b(?:True|False|None|geemap)\b|\.[a-z]++_[a-z_]++\(",
        re.MULTILINE,
    ),
}


def tell_language(text: str) -> Language | None:
    """The one whose grammar fits more of the text; where both fit as well, the one with more of its turns of phrase.

    To import Earth Engine is one, and a whole Python script has to: a text that has none of either is JavaScript.

    Returns:
        None: over 20 % of the text fits neither.
    """
    source = text.encode()
    broken = {language: look(source, language).broken for language in _HINTS}
    if min(broken.values()) > MOST_BROKEN:
        return None
    hints = {language: len(pattern.findall(text)) for language, pattern in _HINTS.items()}
    likeliest: Language = min(_HINTS, key=lambda language: (broken[language], -hints[language]))
    return likeliest
