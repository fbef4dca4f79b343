"""Scripts in a file of JSON lines, as data sets of code are handed around."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from codegen.corpora.connectors.files import readable, taken
from codegen.corpora.licences import licence_of_field
from codegen.corpora.reasons import MAX_BYTES
from codegen.corpora.script import Dropped, Found, Language
from lake.errors import BadInputError

_CODE = ("code", "text", "content")
_NAME = ("path", "name")
_LICENCE = ("licence", "license")
_LANGUAGES: Mapping[str, Language] = {
    "javascript": "javascript",
    "js": "javascript",
    "python": "python",
    "py": "python",
}
_MAX_LINE = 4 * MAX_BYTES  # JSON may write a character as six


def jsonl(path: Path) -> Iterator[Found | Dropped]:
    """A script a line: an object with its text in `code`, `text` or `content`.

    It may also have `licence` or `license`, `language`, and `path` or `name`, whose suffix tells the language (or that
    the text is a notebook) where `language` does not.

    Raises:
        BadInputError: There is no such file.
    """
    if not path.is_file():
        raise BadInputError(f"There is no file {path} of JSON lines to look for scripts in.")
    return _found_in(path)


def _found_in(path: Path) -> Iterator[Found | Dropped]:
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file), start=1):
            origin = f"{readable(PurePosixPath(path.name))}:{number}"
            if len(line) > _MAX_LINE:
                yield Dropped(origin, "too large", f"a line of over {_MAX_LINE:,} bytes")
            elif not line.isspace():
                yield _found(origin, line)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is too long only a beginning that is too long as well."""
    while line := file.readline(_MAX_LINE + 1):
        rest = line
        while len(rest) > _MAX_LINE and not rest.endswith(b"\n"):
            rest = file.readline(_MAX_LINE + 1)
        yield line


def _found(origin: str, line: bytes) -> Found | Dropped:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Dropped(origin, "unreadable", f"no JSON: {str(error)[:200]}")
    code = _text(record, _CODE)
    if code is None:
        return Dropped(origin, "unreadable", "no object with a text in `code`, `text` or `content`")
    content = code.encode(errors="surrogatepass")
    licence = licence_of_field(_text(record, _LICENCE) or "")
    one = taken(origin, PurePosixPath(_text(record, _NAME) or ""), len(content), lambda: content, licence)
    language = _LANGUAGES.get((_text(record, ("language",)) or "").lower())
    return Found(one.origin, one.content, one.licence, language) if language and isinstance(one, Found) else one


def _text(record: Any, names: tuple[str, ...]) -> str | None:
    """The first of the fields that is a text."""
    values = [record.get(name) for name in names] if isinstance(record, dict) else []
    return next((value for value in values if isinstance(value, str)), None)
