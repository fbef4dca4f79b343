"""Questions that ask for a count, told by a few fixed forms; whatever has none of them is a text to search for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codegen.retrieval.relations import Side

_NAME = r"`?(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)`?(?:\(\))?"
_ENGLISH = r"^(?:what|which)\b[\w\s]*?\b(?:{cue})\s+(?:an?\s+|the\s+)?" + _NAME + r"\s*(?:call)?\s*[?？.]*$"
_CHINESE = r"^(?:在|对)?\s*" + _NAME + r"\s*的?\s*(?:{cue})[^A-Za-z]*(?:什么|哪|啥|谁)[^A-Za-z]*$"
_FORMS: tuple[tuple[Side, str, str], ...] = (
    ("follows", r"follows?|after", r"之后|以后|后面|后续|后接|后|下一步"),
    ("precedes", r"precedes?|before", r"之前|以前|前面|前"),
    ("argument_of", r"takes?|is given|uses? the result of", r"的?结果(?:传给|给|用于|用在)|嵌套在|传给|用于|作为"),
    ("arguments", r"nested in|nests? in|goes into|go into|inside|arguments of|given to", r"里面?|内部?|嵌套|参数"),
    ("beside", r"beside|parallel to|together with|alongside", r"并列|旁边|同时"),
)
"""The side that is asked for, and the words that tell it; the first that fits."""
# By ASCII, since Chinese that follows a name without a blank is no part of it.
_RULES = tuple(
    (side, re.compile(form.format(cue=cue), re.IGNORECASE | re.ASCII))
    for side, english, chinese in _FORMS
    for form, cue in ((_ENGLISH, english), (_CHINESE, chinese))
)
_ONLY_NAME = re.compile(rf"^{_NAME}\s*[?？]?$", re.ASCII)
_DATA_SET = re.compile(r"(?<![\w/])[\w.-]+(?:/[\w.-]+)+", re.ASCII)
_CODE = re.compile(r"\bee\.\w[\w.]*\(|^\s*(?:import ee\b|var\s+\w+\s*=)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks of an operator.

    Attributes:
        name: As it is written.
        side: What is asked; None: all that is known of it.
    """

    name: str
    side: Side | None


def asked_of_operator(question: str) -> Asked | None:
    """`what follows reduceRegion?`, `ee.Image.reduceRegion 之后是什么`, or a name alone; None for another form.

    Whether there is such an operator is not looked at.
    """
    question = question.strip()
    if only := _ONLY_NAME.match(question):
        return Asked(only["name"], None)
    for side, rule in _RULES:
        if found := rule.match(question):
            return Asked(found["name"], side)
    return None


def data_sets_in(question: str) -> list[str]:
    """What looks like the id of a data set."""
    return [found.rstrip(".") for found in _DATA_SET.findall(question)]


def looks_like_code(question: str) -> bool:
    """Whether it calls something of Earth Engine, or begins like a script."""
    return _CODE.search(question) is not None
