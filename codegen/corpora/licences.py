"""Licences by what a text says, as SPDX identifiers."""

import re

from codegen.corpora.script import UNKNOWN_LICENCE

# A licence's title stands at its head; further down others are named (the GPL's text names the LGPL and the AGPL).
_TITLES = (
    ("Apache-2.0", "apache license version 2.0"),
    ("AGPL-3.0", "gnu affero general public license version 3"),
    ("LGPL-3.0", "gnu lesser general public license version 3"),
    ("LGPL-2.1", "gnu lesser general public license version 2.1"),
    ("GPL-3.0", "gnu general public license version 3"),
    ("GPL-2.0", "gnu general public license version 2"),
    ("MPL-2.0", "mozilla public license version 2.0"),
    ("CC0-1.0", "cc0 1.0 universal"),
    ("CC-BY-4.0", "attribution 4.0 international"),
    ("CC-BY-SA-4.0", "attribution-sharealike 4.0 international"),
    ("Unlicense", "this is free and unencumbered software"),
)
_TERMS = (
    ("MIT", ("permission is hereby granted free of charge", "the software is provided as is")),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "neither the name")),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms",)),
    ("ISC", ("permission to use copy modify and or distribute this software",)),
)
_KNOWN = {name.lower(): name for name, _ in (*_TITLES, *_TERMS)}
_TITLE_ENDS, _TERMS_END = 500, 10_000
_NOTICE_ENDS = 4_000
_NOTICE = "licensed under the apache license version 2.0"
_IDENTIFIER = r"\(?[A-Za-z0-9][A-Za-z0-9.+-]*\)?"
_EXPRESSION = re.compile(rf"{_IDENTIFIER}(?:[ \t]+(?:AND|OR|WITH)[ \t]+{_IDENTIFIER})*")
_SPDX = re.compile(rf"SPDX-License-Identifier:[ \t]*({_EXPRESSION.pattern})")


def licence_of_text(text: str) -> str:
    """Licence of a LICENSE file; `UNKNOWN_LICENCE` where its words are not among those that are looked for."""
    words = _words(text[:_TERMS_END])
    titled = (licence for licence, title in _TITLES if title in words[:_TITLE_ENDS])
    termed = (licence for licence, terms in _TERMS if all(term in words for term in terms))
    return next((licence for found in (titled, termed) for licence in found), UNKNOWN_LICENCE)


def licence_of_field(value: str) -> str:
    """Licence of a field of a record or a package: an identifier, or the text of a licence."""
    value = value.strip()
    if _EXPRESSION.fullmatch(value):
        return _KNOWN.get(value.lower(), value)
    return licence_of_text(value)


def licence_of_script(content: bytes, otherwise: str) -> str:
    """What a script's head states: an SPDX identifier or Apache's notice; `otherwise` where it states neither."""
    head = content[:_NOTICE_ENDS].decode("utf-8", "replace")
    if stated := _SPDX.search(head):
        return " ".join(stated[1].split())
    return "Apache-2.0" if _NOTICE in _words(head) else otherwise


def _words(text: str) -> str:
    """In small letters, without commas, quotation marks and the marks of comments and Markdown, a blank between two."""
    return " ".join(re.sub(r"[*_=#/]+", " ", re.sub(r'[,"“”]', "", text)).lower().split())
