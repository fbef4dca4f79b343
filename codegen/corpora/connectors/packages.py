"""Scripts in installed packages: read as data, never imported."""

import importlib.util
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from codegen.corpora.connectors.files import is_candidate, taken
from codegen.corpora.licences import licence_of_field, licence_of_script
from codegen.corpora.script import UNKNOWN_LICENCE, Dropped, Found
from lake.errors import BadInputError

PACKAGES = ("geemap", "xee")
"""Packages whose sources use Earth Engine."""

_EARTH_ENGINE = re.compile(rb"\bee\.")
_CLASSIFIERS: Mapping[str, str] = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def geemap_scripts() -> Iterator[Found | Dropped]:
    """The examples of Google's Code Editor that geemap ships: 1,928 in JavaScript in geemap 0.37.2, many of them twice.

    None states a licence of its own: they have that of the package, under which they were handed on. Google publishes
    its examples under Apache-2.0.

    Raises:
        BadInputError: geemap is not installed, or without the scripts.
    """
    spec = importlib.util.find_spec("geemap")
    path = Path(spec.origin).parent / "data" / "gee_f.json" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise BadInputError("geemap's scripts are not there: install it (`pip install geemap==0.37.2`).")
    examples = json.loads(path.read_bytes())["examples"]
    return _examples(examples, "geemap:", _licence(metadata.metadata("geemap")))


def package_sources(names: Sequence[str] = PACKAGES) -> Iterator[Found | Dropped]:
    """Python files and notebooks of installed packages that mention `ee.`.

    Args:
        names: As they are installed by.

    Raises:
        BadInputError: One of them is not installed, or does not tell its files.
    """
    packages = {name: _distribution(name) for name in names}
    return (one for name, package in packages.items() for one in _sources(name, package))


def _examples(nodes: list[dict[str, Any]], above: str, licence: str) -> Iterator[Found]:
    for node in nodes:
        origin = f"{above}{node['name']}"
        if "code" in node:
            content = node["code"].encode(errors="surrogatepass")
            yield Found(origin, content, licence_of_script(content, licence), "javascript")
        yield from _examples(node.get("contents", []), f"{origin}/", licence)


def _distribution(name: str) -> metadata.Distribution:
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise BadInputError(f"The package {name} is not there: install it (`pip install {name}`).") from None
    if package.files is None:
        raise BadInputError(f"The package {name} does not tell its files: install it anew with pip.")
    return package


def _sources(name: str, package: metadata.Distribution) -> Iterator[Found | Dropped]:
    licence = _licence(package.metadata)
    for file in sorted(package.files or [], key=str):
        relative, path = PurePosixPath(file), Path(str(file.locate()))
        if relative.suffix not in (".py", ".ipynb") or not is_candidate(relative) or not path.is_file():
            continue
        one = taken(f"{name}:{relative}", relative, path.stat().st_size, path.read_bytes, licence)
        if isinstance(one, Dropped) or _EARTH_ENGINE.search(one.content):
            yield one


def _licence(stated: metadata.PackageMetadata) -> str:
    """Of a package: its expression, its field, which may hold a whole text, or its classifier."""
    for field in ("License-Expression", "License"):
        if field in stated and (licence := licence_of_field(stated[field])) != UNKNOWN_LICENCE:
            return licence
    known = [_CLASSIFIERS[each] for each in stated.get_all("Classifier") or [] if each in _CLASSIFIERS]
    return known[0] if len(known) == 1 else UNKNOWN_LICENCE
