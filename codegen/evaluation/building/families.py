"""Specifications made by rule: the operators that numbers, arrays and images share.

`specs/math.yaml` tells of each operator a second solution by other operators, what it gives in Python, and a domain;
here each becomes a specification for each class. Numbers are the domain's own. Arrays are put together of them: a row,
a matrix, a single number against a row. Images are waves and relief, scaled to the domain, whole, with masks, with two
bands against one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from codegen.evaluation.building.operators import find
from codegen.evaluation.building.spec import Spec, spec_of, table
from lake.errors import BadInputError

CLASSES = ("Number", "Array", "Image")
_TRUNCATED = "{x}.abs().floor().multiply({x}.signum())"
_Entry = Mapping[str, Any]


def family_specs() -> list[Spec]:
    """A specification for each shared operator of each class that has it."""
    told = table("math.yaml")
    casts, binary = told["casts"].items(), told["binary"].items()
    unary = {kind: {**told["unary"], **{name: _cast(limits, kind) for name, limits in casts}} for kind in CLASSES}
    return [
        *(spec for kind in CLASSES for name, entry in unary[kind].items() for spec in _unary(kind, name, entry, told)),
        *(spec for kind in CLASSES for name, entry in binary for spec in _binary(kind, name, entry, told)),
    ]


def _cast(limits: Sequence[int], kind: str) -> _Entry:
    """A cast makes whole numbers, and what is out of range is the nearest limit.

    Numbers and images lose what follows the point, arrays are rounded.
    """
    whole, value = ("{x}.add(0.5).floor()", "math.floor(x + 0.5)") if kind == "Array" else (_TRUNCATED, "math.trunc(x)")
    if not limits:
        return {"domain": "parts", "same": whole, "value": value}
    least, greatest = limits
    return {
        "domain": "parts",
        "same": f"{whole}.max({least}).min({greatest})",
        "value": f"max({least}, min({greatest}, {value}))",
        "beyond": [greatest + 10.5, least - 10.5],
    }


def _unary(kind: str, name: str, entry: _Entry, told: _Entry) -> Iterator[Spec]:
    domain = dict(told["domains"][entry["domain"]])
    domain["boundary"] = entry.get("boundary", domain["boundary"])
    names = _names(kind, name)
    if names is None or kind not in entry.get("classes", CLASSES):
        return
    cases = _UNARY[kind](domain, entry.get("beyond", ()))
    yield _spec(kind, name, entry, names, *([{names[0]: value} for value in found] for found in cases))


def _binary(kind: str, name: str, entry: _Entry, told: _Entry) -> Iterator[Spec]:
    names = _names(kind, name)
    if names is None:
        return
    pairs = entry["pairs"]
    cases = _BINARY[kind](told["pairs"][pairs] if isinstance(pairs, str) else pairs)
    yield _spec(kind, name, entry, names, *([dict(zip(names, pair, strict=True)) for pair in found] for found in cases))


def _names(kind: str, name: str) -> list[str] | None:
    """Names of the parameters; None where the class has no such operator."""
    try:
        return [argument.name for argument in find(f"{kind}.{name}").arguments]
    except BadInputError:
        return None


def _spec(kind: str, name: str, entry: _Entry, names: Sequence[str], cases: list[Any], boundary: list[Any]) -> Spec:
    at = {"x": names[0], "y": names[-1]}
    same = str(entry["same"])
    for letter, parameter in at.items():
        same = same.replace("{" + letter + "}", parameter)
    if kind == "Image":
        same = _renamed(same, names[0])
    chooses = entry.get("chooses", False)
    made: dict[str, Any] = {"second": same, "cases": cases, "boundary": boundary, "chooses": chooses}
    if "value" in entry and kind != "Image":
        letters = ["x", "y"][: len(names)]
        made["value"] = f"each(lambda {', '.join(letters)}: {entry['value']}, {', '.join(names)})"
    return spec_of(f"{kind}.{name}", made)


def _renamed(code: str, first: str) -> str:
    """The first image's names, which operators of images keep."""
    *front, last = code.strip("\n").split("\n")
    expression = last.removeprefix("return ")
    return "\n".join([*front, f"return ({expression}).rename({first}.bandNames())"])


