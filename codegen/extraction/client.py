"""What a script finds before its first line, and what the objects of Earth Engine answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from codegen.corpora.script import Language
from codegen.extraction.languages import JAVASCRIPT, PYTHON
from codegen.extraction.signatures import UNTYPED, Operator, Signatures
from codegen.extraction.values import UNKNOWN, Path, String, Value

_CODE_EDITOR = ("print", "Map", "Export", "Chart", "ui")
"""Globals of the Code Editor below which every name that is called counts as an operator."""
_CLIENT_NAMESPACES = ("ee.batch", "ee.data")
LATER_METHODS = {"evaluate", "getMap", "getMapId", "getThumbURL", "getDownloadURL"}
"""Methods that call a function once an answer has come."""
_ANSWERS = {
    "evaluate", "getMap", "getMapId", "getThumbURL", "getThumbUrl", "getThumbId", "getDownloadURL",
    "getDownloadUrl", "getFilmstripThumbURL", "getVideoThumbURL", "serialize", "toGeoJSON", "toGeoJSONString",
}  # fmt: skip
"""Methods that give a plain value of the language, of which nothing is known; what `getInfo` gives is known better."""
_ELEMENTS = {"ImageCollection": "Image", "FeatureCollection": "Feature", "Collection": "Element"}
_GUESSED = {"Image", "ImageCollection", "FeatureCollection", "Feature", "Geometry"}
_DATA_SETS = {"Image", "ImageCollection", "FeatureCollection", "load", "loadTable", "Feature"}
_ID = re.compile(r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$")


def _elements(owner: str) -> list[str]:
    if owner == "Dictionary":
        return [UNTYPED, UNTYPED]
    return [_ELEMENTS.get(owner, UNTYPED)]


FOLLOWED: Mapping[str, Callable[[str], list[str]]] = {
    "map": _elements,
    "iterate": lambda owner: [*_elements(owner), UNTYPED],
    "aside": lambda owner: [owner],
}
"""Operators that call a function at once, with the classes of what they give it."""


def id_of_data_set(operator: Operator, argument: Value) -> str | None:
    """The id of a data set that is loaded by name."""
    if isinstance(argument, String) and operator.short in _DATA_SETS and _ID.match(argument.value):
        return argument.value
    return None


@dataclass(frozen=True)
class Client:
    """One of the two clients.

    Attributes:
        language: Of the scripts.
        signatures: The table of operators.
        silent: Owners whose results are widgets and tasks, and which call later what they are given.
    """

    language: Language
    signatures: Signatures
    silent: frozenset[str] = frozenset((*_CODE_EDITOR, *_CLIENT_NAMESPACES))
    _made: dict[str, Operator] = field(default_factory=dict, repr=False)

    @property
    def passes_self(self) -> bool:
        """Whether a method's first parameter is the object itself."""
        return self.language == "python"

    def globals(self) -> dict[str, Value]:
        """The variables that are there from the start."""
        names = PYTHON if self.language == "python" else ("ee", *_CODE_EDITOR, *JAVASCRIPT)
        return {name: Path(name) for name in names}

    def imported(self, module: str, member: str | None) -> Value:
        """What an import binds."""
        dotted = module if member is None else f"{module}.{member}"
        is_known = dotted in ("ee", "functools.reduce", "functools") or dotted.startswith("ee.")
        return Path(dotted) if is_known else UNKNOWN

    def method(self, owner: str, name: str) -> Operator | None:
        """The method of a class."""
        return None if self._is_misspelt(name) else self.signatures.method(owner, name)

    def _is_misspelt(self, name: str) -> bool:
        """Whether JavaScript's client has it under another name: `and` is a word of Python, and `And` there."""
        return self.language == "javascript" and name in ("And", "Or", "Not")

    def only_owner(self, name: str) -> Operator | None:
        """The method of that name, where one class of geospatial objects alone has it."""
        owners = self.signatures.owners.get(name, ())
        return self.method(owners[0], name) if len(owners) == 1 and owners[0] in _GUESSED else None

    def at(self, path: Path) -> Operator | None:
        """The operator of a dotted name."""
        root = path.dotted.split(".", 1)[0]
        if root == "ee" and self._is_misspelt(path.dotted.rsplit(".", 1)[-1]):
            return None
        if root == "ee" and not path.dotted.startswith(_CLIENT_NAMESPACES):
            return self.signatures.path(path.dotted) or self._unbound(path.dotted)
        if root != "ee" and root not in _CODE_EDITOR:
            return None
        owner = root if root != "ee" else ".".join(path.dotted.split(".")[:2])
        short = path.dotted.rsplit(".", 1)[-1]
        made = Operator(path.dotted, owner, short, "function", UNTYPED, (), None, "")
        return self._made.setdefault(path.dotted, made)

    def _unbound(self, dotted: str) -> Operator | None:
        """`ee.Image.selfMask` as a function that takes the image."""
        parts = dotted.split(".")
        return self.method(parts[1], parts[2]) if self.language == "python" and len(parts) == 3 else None

    def result(self, operator: Operator, arguments: Sequence[Value]) -> str | None:
        """Class of a result; None for a plain value."""
        if operator.short in _ANSWERS:
            return None
        if operator.name == "ee.FeatureCollection.first" and self.language == "javascript":
            return "Element"
        if operator.name in ("ee.call", "ee.apply") and arguments and isinstance(arguments[0], String):
            return self.signatures.algorithms.get(arguments[0].value, UNTYPED)
        return operator.returns