# Numbers ----------------------------------------------------------------------------------------------------------


def _numbers(domain: _Entry, beyond: Sequence[float]) -> tuple[list[Any], list[Any]]:
    return list(domain["numbers"]), [*domain["boundary"], *beyond]


def _number_pairs(pairs: _Entry) -> tuple[list[Any], list[Any]]:
    return pairs["numbers"], pairs["boundary"]


# Arrays -----------------------------------------------------------------------------------------------------------


def _arrays(domain: _Entry, beyond: Sequence[float]) -> tuple[list[Any], list[Any]]:
    numbers, boundary = list(domain["numbers"]), list(domain["boundary"])
    row = [*numbers, boundary[0]]
    matrix = [[numbers[0], numbers[-1]], [boundary[-1], numbers[0]]]
    return [row, matrix], [[[[numbers[0]], [boundary[0]]]], *([list(beyond)] if beyond else [])]


def _array_pairs(pairs: _Entry) -> tuple[list[Any], list[Any]]:
    found = [*pairs["numbers"], *pairs["boundary"]]
    row = [[pair[side] for pair in found] for side in (0, 1)]
    matrix = [[[found[0][side], found[1][side]], [found[-1][side], found[0][side]]] for side in (0, 1)]
    return [row, matrix], [[[[found[1][0], found[0][0], found[0][0]]], found[0][1]]]


# Images -----------------------------------------------------------------------------------------------------------


def _images(domain: _Entry, beyond: Sequence[float]) -> tuple[list[Any], list[Any]]:
    least, greatest = domain["least"], domain["greatest"]
    whole = bool(domain.get("whole"))
    ordinary = [_scaled(name, least, greatest, whole) for name in ("$wave", "$swell")]
    relief = _scaled("$relief", least, greatest, whole)
    masked = f"{_scaled('$wave', least, greatest, whole)}.updateMask($swell.gt(0))"
    boundary = [f"ee.Image.cat({masked}, {_scaled('$swell', least, greatest, whole)})"]
    if beyond:
        boundary.append(_scaled("$swell", min(beyond), max(beyond), False))
    return [*ordinary, relief], boundary


def _image_pairs(pairs: _Entry) -> tuple[list[Any], list[Any]]:
    found = [*pairs["numbers"], *pairs["boundary"]]
    choices = [[pair[side] for pair in found] for side in (0, 1)]
    left, right = (_chosen(name, numbers) for name, numbers in zip(("$wave", "$swell"), choices, strict=True))
    other = _chosen("$swell", choices[0])
    constant = f"ee.Image({found[0][1]})"
    both = f"ee.Image.cat({left}, {other})"
    masked = f"{right}.updateMask($wave.lt(0.5))"
    return [[left, right], [other, constant]], [[both, masked]]


def _scaled(name: str, least: float, greatest: float, whole: bool) -> str:
    bounds = "260, 280" if name == "$relief" else "-1, 1"
    made = f"{name}.unitScale({bounds}).multiply({greatest - least}).add({least})"
    return f"{made}.round().int()" if whole else made


def _chosen(name: str, numbers: Sequence[float]) -> str:
    """Pixels that are some of the given numbers, by turns."""
    places = ", ".join(str(at) for at in range(len(numbers)))
    values = ", ".join(str(number) for number in numbers)
    turn = f"{name}.unitScale(-1, 1).multiply({len(numbers) - 0.001}).floor().int()"
    return f"{turn}.remap([{places}], [{values}]).rename('chosen')"


_UNARY = {"Number": _numbers, "Array": _arrays, "Image": _images}
_BINARY = {"Number": _number_pairs, "Array": _array_pairs, "Image": _image_pairs}
